// Reads an attention pattern, (heads, N, N) or by windows: one token's row or column, its entropy, the largest value.

/** @import {Direction, Scale, Tensor} from "../types.js" */
/** @import {Windows} from "../windows.js" */

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

/**
 * The same from a pattern by windows (windows, heads, area, area): a number for each slot of the token's window.
 * @param {Tensor} pattern
 * @param {Windows} windows
 * @param {number} head
 * @param {number} token
 * @param {Direction} direction
 * @returns {Float32Array}
 */
export function windowAttentionOf(pattern, windows, head, token, direction) {
  const { area, slotOf, windowOfToken } = windows;
  const heads = pattern.shape[1];
  const size = area * area;
  const start = (windowOfToken(token) * heads + head) * size;
  const data = pattern.data.subarray(start, start + size);
  const one = { shape: [1, area, area], data };
  return attentionOf(one, 0, slotOf[token] % area, direction);
}

/**
 * A window's numbers where its tokens lie in the map; all other tokens get nothing, and padding has no place.
 * @param {Float32Array} values one a slot
 * @param {Windows} windows
 * @param {number} window
 */
export function laidBack(values, { area, slotOf, tokenAt }, window) {
  const map = new Float32Array(slotOf.length);
  for (const [place, value] of values.entries()) {
    const token = tokenAt(window * area + place);
    if (token >= 0) map[token] = value;
  }
  return map;
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
