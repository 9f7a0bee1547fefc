// Rows of tensors, and the little arithmetic that the glass does itself, in f64.

/** @import {Tensor} from "../types.js" */
/** @import {Context} from "./context.js" */

/** @typedef {ArrayLike<number>} Numbers */

/** A row of the last dimension, counted through all dimensions before it. @param {Tensor | undefined} tensor @param {number} row */
export function rowOf(tensor, row) {
  if (!tensor) return null;
  const width = tensor.shape.at(-1) ?? 1;
  if (row < 0 || (row + 1) * width > tensor.data.length) return null;
  return tensor.data.subarray(row * width, (row + 1) * width);
}

/**
 * A row of a tensor with heads: (heads, N, n), by windows (windows, heads, area, n); one that all windows or all heads
 * share has 1 there.
 * @param {Context} context @param {Tensor | undefined} tensor @param {number} place
 */
export function headRow({ window, head }, tensor, place) {
  if (!tensor) return null;
  const { shape } = tensor;
  const rows = shape.at(-2) ?? 1;
  const heads = shape.at(-3) ?? 1;
  const windows = shape.length > 3 ? shape[0] : 1;
  const outer = Math.min(window, windows - 1) * heads;
  return rowOf(tensor, (outer + Math.min(head, heads - 1)) * rows + place);
}

/** @param {Numbers} a @param {Numbers} b */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Euclidean length. @param {Numbers} a */
export function lengthOf(a) {
  return Math.sqrt(dot(a, a));
}

/** @param {Numbers} a @param {Numbers} b */
export function difference(a, b) {
  return Float64Array.from(a, (value, i) => value - b[i]);
}

/** @param {Numbers} a @param {Numbers} b */
export function products(a, b) {
  return Float64Array.from(a, (value, i) => value * b[i]);
}

/** Mean and standard deviation, as LayerNorm takes them. @param {Numbers} a */
export function spread(a) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i];
  const mean = sum / a.length;
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / a.length) };
}

/** Σ e^x, less the greatest x, and that: e^x / Σ stays in range whatever the scores. @param {Numbers} scores */
export function expSum(scores) {
  let top = -Infinity;
  for (let i = 0; i < scores.length; i++) top = Math.max(top, scores[i]);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += Math.exp(scores[i] - top);
  return { top, sum };
}

/** The place of the greatest value, the first of equals; -1 where there are none. @param {Numbers} values */
export function greatestAt(values) {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (best < 0 || values[i] > values[best]) best = i;
  }
  return best;
}

/** Places in the order of their values, the greatest first. @param {Numbers} values */
export function ranked(values) {
  return Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[b] - values[a],
  );
}

/** How many of the greatest weights make half of all. @param {Numbers} weights @param {number[]} order */
export function halfCount(weights, order) {
  let [sum, count] = [0, 0];
  while (sum < 0.5 && count < order.length) sum += weights[order[count++]];
  return count;
}
