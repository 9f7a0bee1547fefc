// A lane for work of which only the newest counts: one job runs, one waits, whatever was overtaken is void.

import { SUPERSEDED, VitrineError } from "./errors.js";

/**
 * @typedef {object} Waiting
 * @property {() => Promise<any>} job
 * @property {number} generation
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

export class Latest {
  #generation = 0;
  #busy = false;
  /** @type {Waiting | null} */
  #waiting = null;

  /**
   * Runs `job` when the lane is free. The promise rejects with code `superseded` when a newer job
   * (or `abandon`) came before this one was done, whatever its own outcome.
   * @template T
   * @param {() => Promise<T>} job
   * @returns {Promise<T>}
   */
  submit(job) {
    const generation = this.abandon();
    return new Promise((resolve, reject) => {
      this.#waiting = { job, generation, resolve, reject };
      void this.#next();
    });
  }

  /** Makes everything under way or waiting void. */
  abandon() {
    this.#waiting?.reject(new VitrineError(SUPERSEDED));
    this.#waiting = null;
    return ++this.#generation;
  }

  async #next() {
    if (this.#busy || !this.#waiting) return;
    const { job, generation, resolve, reject } = this.#waiting;
    this.#waiting = null;
    this.#busy = true;
    const isCurrent = () => generation === this.#generation;
    try {
      const value = await job();
      if (isCurrent()) resolve(value);
      else reject(new VitrineError(SUPERSEDED));
    } catch (error) {
      reject(isCurrent() ? error : new VitrineError(SUPERSEDED));
    } finally {
      this.#busy = false;
      void this.#next();
    }
  }
}
