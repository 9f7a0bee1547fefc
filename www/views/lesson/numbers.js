// Numbers on a board: tables with cells that can be typed into, single fields, sliders, and how a number is written.

import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";

/** @import {Matrix} from "../../lessons/toys/attention.js" */

/** Two decimals are enough to follow by hand. @param {number} value */
export function short(value) {
  if (value === -Infinity) return "−∞";
  const rounded = Number(value.toFixed(2));
  return String(rounded === 0 ? 0 : rounded).replace("-", "−");
}

/** As a factor or summand inside a line of arithmetic. @param {number} value */
export const inBrackets = (value) =>
  value < 0 ? `(${short(value)})` : short(value);

/** What was typed, or null where it is no number. @param {string} text */
export function typed(text) {
  const value = Number(text.trim().replace("−", "-").replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

/**
 * A field for one number; what is no number is marked and changes nothing.
 * @param {{name: string, label: string, value: number, onChange: (value: number) => void}} options
 */
export function numberField({ name, label, value, onChange }) {
  const input = build("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    class: "cell",
    "data-testid": name,
    "aria-label": label,
  });
  input.value = short(value);
  input.addEventListener("input", () => {
    const now = typed(input.value);
    input.toggleAttribute("aria-invalid", now === null);
    if (now !== null) onChange(now);
  });
  input.addEventListener("focus", () => input.select());
  return input;
}

/** Writes a value into a field unless the visitor is typing there. @param {HTMLInputElement} input @param {number} value */
export function refreshField(input, value) {
  if (input === document.activeElement) return;
  input.value = short(value);
  input.removeAttribute("aria-invalid");
}

/**
 * A table of numbers.
 * @typedef {object} TableOptions
 * @property {string} name for tests: cells are `toy-{name}-{row}-{column}`, from 0
 * @property {Node[]} caption
 * @property {string} label the same for screen readers
 * @property {string[]} rows names of the rows
 * @property {string[] | null} columns names of the columns
 * @property {string} colour the accent of what it holds
 * @property {((row: number, column: number, value: number) => void) | null} onType null where nothing is typed
 * @property {((row: number, column: number) => void) | null} onChoose
 * @property {boolean} [isHeat] whether cells are shaded by their value, 0 to 1
 */

/** @param {TableOptions} options */
export function numberTable(options) {
  const {
    name,
    caption,
    label,
    rows,
    columns,
    colour,
    onType,
    onChoose,
    isHeat,
  } = options;
  const box = build("figure", {
    class: `numbers ${colour}`,
    "data-testid": `toy-${name}`,
  });
  const table = build("table", { "aria-label": label });
  /** @type {HTMLElement[][]} */
  let cells = [];

  /** @param {Matrix} values */
  function make(values) {
    if (columns) {
      table.append(
        build(
          "thead",
          {},
          build(
            "tr",
            {},
            rows.length > 0 && build("td", {}),
            ...columns.map((one) => build("th", { scope: "col" }, one)),
          ),
        ),
      );
    }
    cells = values.map((row, i) => row.map((_, j) => cellOf(i, j)));
    table.append(
      build(
        "tbody",
        {},
        ...cells.map((row, i) =>
          build(
            "tr",
            {},
            rows.length > 0 && build("th", { scope: "row" }, rows[i]),
            ...row.map((cell) => build("td", {}, cell)),
          ),
        ),
      ),
    );
  }

  /** @param {number} i @param {number} j @returns {HTMLElement} */
  function cellOf(i, j) {
    const testId = `toy-${name}-${i}-${j}`;
    const place = `${label}, ${rows[i] ?? i + 1}, ${columns?.[j] ?? j + 1}`;
    if (onType) {
      const input = numberField({
        name: testId,
        label: place,
        value: 0,
        onChange: (value) => onType(i, j, value),
      });
      input.addEventListener("focus", () => onChoose?.(i, j));
      return input;
    }
    const attributes = { class: "cell", "data-testid": testId };
    if (!onChoose) return build("span", attributes);
    const button = build("button", { ...attributes, type: "button" });
    button.addEventListener("click", () => onChoose(i, j));
    return button;
  }

  box.append(build("figcaption", {}, ...caption), table);
  return {
    box,
    /**
     * @param {Matrix} values
     * @param {(row: number, column: number) => boolean} [isLit]
     * @param {(row: number, column: number) => boolean} [isHidden]
     */
    update(values, isLit = () => false, isHidden = () => false) {
      if (cells.length === 0) make(values);
      for (const [i, row] of values.entries()) {
        for (const [j, value] of row.entries()) {
          const cell = cells[i][j];
          if (cell instanceof HTMLInputElement) refreshField(cell, value);
          else cell.textContent = short(value);
          cell.dataset["value"] = String(value);
          cell.classList.toggle("lit", isLit(i, j));
          cell.classList.toggle("masked", isHidden(i, j));
          if (isHeat) cell.style.setProperty("--heat", String(value));
        }
      }
    },
  };
}

/**
 * A slider with its value beside it.
 * @param {{name: string, label: string, min: number, max: number, step: number, value: number, text: (value: number) => string, onChange: (value: number) => void}} options
 */
export function slider({ name, label, min, max, step, value, text, onChange }) {
  const input = build("input", {
    type: "range",
    min,
    max,
    step,
    "data-testid": name,
  });
  input.value = String(value);
  const shown = build("output", {}, text(value));
  input.addEventListener("input", () => {
    shown.textContent = text(Number(input.value));
    onChange(Number(input.value));
  });
  return build(
    "label",
    { class: "slider" },
    build("span", {}, label),
    input,
    shown,
  );
}

/** Fields for a row of numbers under a heading. @param {string} name @param {string} label @param {string[]} names @param {number[]} values @param {(i: number, value: number) => void} onChange */
export function fieldRow(name, label, names, values, onChange) {
  const inputs = values.map((value, i) =>
    numberField({
      name: `toy-${name}-${i}`,
      label: `${label} ${names[i]}`,
      value,
      onChange: (now) => onChange(i, now),
    }),
  );
  return build(
    "fieldset",
    { class: "fields" },
    build("legend", {}, label),
    ...inputs.map((input, i) =>
      build("label", {}, build("span", {}, names[i]), input),
    ),
  );
}

/** The button that brings back the first numbers. @param {() => void} onReset */
export function resetButton(onReset) {
  const button = build(
    "button",
    { type: "button", class: "control", "data-testid": "toy-reset" },
    t("lesson.toy-reset"),
  );
  button.addEventListener("click", onReset);
  return button;
}
