// Attention poured over the photo: colour says how much, and where there is none the photo keeps its own colours.

import { VIRIDIS } from "./colormap.js";

/** @import {Grid, Rect} from "../types.js" */

/** How fast the overlay gains cover: below 1, so that middling attention is seen too. */
const COVER_EXPONENT = 0.8;

/** Opacity of the overlay for a value's share of the brightest. @param {number} t 0..1 @param {number} opacity 0..1 */
export function cover(t, opacity) {
  return t <= 0 ? 0 : opacity * Math.min(1, t) ** COVER_EXPONENT;
}

/** The last table made, and for which opacity: it is asked for some dozen times a frame. */
let tableOpacity = -1;
const table = new Uint8ClampedArray(256 * 4);
const tableWords = new Uint32Array(table.buffer);

/** RGBA for 256 shares of the brightest, one word each. @param {number} opacity */
function overlayTable(opacity) {
  if (opacity === tableOpacity) return tableWords;
  tableOpacity = opacity;
  for (let i = 0; i < 256; i++) {
    table.set(VIRIDIS.subarray(i * 3, i * 3 + 3), i * 4);
    table[i * 4 + 3] = 255 * cover(i / 255, opacity);
  }
  return tableWords;
}

/**
 * RGBA pixels (not premultiplied) for values, one pixel each.
 * @param {Float32Array} values
 * @param {number} top the value of the brightest colour
 * @param {number} opacity 0..1
 */
export function overlayPixels(values, top, opacity) {
  const words = overlayTable(opacity);
  const pixels = new Uint32Array(values.length);
  const factor = top > 0 ? 255 / top : 0;
  for (let i = 0; i < values.length; i++) {
    pixels[i] = words[Math.min(255, Math.round(values[i] * factor))];
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/**
 * Bilinear interpolation between patch centres; beyond the outermost centres the edge goes on.
 * @param {Float32Array} values rows * columns
 * @param {Grid} grid
 * @param {number} factor how many times finer
 */
export function refine(values, { rows, columns }, factor) {
  const width = columns * factor;
  const height = rows * factor;
  const fine = new Float32Array(width * height);
  const across = Array.from({ length: width }, (_, x) =>
    between(x, factor, columns),
  );
  for (let y = 0; y < height; y++) {
    const v = between(y, factor, rows);
    const upper = v.low * columns;
    const lower = v.high * columns;
    for (let x = 0; x < width; x++) {
      const { low, high, share } = across[x];
      const a =
        values[upper + low] * (1 - share) + values[upper + high] * share;
      const b =
        values[lower + low] * (1 - share) + values[lower + high] * share;
      fine[y * width + x] = a * (1 - v.share) + b * v.share;
    }
  }
  return fine;
}

/** The two centres that a fine pixel lies between. @param {number} i @param {number} factor @param {number} count */
function between(i, factor, count) {
  const at = Math.min(count - 1, Math.max(0, (i + 0.5) / factor - 0.5));
  const low = Math.floor(at);
  return { low, high: Math.min(count - 1, low + 1), share: at - low };
}

/** @type {OffscreenCanvas | null} */
let scratch = null;

/** A small canvas to lay pixels on; the same one while the size stays. @param {number} width @param {number} height */
function scratchContext(width, height) {
  if (scratch?.width !== width || scratch.height !== height) {
    scratch = new OffscreenCanvas(width, height);
  }
  return scratch.getContext("2d", { willReadFrequently: true });
}

/**
 * Draws pixels enlarged over `rect`.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context @param {Rect} rect
 * @param {Uint8ClampedArray<ArrayBuffer>} pixels RGBA, rows * columns
 * @param {Grid} size
 * @param {boolean} smooth
 */
export function drawPixels(context, rect, pixels, { rows, columns }, smooth) {
  const small = scratchContext(columns, rows);
  if (!small) return;
  small.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(small.canvas, rect.x, rect.y, rect.width, rect.height);
  context.imageSmoothingEnabled = true;
}

/**
 * Leaves nothing where it may not be: interpolation would carry attention across a window's border.
 * @param {Float32Array} fine @param {Grid} grid @param {number} factor @param {(patch: number) => boolean} isShown
 */
function cut(fine, { rows, columns }, factor, isShown) {
  const width = columns * factor;
  for (let i = 0; i < fine.length; i++) {
    const row = Math.floor(i / width / factor);
    const column = Math.floor((i % width) / factor);
    if (row < rows && !isShown(row * columns + column)) fine[i] = 0;
  }
}

/**
 * Draws a map of patch values into `rect`.
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} rect
 * @param {Float32Array} values one a patch
 * @param {Grid} grid
 * @param {{top: number, opacity: number, smooth: boolean, isShown?: ((patch: number) => boolean) | undefined}} style
 */
export function drawOverlay(context, rect, values, grid, style) {
  // One pixel of the refined map covers about two of the screen's.
  const factor = style.smooth
    ? Math.min(16, Math.max(2, Math.ceil(rect.width / grid.columns / 2)))
    : 1;
  const fine = style.smooth ? refine(values, grid, factor) : values;
  if (style.smooth && style.isShown) cut(fine, grid, factor, style.isShown);
  const pixels = overlayPixels(fine, style.top, style.opacity);
  const size = { rows: grid.rows * factor, columns: grid.columns * factor };
  drawPixels(context, rect, pixels, size, style.smooth);
}
