// The shapes of what travels between Node.js, the page and its workers. Types only.

/**
 * One engine with one model in one number type, in a worker of its own.
 * @typedef {object} Contestant
 * @property {string} id
 * @property {string} model
 * @property {string} engine vitrine, ort or candle
 * @property {string} bundle simd, relaxed or threads: which wasm features it uses
 * @property {string} dtype
 * @property {number} threads
 * @property {string} file where the server has its model
 */

/** @typedef {{width: number, height: number, rgba: Uint8Array}} Photo */
/** @typedef {{shape: number[], data: Float32Array}} Tensor */

/**
 * What the engines are given: a photo, and the tensor that Vitrine makes of it. Vitrine starts from the photo, which it
 * has preprocessed before it is timed; the others get the tensor.
 * @typedef {{photo: Photo, tensor: Tensor | null}} Input
 */

/**
 * What it took to start, or what the bundle lacks.
 * @typedef {object} Started
 * @property {string} [missing]
 * @property {number} bytes of the model's file
 * @property {number} start_ms the engine's own code
 * @property {number} ready_ms the model, from bytes in memory
 * @property {number} input_ms
 * @property {number} memory of the wasm, in bytes
 */

/** Its answer, and the memory of its wasm. @typedef {{logits: number[], memory: number}} Finished */

/** All sites of a model; multiplications and additions of a pass. @typedef {{sites: string[], operations: number}} About */

/** A kernel that the engine exports, and its (m, k, n). @typedef {{kernel: string, shape: [number, number, number]}} Kernel */

/** How much is measured. @typedef {{runs: number, warmUps: number, warmUpMs: number}} Effort */

export {};
