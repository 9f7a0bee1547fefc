// The photo as the model sees it now: its hidden patches grey, its shuffled ones laid anew, for whatever draws it.

import { editedPhoto } from "../draw/edited.js";
import { patchCount, shuffled } from "../whatif.js";

/** @import {State} from "../state.js" */
/** @import {Photo} from "../types.js" */

/** The last answer, which several views ask for in a frame. @type {{keys: unknown[], photo: Photo} | null} */
let last = null;

/** What the shown photo follows from, for `watch`. @param {State} state */
export function photoKeys({ photo, seen, model, whatif, stroke }) {
  const hidden = stroke ?? whatif.hidden;
  return [photo, seen, model?.description.grid, hidden, whatif.shuffle];
}

/** @param {State} state @returns {Photo | null} */
export function shownPhoto(state) {
  const { photo, seen, model, whatif, stroke } = state;
  const hidden = stroke ?? whatif.hidden;
  if (!photo || !seen || !model) return photo;
  if (hidden.length === 0 && !whatif.shuffle) return photo;
  const keys = photoKeys(state);
  if (!last || last.keys.some((value, i) => value !== keys[i])) {
    const { grid, mean } = model.description;
    const { shuffle } = whatif;
    const order = shuffle ? shuffled(patchCount(grid), shuffle) : [];
    const bytes = mean.map((share) => Math.round(255 * share));
    const colour = `rgb(${bytes.join(" ")})`;
    last = {
      keys,
      photo: editedPhoto(photo, seen, { grid, hidden, order, colour }),
    };
  }
  return last.photo;
}
