// The photo with patches hidden or laid in another order, at the sharpness of its copy for the stage.

/** @import {Grid, Photo, Rect} from "../types.js" */

/**
 * @typedef {object} Edit
 * @property {Grid} grid the patches
 * @property {readonly number[]} hidden
 * @property {number[]} order which patch stands in each place; empty where each is in its own
 * @property {string} colour of hidden patches
 */

/**
 * @param {Photo} photo @param {Rect} seen what the model sees, in photo pixels @param {Edit} edit
 * @returns {Photo}
 */
export function editedPhoto(photo, seen, { grid, hidden, order, colour }) {
  const { preview } = photo;
  const canvas = new OffscreenCanvas(preview.width, preview.height);
  const context = canvas.getContext("2d");
  if (!context) return photo;
  context.drawImage(preview, 0, 0);
  context.fillStyle = colour;
  const scale = preview.width / photo.width;
  const rectOf = (/** @type {number} */ patch) =>
    wholeRect(seen, grid, patch, scale);
  const isHidden = new Set(hidden);
  for (let place = 0; place < grid.rows * grid.columns; place++) {
    const patch = order[place] ?? place;
    const to = rectOf(place);
    if (isHidden.has(patch)) {
      context.fillRect(to.x, to.y, to.width, to.height);
    } else if (patch !== place) {
      const from = rectOf(patch);
      context.drawImage(
        preview,
        from.x,
        from.y,
        from.width,
        from.height,
        to.x,
        to.y,
        to.width,
        to.height,
      );
    }
  }
  return { ...photo, preview: canvas };
}

/** A patch's whole pixels: no seams between neighbours. @param {Rect} seen @param {Grid} grid @param {number} patch @param {number} scale */
function wholeRect(seen, { rows, columns }, patch, scale) {
  const row = Math.floor(patch / columns);
  const column = patch % columns;
  const across = (/** @type {number} */ i) =>
    Math.round((seen.x + (i * seen.width) / columns) * scale);
  const down = (/** @type {number} */ i) =>
    Math.round((seen.y + (i * seen.height) / rows) * scale);
  const [x, y] = [across(column), down(row)];
  return { x, y, width: across(column + 1) - x, height: down(row + 1) - y };
}
