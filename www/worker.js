// The worker: owns the wasm engine, answers one message at a time, and tells when the engine is beyond repair.

import { THREADS, threadCount } from "./bundles.js";
import { CANCELLED, CRASHED, VitrineError, toPlain } from "./errors.js";
import { ModelCache } from "./loading/cache.js";
import { Loader } from "./loading/load.js";
import { Threads } from "./threads.js";
import { changesOf } from "./whatif.js";

/** @import {Description, Grid, Opened, Progress, Question, Rect, Source, Tensor, WasmEngine, WasmModule, Whatif} from "./types.js" */

/** Pixels drawn at a time: 16 MB of RGBA, so that a 50-megapixel photo needs no second copy of itself. */
const STRIP_PIXELS = 4 * 1024 * 1024;

/** Progress messages are spaced by at least so many milliseconds. */
const PROGRESS_INTERVAL = 50;

/** @type {Loader | null} */
let loader = null;
/** @type {WasmEngine | null} */
let engine = null;
/** The patches of a photo. @type {Grid} */
let grid = { rows: 0, columns: 0 };
let loading = new AbortController();

function needEngine() {
  if (!engine) throw new VitrineError("no-model");
  return engine;
}

/** @param {string} bundle @returns {Promise<Opened>} */
async function init(bundle) {
  const folder = new URL(`pkg/${bundle}/`, import.meta.url);
  const script = new URL("vitrine.js", folder).href;
  const module_or_path = new URL("vitrine_bg.wasm", folder);
  const hasThreads = bundle === THREADS;
  try {
    const threads = hasThreads ? new Threads(threadCount(), script) : null;
    /** @type {WasmModule} */
    const wasm = await import(script);
    const { memory } = await wasm.default({ module_or_path });
    const alarms = threads ? await threads.join(wasm, memory) : [];
    loader = new Loader(wasm, await ModelCache.open());
    return { threads: threads?.count ?? 1, alarms };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VitrineError("engine-missing", "", { why });
  }
}

/** @param {number} id @param {Source} source @param {boolean} resume */
async function load(id, source, resume) {
  if (!loader) throw new VitrineError("no-model");
  loading.abort();
  const { signal } = (loading = new AbortController());
  const onProgress = spaced((/** @type {Progress} */ progress) => {
    if (!signal.aborted) self.postMessage({ id, progress });
  });
  const next = await loader.load(source, resume, { signal, onProgress });
  if (signal.aborted) {
    next.free();
    throw new VitrineError(CANCELLED);
  }
  engine?.free();
  engine = next;
  return describe();
}

/**
 * Calls `send` at once, then at most once an interval, and always with the last value: where a connection stalls,
 * the page shows every byte that came.
 * @template T
 * @param {(value: T) => void} send
 */
function spaced(send) {
  /** @type {{value: T} | null} */
  let waiting = null;
  let isResting = false;
  const rest = () => {
    isResting = waiting !== null;
    if (!waiting) return;
    send(waiting.value);
    waiting = null;
    setTimeout(rest, PROGRESS_INTERVAL);
  };
  return (/** @type {T} */ value) => {
    waiting = { value };
    if (!isResting) rest();
  };
}

function cancel() {
  loading.abort();
  loader?.forget();
}

/** @param {ImageBitmap} bitmap @returns {Rect} */
function photo(bitmap) {
  const { width, height } = bitmap;
  const current = needEngine();
  const { seen } = JSON.parse(current.photoBegin(width, height));
  const rows = Math.max(1, Math.min(height, Math.floor(STRIP_PIXELS / width)));
  const canvas = new OffscreenCanvas(width, rows);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new VitrineError("photo-too-large");
  for (let y = 0; y < height; y += rows) {
    const n = Math.min(rows, height - y);
    context.clearRect(0, 0, width, n);
    context.drawImage(bitmap, 0, y, width, n, 0, 0, width, n);
    const strip = context.getImageData(0, 0, width, n);
    current.photoRows(new Uint8Array(strip.data.buffer));
  }
  current.photoEnd();
  bitmap.close();
  return seen;
}

/** @param {string} site */
function tensor(site) {
  const { shape, data } = needEngine().tensor(site);
  return { shape: Array.from(shape), data };
}

/** @param {string[]} sites @returns {Tensor[]} */
function tensors(sites) {
  const found = needEngine().tensors(sites);
  return found.map(({ shape, data }) => ({ shape: Array.from(shape), data }));
}

/** Numbers come as a tensor, the rest as JSON. @param {Question} question */
function derive(question) {
  const found = needEngine().derive(JSON.stringify(question));
  return typeof found === "string" ? JSON.parse(found) : found;
}

/** @param {string[]} sites @param {Whatif} whatif */
function run(sites, whatif) {
  return JSON.parse(needEngine().run(sites, changesOf(whatif, grid)));
}

function describe() {
  /** @type {Description} */
  const description = JSON.parse(needEngine().describe());
  grid = description.grid;
  return description;
}

/** @param {string} size */
function setSize(size) {
  needEngine().setSize(size);
  return describe();
}

/** @param {any} message */
function answer(message) {
  switch (message.type) {
    case "init":
      return init(message.bundle);
    case "load":
      return load(message.id, message.source, message.resume);
    case "cancel":
      return cancel();
    case "photo":
      return photo(message.bitmap);
    case "size":
      return setSize(message.size);
    case "run":
      return run(message.sites, message.whatif);
    case "tensor":
      return tensor(message.site);
    case "tensors":
      return tensors(message.sites);
    case "derive":
      return derive(message.question);
    case "reach":
      return needEngine().reach(message.row, message.column);
    case "gguf":
      return needEngine().toGguf();
  }
  throw new VitrineError("unexpected", `unknown message ${message.type}`);
}

/** After these the wasm instance cannot be trusted with anything more. @param {unknown} error */
function isFatal(error) {
  return (
    error instanceof WebAssembly.RuntimeError || error instanceof RangeError
  );
}

/** @param {any} value @returns {Transferable[]} */
function transferablesOf(value) {
  if (value instanceof Uint8Array) return [value.buffer];
  if (Array.isArray(value)) return value.flatMap(transferablesOf);
  if (Array.isArray(value?.alarms)) return value.alarms;
  if (value?.data instanceof Float32Array) return [value.data.buffer];
  return [];
}

self.onmessage = async ({ data: message }) => {
  const { id } = message;
  try {
    const result = await answer(message);
    self.postMessage({ id, result }, { transfer: transferablesOf(result) });
  } catch (error) {
    const told = isFatal(error) ? new VitrineError(CRASHED) : error;
    self.postMessage({ id, error: toPlain(told) });
  }
};
