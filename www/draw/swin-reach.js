// The photo with what is out of reach in the dark.

import { drawFrame, patchRect } from "./grid.js";

/** @import {Grid, Rect} from "../types.js" */

const DARK = "rgba(12, 13, 16, 0.74)";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {OffscreenCanvas} picture
 * @param {Rect} rect
 * @param {Grid} grid of the patches
 * @param {Uint8Array} reached 1 where a patch can have reached the query
 */
export function drawReach(context, picture, rect, grid, reached) {
  context.drawImage(picture, rect.x, rect.y, rect.width, rect.height);
  context.beginPath();
  for (let row = 0; row < grid.rows; row++) {
    // Runs of dark patches as one rectangle: no seams between them.
    let start = -1;
    for (let column = 0; column <= grid.columns; column++) {
      const isDark =
        column < grid.columns && !reached[row * grid.columns + column];
      if (isDark && start < 0) start = column;
      if (isDark || start < 0) continue;
      const first = patchRect(rect, grid, row, start);
      const width = first.width * (column - start);
      context.rect(first.x, first.y, width, first.height);
      start = -1;
    }
  }
  context.fillStyle = DARK;
  context.fill();
}

/** The query, kept large enough to be seen on a small picture. @param {CanvasRenderingContext2D} context @param {Rect} rect @param {Grid} grid @param {{row: number, column: number}} query @param {string} colour */
export function drawSmallQuery(context, rect, grid, query, colour) {
  const patch = patchRect(rect, grid, query.row, query.column);
  const width = Math.max(7, patch.width);
  const height = Math.max(7, patch.height);
  const inside = (
    /** @type {number} */ at,
    /** @type {number} */ low,
    /** @type {number} */ high,
  ) => Math.min(high, Math.max(low, at));
  const x = patch.x + (patch.width - width) / 2;
  const y = patch.y + (patch.height - height) / 2;
  const box = {
    x: inside(x, rect.x + 1, rect.x + rect.width - width - 1),
    y: inside(y, rect.y + 1, rect.y + rect.height - height - 1),
    width,
    height,
  };
  drawFrame(context, box, colour, 1.5);
}
