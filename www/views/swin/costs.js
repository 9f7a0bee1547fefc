// What multi-head self-attention costs, globally and in windows: Liu et al. 2021, equations 1 and 2.

/** @import {Description, Grid, Layer, LayerWindows} from "../../types.js" */

/**
 * In multiplications, each with its addition; softmax is left out, as in the paper.
 * @typedef {object} Costs
 * @property {Grid} map
 * @property {Grid} padded the map rounded up to whole windows
 * @property {number} projections 4hwC²: query, key, value and output, the same in both
 * @property {number} global 2(hw)²C: every token with every token
 * @property {number} windowed 2M²hwC: every slot with the slots of its window, padding among them
 */

/** @param {Grid} map @param {number} dim @param {Grid} window @returns {Costs} */
export function costsOf(map, dim, window) {
  const tokens = map.rows * map.columns;
  const rows = Math.min(window.rows, map.rows);
  const columns = Math.min(window.columns, map.columns);
  const padded = {
    rows: Math.ceil(map.rows / rows) * rows,
    columns: Math.ceil(map.columns / columns) * columns,
  };
  const slots = padded.rows * padded.columns;
  return {
    map,
    padded,
    projections: 4 * tokens * dim ** 2,
    global: 2 * tokens ** 2 * dim,
    windowed: 2 * rows * columns * slots * dim,
  };
}

/**
 * The window that a layer would have on a larger map: its own, but where the map clipped it the largest of the model.
 * @param {Description} description @param {Layer & {windows: LayerWindows}} layer
 * @returns {Grid}
 */
export function windowOf({ layers }, { grid, windows }) {
  const all = layers.flatMap((layer) => layer.windows ?? []);
  const along = (/** @type {"rows" | "columns"} */ axis) =>
    windows[axis] < grid[axis]
      ? windows[axis]
      : Math.max(...all.map((one) => one[axis]));
  return { rows: along("rows"), columns: along("columns") };
}

/** The map of a layer's stage for a photo of another size. @param {Description} description @param {Layer} layer @param {{height: number, width: number}} photo @returns {Grid} */
export function mapFor({ patch }, { stage }, { height, width }) {
  let rows = Math.ceil(height / patch.height);
  let columns = Math.ceil(width / patch.width);
  for (let i = 0; i < stage; i++) {
    rows = Math.ceil(rows / 2);
    columns = Math.ceil(columns / 2);
  }
  return { rows, columns };
}
