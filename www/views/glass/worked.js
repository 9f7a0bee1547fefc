// One weight worked out with its actual figures: product, division, bias, mask, and its share of the sum of powers.

import { keyText } from "../../glass/context.js";
import { expSum } from "../../glass/numbers.js";
import { sumsOf } from "../../glass/sums.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { percent, queryName, valueText } from "../words.js";

/** @import {Context} from "../../glass/context.js" */

/** Powers of e are written as they are up to this score; beyond, the greatest score is taken from all. */
const GREAT = 30;

/** @param {Context} context @param {number} key or -1 for none @returns {Node[]} */
export function workedOut(context, key) {
  const sums = key < 0 || context.kind === "windows" ? null : sumsOf(context);
  if (!sums || key >= sums.dots.length) return [];
  const { dots, root, scaled, bias, mask, total, weights } = sums;
  const scores = total ?? scaled;
  const score = scores[key];
  const { top, sum } = expSum(scores);
  const less = Math.abs(top) > GREAT ? top : 0;
  const power = Math.exp(score - less);
  const all = sum * Math.exp(top - less);
  const exponent =
    less === 0 ? valueText(score) : `${valueText(score)} − ${valueText(less)}`;
  const weight = weights[key];
  return [
    build(
      "p",
      { class: "from-to" },
      build(
        "span",
        { class: "sym q" },
        queryName(context.query, context.description, context.layer),
      ),
      " → ",
      build("span", { class: "sym k" }, keyText(context, key)),
    ),
    build(
      "p",
      { class: "sum" },
      term("dot", "q · k", "plain", dots[key]),
      " / ",
      term("root", "√d", "plain", root),
      ...(bias
        ? [
            plus(bias[key]),
            term(
              "bias",
              t("glass.bias"),
              "bias",
              Math.abs(bias[key]),
              bias[key],
            ),
          ]
        : []),
      ...(mask
        ? [
            plus(mask[key]),
            term(
              "mask",
              t("glass.mask"),
              "mask",
              Math.abs(mask[key]),
              mask[key],
            ),
          ]
        : []),
      " = ",
      term("score", "s", "plain", score),
    ),
    build(
      "p",
      { class: "share" },
      powerTerm(exponent, power),
      " / ",
      term("all", less === 0 ? "Σ eˢ" : "Σ eˢ⁻ᵐᵃˣ", "plain", all),
      " = ",
      term("weight", "a", "a", weight),
      build("span", { class: "percent" }, percent(weight)),
    ),
  ];
}

/** A sum of powers is read in full as far as that can be done. @param {number} value */
function figureText(value) {
  const isLong = Math.abs(value) >= 1000 && Math.abs(value) < 1e6;
  return isLong ? String(Math.round(value)) : valueText(value);
}

/** @param {number} value */
function plus(value) {
  return value < 0 ? " − " : " + ";
}

/**
 * A number with its name below.
 * @param {string} name @param {string} label @param {string} symbol @param {number} shown @param {number} [value] where it is not the one shown
 */
function term(name, label, symbol, shown, value = shown) {
  return build(
    "span",
    { class: "term", "data-term": name, "data-value": String(value) },
    build("b", { class: `sym ${symbol}` }, figureText(shown)),
    build("small", {}, label),
  );
}

/** @param {string} exponent @param {number} value */
function powerTerm(exponent, value) {
  return build(
    "span",
    { class: "term", "data-term": "power", "data-value": String(value) },
    build("b", {}, figureText(value)),
    build("small", {}, "e", build("sup", {}, exponent)),
  );
}
