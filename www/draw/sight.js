// Windows on the photo: their borders and colours, the numbers of the pieces, and what a patch cannot see.

import { MASKED, OTHER } from "../windows.js";
import { patchRect } from "./grid.js";
import { drawPixels } from "./overlay.js";

/** @import {Grid, Rect} from "../types.js" */

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

/** Of 255: windows are told apart, and the photo is still to be seen. */
const TINT = 104;
/** Of 255: other windows recede, less so where colours are to be told apart. */
const VEIL = 104;
const VEIL_ON_TINT = 66;
const HATCH_GAP = 7;

/**
 * @param {Context} context @param {Rect} map where the layer's map lies
 * @param {Grid} grid of the map
 * @param {Uint8Array} colours one of the palette for each token
 * @param {string[]} palette as #rrggbb
 */
export function drawTint(context, map, grid, colours, palette) {
  const words = palette.map((colour) => {
    const [, red, green, blue] = /^#(..)(..)(..)$/.exec(colour) ?? [];
    return pixel(
      [red, green, blue].map((part) => parseInt(part, 16)),
      TINT,
    );
  });
  fillTokens(context, map, grid, (token) => words[colours[token]]);
}

/**
 * Darkens other windows and hatches what the mask hides.
 * @param {Context} context @param {Rect} map @param {Grid} grid
 * @param {Uint8Array} seen OTHER, MASKED or SEEN for each token
 * @param {boolean} isTinted
 */
export function drawUnseen(context, map, grid, seen, isTinted) {
  const dark = pixel([14, 15, 18], isTinted ? VEIL_ON_TINT : VEIL);
  fillTokens(context, map, grid, (token) => (seen[token] === OTHER ? dark : 0));
  /** @type {Rect[]} */
  const masked = [];
  for (let row = 0; row < grid.rows; row++) {
    const isMasked = (/** @type {number} */ column) =>
      seen[row * grid.columns + column] === MASKED;
    for (const [from, to] of runs(grid.columns, isMasked)) {
      const first = patchRect(map, grid, row, from);
      masked.push({ ...first, width: first.width * (to - from) });
    }
  }
  if (masked.length > 0) hatch(context, masked, map);
}

/** Grey lines aslant, over a veil that makes them readable on any photo. @param {Context} context @param {Rect[]} area @param {Rect} box */
function hatch(context, area, box) {
  context.save();
  context.beginPath();
  for (const { x, y, width, height } of area) context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = "rgba(226, 224, 219, 0.5)";
  context.fillRect(box.x, box.y, box.width, box.height);
  context.beginPath();
  for (let x = box.x - box.height; x < box.x + box.width; x += HATCH_GAP) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.lineWidth = 1.5;
  context.strokeStyle = "rgba(66, 67, 71, 0.85)";
  context.stroke();
  context.restore();
}

/** A line between tokens, in tokens. @typedef {{row: number, column: number, down: number, across: number}} Border */

/** @type {WeakMap<Int32Array, Border[]>} */
const knownBorders = new WeakMap();

/**
 * Where two neighbours belong to different pieces, as few lines as there can be.
 * @param {Int32Array} pieces one a token @param {Grid} grid
 */
function bordersOf(pieces, { rows, columns }) {
  const known = knownBorders.get(pieces);
  if (known) return known;
  /** @type {Border[]} */
  const borders = [];
  for (let row = 1; row < rows; row++) {
    const isBorder = (/** @type {number} */ column) =>
      pieces[row * columns + column] !== pieces[(row - 1) * columns + column];
    for (const [column, end] of runs(columns, isBorder)) {
      borders.push({ row, column, down: 0, across: end - column });
    }
  }
  for (let column = 1; column < columns; column++) {
    const isBorder = (/** @type {number} */ row) =>
      pieces[row * columns + column] !== pieces[row * columns + column - 1];
    for (const [row, end] of runs(rows, isBorder)) {
      borders.push({ row, column, down: end - row, across: 0 });
    }
  }
  knownBorders.set(pieces, borders);
  return borders;
}

/** Lines between the pieces. @param {Context} context @param {Rect} map @param {Grid} grid @param {Int32Array} pieces one a token */
export function drawBorders(context, map, grid, pieces) {
  const width = map.width / grid.columns;
  const height = map.height / grid.rows;
  context.beginPath();
  for (const { row, column, down, across } of bordersOf(pieces, grid)) {
    const x = map.x + column * width;
    const y = map.y + row * height;
    context.moveTo(x, y);
    context.lineTo(x + across * width, y + down * height);
  }
  context.lineCap = "square";
  context.lineWidth = 3.5;
  context.strokeStyle = "rgba(0, 0, 0, 0.3)";
  context.stroke();
  context.lineWidth = 1.75;
  context.strokeStyle = "#fff";
  context.stroke();
}

/**
 * The number of each piece, in the middle of each of its parts; none where it would not fit.
 * @param {Context} context @param {Rect} map @param {Grid} grid @param {Int32Array} pieces
 */
export function drawNumbers(context, map, grid, pieces) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.strokeStyle = "rgba(0, 0, 0, 0.6)";
  context.fillStyle = "#fff";
  for (const { piece, top, bottom, left, right } of partsOf(pieces, grid)) {
    const first = patchRect(map, grid, top, left);
    const width = first.width * (right - left + 1);
    const height = first.height * (bottom - top + 1);
    const letters = Math.min(20, 0.5 * Math.min(width, height));
    if (letters < 7) continue;
    context.font = `600 ${letters}px ui-monospace, "DejaVu Sans Mono", monospace`;
    context.lineWidth = letters / 4;
    const x = first.x + width / 2;
    const y = first.y + height / 2;
    context.strokeText(String(piece), x, y);
    context.fillText(String(piece), x, y);
  }
}

/** Rectangles of tokens of one piece: several, where padding has torn it apart. @param {Int32Array} pieces @param {Grid} grid */
function* partsOf(pieces, { rows, columns }) {
  const at = (/** @type {number} */ row, /** @type {number} */ column) =>
    row < 0 || column < 0 || row >= rows || column >= columns
      ? -1
      : pieces[row * columns + column];
  for (let top = 0; top < rows; top++) {
    for (let left = 0; left < columns; left++) {
      const piece = at(top, left);
      if (at(top - 1, left) === piece || at(top, left - 1) === piece) continue;
      let [bottom, right] = [top, left];
      while (at(bottom + 1, left) === piece) bottom++;
      while (at(top, right + 1) === piece) right++;
      yield { piece, top, bottom, left, right };
    }
  }
}

/** Where one thing after another is so: first and past the last. @param {number} count @param {(at: number) => boolean} isSo */
function* runs(count, isSo) {
  let from = -1;
  for (let at = 0; at <= count; at++) {
    const isHere = at < count && isSo(at);
    if (isHere && from < 0) from = at;
    if (isHere || from < 0) continue;
    yield [from, at];
    from = -1;
  }
}

/** A little-endian RGBA word. @param {number[]} colour red, green, blue @param {number} alpha of 255 */
function pixel([red, green, blue], alpha) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** One colour a token. @param {Context} context @param {Rect} map @param {Grid} grid @param {(token: number) => number} word */
function fillTokens(context, map, grid, word) {
  const count = grid.rows * grid.columns;
  const words = Uint32Array.from({ length: count }, (_, token) => word(token));
  const pixels = new Uint8ClampedArray(words.buffer);
  drawPixels(context, map, pixels, grid, false);
}
