// What the stage and the head grid both need: the maps of all heads for the shown query, and their scale.

import { attentionOf, scaleTop } from "../draw/attention.js";
import { shownQuery, tokenOf } from "../state.js";

/** @import {State} from "../state.js" */
/** @import {Description} from "../types.js" */

/**
 * @typedef {object} Shown
 * @property {Description} description
 * @property {Float32Array[]} heads one map a head, over all tokens
 * @property {number} prefix number of prefix tokens in front of the patches
 * @property {number} token the query's place in the sequence
 */

/**
 * Null while there is no attention that fits the model, photo and layer.
 * @param {State} state
 * @returns {Shown | null}
 */
export function shownAttention(state) {
  const { model, pattern, direction } = state;
  if (!model || !pattern) return null;
  const { description } = model;
  const prefix = description.prefix.length;
  const { rows, columns } = description.grid;
  const [count, tokens] = pattern.tensor.shape;
  if (tokens !== prefix + rows * columns) return null;
  const token = tokenOf(shownQuery(state), description);
  const heads = Array.from({ length: count }, (_, head) =>
    attentionOf(pattern.tensor, head, token, direction),
  );
  return { description, heads, prefix, token };
}

/** @param {Shown} shown @param {number} head @param {State} state */
export function topOf({ heads, prefix }, head, { scale }) {
  return scaleTop(heads, head, scale, prefix);
}

/** What the shown attention follows from, for `watch`. @param {State} s */
export function shownKeys(s) {
  return [
    s.model?.description,
    s.pattern,
    s.direction,
    s.query,
    s.pinned,
    s.pinned ? null : s.pointer,
  ];
}
