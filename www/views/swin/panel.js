// What the Swin panels share: their titles' prefix, and the layer that they show.

import { buildPanel as buildAny } from "../panel.js";

export { fetchInSight, watchInSight } from "../panel.js";

/** @import {Pattern, State} from "../../state.js" */
/** @import {Layer} from "../../types.js" */

/** @param {string} name its title is the text `swin.{name}` */
export const buildPanel = (name) => buildAny(name, "swin");

/** The chosen layer, where it attends in windows. @param {State} state */
export function windowedLayer({ model, layer }) {
  const chosen = model?.description.layers[layer];
  return chosen?.windows ? { ...chosen, windows: chosen.windows } : null;
}

/** The chosen layer's attention and windows, once they are there. @param {State} state @returns {Partial<Pattern>} */
export function patternOf({ pattern, layer }) {
  return pattern?.layer === layer ? pattern : {};
}

/** Whether the model shifts the layer's windows, whatever a what-if makes of it. @param {Pick<Layer, "windows">} layer */
export const shifts = ({ windows }) =>
  windows !== null && windows.shift.rows + windows.shift.columns > 0;
