// Patch merging on the photo: the grid before and after, and the 2 x 2 neighbours enlarged between them.

import { drawFrame, drawGrid, patchRect } from "./grid.js";

/** @import {Grid, Rect} from "../types.js" */

/** The four parts in the order in which their numbers are put side by side: down before right. */
export const PARTS = [
  { row: 0, column: 0 },
  { row: 1, column: 0 },
  { row: 0, column: 1 },
  { row: 1, column: 1 },
];

/**
 * @typedef {object} Merging
 * @property {Grid} before the map that is merged
 * @property {Grid} after
 * @property {{row: number, column: number}} token of the map after
 */

/** The part's place in the map before, or null where an odd map ends. @param {Merging} merging @param {{row: number, column: number}} part */
function neighbour({ before, token }, part) {
  const row = 2 * token.row + part.row;
  const column = 2 * token.column + part.column;
  const isInside = row < before.rows && column < before.columns;
  return isInside ? { row, column } : null;
}

/** Which of the four parts exist: an odd map is continued by zeros. @param {Merging} merging */
export function partsInside(merging) {
  return PARTS.map((part) => neighbour(merging, part) !== null);
}

/** @param {CanvasRenderingContext2D} context @param {OffscreenCanvas} picture @param {Rect} rect @param {Merging} merging @param {string[]} colours */
export function drawBefore(context, picture, rect, merging, colours) {
  context.drawImage(picture, rect.x, rect.y, rect.width, rect.height);
  drawGrid(context, rect, merging.before);
  for (const [i, part] of PARTS.entries()) {
    const place = neighbour(merging, part);
    if (!place) continue;
    const cell = patchRect(rect, merging.before, place.row, place.column);
    drawFrame(context, cell, colours[i], 1.5);
  }
}

/** @param {CanvasRenderingContext2D} context @param {OffscreenCanvas} picture @param {Rect} rect @param {Merging} merging @param {string} colour */
export function drawAfter(
  context,
  picture,
  rect,
  { before, after, token },
  colour,
) {
  context.drawImage(picture, rect.x, rect.y, rect.width, rect.height);
  // A token of an odd map's last row or column stands for less of the photo.
  const doubled = {
    x: rect.x,
    y: rect.y,
    width: (rect.width * 2 * after.columns) / before.columns,
    height: (rect.height * 2 * after.rows) / before.rows,
  };
  drawGrid(context, doubled, after);
  drawFrame(
    context,
    patchRect(doubled, after, token.row, token.column),
    colour,
    2,
  );
}

/**
 * The 2 x 2 neighbours as large as the picture, each framed and numbered in the order of concatenation.
 * @param {CanvasRenderingContext2D} context @param {CanvasImageSource} photo
 * @param {Rect} seen of the photo, in its pixels
 * @param {Rect} rect @param {Merging} merging @param {string[]} colours
 */
export function drawNeighbours(context, photo, seen, rect, merging, colours) {
  const gap = 6;
  const side = {
    width: (rect.width - gap) / 2,
    height: (rect.height - gap) / 2,
  };
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  for (const [i, part] of PARTS.entries()) {
    const to = {
      x: rect.x + part.column * (side.width + gap),
      y: rect.y + part.row * (side.height + gap),
      ...side,
    };
    const place = neighbour(merging, part);
    if (place) {
      const from = patchRect(seen, merging.before, place.row, place.column);
      const { x, y, width, height } = from;
      context.drawImage(
        photo,
        x,
        y,
        width,
        height,
        to.x,
        to.y,
        to.width,
        to.height,
      );
    }
    context.fillStyle = colours[i];
    context.strokeStyle = colours[i];
    context.lineWidth = 3;
    context.strokeRect(to.x + 1.5, to.y + 1.5, to.width - 3, to.height - 3);
    context.fillRect(to.x, to.y, 18, 18);
    context.fillStyle = "#fff";
    context.font = "600 12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(place ? String(i + 1) : "0", to.x + 9, to.y + 9.5);
  }
}
