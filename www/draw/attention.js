// Reads an attention pattern (heads, N, N): one token's row or column, its entropy, the largest value.

/** @import {Direction, Scale, Tensor} from "../types.js" */

/**
 * The N numbers of one head for one token: how it spreads its attention ("row"), or how much every token
 * gives to it ("column").
 * @param {Tensor} pattern
 * @param {number} head
 * @param {number} token
 * @param {Direction} direction
 * @returns {Float32Array}
 */
export function attentionOf(pattern, head, token, direction) {
  const n = pattern.shape[2];
  const start = head * n * n;
  if (direction === "row") {
    return pattern.data.subarray(start + token * n, start + (token + 1) * n);
  }
  const column = new Float32Array(n);
  for (let i = 0; i < n; i++) column[i] = pattern.data[start + i * n + token];
  return column;
}

/** Bits of a distribution: 0 when all lies on one token, log2(N) when it is even. @param {Float32Array} row */
export function entropyBits(row) {
  let bits = 0;
  for (const p of row) if (p > 0) bits -= p * Math.log2(p);
  return bits;
}

/** @param {Float32Array} values */
export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** The largest value from `start` on. @param {Float32Array} values @param {number} start */
export function largest(values, start = 0) {
  let max = 0;
  for (let i = start; i < values.length; i++) {
    if (values[i] > max) max = values[i];
  }
  return max;
}

/**
 * The value that gets the brightest colour. Prefix tokens do not count: they are not on the picture.
 * @param {Float32Array[]} heads the maps of all heads of the layer
 * @param {number} head
 * @param {Scale} scale
 * @param {number} prefix number of prefix tokens
 */
export function scaleTop(heads, head, scale, prefix) {
  if (scale === "absolute") return 1;
  const shown = scale === "head" ? [heads[head]] : heads;
  return Math.max(...shown.map((map) => largest(map, prefix)));
}
