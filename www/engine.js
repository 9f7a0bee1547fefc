// The engine as the page sees it: promises over messages to the worker, which is started anew when it dies.

import { THREADS, WITHOUT_THREADS } from "./bundles.js";
import {
  CANCELLED,
  CRASHED,
  VitrineError,
  asVitrineError,
  fromPlain,
} from "./errors.js";

/** @import {Answer, Build, Description, Opened, Progress, Question, Rect, Result, Source, Tensor, Whatif} from "./types.js" */

/** There is no engine, or it cannot start. */
const MISSING = "engine-missing";

/**
 * @typedef {object} Pending
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((progress: Progress) => void) | undefined} onProgress
 */

export class Engine {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  #nextId = 1;
  /** What runs, or did before it died. @type {Build} */
  build = { bundle: "", threads: 1 };
  /** The last source that loaded. @type {Source | null} */
  #good = null;

  /**
   * Where the browser refuses threads, or memory for them, a new worker does without.
   * @param {string} bundle
   * @returns {Promise<Build>}
   */
  async start(bundle) {
    try {
      return await this.#open(bundle);
    } catch (error) {
      const isMissing = asVitrineError(error).code === MISSING;
      if (bundle !== THREADS || !isMissing) throw error;
      return this.#open(WITHOUT_THREADS);
    }
  }

  /** @param {string} bundle */
  async #open(bundle) {
    this.#stop(new VitrineError(CRASHED));
    const worker = this.#spawn();
    this.#worker = worker;
    /** @type {Opened} */
    const { threads, alarms } = await this.#ask({ type: "init", bundle });
    for (const alarm of alarms) {
      // The worker itself cannot tell: it waits for the dead thread.
      alarm.onmessage = () => {
        if (this.#worker === worker) this.#stop(new VitrineError(CRASHED));
      };
    }
    this.build = { bundle, threads };
    return this.build;
  }

  /**
   * A dead worker is replaced and the last good model loaded again (from the cache, where there is one).
   * @returns {Promise<Description | null>} null when no model had been loaded
   */
  async restart() {
    await this.start(this.build.bundle);
    return this.#good ? this.load(this.#good) : null;
  }

  /** Ends the worker for good. */
  end() {
    this.#stop(new VitrineError(CANCELLED));
  }

  /**
   * The model in use stays until the new one is complete.
   * @param {Source} source
   * @param {{resume?: boolean, onProgress?: (progress: Progress) => void}} [options]
   * @returns {Promise<Description>}
   */
  async load(source, { resume = false, onProgress } = {}) {
    const request = { type: "load", source, resume };
    const description = await this.#ask(request, [], onProgress);
    this.#good = source;
    return description;
  }

  /** Stops a model on its way. */
  cancel() {
    return this.#ask({ type: "cancel" });
  }

  /**
   * Gives the photo; the bitmap is gone afterwards.
   * @param {ImageBitmap} bitmap
   * @returns {Promise<Rect>} the part that the model sees, in photo pixels
   */
  photo(bitmap) {
    return this.#ask({ type: "photo", bitmap }, [bitmap]);
  }

  /** Another input size; needs the photo again. @param {string} size "224" or "224x320" @returns {Promise<Description>} */
  setSize(size) {
    return this.#ask({ type: "size", size });
  }

  /** Forward pass, recording these sites. @param {string[]} sites @param {Whatif} whatif @returns {Promise<Result>} */
  run(sites, whatif) {
    return this.#ask({ type: "run", sites, whatif });
  }

  /** @param {string} site @returns {Promise<Tensor>} */
  tensor(site) {
    return this.#ask({ type: "tensor", site });
  }

  /** Tensors at several sites, by one more pass at most. @param {string[]} sites @returns {Promise<Tensor[]>} */
  tensors(sites) {
    return this.#ask({ type: "tensors", sites });
  }

  /**
   * What follows from the last run, or from the weights alone.
   * @template {Question} T
   * @param {T} question
   * @returns {Promise<Answer<T>>}
   */
  derive(question) {
    return this.#ask({ type: "derive", question });
  }

  /**
   * For each layer and patch, 1 where the patch can have told the query patch anything by then.
   * @param {number} row @param {number} column
   * @returns {Promise<Uint8Array>} layers * patches, one after the other
   */
  reach(row, column) {
    return this.#ask({ type: "reach", row, column });
  }

  /** The loaded model as a GGUF file. @returns {Promise<Uint8Array<ArrayBuffer>>} */
  toGguf() {
    return this.#ask({ type: "gguf" });
  }

  /**
   * @param {Record<string, unknown>} request
   * @param {Transferable[]} [transfer]
   * @param {(progress: Progress) => void} [onProgress]
   * @returns {Promise<any>}
   */
  #ask(request, transfer = [], onProgress = undefined) {
    const worker = this.#worker;
    if (!worker) return Promise.reject(new VitrineError(MISSING));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
      worker.postMessage({ ...request, id }, transfer);
    });
  }

  #spawn() {
    // A worker that starts from a blob inherits the page's content security policy; one that starts from a file
    // would have only its own headers, and a static host sends none.
    const script = new URL("worker.js", import.meta.url).href;
    const blob = new Blob([`import ${JSON.stringify(script)};`], {
      type: "text/javascript",
    });
    const url = URL.createObjectURL(blob);
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }) => {
      URL.revokeObjectURL(url);
      this.#receive(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const why = event.message ?? "";
      this.#stop(new VitrineError(MISSING, "", { why }));
    };
    return worker;
  }

  /** @param {any} message */
  #receive({ id, result, error, progress }) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    if (progress) {
      pending.onProgress?.(progress);
      return;
    }
    this.#pending.delete(id);
    if (!error) {
      pending.resolve(result);
      return;
    }
    const failure = fromPlain(error);
    pending.reject(failure);
    if (failure.code === CRASHED) this.#stop(failure);
  }

  /** Ends the worker; whoever waits for it learns why. @param {VitrineError} why */
  #stop(why) {
    this.#worker?.terminate();
    this.#worker = null;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(why);
  }
}
