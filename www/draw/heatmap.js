// A tensor as a picture: one pixel a number, and what the colours mean.

import { VIRIDIS, divergingTable, tableIndex } from "./colormap.js";

/** @import {Tensor} from "../types.js" */
/** @import {Rgb} from "./colormap.js" */

/**
 * One 2-D slice of a tensor: the last two dimensions, at one index of all the dimensions before them.
 * @typedef {{rows: number, columns: number, values: Float32Array}} Slice
 */

/** How many 2-D slices a tensor has. @param {number[]} shape */
export function sliceCount(shape) {
  return shape.slice(0, -2).reduce((count, size) => count * size, 1);
}

/** @param {Tensor} tensor @param {number} index @returns {Slice} */
export function sliceOf({ shape, data }, index) {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.length > 1 ? (shape.at(-2) ?? 1) : 1;
  const start = index * rows * columns;
  return {
    rows,
    columns,
    values: data.subarray(start, start + rows * columns),
  };
}

/** @param {Float32Array} values */
export function statistics(values) {
  let min = Infinity;
  let max = -Infinity;
  let total = 0;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
    total += value;
  }
  return { min, max, mean: total / values.length };
}

/**
 * The magnitude that a share of the values stays below: a few outliers, which these models have, must not
 * grey out all the rest. Taken from at most 4096 of the values.
 * @param {Float32Array} values @param {number} share
 */
export function magnitudeBelow(values, share) {
  const stride = Math.max(1, Math.floor(values.length / 4096));
  const sample = [];
  for (let i = 0; i < values.length; i += stride) {
    sample.push(Math.abs(values[i]));
  }
  sample.sort((a, b) => a - b);
  return sample[Math.min(sample.length - 1, Math.floor(share * sample.length))];
}

/**
 * The range of the colours: 0..top for amounts, -top..top for values of both signs.
 * @param {Float32Array} values
 */
export function colourRange(values) {
  const { min, max } = statistics(values);
  const top = magnitudeBelow(values, 0.995) || Math.max(max, -min) || 1;
  return min < 0 ? { low: -top, high: top } : { low: 0, high: top };
}

/**
 * RGBA pixels of a slice.
 * @param {Slice} slice
 * @param {{low: number, high: number}} range
 * @param {Rgb} middle the colour of zero where values have both signs
 */
export function heatmapPixels({ values }, { low, high }, middle) {
  const colours = low < 0 ? divergingTable(middle) : VIRIDIS;
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const colour = tableIndex((values[i] - low) / (high - low));
    pixels[i * 4] = colours[colour];
    pixels[i * 4 + 1] = colours[colour + 1];
    pixels[i * 4 + 2] = colours[colour + 2];
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}
