// Every head of every layer as one picture: a column a layer, a row a head, each head's map in a small cell.

import { VIRIDIS, tableIndex } from "./colormap.js";

/** @import {Grid, Rect} from "../types.js" */

const GAP = 3;
/** Between the stages of a Swin, whose maps differ. */
const STAGE_GAP = 9;
const LEFT = 20;
const TOP = 16;
const SMALLEST = 14;
const LARGEST = 46;
/** With more heads cells are smaller, down to half of the largest, before the picture grows beyond this. */
const HIGH = 360;

/**
 * Where everything lies, in CSS pixels.
 * @typedef {object} Plan
 * @property {number} width
 * @property {number} height
 * @property {Rect[][]} cells by layer and head
 */

/**
 * Cells as large as the room allows, but never so small that nothing could be seen: then the picture is wider.
 * @param {{heads: number, stage: number}[]} layers @param {number} room @param {number} aspect width by height of a cell
 * @returns {Plan}
 */
export function planCells(layers, room, aspect) {
  const gaps = layers.map(({ stage }, i) =>
    i === 0 ? 0 : stage === layers[i - 1].stage ? GAP : STAGE_GAP,
  );
  let gap = 0;
  for (const one of gaps) gap += one;
  const free = Math.floor((room - LEFT - gap) / Math.max(1, layers.length));
  const most = Math.max(1, ...layers.map(({ heads }) => heads));
  const low = Math.floor(((HIGH - TOP) / most - GAP) * aspect);
  const largest = Math.min(LARGEST, Math.max(LARGEST / 2, low));
  const width = Math.min(largest, Math.max(SMALLEST, free));
  const height = Math.max(SMALLEST / 2, Math.round(width / aspect));
  let x = LEFT;
  const cells = layers.map(({ heads }, i) => {
    x += gaps[i];
    const left = x;
    x += width;
    return Array.from({ length: heads }, (_, head) => ({
      x: left,
      y: TOP + head * (height + GAP),
      width,
      height,
    }));
  });
  return { width: x, height: TOP + most * (height + GAP), cells };
}

/** The cell under a point, or null. @param {Plan} plan @param {number} x @param {number} y */
export function cellAt({ cells }, x, y) {
  for (const [layer, heads] of cells.entries()) {
    const { x: left, width } = heads[0] ?? { x: 0, width: 0 };
    if (x < left || x >= left + width) continue;
    const head = heads.findIndex(
      (cell) => y >= cell.y && y < cell.y + cell.height,
    );
    return head < 0 ? null : { layer, head };
  }
  return null;
}

const colours = Uint32Array.from({ length: 256 }, (_, i) => {
  const bytes = new Uint8Array([...VIRIDIS.subarray(i * 3, i * 3 + 3), 255]);
  return new Uint32Array(bytes.buffer)[0];
});

/** @type {OffscreenCanvas | null} */
let atlas = null;

/**
 * All maps beside each other on one small canvas, a pixel a token: one upload a frame instead of one a head.
 * @param {Grid[]} grids by layer @param {Float32Array[][]} maps by layer and head @param {number[][]} tops the brightest of each
 */
export function paintAtlas(grids, maps, tops) {
  const across = grids.reduce((sum, { columns }) => sum + columns, 0);
  const down = Math.max(...grids.map(({ rows }, i) => rows * maps[i].length));
  if (atlas?.width !== across || atlas.height !== down) {
    atlas = new OffscreenCanvas(across, down);
  }
  const pixels = new Uint32Array(across * down);
  let left = 0;
  for (const [layer, { rows, columns }] of grids.entries()) {
    for (const [head, map] of maps[layer].entries()) {
      const top = tops[layer][head];
      const scale = top > 0 ? 1 / top : 0;
      for (let row = 0; row < rows; row++) {
        const start = (head * rows + row) * across + left;
        for (let column = 0; column < columns; column++) {
          const share = map[row * columns + column] * scale;
          pixels[start + column] = colours[tableIndex(share) / 3];
        }
      }
    }
    left += columns;
  }
  const bytes = new Uint8ClampedArray(pixels.buffer);
  const context = atlas.getContext("2d", { willReadFrequently: true });
  context?.putImageData(new ImageData(bytes, across, down), 0, 0);
  return atlas;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Plan} plan @param {Grid[]} grids
 * @param {OffscreenCanvas} painted @param {{ink: string, chosen: string, layer: number, head: number}} style
 */
export function drawCells(context, { cells }, grids, painted, style) {
  context.font = "10px ui-monospace, monospace";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  let from = 0;
  for (const [layer, heads] of cells.entries()) {
    const { rows, columns } = grids[layer];
    for (const [head, { x, y, width, height }] of heads.entries()) {
      // Enlarged, tokens stay squares; reduced, neighbours are averaged.
      context.imageSmoothingEnabled =
        columns > width * devicePixelRatio || rows > height * devicePixelRatio;
      context.drawImage(
        painted,
        from,
        head * rows,
        columns,
        rows,
        x,
        y,
        width,
        height,
      );
    }
    from += columns;
    const [first] = heads;
    context.fillStyle = layer === style.layer ? style.chosen : style.ink;
    context.fillText(String(layer + 1), first.x + first.width / 2, TOP - 5);
  }
  const most = cells.reduce((a, b) => (b.length > a.length ? b : a), []);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [head, { y, height }] of most.entries()) {
    context.fillStyle = head === style.head ? style.chosen : style.ink;
    context.fillText(String(head + 1), LEFT - 5, y + height / 2);
  }
  const here = cells[style.layer]?.[style.head];
  if (!here) return;
  context.strokeStyle = style.chosen;
  context.lineWidth = 2;
  context.strokeRect(here.x - 1, here.y - 1, here.width + 2, here.height + 2);
}
