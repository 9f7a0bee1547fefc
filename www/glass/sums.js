// What the query's row of attention is made of, key by key: recorded where the model made it, worked out where it did not.

import { dot, headRow } from "./numbers.js";

/** @import {Context} from "./context.js" */
/** @import {Numbers} from "./numbers.js" */

/**
 * One number a key each.
 * @typedef {object} Sums
 * @property {Float64Array} dots q · k, in f64 from the recorded q and k: the model scales q first
 * @property {Numbers} scaled recorded, q · k / √d
 * @property {Numbers | null} bias
 * @property {Numbers | null} mask
 * @property {Numbers | null} total recorded, where anything was added
 * @property {Numbers} weights recorded, after softmax
 * @property {number} root √d
 */

/** @param {Context} context @returns {Sums | null} null while something is missing */
export function sumsOf(context) {
  const { tensors, prefix, place, keys, headDim, pattern } = context;
  const at = (/** @type {string} */ name) =>
    headRow(context, tensors.get(prefix + name), place);
  const q = at("attn.q");
  const allKeys = tensors.get(`${prefix}attn.k`);
  const weights = headRow(context, pattern?.tensor, place);
  if (!q || !allKeys || !weights) return null;
  const root = Math.sqrt(headDim);
  const dots = new Float64Array(keys);
  for (let key = 0; key < keys; key++) {
    const k = headRow(context, allKeys, key);
    if (k) dots[key] = dot(q, k);
  }
  return {
    dots,
    root,
    scaled: at("attn.qk") ?? dots.map((value) => value / root),
    bias: at("attn.bias"),
    mask: at("attn.mask"),
    total: at("attn.scores"),
    weights,
  };
}
