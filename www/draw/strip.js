// A row of numbers as a strip of colours; what the mask hides is hatched.

import { VIRIDIS, divergingTable, tableIndex } from "./colormap.js";

/** @import {Rgb} from "./colormap.js" */

/** Pixels across, at least, so that hatching can be seen; and pixels down. */
const WIDTH = 320;
const HEIGHT = 14;

/** Of the numbers, so many must not be greyed out by a few outliers. */
const SHARE = 0.995;

/**
 * Fills a canvas, which CSS stretches.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values
 * @param {Uint8Array | null} hidden 1 where the mask keeps a number from counting
 * @param {boolean} isAmount whether no number can be below 0
 * @param {{zero: Rgb, ground: Rgb, line: Rgb}} colours of zero, and of what is hidden
 */
export function drawStrip(canvas, values, hidden, isAmount, colours) {
  const count = values.length;
  const cell = Math.max(1, Math.ceil(WIDTH / count));
  const width = count * cell;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== HEIGHT) canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  if (!context) return;
  const high = magnitudeOf(values, hidden);
  const low = isAmount ? 0 : -high;
  const table = isAmount ? VIRIDIS : divergingTable(colours.zero);
  const image = context.createImageData(width, HEIGHT);
  const pixels = new Uint32Array(image.data.buffer);
  // One line of pixels, then the same again below: only hatching differs from line to line.
  for (let i = 0; i < count; i++) {
    const at = tableIndex((values[i] - low) / (high - low));
    const pixel = packed([table[at], table[at + 1], table[at + 2]]);
    pixels.fill(pixel, i * cell, (i + 1) * cell);
  }
  for (let y = 1; y < HEIGHT; y++) pixels.copyWithin(y * width, 0, width);
  for (let i = 0; hidden && i < count; i++) {
    if (hidden[i]) hatch(pixels, width, i * cell, (i + 1) * cell, colours);
  }
  context.putImageData(image, 0, 0);
}

/** Diagonal lines from one column of pixels to another. @param {Uint32Array} pixels @param {number} width @param {number} from @param {number} to @param {{ground: Rgb, line: Rgb}} colours */
function hatch(pixels, width, from, to, { ground, line }) {
  const [groundPixel, linePixel] = [packed(ground), packed(line)];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = from; x < to; x++) {
      pixels[y * width + x] = (x + y) % 5 < 1 ? linePixel : groundPixel;
    }
  }
}

/**
 * What has the strongest colour: all but the most extreme of what is not hidden stays below it, as in the heat map.
 * @param {ArrayLike<number>} values @param {Uint8Array | null} hidden
 */
function magnitudeOf(values, hidden) {
  const sizes = Float32Array.from(values, Math.abs)
    .filter((_, i) => !hidden?.[i])
    .sort();
  const last = sizes.length - 1;
  return (
    sizes[Math.min(last, Math.floor(SHARE * sizes.length))] || sizes[last] || 1
  );
}

/** A pixel as canvas keeps it in memory, on the little-endian machines that browsers run on. @param {ArrayLike<number>} rgb */
function packed(rgb) {
  return (255 << 24) | (rgb[2] << 16) | (rgb[1] << 8) | rgb[0];
}
