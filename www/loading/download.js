// A file that arrives over the network chunk by chunk, and can be continued where a lost connection left it.

import { CANCELLED, VitrineError } from "../errors.js";

/** A connection that brings no byte for so long counts as lost. */
const STALL_SECONDS = 20;

export class Download {
  /** Bytes handed on so far, those being handed on included. */
  received = 0;
  /** @type {number | null} */
  total = null;
  /** @type {string | null} */
  #etag = null;

  /** @param {URL} url */
  constructor(url) {
    this.url = url;
  }

  get #file() {
    return this.url.pathname.split("/").pop() ?? "";
  }

  /**
   * Hands the bytes from `received` to the end to `push`, in order and each once. Throws `http`, `connection`
   * (call again to go on), `changed` (another file lies there now), `cancelled`, or what `push` throws.
   * @param {(chunk: Uint8Array) => void} push
   * @param {AbortSignal} signal
   */
  async read(push, signal) {
    const watch = new StallWatch(signal);
    try {
      const response = await this.#request(watch);
      let skip = this.#begin(response);
      const reader = response.body?.getReader();
      while (reader) {
        const chunk = await this.#awaitNetwork(reader.read(), watch);
        if (chunk.done) break;
        const fresh = chunk.value.subarray(Math.min(skip, chunk.value.length));
        skip -= chunk.value.length - fresh.length;
        if (fresh.length === 0) continue;
        this.received += fresh.length;
        push(fresh);
      }
      if (this.total !== null && this.received < this.total) {
        throw this.#lost();
      }
    } finally {
      watch.end();
    }
  }

  /** @param {StallWatch} watch */
  async #request(watch) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.received > 0) {
      headers["Range"] = `bytes=${this.received}-`;
      // Only at home: on another host this header asks for a preflight, which a redirect may not survive.
      // There the answer's own ETag is compared instead.
      const isHome = this.url.origin === new URL(import.meta.url).origin;
      if (isHome && this.#etag && !this.#etag.startsWith("W/")) {
        headers["If-Range"] = this.#etag;
      }
    }
    return this.#awaitNetwork(
      fetch(this.url, {
        headers,
        signal: watch.signal,
        cache: this.received > 0 ? "no-store" : "no-cache",
      }),
      watch,
    );
  }

  /**
   * Reads the answer's head; returns how many bytes of its body we have already.
   * @param {Response} response
   */
  #begin(response) {
    const { status, headers } = response;
    if (status === 416) throw this.#changed();
    if (!response.ok) {
      const params = { status, host: this.url.host, file: this.#file };
      throw new VitrineError("http", "", params);
    }
    const etag = headers.get("ETag");
    if (this.received > 0 && etag && this.#etag && etag !== this.#etag) {
      throw this.#changed();
    }
    this.#etag = etag;
    // The length of an encoded body is not the number of bytes that we will see.
    const length = headers.has("Content-Encoding")
      ? null
      : headers.get("Content-Length");
    if (status !== 206) {
      this.total = length === null ? this.total : Number(length);
      return this.received;
    }
    const range = /bytes (\d+)-\d+\/(\d+)/.exec(
      headers.get("Content-Range") ?? "",
    );
    if (range && Number(range[1]) !== this.received) throw this.#changed();
    if (range) this.total = Number(range[2]);
    return 0;
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @param {StallWatch} watch
   * @returns {Promise<T>}
   */
  async #awaitNetwork(promise, watch) {
    try {
      const value = await promise;
      watch.alive();
      return value;
    } catch {
      if (watch.isCancelled) throw new VitrineError(CANCELLED);
      throw this.#lost();
    }
  }

  #lost() {
    return new VitrineError("connection", "", {
      host: this.url.host,
      received: this.received,
      total: this.total ?? "?",
    });
  }

  #changed() {
    const params = { host: this.url.host, file: this.#file };
    return new VitrineError("changed", "", params);
  }
}

/** Aborts when the visitor does, or when nothing has come for a while. */
class StallWatch {
  #controller = new AbortController();
  #quiet = 0;

  /** @param {AbortSignal} visitor */
  constructor(visitor) {
    this.visitor = visitor;
    this.signal = AbortSignal.any([visitor, this.#controller.signal]);
    // Ticks are counted, not time: while the engine computes, no tick passes and no byte could be read either.
    this.timer = setInterval(() => {
      if (++this.#quiet >= STALL_SECONDS) this.#controller.abort();
    }, 1000);
  }

  get isCancelled() {
    return this.visitor.aborted;
  }

  alive() {
    this.#quiet = 0;
  }

  end() {
    clearInterval(this.timer);
  }
}

/**
 * A small text file. Returns null on 404 when `optional`.
 * @param {URL} url @param {AbortSignal} signal @param {boolean} optional
 */
export async function downloadText(url, signal, optional) {
  /** @type {BlobPart[]} */
  const chunks = [];
  try {
    await new Download(url).read(
      (chunk) => chunks.push(new Uint8Array(chunk)),
      signal,
    );
  } catch (error) {
    const isMissing =
      error instanceof VitrineError && error.params["status"] === 404;
    if (optional && isMissing) return null;
    throw error;
  }
  return new Blob(chunks).text();
}
