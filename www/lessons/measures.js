// What lessons measure of attention beyond what the pictures show: how far a head looks, and what leaks without a mask.

/** @import {Grid, Layer, Tensor} from "../types.js" */

/**
 * The mean distance between a patch and what it looks at, weighted by attention and averaged over all patches; prefix
 * tokens lie nowhere and are left out (Dosovitskiy et al. 2021, figure 7, in patches instead of pixels).
 * @param {Tensor} pattern (heads, N, N) @param {number} head @param {number} prefix @param {Grid} grid
 */
export function distanceOf({ shape, data }, head, prefix, { rows, columns }) {
  const n = shape[2];
  const count = rows * columns;
  let total = 0;
  for (let from = 0; from < count; from++) {
    const start = (head * n + prefix + from) * n + prefix;
    let far = 0;
    let weight = 0;
    for (let to = 0; to < count; to++) {
      const down = Math.floor(to / columns) - Math.floor(from / columns);
      const right = (to % columns) - (from % columns);
      far += data[start + to] * Math.hypot(down, right);
      weight += data[start + to];
    }
    total += weight > 0 ? far / weight : 0;
  }
  return total / count;
}

/** The same for attention spread evenly over all patches. @param {Grid} grid */
export function evenDistance({ rows, columns }) {
  const count = rows * columns;
  const data = new Float32Array(count * count).fill(1 / count);
  return distanceOf({ shape: [1, count, count], data }, 0, 0, {
    rows,
    columns,
  });
}

/** 1 for the strip that the roll takes to the other end, else 0. @param {number} at @param {number} shift */
const wentRound = (at, shift) => (at < shift ? 1 : 0);

/**
 * The share of a patch's attention that lies on patches which the mask would hide: they share its window only because
 * of the roll, so that one of the two went round and the other did not.
 * @param {Float32Array} map the patch's attention, a number a token of the layer's map @param {Pick<Layer, "grid" | "windows">} layer @param {number} token
 */
export function leakOf(map, { grid, windows }, token) {
  if (!windows) return 0;
  const { shift } = windows;
  const sideOf = (/** @type {number} */ one) => [
    wentRound(Math.floor(one / grid.columns), shift.rows),
    wentRound(one % grid.columns, shift.columns),
  ];
  const [row, column] = sideOf(token);
  return map.reduce((sum, value, one) => {
    const [otherRow, otherColumn] = sideOf(one);
    return otherRow === row && otherColumn === column ? sum : sum + value;
  }, 0);
}
