// The boards "RNN" and "LSTM": the network unrolled over time with its numbers, and what is left of the first input.

import { svg } from "../../draw/svg.js";
import {
  NUDGE,
  echoes,
  initialLstm,
  initialRnn,
  lstm,
  rnn,
} from "../../lessons/toys/recurrent.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { BOX, arrow, bars, figure, node } from "./figure.js";
import { fieldRow, inBrackets, short } from "./numbers.js";
import { at, columnAt, foot, inputRow } from "./sequence.js";

/** @import {Gate} from "../../lessons/toys/recurrent.js" */
/** @import {BuildToy} from "./board.js" */

/** @type {("forget" | "input" | "candidate" | "output")[]} */
const GATES = ["forget", "input", "candidate", "output"];

/** @type {BuildToy} */
export function buildRecurrent(box, onChange) {
  let plain = initialRnn();
  let gated = initialLstm(plain.x);
  let drawn = "";
  const { picture, draw } = figure("", "toy-network");
  const line = build("p", { class: "arithmetic", "data-testid": "toy-line" });
  const fields = build("div", { class: "row" });

  const runs = () => ({
    rnn: rnn(plain),
    lstm: lstm({ ...gated, x: plain.x }),
  });
  const left = () => ({
    rnn: echoes(plain.x, (x) => rnn({ ...plain, x }).h),
    lstm: echoes(plain.x, (x) => lstm({ ...gated, x }).c),
  });

  /** @param {string} part */
  function make(part) {
    fields.replaceChildren(
      inputRow(plain.x, (i, value) => {
        plain = { ...plain, x: plain.x.with(i, value) };
        onChange();
      }),
    );
    if (part.startsWith("lstm")) {
      for (const name of GATES) {
        fields.append(
          fieldRow(
            name,
            t(`lesson.toy-${name}`),
            ["x", "h", "b"],
            gated[name],
            (i, value) => {
              const gate = /** @type {Gate} */ (
                gated[name].map((one, n) => (n === i ? value : one))
              );
              gated = { ...gated, [name]: gate };
              onChange();
            },
          ),
        );
      }
    } else {
      const shared = /** @type {const} */ (["u", "w", "v"]);
      fields.append(
        fieldRow(
          "shared",
          t("lesson.toy-shared"),
          ["U", "W", "V"],
          shared.map((one) => plain[one]),
          (i, value) => {
            plain = { ...plain, [shared[i]]: value };
            onChange();
          },
        ),
      );
    }
    box.replaceChildren(
      fields,
      picture,
      line,
      foot(() => {
        plain = initialRnn();
        gated = initialLstm(plain.x);
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
      const isLstm = part.startsWith("lstm");
      const { rnn: one, lstm: other } = runs();
      const shares = left();
      const showsEcho = part.endsWith("forgetting");
      const children = isLstm
        ? lstmPicture(plain.x, other, width)
        : rnnPicture(plain.x, one, plain, width);
      const height = isLstm ? 300 : 290;
      const extra = showsEcho ? 110 : 0;
      const drawnBars = showsEcho
        ? echoPicture(shares, isLstm, width, height)
        : [];
      draw(
        width,
        height + extra,
        [...children, ...drawnBars],
        t(isLstm ? "lesson.toy-lstm-label" : "lesson.toy-rnn-label"),
      );
      picture.dataset["h"] = (isLstm ? other.h : one.h).join(" ");
      picture.dataset["c"] = isLstm ? other.c.join(" ") : "";
      picture.dataset["echo"] = (isLstm ? shares.lstm : shares.rnn).join(" ");
      line.textContent = isLstm
        ? `c₂ = f₂ c₁ + i₂ g₂ = ${short(other.f[1])} × ${inBrackets(other.c[0])} + ${short(other.i[1])} × ${inBrackets(other.g[1])} = ${short(other.c[1])}`
        : `h₂ = tanh(U x₂ + W h₁) = tanh(${short(plain.u)} × ${inBrackets(plain.x[1])} + ${short(plain.w)} × ${inBrackets(one.h[0])}) = ${short(one.h[1])}`;
    },
    fact(name) {
      const { rnn: one, lstm: other } = runs();
      const shares = left();
      const last = plain.x.length - 1;
      /** @type {Record<string, number | string>} */
      const facts = {
        length: plain.x.length,
        times: last,
        hidden_1: one.h[0],
        hidden_last: one.h[last],
        pre_1: one.pre[0],
        x_1: plain.x[0],
        cell_last: other.c[last],
        echo: `${(shares.rnn[last] * 100).toFixed(1)} %`,
        echo_lstm: `${(shares.lstm[last] * 100).toFixed(1)} %`,
        u: plain.u,
        w: plain.w,
        v: plain.v,
      };
      return facts[name] ?? null;
    },
  };
}

/** @param {number[]} x @param {ReturnType<typeof rnn>} run @param {{u: number, w: number, v: number}} weights @param {number} width */
function rnnPicture(x, { h, o }, { u, w, v }, width) {
  const rows = { o: 50, h: 150, x: 250 };
  const isWide = width / x.length > 100;
  return x.flatMap((one, i) => {
    const across = columnAt(i, x.length, width);
    const [low, middle, high] = [rows.x, rows.h, rows.o].map((y) => ({
      x: across,
      y,
    }));
    const label = (/** @type {string} */ name, /** @type {number} */ value) =>
      isWide ? `${name} = ${short(value)}` : name;
    const side = { x: isWide ? 36 : 9, y: 10 };
    const parts = [
      arrow(
        { x: across, y: low.y - BOX.y - 16 },
        { x: across, y: middle.y + BOX.y },
        label("U", u),
        { shift: { ...side, y: 6 }, kind: "in" },
      ),
      arrow(
        { x: across, y: middle.y - BOX.y - 16 },
        { x: across, y: high.y + BOX.y },
        label("V", v),
        { shift: { ...side, y: 6 }, kind: "out" },
      ),
      node(low, at("x", i + 1), short(one), "input"),
      node(middle, at("h", i + 1), short(h[i]), "state"),
      node(high, at("o", i + 1), short(o[i]), "output"),
    ];
    if (i > 0) {
      const before = columnAt(i - 1, x.length, width);
      parts.push(
        arrow(
          { x: before + BOX.x, y: middle.y },
          { x: across - BOX.x, y: middle.y },
          label("W", w),
          { shift: { x: 0, y: -7 }, kind: "along" },
        ),
      );
    }
    return parts;
  });
}

/** @param {number[]} x @param {ReturnType<typeof lstm>} run @param {number} width */
function lstmPicture(x, run, width) {
  const rows = { c: 42, gates: 108, h: 180, x: 268 };
  const isWide = width / x.length > 110;
  return x.flatMap((one, i) => {
    const across = columnAt(i, x.length, width);
    const gates = /** @type {const} */ (["f", "i", "g", "o"]);
    const parts = [
      arrow(
        { x: across, y: rows.x - BOX.y - 16 },
        { x: across, y: rows.h + BOX.y },
        "",
        { kind: "in" },
      ),
      node({ x: across, y: rows.c }, at("c", i + 1), short(run.c[i]), "cell"),
      node({ x: across, y: rows.h }, at("h", i + 1), short(run.h[i]), "state"),
      node({ x: across, y: rows.x }, at("x", i + 1), short(one), "input"),
      ...gates.map((name, n) =>
        svg(
          "text",
          {
            x: isWide ? across + (n % 2 ? 29 : -29) : across,
            y: isWide
              ? rows.gates - 20 + 16 * Math.floor(n / 2)
              : rows.gates - 34 + 14 * n,
            class: `gate ${name}`,
          },
          `${name} ${short(run[name][i])}`,
        ),
      ),
    ];
    if (i > 0) {
      const before = columnAt(i - 1, x.length, width);
      parts.push(
        arrow(
          { x: before + BOX.x, y: rows.c },
          { x: across - BOX.x, y: rows.c },
          isWide ? `× f ${short(run.f[i])}` : "",
          {
            kind: "cell",
            strength: Math.min(1, run.f[i]) * 0.6,
            shift: { x: 0, y: -8 },
          },
        ),
        arrow(
          { x: before + BOX.x, y: rows.h },
          { x: across - BOX.x, y: rows.h },
          "",
          { kind: "along" },
        ),
      );
    }
    return parts;
  });
}

/** What is left of the first input, step by step: this network's in colour, the other's beside it. @param {{rnn: number[], lstm: number[]}} shares @param {boolean} isLstm @param {number} width @param {number} top */
function echoPicture(shares, isLstm, width, top) {
  const height = 62;
  const count = shares.rnn.length;
  const each = width / count;
  const own = isLstm ? shares.lstm : shares.rnn;
  const most = Math.max(1, ...own, ...(isLstm ? shares.rnn : []));
  const drawn = own.map((share, i) =>
    bars(
      {
        x: i * each + each / 2 - 18,
        y: top + 26,
        width: isLstm ? 18 : 36,
        height,
      },
      [share / most],
      isLstm ? "cell" : "state",
    ),
  );
  const other = isLstm
    ? shares.rnn.map((share, i) =>
        bars(
          { x: i * each + each / 2, y: top + 26, width: 18, height },
          [share / most],
          "faint",
        ),
      )
    : [];
  return [
    svg(
      "text",
      { x: 4, y: top + 14, class: "legend" },
      t(isLstm ? "lesson.toy-echo-both" : "lesson.toy-echo", { nudge: NUDGE }),
    ),
    ...drawn,
    ...other,
    svg("line", {
      x1: 0,
      x2: width,
      y1: top + 26 + height,
      y2: top + 26 + height,
      class: "axis",
    }),
    ...own.map((share, i) =>
      svg(
        "text",
        {
          x: i * each + each / 2,
          y: top + 26 + height + 15,
          class: "mark",
        },
        `${Math.round(share * 100)} %`,
      ),
    ),
  ];
}
