// Tensors fetched from the worker, kept while they fit a budget of bytes; the least recently used goes first.

/** @import {Tensor} from "./types.js" */

export class TensorCache {
  /** @type {Map<string, Tensor>} */
  #kept = new Map();
  /** @type {Map<string, Promise<Tensor>>} */
  #coming = new Map();
  #bytes = 0;
  #epoch = 0;

  /**
   * @param {number} budget in bytes
   * @param {(site: string) => Promise<Tensor>} fetchTensor
   */
  constructor(budget, fetchTensor) {
    this.budget = budget;
    this.fetchTensor = fetchTensor;
  }

  /** Another photo, model or size: nothing kept is true any more. */
  clear() {
    this.#kept.clear();
    this.#coming.clear();
    this.#bytes = 0;
    this.#epoch++;
  }

  /** Whether it is here, or on its way. @param {string} site */
  has(site) {
    return this.#kept.has(site) || this.#coming.has(site);
  }

  /** @param {string} site @returns {Promise<Tensor>} */
  get(site) {
    const kept = this.#kept.get(site);
    if (kept) {
      this.#kept.delete(site);
      this.#kept.set(site, kept);
      return Promise.resolve(kept);
    }
    const coming = this.#coming.get(site);
    if (coming) return coming;
    const epoch = this.#epoch;
    const promise = this.fetchTensor(site).then((tensor) => {
      if (epoch === this.#epoch) this.#keep(site, tensor);
      return tensor;
    });
    this.#coming.set(site, promise);
    const forget = () => {
      if (this.#coming.get(site) === promise) this.#coming.delete(site);
    };
    promise.then(forget, forget);
    return promise;
  }

  /** @param {string} site @param {Tensor} tensor */
  #keep(site, tensor) {
    this.#kept.set(site, tensor);
    this.#bytes += tensor.data.byteLength;
    for (const [oldest, { data }] of this.#kept) {
      if (this.#bytes <= this.budget || oldest === site) break;
      this.#kept.delete(oldest);
      this.#bytes -= data.byteLength;
    }
  }
}
