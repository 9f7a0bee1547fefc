// Names and numbers as the page writes them: tokens, queries, steps, shapes, amounts.

import { formatNumber, has, localized, t } from "../i18n/i18n.js";
import { layerToken } from "../windows.js";

/** @import {VitrineError} from "../errors.js" */
/** @import {Description, Grid, Layer, Query, Step} from "../types.js" */

/** "class token", "register 3", in the visitor's language. @param {string} name as the model says it */
export function tokenName(name) {
  const [, word, number] = /^(.*?)(?: (\d+))?$/.exec(name) ?? [];
  const key = `token.${word}`;
  if (!has(key)) return name;
  return number ? `${t(key)} ${number}` : t(key);
}

/** The query in a layer's own map. @param {Query} query @param {Description} description @param {Pick<Layer, "stage">} layer */
export function queryName(query, description, layer) {
  if (query.kind === "prefix") {
    return tokenName(description.prefix[query.index] ?? "");
  }
  const { row, column } = layerToken(query, layer);
  return patchName(row, column);
}

/** @param {number} row @param {number} column */
export function patchName(row, column) {
  return t("stage.patch", { row, column });
}

/** "block 9", or where a model has stages "stage 3 · SW 2" @param {Description} description @param {number} layer */
export function layerName(description, layer) {
  const { title, stage, windows } = description.layers[layer];
  return windows
    ? t("heads.staged", { stage: stage + 1, title })
    : localized("heads.block", title, { number: layer + 1 });
}

/** Under which word the texts know a step: scores are there twice where something is added to them. @param {Step} step */
export function wordOf({ kind, title }) {
  return kind === "scores" && title === "sum" ? "sum" : kind;
}

/** @param {Step} step */
export function stepName(step) {
  if (step.kind === "block") return step.title;
  return localized(`step.${wordOf(step)}`, step.title);
}

/** "14 × 14" @param {Grid} grid */
export function mapText({ rows, columns }) {
  return `${rows} × ${columns}`;
}

/** `197 × 192`, without a batch of one. @param {number[]} shape */
export function shapeText(shape) {
  const inner = shape.length > 3 && shape[0] === 1 ? shape.slice(1) : shape;
  return inner.join(" × ");
}

/** An exact value, short. @param {number} value */
export function valueText(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000 || size < 0.0001) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}

/** 4.1 M @param {number} value */
export function amount(value) {
  return formatNumber(value, {
    notation: "compact",
    maximumSignificantDigits: 3,
  });
}

/** 4.4 MB @param {number} bytes */
export function bytesText(bytes) {
  const isSmall = bytes < 1e6;
  return formatNumber(bytes / (isSmall ? 1e3 : 1e6), {
    style: "unit",
    unit: isSmall ? "kilobyte" : "megabyte",
    maximumFractionDigits: 1,
  });
}

/** 43.9 % @param {number} share */
export function percent(share) {
  return formatNumber(share, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

/** One sentence for the visitor. @param {VitrineError} error */
export function errorText({ code, sentence, params }) {
  if (code === "http") {
    const known = [404, 500].includes(Number(params["status"]));
    const kind = known ? params["status"] : "other";
    return t(`error.http-${kind}`, params);
  }
  const started = params["received"] !== 0;
  const key = code === "connection" && !started ? "unreachable" : code;
  return localized(`error.${key}`, sentence, withAmounts(params));
}

/** @param {VitrineError["params"]} params */
function withAmounts(params) {
  const texts = { ...params };
  for (const [name, value] of Object.entries(params)) {
    const isBytes = name === "received" || name === "total";
    if (isBytes && typeof value === "number") texts[name] = bytesText(value);
  }
  return texts;
}
