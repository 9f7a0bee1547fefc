// What the stage, the head grid and the caption all need: the maps of all heads for the shown query, their scale, and
// what the query can see where attention stays in windows.

import {
  attentionOf,
  laidBack,
  scaleTop,
  windowAttentionOf,
} from "../draw/attention.js";
import { findStep, shownQuery, tokenOf } from "../state.js";
import { OTHER, regions, rolledFrom, sight } from "../windows.js";

/** @import {Pattern, State} from "../state.js" */
/** @import {Description, Grid, Layer} from "../types.js" */
/** @import {Sight, Windows} from "../windows.js" */

/**
 * @typedef {object} Shown
 * @property {Description} description
 * @property {Layer} layer
 * @property {Float32Array[]} heads one map a head: prefix tokens, then the layer's map
 * @property {Float32Array[]} values as the pattern has them: a number a token, or a slot of the query's window
 * @property {number} prefix number of prefix tokens in front of the patches
 * @property {number} token the query's place in the sequence
 */

/** The last answer, which several views ask for in a frame. @type {{keys: unknown[], shown: Shown | null} | null} */
let last = null;

/**
 * Null while there is no attention that fits the model, photo and layer.
 * @param {State} state
 * @returns {Shown | null}
 */
export function shownAttention(state) {
  const keys = shownKeys(state);
  if (!last || last.keys.some((value, i) => value !== keys[i])) {
    last = { keys, shown: attentionIn(state) };
  }
  return last.shown;
}

/** @param {State} state @returns {Shown | null} */
function attentionIn(state) {
  const { model, pattern, direction } = state;
  const layer = pattern && model?.description.layers[pattern.layer];
  if (!model || !pattern || !layer) return null;
  const { description } = model;
  const prefix = description.prefix.length;
  const tokens = prefix + layer.grid.rows * layer.grid.columns;
  const token = tokenOf(shownQuery(state), description, layer);
  const { tensor, windows } = pattern;
  const common = { description, layer, prefix, token };
  if (!windows) {
    if (tensor.shape[1] !== tokens) return null;
    const heads = Array.from({ length: tensor.shape[0] }, (_, head) =>
      attentionOf(tensor, head, token, direction),
    );
    return { ...common, heads, values: heads };
  }
  if (windows.slotOf.length !== tokens || token >= tokens) return null;
  const values = Array.from({ length: tensor.shape[1] }, (_, head) =>
    windowAttentionOf(tensor, windows, head, token, direction),
  );
  const window = windows.windowOfToken(token);
  const heads = values.map((value) => laidBack(value, windows, window));
  return { ...common, heads, values };
}

/** @param {Shown} shown @param {number} head @param {State} state */
export function topOf({ heads, prefix }, head, { scale }) {
  return scaleTop(heads, head, scale, prefix);
}

/**
 * How the attention of a head is poured over a photo: over all of it, or where the query can look.
 * @param {NonNullable<ReturnType<typeof shownAttention>>} shown @param {number} head @param {State} state
 * @param {ReturnType<typeof shownSight>} looks what the query can see
 */
export function overlayStyle(shown, head, state, looks) {
  const { opacity, smooth } = state;
  return {
    top: topOf(shown, head, state),
    opacity,
    smooth,
    isShown: looks
      ? (/** @type {number} */ token) => looks.tokens[token] !== OTHER
      : undefined,
  };
}

/** What the shown query follows from, for `watch`. @param {State} s */
export const queryKeys = (s) => [
  s.query,
  s.pinned,
  s.pinned ? null : s.pointer,
];

/** What the shown attention follows from, for `watch`. @param {State} s */
export const shownKeys = (s) => [
  s.model?.description,
  s.pattern,
  s.direction,
  ...queryKeys(s),
];

/** What kind of step the rail is at. @param {State} state */
export function stepKind({ model, step }) {
  return model ? (findStep(model.description, step)?.kind ?? "") : "";
}

/** The layer whose map lies on the stage: the chosen one; at a merge the first on the merged map. @param {State} state @returns {Layer | null} */
export function layerInView(state) {
  const { model, layer, step } = state;
  const layers = model?.description.layers ?? [];
  const merged =
    stepKind(state) === "merge"
      ? layers.find(({ site }) => site.startsWith(stagePrefix(step)))
      : null;
  return merged ?? layers[layer] ?? null;
}

/** "layers.1." of "layers.1.downsample" @param {string} site */
export function stagePrefix(site) {
  return site.slice(0, site.lastIndexOf(".") + 1);
}

/** Steps that show the windows themselves, not what attention does in them. @param {State} state */
export function showsAttention(state) {
  const isWindowed = layerInView(state)?.windows;
  return !isWindowed || !["windows", "mask", "merge"].includes(stepKind(state));
}

/** Whether the windows are coloured. @param {State} state */
export function isTinted(state) {
  return state.tint ?? stepKind(state) === "windows";
}

/**
 * What follows from a layer's windows and mask alone, whatever the query.
 * @typedef {object} Cut
 * @property {Layer} layer
 * @property {Windows} windows
 * @property {Int32Array} pieces the piece of each token
 * @property {Uint8Array} colours the colour (0 to 3) of each token's window: neighbours differ
 * @property {Grid} shift by how much the map is rolled
 */

/** @type {WeakMap<Pattern, Cut>} */
const cuts = new WeakMap();

/** Null where the chosen layer has no windows, or they are not here yet. @param {State} state @returns {Cut | null} */
export function shownCut({ model, pattern, layer: chosen }) {
  const layer = model?.description.layers[chosen];
  const { windows, mask } = pattern ?? {};
  if (!pattern || pattern.layer !== chosen || !windows || !layer?.windows) {
    return null;
  }
  const known = cuts.get(pattern);
  if (known) return known;
  const { padded, columns } = layer.windows;
  const across = padded.columns / columns;
  const corner = rolledFrom(windows, layer)[0];
  const cut = {
    layer,
    windows,
    pieces: regions(windows, mask ?? null),
    colours: Uint8Array.from(windows.slotOf, (_, token) => {
      const window = windows.windowOfToken(token);
      return (Math.floor(window / across) % 2) * 2 + ((window % across) % 2);
    }),
    shift: {
      rows: Math.floor(corner / layer.grid.columns),
      columns: corner % layer.grid.columns,
    },
  };
  cuts.set(pattern, cut);
  return cut;
}

/** @param {Cut | null} cut */
export function isShifted(cut) {
  return cut !== null && (cut.shift.rows > 0 || cut.shift.columns > 0);
}

/**
 * What the query can see, and its window; null where attention knows no windows.
 * @param {State} state
 * @returns {Sight & {token: number, window: number} | null}
 */
export function shownSight(state) {
  const cut = shownCut(state);
  const query = shownQuery(state);
  if (!cut || !state.model || query.kind === "prefix") return null;
  // A merge shows another map than the layer's.
  if (stepKind(state) === "merge") return null;
  const token = tokenOf(query, state.model.description, cut.layer);
  if (token >= cut.windows.slotOf.length) return null;
  const { windows } = cut;
  return {
    ...sight(windows, state.pattern?.mask ?? null, token),
    token,
    window: windows.windowOfToken(token),
  };
}
