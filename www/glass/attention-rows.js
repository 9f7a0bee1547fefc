// The chain of one row of attention: q·k, / √d, + bias, + mask, softmax, · v, the heads side by side, the projection.

import { sumsOf } from "./sums.js";
import { headRow, products, rowOf } from "./numbers.js";
import { row } from "./row.js";

/** @import {Context} from "./context.js" */
/** @import {Numbers} from "./numbers.js" */
/** @import {Row} from "./row.js" */

/** Which strips a step makes. @type {Record<string, string[]>} */
const MADE = {
  windows: ["slots"],
  qkv: ["q", "k", "v"],
  scores: ["dot", "qk"],
  bias: ["bias"],
  mask: ["mask"],
  sum: ["scores"],
  softmax: ["pattern"],
  mix: ["mix", "concat"],
  project: ["project"],
};

/** @param {Context} context @param {number} key @returns {Row[]} */
export function attentionRows(context, key) {
  const { kind, tensors, prefix, token, place, head, headDim } = context;
  const at = (/** @type {string} */ name) => tensors.get(prefix + name);
  const q = headRow(context, at("attn.q"), place);
  const k = headRow(context, at("attn.k"), key);
  const v = headRow(context, at("attn.v"), key);
  const mix = rowOf(at("attn.mix"), token);
  /** @type {[number, number]} */
  const part = [head * headDim, (head + 1) * headDim];
  const own = mix && Array.from(mix).slice(...part);
  const sums = sumsOf(context);
  const hidden = sums?.mask
    ? Uint8Array.from(sums.mask, (value) => Number(value < 0))
    : null;
  const recorded = (/** @type {string} */ name) => ({ site: prefix + name });
  const square = (/** @type {string} */ name) => ({
    hidden,
    ...recorded(name),
  });
  const rows = [
    ...(kind === "windows" ? slotRows(context) : []),
    ...row("q", "q", q, "head", recorded("attn.q")),
    ...row("k", "k", k, "head", recorded("attn.k")),
    ...row("product", "plain", q && k && products(q, k), "head"),
    ...row("dot", "plain", sums && sums.dots, "key"),
    ...row("qk", "plain", sums && sums.scaled, "key", {
      site: at("attn.qk") ? `${prefix}attn.qk` : "",
    }),
    ...row("bias", "bias", sums && sums.bias, "key", recorded("attn.bias")),
    ...row("mask", "mask", sums && sums.mask, "key", square("attn.mask")),
    ...row("scores", "plain", sums && sums.total, "key", {
      ...square("attn.scores"),
    }),
    ...row("pattern", "a", sums && sums.weights, "key", {
      ...square("attn.pattern"),
    }),
    ...row("v", "v", v, "head", recorded("attn.v")),
    ...row("mix", "v", own, "head", recorded("attn.mix")),
    ...row("concat", "v", mix, "number", { part, ...recorded("attn.mix") }),
    ...row(
      "project",
      "stream",
      rowOf(at("attn.out"), token),
      "number",
      recorded("attn.out"),
    ),
  ];
  const made = MADE[kind] ?? [];
  return rows.map((one) => ({ ...one, isNow: made.includes(one.name) }));
}

/** Which token sits in each slot of the query's window. @param {Context} context */
function slotRows({ pattern, window, prefix }) {
  const windows = pattern?.windows;
  if (!windows) return [];
  const values = Float32Array.from({ length: windows.area }, (_, slot) =>
    windows.tokenAt(window * windows.area + slot),
  );
  const site = `${prefix}attn.index`;
  return row("slots", "plain", values, "key", { site });
}
