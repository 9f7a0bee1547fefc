// Where things lie on the stage: the photo, the part of it that the model sees, and the patches in that part.

/** @import {Grid, Rect} from "../types.js" */

/**
 * @typedef {object} Layout all in CSS pixels of the canvas
 * @property {number} scale CSS pixels a photo pixel
 * @property {Rect} photo
 * @property {Rect} crop what the model sees; may reach beyond the photo where it was padded
 */

/**
 * The part of the photo's plane that is to be shown: all of the photo and of the crop, or the crop alone.
 * @param {{width: number, height: number}} photo
 * @param {Rect} seen in photo pixels
 * @param {"whole" | "crop"} framing
 * @returns {Rect}
 */
export function frameOf(photo, seen, framing) {
  if (framing === "crop") return seen;
  const x = Math.min(0, seen.x);
  const y = Math.min(0, seen.y);
  return {
    x,
    y,
    width: Math.max(photo.width, seen.x + seen.width) - x,
    height: Math.max(photo.height, seen.y + seen.height) - y,
  };
}

/**
 * Fits the frame into the canvas, centred.
 * @param {{width: number, height: number}} canvas
 * @param {{width: number, height: number}} photo
 * @param {Rect} seen
 * @param {Rect} frame
 * @returns {Layout}
 */
export function layoutStage(canvas, photo, seen, frame) {
  const scale = Math.min(
    canvas.width / frame.width,
    canvas.height / frame.height,
  );
  const left = (canvas.width - frame.width * scale) / 2 - frame.x * scale;
  const top = (canvas.height - frame.height * scale) / 2 - frame.y * scale;
  return {
    scale,
    photo: {
      x: left,
      y: top,
      width: photo.width * scale,
      height: photo.height * scale,
    },
    crop: {
      x: left + seen.x * scale,
      y: top + seen.y * scale,
      width: seen.width * scale,
      height: seen.height * scale,
    },
  };
}

/** @param {Rect} crop @param {Grid} grid @param {number} row @param {number} column @returns {Rect} */
export function patchRect(crop, grid, row, column) {
  const width = crop.width / grid.columns;
  const height = crop.height / grid.rows;
  return {
    x: crop.x + column * width,
    y: crop.y + row * height,
    width,
    height,
  };
}

/** The patch under a point, or null beside the crop. @param {Rect} crop @param {Grid} grid @param {number} x @param {number} y */
export function patchAt(crop, grid, x, y) {
  const column = Math.floor(((x - crop.x) / crop.width) * grid.columns);
  const row = Math.floor(((y - crop.y) / crop.height) * grid.rows);
  const isInside =
    column >= 0 && row >= 0 && column < grid.columns && row < grid.rows;
  return isInside ? { row, column } : null;
}

/**
 * Lines between the patches, fainter where patches are small, none where they would hide the photo.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context @param {Rect} crop @param {Grid} grid
 * @param {number} [emphasis] 1 for lines that stay in the background
 */
export function drawGrid(context, crop, grid, emphasis = 1) {
  const side = Math.min(crop.width / grid.columns, crop.height / grid.rows);
  const strength = Math.min(1, Math.max(0, (side - 4) / 16)) * emphasis;
  if (strength === 0) return;
  context.beginPath();
  for (let column = 1; column < grid.columns; column++) {
    const x = crop.x + (column / grid.columns) * crop.width;
    context.moveTo(x, crop.y);
    context.lineTo(x, crop.y + crop.height);
  }
  for (let row = 1; row < grid.rows; row++) {
    const y = crop.y + (row / grid.rows) * crop.height;
    context.moveTo(crop.x, y);
    context.lineTo(crop.x + crop.width, y);
  }
  context.lineWidth = 1;
  context.strokeStyle = `rgba(255, 255, 255, ${Math.min(1, 0.26 * strength)})`;
  context.stroke();
}

/** The narrowest frame that leaves its patch to be seen. */
const NARROWEST = 13;

/** A patch's rectangle, widened where patches are so small that a frame would cover them. @param {Rect} rect @returns {Rect} */
export function roomFor({ x, y, width, height }) {
  const across = Math.max(0, NARROWEST - width);
  const down = Math.max(0, NARROWEST - height);
  return {
    x: x - across / 2,
    y: y - down / 2,
    width: width + across,
    height: height + down,
  };
}

/**
 * A frame around a patch that stands out on any photo: a dark edge below, the colour above.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context @param {Rect} rect @param {string} colour @param {number} width
 */
export function drawFrame(context, rect, colour, width) {
  for (const [style, line] of /** @type {[string, number][]} */ ([
    ["rgba(0, 0, 0, 0.45)", width + 2],
    [colour, width],
  ])) {
    context.strokeStyle = style;
    context.lineWidth = line;
    context.lineJoin = "round";
    context.strokeRect(rect.x, rect.y, rect.width, rect.height);
  }
}
