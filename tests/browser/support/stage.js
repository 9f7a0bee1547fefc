// The stage's canvas, patch by patch.

/** @import {Vitrine} from "./vitrine.js" */
/** @import {Pixels} from "./photos.js" */

/** @typedef {{x: number, y: number, width: number, height: number, rows: number, columns: number}} Layout in CSS pixels of the canvas */

/** Where the page says that the patches lie. @param {Vitrine} vitrine @returns {Promise<Layout>} */
export async function layoutOf(vitrine) {
  const crop = await vitrine.stage.getAttribute("data-crop");
  const grid = await vitrine.stage.getAttribute("data-grid");
  const [x, y, width, height] = (crop ?? "").split(" ").map(Number);
  const [rows, columns] = (grid ?? "").split(" ").map(Number);
  return { x, y, width, height, rows, columns };
}

/** @param {Layout} layout @param {number} row @param {number} column */
export function centreOf(layout, row, column) {
  return {
    x: layout.x + ((column + 0.5) * layout.width) / layout.columns,
    y: layout.y + ((row + 0.5) * layout.height) / layout.rows,
  };
}

/** Makes a patch the query, for good. @param {Vitrine} vitrine @param {number} row @param {number} column */
export async function clickPatch(vitrine, row, column) {
  const position = centreOf(await layoutOf(vitrine), row, column);
  await vitrine.stage.click({ position });
}

/**
 * The mean colour inside each patch, away from its edges, row by row.
 * @param {Vitrine} vitrine
 * @returns {Promise<number[][]>} red, green, blue for each patch
 */
export async function patchColours(vitrine) {
  const layout = await layoutOf(vitrine);
  const pixels = await vitrine.stagePixels();
  const ratio = await vitrine.page.evaluate(() => devicePixelRatio);
  const colours = [];
  for (let row = 0; row < layout.rows; row++) {
    for (let column = 0; column < layout.columns; column++) {
      const { x, y } = centreOf(layout, row, column);
      const reachX = (0.25 * layout.width) / layout.columns;
      const reachY = (0.25 * layout.height) / layout.rows;
      colours.push(
        meanColour(pixels, {
          left: Math.round((x - reachX) * ratio),
          right: Math.round((x + reachX) * ratio),
          top: Math.round((y - reachY) * ratio),
          bottom: Math.round((y + reachY) * ratio),
        }),
      );
    }
  }
  return colours;
}

/** @param {Pixels} pixels @param {{left: number, right: number, top: number, bottom: number}} box */
function meanColour({ width, rgba }, { left, right, top, bottom }) {
  const sum = [0, 0, 0];
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const at = 4 * (y * width + x);
      for (let channel = 0; channel < 3; channel++) {
        sum[channel] += rgba[at + channel];
      }
    }
  }
  const count = (right - left + 1) * (bottom - top + 1);
  return sum.map((value) => value / count);
}

/** Largest difference of a channel. @param {number[]} a @param {number[]} b */
export const colourDistance = (a, b) =>
  Math.max(...a.map((value, channel) => Math.abs(value - b[channel])));

/** Pearson's correlation. @param {number[]} a @param {number[]} b */
export function correlation(a, b) {
  const mean = (/** @type {number[]} */ values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
