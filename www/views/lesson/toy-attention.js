// The board "attention by hand": the tables of the step, cells that can be typed into, and the arithmetic of one cell.

import {
  causalMask,
  initialInputs,
  work,
} from "../../lessons/toys/attention.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { inline } from "./markup.js";
import { inBrackets, numberTable, resetButton, short } from "./numbers.js";

/** @import {Inputs, Matrix, Worked} from "../../lessons/toys/attention.js" */
/** @import {BuildToy} from "./board.js" */

/** The tables that each part shows, row by row. @type {Record<string, string[][]>} */
const TABLES = {
  tokens: [["x", "wq", "q"]],
  qkv: [
    ["x", "wq", "wk", "wv"],
    ["q", "k", "v"],
  ],
  scores: [["q", "k"], ["dots"]],
  scale: [["dots", "scaled"]],
  softmax: [["scaled", "weights"]],
  mask: [
    ["scaled", "hidden"],
    ["masked", "weights"],
  ],
  values: [["weights", "v", "out"]],
  additive: [
    ["q", "k", "wa", "ua", "va"],
    ["additive", "additiveWeights", "weights"],
  ],
};

/** @type {Record<string, {caption: string, colour: string, columns: "words" | null, rows: "words" | null}>} */
const LOOKS = {
  x: { caption: "$x$", colour: "residual", columns: null, rows: "words" },
  wq: { caption: "$W_q$", colour: "query", columns: null, rows: null },
  wk: { caption: "$W_k$", colour: "key", columns: null, rows: null },
  wv: { caption: "$W_v$", colour: "value", columns: null, rows: null },
  q: {
    caption: "[query|$q = x W_q$]",
    colour: "query",
    columns: null,
    rows: "words",
  },
  k: {
    caption: "[key|$k = x W_k$]",
    colour: "key",
    columns: null,
    rows: "words",
  },
  v: {
    caption: "[value|$v = x W_v$]",
    colour: "value",
    columns: null,
    rows: "words",
  },
  dots: {
    caption: "$[query|q] · [key|k]$",
    colour: "",
    columns: "words",
    rows: "words",
  },
  scaled: {
    caption: "${[query|q] · [key|k]} // √d$",
    colour: "",
    columns: "words",
    rows: "words",
  },
  hidden: {
    caption: "[mask|$M$]",
    colour: "mask",
    columns: "words",
    rows: "words",
  },
  masked: {
    caption: "${[query|q] · [key|k]} // √d + [mask|M]$",
    colour: "",
    columns: "words",
    rows: "words",
  },
  weights: {
    caption: "[attention|$a = softmax(…)$]",
    colour: "attention",
    columns: "words",
    rows: "words",
  },
  out: {
    caption: "$[attention|a] [value|v]$",
    colour: "residual",
    columns: null,
    rows: "words",
  },
  wa: { caption: "$W$", colour: "query", columns: null, rows: null },
  ua: { caption: "$U$", colour: "key", columns: null, rows: null },
  va: { caption: "$v^⊤$", colour: "value", columns: null, rows: null },
  additive: {
    caption: "$v^⊤ tanh(W [query|q] + U [key|k])$",
    colour: "",
    columns: "words",
    rows: "words",
  },
  additiveWeights: {
    caption: "[attention|softmax]",
    colour: "attention",
    columns: "words",
    rows: "words",
  },
};

const TYPED = ["x", "wq", "wk", "wv", "q", "k", "v", "wa", "ua", "va"];
const HEAT = ["weights", "additiveWeights"];
/** Tables of two tokens, the query's and the key's; in the others the query's row is lit. */
const PAIRS = [
  "dots",
  "scaled",
  "masked",
  "hidden",
  "weights",
  "additive",
  "additiveWeights",
];

/** @type {BuildToy} */
export function buildAttention(box, onChange) {
  let inputs = initialInputs();
  let worked = work(inputs);
  let chosen = { query: 1, key: 0 };
  let drawn = "";
  /** @type {Map<string, ReturnType<typeof numberTable>>} */
  let tables = new Map();
  const words = [1, 2, 3, 4].map((number) => t(`lesson.toy-word-${number}`));
  const line = build("p", { class: "arithmetic", "data-testid": "toy-line" });

  const change = () => {
    worked = work(inputs);
    onChange();
  };

  /** @param {string} name @param {number} i @param {number} j @param {number} value */
  function typeInto(name, i, j, value) {
    const before = valuesOf(name);
    const after = before.map((row, r) =>
      row.map((one, c) => (r === i && c === j ? value : one)),
    );
    const isWorked = name === "q" || name === "k" || name === "v";
    inputs = isWorked
      ? { ...inputs, own: { ...inputs.own, [name]: after } }
      : // New tokens or weights: what was typed over their products is void.
        {
          ...inputs,
          [name]: after,
          own: "x wq wk wv".includes(name) ? {} : inputs.own,
        };
    change();
  }

  /** @param {string} name @returns {Matrix} */
  function valuesOf(name) {
    if (name === "hidden") {
      return inputs.mask.map((row) => row.map((one) => (one ? -Infinity : 0)));
    }
    return name in worked
      ? worked[/** @type {keyof Worked} */ (name)]
      : /** @type {Matrix} */ (inputs[/** @type {keyof Inputs} */ (name)]);
  }

  /** @param {string} name @param {number} i @param {number} j */
  function choose(name, i, j) {
    if (name === "hidden") {
      // A token always sees itself: a row of −∞ has no softmax.
      if (i !== j) {
        const mask = inputs.mask.map((row, r) =>
          row.map((one, c) => (r === i && c === j ? !one : one)),
        );
        inputs = { ...inputs, mask };
      }
      chosen = { query: i, key: j };
      change();
      return;
    }
    if (PAIRS.includes(name)) chosen = { query: i, key: j };
    else if (name === "k") chosen = { ...chosen, key: i };
    else if (["x", "q", "out"].includes(name)) chosen = { ...chosen, query: i };
    else return;
    onChange();
  }

  /** @param {string} part */
  function make(part) {
    tables = new Map();
    const rows = TABLES[part].map((names) =>
      build(
        "div",
        { class: "row" },
        ...names.map((name) => {
          const look = LOOKS[name];
          const table = numberTable({
            name,
            caption: inline({ "": [look.caption] }, ""),
            label: t(`lesson.toy-${name}`),
            rows: look.rows ? words : [],
            columns: look.columns ? words : null,
            colour: look.colour,
            onType: TYPED.includes(name)
              ? (i, j, value) => typeInto(name, i, j, value)
              : null,
            onChoose: (i, j) => choose(name, i, j),
            isHeat: HEAT.includes(name),
          });
          tables.set(name, table);
          // The last table is what the others come to.
          const isResult = name === TABLES[part].flat().at(-1);
          table.box.classList.toggle("result", isResult);
          return table.box;
        }),
      ),
    );
    const reset = resetButton(() => {
      inputs = initialInputs();
      change();
    });
    const causal = build(
      "button",
      { type: "button", class: "control", "data-testid": "toy-causal" },
      t("lesson.toy-causal"),
    );
    causal.addEventListener("click", () => {
      inputs = { ...inputs, mask: causalMask(4) };
      change();
    });
    const hint = build(
      "p",
      { class: "hint" },
      t(`lesson.toy-hint-${part === "mask" ? "mask" : "type"}`),
    );
    box.replaceChildren(
      ...rows,
      line,
      build("footer", {}, hint, part === "mask" && causal, reset),
    );
  }

  return {
    draw(part) {
      if (drawn !== part) {
        drawn = part;
        make(part);
      }
      const { query, key } = chosen;
      for (const [name, table] of tables) {
        const isPair = PAIRS.includes(name);
        table.update(
          valuesOf(name),
          (i, j) => {
            if (isPair) {
              return (
                i === query &&
                (j === key || part === "softmax" || part === "values")
              );
            }
            if (name === "k") return i === key;
            if (name === "v") return part === "values";
            return ["x", "q", "out"].includes(name) && i === query;
          },
          (i, j) =>
            ["masked", "hidden", "weights"].includes(name) && inputs.mask[i][j],
        );
      }
      line.replaceChildren(...arithmetic(part, worked, inputs, chosen, words));
    },
    fact: (name) => factOf(name, worked, chosen, words),
  };
}

/** @param {string} name @param {Worked} worked @param {{query: number, key: number}} chosen @param {string[]} words */
function factOf(name, worked, { query, key }, words) {
  /** @type {Record<string, number | string>} */
  const facts = {
    d: worked.q[0].length,
    root: Math.sqrt(worked.q[0].length),
    dot: worked.dots[query][key],
    scaled: worked.scaled[query][key],
    weight: worked.weights[query][key],
    weight_free: worked.free[query][key],
    out_1: worked.out[query][0],
    out_2: worked.out[query][1],
    row: words[query],
    column: words[key],
    key: words[
      worked.weights[query].indexOf(Math.max(...worked.weights[query]))
    ],
    additive: worked.additive[query][key],
    additive_weight: worked.additiveWeights[query][key],
    sum: worked.weights[query].reduce((a, b) => a + b, 0),
  };
  return facts[name] ?? null;
}

/**
 * How one number of the part comes about.
 * @param {string} part @param {Worked} worked @param {Inputs} inputs
 * @param {{query: number, key: number}} chosen @param {string[]} words
 * @returns {Node[]}
 */
function arithmetic(part, worked, inputs, { query: i, key: j }, words) {
  const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
    a.map((one, n) => `${inBrackets(one)} × ${inBrackets(b[n])}`).join(" + ");
  const pair = `${words[i]} → ${words[j]}`;
  const column = (/** @type {Matrix} */ m, /** @type {number} */ c) =>
    m.map((row) => row[c]);
  /** @type {[string, string, number]} */
  let text;
  if (part === "tokens" || part === "qkv") {
    text = [
      `q₁(${words[i]})`,
      inputs.own.q
        ? t("lesson.toy-typed")
        : dot(inputs.x[i], column(inputs.wq, 0)),
      worked.q[i][0],
    ];
  } else if (part === "scores") {
    text = [pair, dot(worked.q[i], worked.k[j]), worked.dots[i][j]];
  } else if (part === "scale") {
    text = [
      pair,
      `${short(worked.dots[i][j])} / √${worked.q[0].length}`,
      worked.scaled[i][j],
    ];
  } else if (part === "softmax" || part === "mask") {
    const row = worked.masked[i];
    const sum = row.map((one) => `e^${inBrackets(one)}`).join(" + ");
    text = [pair, `e^${inBrackets(row[j])} / (${sum})`, worked.weights[i][j]];
  } else if (part === "values") {
    text = [
      words[i],
      dot(worked.weights[i], column(worked.v, 0)),
      worked.out[i][0],
    ];
  } else {
    const a = inputs.wa.map((w) =>
      w.reduce((sum, one, n) => sum + one * worked.q[i][n], 0),
    );
    const b = inputs.ua.map((w) =>
      w.reduce((sum, one, n) => sum + one * worked.k[j][n], 0),
    );
    const sum = inputs.va[0]
      .map(
        (one, h) =>
          `${inBrackets(one)} × tanh(${short(a[h])} + ${inBrackets(b[h])})`,
      )
      .join(" + ");
    text = [pair, sum, worked.additive[i][j]];
  }
  const [name, sum, value] = text;
  return [
    build("span", { class: "name" }, `${name}: `),
    document.createTextNode(`${sum} = `),
    build(
      "strong",
      { "data-testid": "toy-result", "data-value": value },
      short(value),
    ),
  ];
}
