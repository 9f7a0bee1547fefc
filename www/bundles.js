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

/** Best first; each lies in `pkg/<name>/`. */
const BUNDLES = [
  { name: "relaxed", probe: RELAXED_PROBE },
  { name: "simd", probe: SIMD_PROBE },
];

/**
 * The best bundle that runs here, or null where none does.
 * Runs on the main thread, so that a test can take the feature away.
 * @returns {string | null}
 */
export function pickBundle() {
  if (typeof WebAssembly !== "object") return null;
  const bundle = BUNDLES.find(({ probe }) => WebAssembly.validate(probe));
  return bundle ? bundle.name : null;
}
