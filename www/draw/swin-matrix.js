// Small matrices enlarged to squares, with some of their cells lit and the rest veiled.

/**
 * @typedef {object} Enlarged
 * @property {OffscreenCanvas} pixels one pixel a cell
 * @property {number} width in CSS pixels
 * @property {number} height
 */

/** @param {Uint8ClampedArray<ArrayBuffer>} rgba @param {number} rows @param {number} columns */
export function pixelsOf(rgba, rows, columns) {
  const canvas = new OffscreenCanvas(columns, rows);
  const image = new ImageData(rgba, columns, rows);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Enlarged} enlarged
 * @param {number[]} lit cells that stay bright while the others pale; none: all are bright
 * @param {string} veil
 */
export function drawMatrix(context, { pixels, width, height }, lit, veil) {
  const { width: columns, height: rows } = pixels;
  context.imageSmoothingEnabled = columns > width || rows > height;
  context.drawImage(pixels, 0, 0, width, height);
  if (lit.length === 0) return;
  context.save();
  context.globalAlpha = 0.78;
  context.fillStyle = veil;
  context.fillRect(0, 0, width, height);
  context.restore();
  context.save();
  context.beginPath();
  for (const cell of lit) {
    const { x, y, across, down } = cellRect(cell, pixels, width, height);
    context.rect(x, y, across, down);
  }
  context.clip();
  context.drawImage(pixels, 0, 0, width, height);
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Enlarged} enlarged @param {number} cell @param {string} colour */
export function outlineCell(context, enlarged, cell, colour) {
  const { pixels, width, height } = enlarged;
  const { x, y, across, down } = cellRect(cell, pixels, width, height);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(x - 0.5, y - 0.5, across + 1, down + 1);
}

/** Thin frames, so that a lit zero is seen too; none around cells that they would fill. @param {CanvasRenderingContext2D} context @param {Enlarged} enlarged @param {number[]} cells @param {string} colour */
export function outlineCells(context, enlarged, cells, colour) {
  const { pixels, width, height } = enlarged;
  if (width / pixels.width < 4) return;
  context.beginPath();
  for (const cell of cells) {
    const { x, y, across, down } = cellRect(cell, pixels, width, height);
    context.rect(x + 0.5, y + 0.5, across - 1, down - 1);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
}

/** @param {number} cell @param {{width: number, height: number}} pixels @param {number} width @param {number} height */
function cellRect(cell, { width: columns, height: rows }, width, height) {
  const across = width / columns;
  const down = height / rows;
  return {
    x: (cell % columns) * across,
    y: Math.floor(cell / columns) * down,
    across,
    down,
  };
}

/** The cell under a point of the canvas, or -1. @param {{rows: number, columns: number}} grid @param {HTMLCanvasElement} canvas @param {{offsetX: number, offsetY: number}} event */
export function cellUnder({ rows, columns }, canvas, { offsetX, offsetY }) {
  const row = Math.floor((offsetY / canvas.clientHeight) * rows);
  const column = Math.floor((offsetX / canvas.clientWidth) * columns);
  const isInside = row >= 0 && column >= 0 && row < rows && column < columns;
  return isInside ? row * columns + column : -1;
}
