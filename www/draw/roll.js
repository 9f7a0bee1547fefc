// The roll: the photo's own pixels move up, then left; the strip that leaves above comes back below, the one on the
// left comes back on the right.

import { mapRect } from "../windows.js";

/** @import {Grid, Layer, Rect} from "../types.js" */

/** How far each axis has gone: first the rows, then the columns; an axis that is not shifted takes no time. @param {Grid} shift @param {number} progress 0..1 */
function legsAt({ rows, columns }, progress) {
  if (rows === 0 || columns === 0) return { down: progress, across: progress };
  return {
    down: Math.min(1, 2 * progress),
    across: Math.max(0, 2 * progress - 1),
  };
}

/**
 * The way that the map has gone, in the units of `to`.
 * @param {Rect} to @param {Grid} patches @param {Pick<Layer, "grid" | "stage">} layer @param {Grid} shift in tokens
 * @param {number} progress
 */
export function rolledBy(to, patches, layer, shift, progress) {
  const map = mapRect(to, patches, layer);
  const { down, across } = legsAt(shift, progress);
  return {
    map,
    x: (-map.width * shift.columns * across) / layer.grid.columns,
    y: (-map.height * shift.rows * down) / layer.grid.rows,
  };
}

/**
 * Draws what the model sees, rolled part of the way.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {CanvasImageSource} picture
 * @param {Rect} from the part of the picture that the model sees
 * @param {Rect} to where that lies on the canvas
 * @param {{patches: Grid, layer: Pick<Layer, "grid" | "stage">, shift: Grid}} roll the patch grid, the block, and by how many of its tokens it rolls
 * @param {number} progress 0 as it is, 1 rolled
 */
export function drawRolled(context, picture, from, to, roll, progress) {
  const { patches, layer, shift } = roll;
  const { map, x, y } = rolledBy(to, patches, layer, shift, progress);
  context.save();
  context.beginPath();
  context.rect(to.x, to.y, to.width, to.height);
  context.clip();
  for (const down of y < 0 ? [0, map.height] : [0]) {
    for (const across of x < 0 ? [0, map.width] : [0]) {
      context.drawImage(
        picture,
        from.x,
        from.y,
        from.width,
        from.height,
        to.x + x + across,
        to.y + y + down,
        to.width,
        to.height,
      );
    }
  }
  context.restore();
}

/**
 * Where a rectangle of the photo has gone: in two places, or four, while it goes over an edge.
 * @param {Rect} rect @param {Rect} to
 * @param {{patches: Grid, layer: Pick<Layer, "grid" | "stage">, shift: Grid}} roll @param {number} progress
 * @returns {Rect[]}
 */
export function rolledRects(rect, to, { patches, layer, shift }, progress) {
  const { map, x, y } = rolledBy(to, patches, layer, shift, progress);
  // Half a pixel: what has left as good as whole is not drawn as a sliver.
  const inside = (
    /** @type {number} */ at,
    /** @type {number} */ size,
    /** @type {number} */ low,
    /** @type {number} */ room,
  ) => at + size > low + 0.5 && at < low + room - 0.5;
  const rows = [rect.y + y, rect.y + y + map.height].filter((at) =>
    inside(at, rect.height, to.y, to.height),
  );
  const columns = [rect.x + x, rect.x + x + map.width].filter((at) =>
    inside(at, rect.width, to.x, to.width),
  );
  return rows.flatMap((top) =>
    columns.map((left) => clipped({ ...rect, x: left, y: top }, to)),
  );
}

/** @param {Rect} rect @param {Rect} to @returns {Rect} */
function clipped(rect, to) {
  const x = Math.max(rect.x, to.x);
  const y = Math.max(rect.y, to.y);
  return {
    x,
    y,
    width: Math.min(rect.x + rect.width, to.x + to.width) - x,
    height: Math.min(rect.y + rect.height, to.y + to.height) - y,
  };
}

/**
 * Dashes where opposite edges of the photo have come side by side: what meets there never touched.
 * @param {CanvasRenderingContext2D} context @param {Rect} to
 * @param {{patches: Grid, layer: Pick<Layer, "grid" | "stage">, shift: Grid}} roll @param {number} progress
 */
export function drawSeams(context, to, { patches, layer, shift }, progress) {
  const { map, x, y } = rolledBy(to, patches, layer, shift, progress);
  context.save();
  context.beginPath();
  if (x < 0) {
    context.moveTo(to.x + map.width + x, to.y);
    context.lineTo(to.x + map.width + x, to.y + to.height);
  }
  if (y < 0) {
    context.moveTo(to.x, to.y + map.height + y);
    context.lineTo(to.x + to.width, to.y + map.height + y);
  }
  context.lineWidth = 3;
  context.strokeStyle = "rgba(0, 0, 0, 0.6)";
  context.stroke();
  context.setLineDash([6, 5]);
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  context.stroke();
  context.restore();
}
