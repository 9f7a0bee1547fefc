// Vitrine as the bench runs it: the calls that the page's worker makes. Also runs candle's own products, where the
// bundle can.

import { Threads } from "../../www/threads.js";

/** @import {About, Contestant, Input, Kernel, Tensor} from "../types.js" */

/** The page's network hands over pieces of about this size. */
const CHUNK = 1 << 18;

export class VitrineEngine {
  /** The bundle's module. @type {any} */
  #wasm = null;
  /** @type {WebAssembly.Memory | null} */
  #memory = null;
  /** @type {any} */
  #engine = null;

  /** @param {Contestant} contestant */
  constructor(contestant) {
    this.contestant = contestant;
  }

  /** Starts the wasm, and the threads of a bundle that has any. */
  async open() {
    const { bundle, threads } = this.contestant;
    const folder = new URL(`/pkg/${bundle}/`, self.location.href);
    const script = new URL("vitrine.js", folder).href;
    const pool = bundle === "threads" ? new Threads(threads, script) : null;
    const wasm = await import(script);
    const module_or_path = new URL("vitrine_bg.wasm", folder);
    const { memory } = await wasm.default({ module_or_path });
    this.#wasm = wasm;
    this.#memory = memory;
    await pool?.join(wasm, memory);
  }

  /** What the bundle would need for this contestant and lacks, in words; "" when nothing. */
  missing() {
    const { engine, bundle } = this.contestant;
    const { Checkpoint } = this.#wasm;
    if (engine === "candle" && !Checkpoint.prototype.useCandle) {
      return `bundle ${bundle} exports no Checkpoint.useCandle`;
    }
    return "";
  }

  /** @param {Uint8Array} bytes a GGUF file */
  load(bytes) {
    const total = bytes.length;
    const options = JSON.stringify({ format: "gguf", total });
    const checkpoint = new this.#wasm.Checkpoint(options);
    if (this.contestant.engine === "candle") checkpoint.useCandle();
    for (let at = 0; at < total; at += CHUNK) {
      checkpoint.push(bytes.subarray(at, at + CHUNK));
    }
    this.#engine = checkpoint.finish(undefined);
  }

  /** @param {Input} input */
  give({ photo }) {
    this.#engine.photoBegin(photo.width, photo.height);
    this.#engine.photoRows(photo.rgba);
    this.#engine.photoEnd();
  }

  /** Operations a second of a kernel alone. @param {Kernel} kernel @param {number} ms @returns {number} */
  kernel({ kernel, shape: [m, k, n] }, ms) {
    return this.#wasm.kernelSpeed(kernel, m, k, n, ms);
  }

  /** @param {string[]} sites to record */
  run(sites) {
    this.#engine.run(sites);
  }

  /** @returns {Float32Array} */
  logits() {
    return this.#engine.tensor("logits").data;
  }

  /** Bytes that the wasm has taken so far; it never gives any back. */
  memory() {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** The photo as the model gets it, and what the model says of itself. @returns {{tensor: Tensor, about: About}} */
  prepared() {
    const { shape, data } = this.#engine.tensor("input");
    const tensor = { shape: Array.from(shape), data };
    const { steps, operations } = JSON.parse(this.#engine.describe());
    const sites = steps.flatMap(
      (/** @type {{sites: string[]}} */ step) => step.sites,
    );
    return { tensor, about: { sites, operations } };
  }
}
