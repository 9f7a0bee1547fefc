// Which builds of the engine exist, and which of them this browser can run.

/**
 * A module of one function that uses the feature: `WebAssembly.validate` says whether the browser knows it.
 * This one is `() -> v128: i8x16.popcnt(i8x16.splat(0))`.
 */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8,
  0, 65, 0, 253, 15, 253, 98, 11,
]);

/**
 * The same for relaxed SIMD:
 * `() -> v128: i32x4.relaxed_dot_i8x16_i7x16_add_s(i32x4.splat(0), i32x4.splat(0), i32x4.splat(0))`.
 */
const RELAXED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1,
  17, 0, 65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 147, 2, 11,
]);

/** And for threads: a shared memory, and `() -> i32: i32.atomic.load(i32.const 0)`. */
const THREADS_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 5, 4, 1, 3,
  1, 1, 10, 10, 1, 8, 0, 65, 0, 254, 16, 2, 0, 11,
]);

/** The build whose forward pass several threads share. */
export const THREADS = "threads";

/** What runs in its place where the browser refuses it threads, or memory for them. */
export const WITHOUT_THREADS = "relaxed";

/**
 * No more threads than this: each takes an equal part of the work and waits for the slowest, and beyond four cores of
 * a phone or a laptop there are often slow ones.
 */
const MOST_THREADS = 4;

/** Best first; each lies in `pkg/<name>/` and needs all of its probes. */
const BUNDLES = [
  { name: THREADS, probes: [RELAXED_PROBE, THREADS_PROBE] },
  { name: WITHOUT_THREADS, probes: [RELAXED_PROBE] },
  { name: "simd", probes: [SIMD_PROBE] },
];

/** How many threads a forward pass may have here: one a core, where the page may share memory among them at all. */
export function threadCount() {
  // False where headers are missing; `sw.js` adds them, from the second visit on.
  if (!globalThis.crossOriginIsolated) return 1;
  if (typeof SharedArrayBuffer !== "function") return 1;
  return Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS);
}

/**
 * The best bundle that runs here, or null where none does.
 * Runs on the main thread, so that a test can take the feature away.
 * @returns {string | null}
 */
export function pickBundle() {
  if (typeof WebAssembly !== "object") return null;
  const bundle = BUNDLES.find(
    ({ name, probes }) =>
      (name !== THREADS || threadCount() > 1) &&
      probes.every((probe) => WebAssembly.validate(probe)),
  );
  return bundle ? bundle.name : null;
}
