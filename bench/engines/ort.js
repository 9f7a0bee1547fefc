// onnxruntime-web as its documentation says to run it on the CPU, every optimization on.

/** @import {Contestant, Input} from "../types.js" */

/** Those made by JavaScript, as it makes its own. @type {WebAssembly.Memory[]} */
const memories = [];

/** Its memory can be had in no other way. */
function watchMemories() {
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    /** @param {WebAssembly.MemoryDescriptor} descriptor */
    constructor(descriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
}

export class OrtEngine {
  /** The library. @type {any} */
  #ort = null;
  /** @type {any} */
  #session = null;
  /** @type {any} */
  #input = null;
  /** @type {Float32Array} */
  #logits = new Float32Array();

  /** @param {Contestant} contestant */
  constructor(contestant) {
    this.contestant = contestant;
  }

  /** It compiles its wasm with the first model, not here. */
  async open() {
    watchMemories();
    const folder = new URL("/ort/", self.location.href).href;
    this.#ort = await import(`${folder}ort.wasm.min.mjs`);
    const { env } = this.#ort;
    env.wasm.wasmPaths = folder;
    env.wasm.numThreads = this.contestant.threads;
    env.logLevel = "error";
  }

  missing() {
    return "";
  }

  /** @param {Uint8Array} bytes an ONNX file */
  async load(bytes) {
    this.#session = await this.#ort.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
    });
  }

  /** @param {Input} input */
  give({ tensor }) {
    if (!tensor) throw new Error("the input was not prepared");
    this.#input = new this.#ort.Tensor("float32", tensor.data, tensor.shape);
  }

  async run() {
    const { logits } = await this.#session.run({ input: this.#input });
    this.#logits = logits.data;
  }

  logits() {
    return this.#logits;
  }

  memory() {
    return Math.max(0, ...memories.map(({ buffer }) => buffer.byteLength));
  }
}
