// What the boards of networks over a row of inputs have in common: numbered names, the fields of the inputs, and where
// each column stands.

import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { fieldRow, resetButton } from "./numbers.js";

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";

/** @param {string} name @param {number} i from 1 */
export const at = (name, i) => `${name}${DIGITS[i]}`;

/** @param {string} name @param {unknown[]} all */
export const namesOf = (name, all) => all.map((_, i) => at(name, i + 1));

/** Where column i of so many stands. @param {number} i @param {number} count @param {number} width */
export const columnAt = (i, count, width) => ((i + 0.5) * width) / count;

/** Fields for the inputs. @param {number[]} x @param {(i: number, value: number) => void} onChange */
export const inputRow = (x, onChange) =>
  fieldRow("x", t("lesson.toy-inputs"), namesOf("x", x), x, onChange);

/** What can be done here, and the way back. @param {() => void} onReset */
export const foot = (onReset) =>
  build(
    "footer",
    {},
    build("p", { class: "hint" }, t("lesson.toy-hint-fields")),
    resetButton(onReset),
  );
