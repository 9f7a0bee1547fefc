// What a step does, in two or three sentences with this model's numbers; it holds whatever photo and query.

import { formatNumber, t } from "../i18n/i18n.js";
import { mapText, valueText } from "../views/words.js";
import { hasLayerScale, isDistilled, stageBefore } from "./context.js";
import { rowOf } from "./numbers.js";

/** @import {Context} from "./context.js" */

/** @param {Context} context @returns {string} */
export function sayStep(context) {
  const { description, kind, step, layer, keys, headDim } = context;
  const { rows, columns } = layer.grid;
  const { windows } = layer;
  const prefix = description.prefix.length;
  const whole = windows ? rows * columns : prefix + rows * columns;
  const say = (
    /** @type {string} */ name,
    /** @type {Record<string, string | number>} */ params = {},
  ) => t(`glass.say-${name}`, params);
  const heads = {
    heads: layer.heads,
    d: headDim,
    width: layer.heads * headDim,
    root: valueText(Math.sqrt(headDim)),
    tokens: formatNumber(whole),
    keys: formatNumber(keys),
  };
  switch (kind) {
    case "input": {
      const { width, height } = description.input;
      const numbers = formatNumber(width * height * 3);
      return say("input", { width, height, numbers });
    }
    case "patch-embed": {
      const { width, height } = description.patch;
      return say("patch-embed", {
        ...description.grid,
        width,
        height,
        numbers: formatNumber(width * height * 3),
        dim: step.shape[1],
      });
    }
    case "pos-embed":
      return say(
        ["pos-embed", "pos-embed-prefix"][prefix] ?? "pos-embed-prefixes",
        {
          tokens: formatNumber(whole),
          patches: formatNumber(rows * columns),
          prefix,
          dim: layer.dim,
        },
      );
    case "norm":
      return say(step.parameters > 0 ? "norm" : "norm-none", {
        dim: formatNumber(step.shape[1]),
      });
    case "windows":
      return [
        say("windows", {
          rows: windows?.rows ?? rows,
          columns: windows?.columns ?? columns,
          count: formatNumber(step.shape[0]),
          area: step.shape[1],
          map: mapText(layer.grid),
        }),
        ...sayRoll(context),
      ].join(" ");
    case "scores":
      return say(windows ? "scores-windows" : "scores", heads);
    case "bias": {
      const table = step.parameters / layer.heads;
      return say("bias", { table, heads: layer.heads, keys });
    }
    case "sum":
      return say(hasMask(context) ? "sum-mask" : "sum");
    case "softmax":
      return say(windows ? "softmax-windows" : "softmax", heads);
    case "residual":
      return say(residualKey(context));
    case "mlp":
      return say("mlp", {
        dim: formatNumber(layer.dim),
        hidden: formatNumber(hiddenOf(context)),
      });
    case "merge": {
      const before = stageBefore(context);
      return say("merge", {
        four: 4 * (before?.dim ?? layer.dim / 2),
        dim: layer.dim,
        from: before ? mapText(before.grid) : "",
        to: mapText(layer.grid),
      });
    }
    case "pool":
      return say(`pool-${poolOf(context)}`, {
        dim: formatNumber(layer.dim),
        tokens: formatNumber(rows * columns),
      });
    case "head":
      return say(headOf(context), {
        dim: formatNumber(layer.dim),
        classes: formatNumber(description.num_classes),
      });
    default:
      return say(kind, heads);
  }
}

/** @param {Context} context */
function headOf(context) {
  if (context.description.num_classes === 0) return "head-none";
  return isDistilled(context) ? "head-distilled" : "head";
}

/** What the roll and the padding do to this block's map. @param {Context} context */
function sayRoll({ layer, isUnshifted }) {
  if (!layer.windows) return [];
  const { shift, padded } = layer.windows;
  const said = [];
  if (shift.rows > 0 || shift.columns > 0) {
    const key = isUnshifted ? "unshifted" : "shift";
    said.push(t(`glass.say-windows-${key}`, { ...shift }));
  }
  if (
    padded.rows !== layer.grid.rows ||
    padded.columns !== layer.grid.columns
  ) {
    said.push(t("glass.say-windows-padded", { map: mapText(padded) }));
  }
  return said;
}

/** @param {Context} context */
function hasMask({ layer: { windows } }) {
  return windows !== null && windows.shift.rows + windows.shift.columns > 0;
}

/** @param {Context} context */
function residualKey(context) {
  const half = context.step.site.endsWith("mid") ? "attention" : "mlp";
  return `residual-${half}${hasLayerScale(context) ? "-scaled" : ""}`;
}

/** Numbers between the two matrices of the MLP, as its parameters tell: 2DH + H + D. @param {Context} context */
export function hiddenOf({ step, layer, tensors, prefix }) {
  const recorded = tensors.get(`${prefix}mlp.hidden`);
  if (recorded) return recorded.shape[1];
  return Math.round((step.parameters - layer.dim) / (2 * layer.dim + 1));
}

/** What the head reads: one token, two of them, or the mean of all patches. @param {Context} context */
export function poolOf({ description, step, tensors }) {
  if (step.shape.length > 1) return "distilled";
  if (description.prefix.length === 0 || step.parameters > 0) return "mean";
  const pooled = rowOf(tensors.get(step.site), 0);
  const first = rowOf(tensors.get("norm"), 0);
  if (!pooled || !first) return "token";
  return pooled.every((value, i) => value === first[i]) ? "token" : "mean";
}
