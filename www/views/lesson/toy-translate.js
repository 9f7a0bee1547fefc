// The boards "one code", "a code for each output" and "self-attention": who tells whom how much, drawn and measured.

import {
  OUTPUTS,
  attendToSelf,
  influence,
  initialInputs,
  translate,
} from "../../lessons/toys/translate.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { BOX, arrow, figure, node } from "./figure.js";
import { fieldRow, numberTable, short } from "./numbers.js";
import { at, columnAt, foot, inputRow, namesOf } from "./sequence.js";

/** @import {BuildToy} from "./board.js" */

/** The weights that each part can change, by the name under which it shows them. @type {Record<string, ["u" | "w" | "z" | "r" | "b", string][]>} */
const WEIGHTS = {
  fixed: [
    ["u", "U"],
    ["w", "W"],
    ["z", "Z"],
    ["r", "R"],
  ],
  attending: [
    ["u", "U"],
    ["w", "W"],
    ["z", "Z"],
    ["r", "R"],
    ["b", "β"],
  ],
  self: [],
};

/** @type {BuildToy} */
export function buildTranslate(box, onChange) {
  let inputs = initialInputs();
  let drawn = "";
  const { picture, draw } = figure("", "toy-network");
  /** @type {ReturnType<typeof numberTable> | null} */
  let table = null;

  /** @param {string} part */
  function make(part) {
    const names = namesOf("x", inputs.x);
    const weights = WEIGHTS[part];
    const fields = build(
      "div",
      { class: "row" },
      inputRow(inputs.x, (i, value) => {
        inputs = { ...inputs, x: inputs.x.with(i, value) };
        onChange();
      }),
      weights.length > 0 &&
        fieldRow(
          "weights",
          t("lesson.toy-parameters"),
          weights.map(([, name]) => name),
          weights.map(([key]) => inputs[key]),
          (i, value) => {
            inputs = { ...inputs, [weights[i][0]]: value };
            onChange();
          },
        ),
    );
    const rows =
      part === "self"
        ? names
        : Array.from({ length: OUTPUTS }, (_, i) => at("s", i + 1));
    table = numberTable({
      name: part === "self" ? "self" : "influence",
      caption: [
        document.createTextNode(
          t(part === "self" ? "lesson.toy-self" : "lesson.toy-influence"),
        ),
      ],
      label: t(part === "self" ? "lesson.toy-self" : "lesson.toy-influence"),
      rows,
      columns: names,
      colour: "attention",
      onType: null,
      onChoose: null,
      isHeat: true,
    });
    box.replaceChildren(
      fields,
      picture,
      build("div", { class: "row" }, table.box),
      foot(() => {
        inputs = initialInputs();
        drawn = "";
        onChange();
      }),
    );
  }

  return {
    draw(part, width) {
      if (drawn !== part) {
        drawn = part;
        make(part);
      }
      if (part === "self") {
        const { weights, out } = attendToSelf(inputs.x);
        draw(
          width,
          250,
          selfPicture(inputs.x, weights, out, width),
          t("lesson.toy-self-label"),
        );
        table?.update(weights);
        return;
      }
      const isAttending = part === "attending";
      const run = translate(inputs, isAttending);
      draw(
        width,
        330,
        translatePicture(inputs.x, run, width),
        t(`lesson.toy-${part}-label`),
      );
      picture.dataset["s"] = run.s.join(" ");
      picture.dataset["codes"] = run.codes.join(" ");
      table?.update(influence(inputs, isAttending));
    },
    fact(name) {
      const fixed = translate(inputs, false);
      const attending = translate(inputs, true);
      const [told, toldAttending] = [
        influence(inputs, false)[0],
        influence(inputs, true)[0],
      ];
      const last = inputs.x.length - 1;
      const [first] = attending.weights;
      /** @type {Record<string, number | string>} */
      const facts = {
        inputs: inputs.x.length,
        pairs: inputs.x.length ** 2,
        code: fixed.codes[0],
        influence_first: told[0],
        influence_last: told[last],
        attending_first: toldAttending[0],
        top_source: at("h", first.indexOf(Math.max(...first)) + 1),
        top_weight: Math.max(...first),
        path_rnn: last,
        path_self: 1,
      };
      return facts[name] ?? null;
    },
  };
}

/** @param {number[]} x @param {ReturnType<typeof translate>} run @param {number} width */
function translatePicture(x, { h, codes, weights, s }, width) {
  const rows = { s: 40, c: 118, h: 218, x: 302 };
  const across = (/** @type {number} */ i, /** @type {number} */ count) =>
    columnAt(i, count, width);
  const isFixed = weights.length === 0;
  const parts = x.flatMap((one, j) => {
    const here = across(j, x.length);
    const own = [
      arrow(
        { x: here, y: rows.x - BOX.y - 14 },
        { x: here, y: rows.h + BOX.y },
        "",
        { kind: "in" },
      ),
    ];
    if (j > 0) {
      own.push(
        arrow(
          { x: across(j - 1, x.length) + BOX.x, y: rows.h },
          { x: here - BOX.x, y: rows.h },
          "",
          { kind: "along" },
        ),
      );
    }
    return own;
  });
  const codeAt = (/** @type {number} */ tt) => ({
    x: across(tt, codes.length),
    y: rows.c,
  });
  for (const [tt] of codes.entries()) {
    const code = codeAt(tt);
    const below = { x: code.x, y: code.y + BOX.y };
    if (isFixed) {
      parts.push(
        arrow(
          { x: across(x.length - 1, x.length), y: rows.h - BOX.y - 14 },
          below,
          "",
          { kind: "code" },
        ),
      );
    } else {
      for (const [j, weight] of weights[tt].entries()) {
        parts.push(
          arrow({ x: across(j, x.length), y: rows.h - BOX.y - 14 }, below, "", {
            kind: "attention",
            strength: weight,
          }),
        );
      }
    }
    parts.push(
      arrow(
        { x: code.x, y: code.y - BOX.y - 14 },
        { x: code.x, y: rows.s + BOX.y },
        "",
        { kind: "out" },
      ),
    );
    if (tt > 0) {
      parts.push(
        arrow(
          { x: codeAt(tt - 1).x + BOX.x, y: rows.s },
          { x: code.x - BOX.x, y: rows.s },
          "",
          { kind: "along" },
        ),
      );
    }
  }
  return [
    ...parts,
    ...x.map((one, j) =>
      node(
        { x: across(j, x.length), y: rows.x },
        at("x", j + 1),
        short(one),
        "input",
      ),
    ),
    ...h.map((one, j) =>
      node(
        { x: across(j, x.length), y: rows.h },
        at("h", j + 1),
        short(one),
        "state",
      ),
    ),
    ...codes.map((one, tt) =>
      node(codeAt(tt), isFixed ? "c" : at("c", tt + 1), short(one), "cell"),
    ),
    ...s.map((one, tt) =>
      node(
        { x: codeAt(tt).x, y: rows.s },
        at("s", tt + 1),
        short(one),
        "output",
      ),
    ),
  ];
}

/** @param {number[]} x @param {number[][]} weights @param {number[]} out @param {number} width */
function selfPicture(x, weights, out, width) {
  const rows = { out: 44, x: 214 };
  const across = (/** @type {number} */ i) => columnAt(i, x.length, width);
  return [
    ...weights.flatMap((row, i) =>
      row.map((weight, j) =>
        arrow(
          { x: across(j), y: rows.x - BOX.y - 14 },
          { x: across(i), y: rows.out + BOX.y },
          "",
          { kind: "attention", strength: weight },
        ),
      ),
    ),
    ...x.map((one, j) =>
      node({ x: across(j), y: rows.x }, at("x", j + 1), short(one), "input"),
    ),
    ...out.map((one, i) =>
      node({ x: across(i), y: rows.out }, at("y", i + 1), short(one), "output"),
    ),
  ];
}
