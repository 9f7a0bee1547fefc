// Names and numbers as the page writes them: tokens, queries, steps, shapes, amounts.

import { formatNumber, has, localized, t } from "../i18n/i18n.js";

/** @import {VitrineError} from "../errors.js" */
/** @import {Description, Query, Step} from "../types.js" */

/** "class token", "register 3", in the visitor's language. @param {string} name as the model says it */
export function tokenName(name) {
  const [, word, number] = /^(.*?)(?: (\d+))?$/.exec(name) ?? [];
  const key = `token.${word}`;
  if (!has(key)) return name;
  return number ? `${t(key)} ${number}` : t(key);
}

/** @param {Query} query @param {Description} description */
export function queryName(query, description) {
  if (query.kind === "prefix") {
    return tokenName(description.prefix[query.index] ?? "");
  }
  return patchName(query.row, query.column);
}

/** @param {number} row @param {number} column */
export function patchName(row, column) {
  return t("stage.patch", { row, column });
}

/** "block 9" @param {Description} description @param {number} layer */
export function layerName(description, layer) {
  const { title } = description.layers[layer];
  return localized("heads.block", title, { number: layer + 1 });
}

/** @param {Step} step */
export function stepName({ kind, title }) {
  return kind === "block" ? title : localized(`step.${kind}`, title);
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
