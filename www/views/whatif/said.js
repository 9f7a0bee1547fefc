// What a what-if did, in words and numbers: a remark, and the first classes before and after.

import { className, formatNumber, t } from "../../i18n/i18n.js";
import { isChanged } from "../../whatif.js";
import { build } from "../dom.js";
import { percent } from "../words.js";
import { changesBetween, isSame } from "./changes.js";

/** @import {State} from "../../state.js" */
/** @import {Description, Whatif} from "../../types.js" */
/** @import {Change} from "./changes.js" */

/** A difference that is more than nothing in the page's one decimal of a percent. */
const VISIBLE = 0.0005;

/** @param {State} state */
export function remarkOn(state) {
  return { remark: remark(state), note: noteOn(state.whatif) };
}

/** @param {State} state */
function remark({ model, result, baseline, whatif }) {
  if (!isChanged(whatif)) return t("swin.whatif-hint");
  if (!model || !result || !baseline) return t("swin.waiting");
  if (model.description.num_classes === 0) return t("whatif.headless");
  if (isSame(baseline, result.predictions)) {
    return t("swin.whatif-same", {
      why: t(whyNothing(whatif, model.description)),
    });
  }
  const before = className(baseline[0]?.label ?? "");
  const after = className(result.predictions[0]?.label ?? "");
  const key = before === after ? "kept" : "changed";
  return t(`swin.whatif-${key}`, { before, after });
}

/** @param {Whatif} whatif @param {Description} description */
function whyNothing(whatif, { layers }) {
  const isShifting = layers.some(
    ({ windows }) => windows && windows.shift.rows + windows.shift.columns > 0,
  );
  const others = { ...whatif, noShift: false, noMask: false };
  return !isShifting && !isChanged(others)
    ? "swin.whatif-same-shift"
    : "swin.whatif-same-why";
}

/** What there is to learn from two changes together. @param {Whatif} whatif */
function noteOn({ positions, shuffle }) {
  if (positions === 0) {
    return t(shuffle ? "whatif.bag" : "whatif.bag-hint");
  }
  return "";
}

/** @param {State} state */
export function describeClasses({ result, baseline }) {
  if (!result || !baseline) return [];
  const changes = changesBetween(baseline, result.predictions);
  const heads = ["class", "before", "after-change", "difference"].map((word) =>
    build("th", { scope: "col" }, t(`swin.${word}`)),
  );
  return [
    build("thead", {}, build("tr", {}, ...heads)),
    build("tbody", {}, ...changes.map(describeChange)),
  ];
}

/** @param {Change} change */
function describeChange({ index, label, before, after }) {
  const share = (/** @type {number | null} */ value) =>
    value === null ? "–" : percent(value);
  const difference = before === null || after === null ? null : after - before;
  const isVisible = difference !== null && Math.abs(difference) >= VISIBLE;
  const kind = isVisible ? (difference > 0 ? "more" : "less") : "";
  return build(
    "tr",
    { "data-class": index, "data-before": before, "data-after": after },
    build("td", { title: className(label) }, className(label)),
    build("td", {}, share(before)),
    build("td", {}, share(after)),
    build(
      "td",
      { class: kind, "data-difference": difference },
      differenceText(difference),
    ),
  );
}

/** In percentage points, with its sign. @param {number | null} difference */
function differenceText(difference) {
  if (difference === null) return "–";
  const number = formatNumber(100 * difference, {
    signDisplay: "exceptZero",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return t("whatif.points", { number });
}
