// Motion of one number of the state, where the visitor wants any.

/** @import {Store} from "../state.js" */

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Glide {
  #frame = 0;
  #pause = 0;

  /** @param {Store} store @param {"roll" | "merged"} key */
  constructor(store, key) {
    this.store = store;
    this.key = key;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#pause);
  }

  /** Moves on to `end`; at once where motion is not wanted. @param {number} end @param {number} duration in ms @param {() => void} [then] */
  to(end, duration, then = () => {}) {
    this.stop();
    const begin = this.store.get()[this.key];
    const start = performance.now();
    const step = () => {
      const elapsed = performance.now() - start;
      const isOver = isStill() || elapsed >= duration;
      const share = isOver ? 1 : elapsed / duration;
      this.store.set({
        [this.key]: isOver ? end : begin + (end - begin) * share,
      });
      if (isOver) then();
      else this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  /** @param {number} duration in ms @param {() => void} then */
  wait(duration, then) {
    this.#pause = window.setTimeout(then, duration);
  }
}
