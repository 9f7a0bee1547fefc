// How far the loaded model lies from f32: a second engine runs the same photo with f32 matrices, and both answers are
// laid side by side.

import { Engine } from "./engine.js";
import { ModelCache } from "./loading/cache.js";
import { sizeOf } from "./state.js";

/** @import {Description, Photo, Prediction, Progress, Source, Whatif} from "./types.js" */

const SHOWN = 5;

/**
 * What a comparison can measure: against the original weights the rounding of the weights and the arithmetic, against
 * the same rounded weights the arithmetic alone.
 * @typedef {"original" | "arithmetic"} Against
 */

/**
 * @typedef {object} Distance
 * @property {number} error ‖a − b‖ / ‖b‖ over all logits, b in f32
 * @property {Prediction[]} ours the first five of the loaded model
 * @property {Prediction[]} exact the first five in f32
 * @property {boolean} agrees whether the first class is the same
 * @property {number} shared how many classes are in both lists
 */

/**
 * @typedef {object} Job
 * @property {Engine} engine holds the loaded model and has run the photo
 * @property {string} bundle
 * @property {Source} source
 * @property {Description} description
 * @property {Photo} photo
 * @property {Whatif} whatif
 * @property {Prediction[]} predictions of the loaded model
 */

/** A GGUF file has no weights but its own. @param {Source} source @returns {Against} */
export function against(source) {
  const isRounded =
    source.kind === "embedded" ||
    (source.kind === "files" && source.format === "gguf");
  return isRounded ? "arithmetic" : "original";
}

/** The same model with f32 matrices. @param {Source} source @returns {Source} */
export function inF32(source) {
  if (source.kind === "hub") return { ...source, dtype: "f32", keep: false };
  if (source.kind === "embedded") return { ...source, dequantize: true };
  return source.format === "gguf"
    ? { ...source, dequantize: true }
    : { ...source, dtype: "f32" };
}

/**
 * Bytes that the hub will send, known from when the model was first loaded; else what its numbers take in f32.
 * @param {string} hub @param {string} dtype @param {Description} description
 * @returns {Promise<{bytes: number, isExact: boolean}>}
 */
export async function downloadSize(hub, dtype, description) {
  const cache = await ModelCache.open();
  const bytes = (await cache.record(hub, dtype))?.bytes;
  return bytes
    ? { bytes, isExact: true }
    : { bytes: 4 * description.parameters, isExact: false };
}

/** ‖a − b‖ / ‖b‖; NaN where they are not of one length. @param {Float32Array} a @param {Float32Array} b */
export function relativeError(a, b) {
  if (a.length !== b.length) return NaN;
  let [off, all] = [0, 0];
  for (const [i, value] of b.entries()) {
    off += (a[i] - value) ** 2;
    all += value ** 2;
  }
  return Math.sqrt(off / all);
}

/**
 * The engine that it starts ends with it, or when the signal comes.
 * @param {Job} job
 * @param {AbortSignal} signal
 * @param {(progress: Progress | null) => void} onProgress null once the model is there
 * @returns {Promise<Distance>}
 */
export async function distanceFromF32(job, signal, onProgress) {
  const { source, description, photo, whatif } = job;
  const logits = await job.engine.tensor("logits");
  const other = new Engine();
  const end = () => other.end();
  signal.addEventListener("abort", end);
  try {
    signal.throwIfAborted();
    await other.start(job.bundle);
    const found = await other.load(inF32(source), { onProgress });
    onProgress(null);
    const size = sizeOf(description);
    if (sizeOf(found) !== size) await other.setSize(size);
    await other.photo(await photo.pixels());
    const { predictions } = await other.run(["logits"], whatif);
    const { data } = await other.tensor("logits");
    const ours = job.predictions.slice(0, SHOWN);
    const exact = predictions.slice(0, SHOWN);
    const classes = new Set(exact.map(({ index }) => index));
    return {
      error: relativeError(logits.data, data),
      ours,
      exact,
      agrees: ours[0]?.index === exact[0]?.index,
      shared: ours.filter(({ index }) => classes.has(index)).length,
    };
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
