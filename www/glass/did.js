// What a step did for the query in this run, in a sentence or two made from the numbers themselves.

import { className, t } from "../i18n/i18n.js";
import { entropyBits } from "../draw/attention.js";
import { percent, queryName, valueText } from "../views/words.js";
import {
  ATTENTION,
  keyText,
  keyToken,
  stageBefore,
  streamBefore,
  tokenText,
} from "./context.js";
import {
  difference,
  halfCount,
  lengthOf,
  ranked,
  rowOf,
  spread,
} from "./numbers.js";
import { mergedTokens } from "./rows.js";
import { sumsOf } from "./sums.js";

/** @import {State} from "../state.js" */
/** @import {Context} from "./context.js" */
/** @import {Numbers} from "./numbers.js" */

/** What the step did for the query: null where the query has no part in it, or its tensors are not here yet. @param {Context} context @param {State} state */
export function sayQuery(context, state) {
  const { description, query, layer, kind } = context;
  const own = queryName(query, description, layer);
  const name = query.kind === "prefix" ? t("glass.the", { name: own }) : own;
  const said = ATTENTION.has(kind)
    ? sayAttention(context)
    : sayToken(context, state);
  if (!said) return null;
  const [key, params] = said;
  const text = t(`glass.did-${key}`, {
    query: name,
    head: context.head + 1,
    ...params,
  });
  // In English a sentence may begin with a patch's name.
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A key as a sentence names it. @param {Context} context @param {number} key */
function keyName(context, key) {
  const name = keyText(context, key);
  const token = keyToken(context, key);
  const isPrefix = token >= 0 && token < context.description.prefix.length;
  return isPrefix ? t("glass.the", { name }) : name;
}

/** @typedef {[key: string, params: Record<string, string | number>] | null} Said */

/** @param {Context} context @returns {Said} */
function sayAttention(context) {
  const { kind, tensors, prefix, token } = context;
  const sums = sumsOf(context);
  if (!sums) return null;
  switch (kind) {
    case "windows":
      return sayWindow(context);
    case "qkv":
      return extremes(context, "qkv", sums.dots);
    case "scores":
      return extremes(context, "scores", sums.scaled);
    case "bias":
      if (!sums.bias) return null;
      return isFlat(sums.bias)
        ? ["bias-off", {}]
        : extremes(context, "bias", sums.bias);
    case "mask":
      return sayMask(context, sums.mask);
    case "sum":
      return extremes(context, "sum", sums.total ?? sums.scaled);
    case "softmax":
      return sayWeights(context, sums.weights);
    case "mix":
      return sayMix(context, sums.weights);
    default: {
      const out = rowOf(tensors.get(`${prefix}attn.out`), token);
      const stream = rowOf(tensors.get(streamBefore(context)), token);
      return out && stream ? ["project", { times: times(out, stream) }] : null;
    }
  }
}

/** @param {Context} context @returns {Said} */
function sayWindow({ pattern, window, place }) {
  const windows = pattern?.windows;
  if (!windows) return null;
  const { area, count, tokensOfWindow } = windows;
  const empty = area - tokensOfWindow(window).length;
  const params = { window: window + 1, count, slot: place, area, empty };
  return [empty > 0 ? "windows-padded" : "windows", params];
}

/** The keys that are no padding, by their numbers. @param {Context} context @param {Numbers} values */
function rankedKeys({ pattern, window }, values) {
  const windows = pattern?.windows;
  const order = ranked(values);
  if (!windows) return order;
  return order.filter(
    (key) => windows.tokenAt(window * windows.area + key) >= 0,
  );
}

/** @param {Context} context @param {string} key @param {Numbers} values @returns {Said} */
function extremes(context, key, values) {
  const order = rankedKeys(context, values);
  const [first, last] = [order[0], order[order.length - 1]];
  if (first === undefined) return null;
  return [
    key,
    {
      best: keyName(context, first),
      high: valueText(values[first]),
      worst: keyName(context, last),
      low: valueText(values[last]),
    },
  ];
}

/** @param {Numbers} values */
function isFlat(values) {
  return Array.from(values).every((value) => value === 0);
}

/** @param {Context} context @param {Numbers | null} mask @returns {Said} */
function sayMask(context, mask) {
  if (!mask) return null;
  const keys = rankedKeys(context, mask);
  const masked = keys.filter((key) => mask[key] < 0).length;
  if (isFlat(mask)) return ["mask-free", { keys: keys.length }];
  return ["mask", { seen: keys.length - masked, masked, keys: keys.length }];
}

/** @param {Context} context @param {Numbers} weights @returns {Said} */
function sayWeights(context, weights) {
  const order = ranked(weights);
  const [a, b, c] = order;
  if (c === undefined) return null;
  return [
    "softmax",
    {
      first: keyName(context, a),
      second: keyName(context, b),
      third: keyName(context, c),
      a: percent(weights[a]),
      b: percent(weights[b]),
      c: percent(weights[c]),
      half: halfCount(weights, order),
      keys: weights.length,
      bits: valueText(entropyBits(Float32Array.from(weights))),
      most: valueText(Math.log2(weights.length)),
    },
  ];
}

/** @param {Context} context @param {Numbers} weights @returns {Said} */
function sayMix(context, weights) {
  const [a, b] = ranked(weights);
  if (b === undefined) return null;
  return [
    "mix",
    {
      first: keyName(context, a),
      second: keyName(context, b),
      a: percent(weights[a]),
      b: percent(weights[b]),
      keys: weights.length,
    },
  ];
}

/** How many times as long one vector is as another. @param {Numbers} a @param {Numbers} b */
function times(a, b) {
  return valueText(lengthOf(a) / lengthOf(b));
}

/** @param {Context} context @param {State} state @returns {Said} */
function sayToken(context, state) {
  const { kind, step, tensors, token, patch, prefix } = context;
  const own = tensors.get(step.site);
  if (!own) return null;
  switch (kind) {
    case "input": {
      const { mean, deviation } = spread(own.data);
      return [
        "input",
        { mean: valueText(mean), deviation: valueText(deviation) },
      ];
    }
    case "pos-embed": {
      const before = rowOf(tensors.get("patch_embed"), patch);
      const after = rowOf(own, token);
      if (!before || !after) return ["pos-embed-prefix", {}];
      const position = difference(after, before);
      return ["pos-embed", { times: times(position, before) }];
    }
    case "norm": {
      const before = rowOf(tensors.get(streamBefore(context)), token);
      if (!before) return null;
      const { mean, deviation } = spread(before);
      return [
        "norm",
        { mean: valueText(mean), deviation: valueText(deviation) },
      ];
    }
    case "residual": {
      const before = rowOf(tensors.get(streamBefore(context)), token);
      const after = rowOf(own, token);
      if (!before || !after) return null;
      return ["residual", { times: times(difference(after, before), before) }];
    }
    case "mlp": {
      const hidden = rowOf(tensors.get(`${prefix}mlp.hidden`), token);
      if (!hidden) return null;
      const on = hidden.filter((value) => value > 0).length;
      return ["mlp", { on, hidden: hidden.length }];
    }
    case "merge":
      return sayMerge(context);
    case "head":
      return sayClass(own.data, state);
    default:
      return null;
  }
}

/** @param {Context} context @returns {Said} */
function sayMerge(context) {
  const from = stageBefore(context);
  if (!from) return null;
  const tokens = mergedTokens(context).filter((token) => token >= 0);
  const fine = { ...context, layer: from };
  const [first] = tokens;
  const last = tokens[tokens.length - 1];
  return [
    "merge",
    {
      count: tokens.length,
      from: tokenText(fine, first),
      to: tokenText(fine, last),
      token: tokenText(context, context.token),
    },
  ];
}

/** @param {Float32Array} logits @param {State} state @returns {Said} */
function sayClass(logits, { result }) {
  const [best] = result?.predictions ?? [];
  if (!best) return null;
  return [
    "head",
    {
      score: valueText(logits[best.index]),
      label: className(best.label),
      index: best.index,
      probability: percent(best.probability),
    },
  ];
}
