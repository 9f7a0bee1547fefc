// A Swin block's gather and mask made as timm makes them, by rolling, padding and cutting real maps: what the page's
// arithmetic, which only reads them, is held against.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { WWW } from "./paths.js";

const source = await readFile(join(WWW, "windows.js"));

/**
 * The page's own module. By its text: Node takes a file of www/, which has no package.json, for CommonJS.
 * @type {typeof import("../../../www/windows.js")}
 */
export const geometry = await import(
  `data:text/javascript;base64,${source.toString("base64")}`
);

/** @typedef {{rows: number, columns: number, window: number, isShifted: boolean}} Case */

/** An axis as timm clips and pads it. @param {number} size @param {number} window @param {boolean} isShifted */
function axisOf(size, window, isShifted) {
  const own = Math.min(size, window);
  const shift = isShifted && size > own ? Math.floor(own / 2) : 0;
  const padded = Math.ceil(size / own) * own;
  /** timm's three slices; `-0:` is all of the axis. */
  const region = (/** @type {number} */ at) =>
    shift === 0 || at >= padded - shift ? 2 : at >= padded - own ? 1 : 0;
  return { size, own, shift, padded, region };
}

/** @param {Case} one */
export function makeWindows({ rows, columns, window, isShifted }) {
  const down = axisOf(rows, window, isShifted);
  const across = axisOf(columns, window, isShifted);
  const perRow = across.padded / across.own;
  const count = (down.padded / down.own) * perRow;
  const area = down.own * across.own;

  /** Where a cell of the rolled and padded map is cut to. @param {number} row @param {number} column */
  const cellAt = (row, column) => ({
    window:
      Math.floor(row / down.own) * perRow + Math.floor(column / across.own),
    within: (row % down.own) * across.own + (column % across.own),
    region: 3 * down.region(row) + across.region(column),
  });
  /** Where a token of the photo's map comes to lie. @param {number} token */
  const placeOf = (token) => {
    const row = Math.floor(token / columns) - down.shift;
    const column = (token % columns) - across.shift;
    return cellAt((row + rows) % rows, (column + columns) % columns);
  };

  const index = new Float32Array(count * area).fill(-1);
  for (let token = 0; token < rows * columns; token++) {
    const place = placeOf(token);
    index[place.window * area + place.within] = token;
  }
  const slotRegions = new Int32Array(count * area);
  for (let row = 0; row < down.padded; row++) {
    for (let column = 0; column < across.padded; column++) {
      const cell = cellAt(row, column);
      slotRegions[cell.window * area + cell.within] = cell.region;
    }
  }
  const masked = new Float32Array(count * area * area);
  for (let slot = 0; slot < count * area; slot++) {
    const first = slot - (slot % area);
    for (let within = 0; within < area; within++) {
      const isSame = slotRegions[first + within] === slotRegions[slot];
      masked[slot * area + within] = isSame ? 0 : -100;
    }
  }
  const hasMask = down.shift > 0 || across.shift > 0;
  const layer = {
    stage: 0,
    grid: { rows, columns },
    windows: {
      rows: down.own,
      columns: across.own,
      shift: { rows: down.shift, columns: across.shift },
      padded: { rows: down.padded, columns: across.padded },
    },
  };
  /** In the photo, along the axis where it is larger. @param {number} a @param {number} b */
  const distance = (a, b) =>
    Math.max(
      Math.abs(Math.floor(a / columns) - Math.floor(b / columns)),
      Math.abs((a % columns) - (b % columns)),
    );
  return {
    layer,
    index: { shape: [count, area], data: index },
    mask: hasMask ? { shape: [count, 1, area, area], data: masked } : null,
    placeOf,
    distance,
  };
}
