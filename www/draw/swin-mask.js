// The mask of one window as a picture: what may be seen in the colour of its piece of the photo, the rest blank.

/**
 * The piece of the photo that each slot belongs to, read off the mask: slots that see each other are one piece.
 * @param {Float32Array} mask (area, area) of one window
 * @param {number} area
 * @returns {number[]} numbered from 0 in the order of the slots
 */
export function piecesOf(mask, area) {
  /** @type {number[]} */
  const pieces = [];
  let count = 0;
  for (let slot = 0; slot < area; slot++) {
    const row = mask.subarray(slot * area, slot * area + slot);
    const twin = row.findIndex((value) => value === 0);
    pieces.push(twin < 0 ? count++ : pieces[twin]);
  }
  return pieces;
}

/**
 * RGBA, one pixel a pair of slots.
 * @param {Float32Array} mask (area, area)
 * @param {number[]} pieces
 * @param {string[]} colours of the pieces, as #rrggbb
 */
export function maskPixels(mask, pieces, colours) {
  const area = pieces.length;
  const pixels = new Uint8ClampedArray(area * area * 4);
  const channels = colours.map((colour) =>
    [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)),
  );
  for (let cell = 0; cell < mask.length; cell++) {
    if (mask[cell] < 0) continue;
    const piece = pieces[Math.floor(cell / area)];
    pixels.set([...channels[piece], 255], cell * 4);
  }
  return pixels;
}

/** A frame around one row of the matrix. @param {CanvasRenderingContext2D} context @param {number} side of the picture @param {number} rows @param {number} row @param {string} colour */
export function outlineRow(context, side, rows, row, colour) {
  const height = side / rows;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(1, row * height - 1, side - 2, height + 2);
}
