// Errors as the page knows them: a kebab-case code, one sentence, and the numbers that belong into it.

/** Causes decide beside which part of the page the sentence appears. @typedef {"photo" | "model" | "size" | "app"} Cause */

export class VitrineError extends Error {
  /**
   * @param {string} code kebab-case; the page's own codes have a sentence `error.<code>` in every language
   * @param {string} [message] the engine's sentence, in English; empty for the page's own codes
   * @param {Record<string, string | number>} [params] what the translated sentence fills in
   */
  constructor(code, message = "", params = {}) {
    super(message || code);
    this.name = "VitrineError";
    this.code = code;
    /** The engine's own sentence, or empty. */
    this.sentence = message;
    this.params = params;
  }
}

/** A newer request took the place of this one: nobody waits for the answer. */
export const SUPERSEDED = "superseded";
/** The visitor pressed Cancel. */
export const CANCELLED = "cancelled";
/** The wasm instance trapped or ran out of memory; the worker is gone. */
export const CRASHED = "crashed";

/**
 * Errors as plain data, for postMessage.
 * @typedef {{code: string, sentence: string, params: Record<string, string | number>}} PlainError
 */

/** @param {unknown} error @returns {PlainError} */
export function toPlain(error) {
  if (error instanceof VitrineError) {
    const { code, sentence, params } = error;
    return { code, sentence, params };
  }
  if (error instanceof Error) {
    // The engine's errors are Errors with a `code` beside the message.
    const code = /** @type {{code?: unknown}} */ (error).code;
    if (typeof code === "string") {
      return { code, sentence: error.message, params: {} };
    }
  }
  const why = error instanceof Error ? error.message : String(error);
  return { code: "unexpected", sentence: "", params: { why } };
}

/** @param {PlainError} plain */
export function fromPlain(plain) {
  return new VitrineError(plain.code, plain.sentence, plain.params);
}

/** @param {unknown} error */
export function asVitrineError(error) {
  return error instanceof VitrineError ? error : fromPlain(toPlain(error));
}

/** True for what no visitor needs to read. @param {unknown} error */
export function isQuiet(error) {
  return (
    error instanceof VitrineError &&
    (error.code === SUPERSEDED || error.code === CANCELLED)
  );
}
