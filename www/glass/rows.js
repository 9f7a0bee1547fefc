// One row of the model's numbers for the query, step by step: which strips the glass shows and what is in them.

import {
  ATTENTION,
  hasLayerScale,
  stageBefore,
  streamBefore,
} from "./context.js";
import { attentionRows } from "./attention-rows.js";
import { difference, rowOf, spread } from "./numbers.js";
import { row } from "./row.js";

/** @import {Context} from "./context.js" */
/** @import {Numbers} from "./numbers.js" */
/** @import {Row} from "./row.js" */

/** @param {Context} context @param {number} key the chosen key, in attention @returns {Row[]} */
export function rowsOf(context, key) {
  const { kind, step, tensors, token, patch } = context;
  if (ATTENTION.has(kind)) return attentionRows(context, key);
  const own = tensors.get(step.site);
  const now = { site: step.site, isNow: true };
  switch (kind) {
    case "input":
      return pixelRows(context, true);
    case "patch-embed":
      return [
        ...pixelRows(context, false),
        ...row("token", "stream", rowOf(own, patch), "number", now),
      ];
    case "pos-embed":
      return positionRows(context);
    case "norm":
      return normRows(context);
    case "residual":
      return residualRows(context);
    case "mlp":
      return mlpRows(context);
    case "merge":
      return mergeRows(context);
    case "pool":
      return row("pooled", "stream", rowOf(own, 0), "number", now);
    case "head":
      return headRows(context);
    default:
      return row("token", "stream", rowOf(own, token), "number", now);
  }
}

/** The pixels of the query's patch, a strip a channel. @param {Context} context @param {boolean} isNow @returns {Row[]} */
function pixelRows({ description, tensors, query }, isNow) {
  const tensor = tensors.get("input");
  if (!tensor || query.kind === "prefix") return [];
  const { height, width } = description.patch;
  const [, , rows, columns] = tensor.shape;
  return ["red", "green", "blue"].flatMap((name, channel) => {
    const values = new Float32Array(height * width);
    for (let i = 0; i < values.length; i++) {
      const y = query.row * height + Math.floor(i / width);
      const x = query.column * width + (i % width);
      values[i] = tensor.data[(channel * rows + y) * columns + x];
    }
    return row(name, name, values, "pixel", { site: "input", isNow });
  });
}

/** @param {Context} context */
function positionRows({ tensors, step, token, patch }) {
  const before = rowOf(tensors.get("patch_embed"), patch);
  const after = rowOf(tensors.get(step.site), token);
  const position = before && after && difference(after, before);
  return [
    ...row("patch", "stream", before, "number", { site: "patch_embed" }),
    ...row("position", "bias", position, "number"),
    ...row("token", "stream", after, "number", {
      site: step.site,
      isNow: true,
    }),
  ];
}

/** @param {Context} context */
function normRows(context) {
  const { tensors, step, token } = context;
  const site = streamBefore(context);
  const before = rowOf(tensors.get(site), token);
  const after = rowOf(tensors.get(step.site), token);
  return [
    ...row("stream", "stream", before, "number", { site }),
    ...row("standard", "plain", before && standardized(before), "number"),
    ...row("normed", "plain", after, "number", {
      site: step.site,
      isNow: true,
    }),
  ];
}

/** @param {Numbers} before */
function standardized(before) {
  const { mean, deviation } = spread(before);
  return Float64Array.from(before, (value) => (value - mean) / deviation);
}

/** @param {Context} context */
function residualRows(context) {
  const { tensors, step, prefix, token } = context;
  const isFirst = step.site.endsWith("mid");
  const part = prefix + (isFirst ? "attn.out" : "mlp.out");
  const site = streamBefore(context);
  const before = rowOf(tensors.get(site), token);
  const after = rowOf(tensors.get(step.site), token);
  const found = rowOf(tensors.get(part), token);
  // LayerScale, where a model has it, stands between the two.
  const added =
    hasLayerScale(context) && before && after && difference(after, before);
  const name = isFirst ? "attended" : "mlp-out";
  return [
    ...row("stream", "stream", before, "number", { site }),
    ...row(name, isFirst ? "v" : "plain", found, "number", { site: part }),
    ...row("scaled-part", "plain", added || null, "number"),
    ...row("sum-stream", "stream", after, "number", {
      site: step.site,
      isNow: true,
    }),
  ];
}

/** @param {Context} context */
function mlpRows({ tensors, prefix, token }) {
  const at = (/** @type {string} */ name) =>
    rowOf(tensors.get(prefix + name), token);
  return [
    ...row("normed", "plain", at("norm2"), "number", {
      site: `${prefix}norm2`,
    }),
    ...row("hidden", "k", at("mlp.hidden"), "hidden", {
      site: `${prefix}mlp.hidden`,
      isNow: true,
    }),
    ...row("mlp-out", "plain", at("mlp.out"), "number", {
      site: `${prefix}mlp.out`,
      isNow: true,
    }),
  ];
}

/** The tokens of the finer map that become one, in the order in which they are put side by side; -1 beyond an odd map's edge. @param {Context} context */
export function mergedTokens(context) {
  const { layer, patch } = context;
  const from = stageBefore(context);
  if (!from) return [];
  const top = 2 * Math.floor(patch / layer.grid.columns);
  const left = 2 * (patch % layer.grid.columns);
  const { rows, columns } = from.grid;
  return [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].map(([down, right]) => {
    const isThere = top + down < rows && left + right < columns;
    return isThere ? (top + down) * columns + left + right : -1;
  });
}

/** @param {Context} context */
function mergeRows(context) {
  const { tensors, step, patch } = context;
  const site = streamBefore(context);
  const fine = tensors.get(site);
  const width = fine?.shape.at(-1) ?? 0;
  const parts = mergedTokens(context).flatMap((token, i) =>
    row(
      `merge-${i}`,
      `window-${i + 1}`,
      token < 0 ? new Float32Array(fine ? width : 0) : rowOf(fine, token),
      "hidden",
      { site },
    ),
  );
  return [
    ...parts,
    ...row("token", "stream", rowOf(tensors.get(step.site), patch), "number", {
      site: step.site,
      isNow: true,
    }),
  ];
}

/** @param {Context} context */
function headRows({ tensors, step, description }) {
  const logits = rowOf(tensors.get(step.site), 0);
  const isNow = true;
  const axis = description.num_classes > 0 ? "class" : "number";
  const pooled = rowOf(tensors.get("pool"), 0);
  const score = { site: step.site, isNow };
  return [
    ...row("pooled", "stream", pooled, "number", { site: "pool" }),
    ...row("logits", "q", logits, axis, score),
    ...(logits && axis === "class"
      ? row("probability", "a", softmaxOf(logits), axis, { isNow })
      : []),
  ];
}

/** @param {Numbers} logits */
function softmaxOf(logits) {
  let top = -Infinity;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - top));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
