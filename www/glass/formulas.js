// The formula of each kind of step, with this model's parts in it: bias and mask only where there are any.

import { hasLayerScale, isDistilled } from "./context.js";
import { poolOf } from "./say.js";
import {
  beside,
  frac,
  mat,
  math,
  mi,
  mn,
  mo,
  mrow,
  of,
  root,
  sub,
  sup,
} from "./mathml.js";

/** @import {Context} from "./context.js" */
/** @import {Part} from "./mathml.js" */

const eq = () => mo("=");
const plus = () => mo("+");
const Q = () => mat("Q", "q");
const K = () => mat("K", "k");
const V = () => mat("V", "v");
const A = () => mat("A", "a");
const B = () => mat("B", "bias");
const M = () => mat("M", "mask");
const S = () => mat("S");
const X = () => mat("X", "stream");
const x = () => mi("x", "stream");
const W = (/** @type {string} */ name, symbol = "") =>
  sub(mat("W"), symbol ? mat(name, symbol) : mi(name));

/** QKᵀ / √d */
const scaled = () => frac(mrow(Q(), sup(K(), mo("⊤"))), root(mi("d")));

/** @param {Context} context @returns {Element} */
export function formulaOf(context) {
  return math(...linesOf(context));
}

/** @param {Context} context @returns {Part[][]} */
function linesOf(context) {
  const { kind, layer, headDim, step } = context;
  const { windows } = layer;
  const hasMask =
    windows !== null && windows.shift.rows + windows.shift.columns > 0;
  const added = () => [
    ...(windows ? [plus(), B()] : []),
    ...(hasMask ? [plus(), M()] : []),
  ];
  switch (kind) {
    case "input":
      return [
        [
          x(),
          eq(),
          frac(
            mrow(frac(mi("p"), mn(255)), mo("−"), sub(mi("μ"), mi("c"))),
            sub(mi("σ"), mi("c")),
          ),
        ],
      ];
    case "patch-embed":
      return [
        [
          sub(x(), mi("i")),
          eq(),
          mat("E"),
          sub(mi("p"), mi("i")),
          plus(),
          mi("b"),
        ],
      ];
    case "pos-embed":
      return [[X(), eq(), tokensOf(context), plus(), mat("P", "bias")]];
    case "norm":
      return step.parameters > 0
        ? [
            [
              mi("y"),
              eq(),
              mi("γ"),
              frac(
                mrow(x(), mo("−"), mi("μ")),
                root(sup(mi("σ"), mn(2)), plus(), mi("ε")),
              ),
              plus(),
              mi("β"),
            ],
          ]
        : [[mi("y"), eq(), x()]];
    case "windows":
      return windowLines(context, hasMask);
    case "qkv":
      return [
        [Q(), eq(), mat("Y"), W("Q", "q")],
        [K(), eq(), mat("Y"), W("K", "k")],
        [V(), eq(), mat("Y"), W("V", "v")],
      ];
    case "scores":
      return [
        [S(), eq(), scaled()],
        [
          root(mi("d")),
          eq(),
          root(mn(headDim)),
          mo("="),
          mn(short(Math.sqrt(headDim))),
        ],
      ];
    case "bias":
      return [
        [S(), eq(), scaled(), plus(), B()],
        [
          sub(mi("b", "bias"), mi("ij")),
          eq(),
          mi("b̂", "bias"),
          mo("["),
          mi("Δ"),
          mi("row"),
          mo(","),
          mi("Δ"),
          mi("column"),
          mo("]"),
        ],
      ];
    case "mask":
      return [
        [S(), eq(), scaled(), plus(), B(), plus(), M()],
        [
          sub(mi("m", "mask"), mi("ij")),
          mo("∈"),
          mo("{"),
          mn(0),
          mo(","),
          mn("−100"),
          mo("}"),
        ],
      ];
    case "sum":
      return [[S(), eq(), scaled(), ...added()]];
    case "softmax":
      return [
        [A(), eq(), of("softmax", scaled(), ...added())],
        [
          sub(mi("a", "a"), mi("ij")),
          eq(),
          frac(
            sup(mi("e"), sub(mi("s"), mi("ij"))),
            mrow(sub(mo("∑"), mi("k")), sup(mi("e"), sub(mi("s"), mi("ik")))),
          ),
        ],
      ];
    case "mix":
      return [
        [sub(mat("O"), mi("h")), eq(), sub(A(), mi("h")), sub(V(), mi("h"))],
        [
          sub(mi("o"), mi("i")),
          eq(),
          sub(mo("∑"), mi("j")),
          sub(mi("a", "a"), mi("ij")),
          sub(mi("v", "v"), mi("j")),
        ],
      ];
    case "project":
      return [
        [mat("Z"), eq(), headsBeside(layer.heads), W("O"), plus(), mi("b")],
      ];
    case "residual":
      return residualLines(context);
    case "mlp":
      return [
        [
          mi("z"),
          eq(),
          sub(mat("W"), mn(2)),
          of(
            "GELU",
            sub(mat("W"), mn(1)),
            mi("y"),
            plus(),
            sub(mi("b"), mn(1)),
          ),
          plus(),
          sub(mi("b"), mn(2)),
        ],
      ];
    case "merge":
      return [
        [
          mi("y", "stream"),
          eq(),
          mat("W"),
          mo("⋅"),
          of(
            "norm",
            beside(
              ...["00", "10", "01", "11"].map((place, i) =>
                sub(mi("x", `window-${i + 1}`), mn(place)),
              ),
            ),
          ),
        ],
      ];
    case "pool":
      return poolLines(context);
    case "head":
      return headLines(context);
    default:
      return [[x()]];
  }
}

/** Three digits, as few as say it. @param {number} value */
const short = (value) => Number(value.toPrecision(3));

/** The tokens before the positions: prefix tokens, then patches. @param {Context} context */
function tokensOf({ description, layer }) {
  const { rows, columns } = layer.grid;
  const patches = [sub(x(), mn(1)), mo("…"), sub(x(), mn(rows * columns))];
  const prefix = description.prefix.map((name) =>
    sub(
      mi("t", "q"),
      mi(/class/.test(name) ? "cls" : /dist/.test(name) ? "dist" : "reg"),
    ),
  );
  return beside(...prefix, ...patches);
}

/** @param {Context} context @param {boolean} isShifted */
function windowLines({ layer }, isShifted) {
  if (!layer.windows) return [[X()]];
  const { rows, columns, shift } = layer.windows;
  const size = `${rows}×${columns}`;
  const cut = [
    sub(X(), mi("w")),
    eq(),
    of(`windows${size}`, isShifted ? sup(X(), mo("′")) : X()),
  ];
  if (!isShifted) return [cut];
  return [
    [
      sup(X(), mo("′")),
      eq(),
      of(
        "roll",
        X(),
        mo(","),
        mn(`−${shift.rows}`),
        mo(","),
        mn(`−${shift.columns}`),
      ),
    ],
    cut,
  ];
}

/** @param {number} heads */
function headsBeside(heads) {
  const O = (/** @type {number} */ head) => sub(mat("O", "v"), mn(head));
  if (heads < 4) {
    return beside(...Array.from({ length: heads }, (_, i) => O(i + 1)));
  }
  return beside(O(1), O(2), mo("…"), O(heads));
}

/** @param {Context} context */
function residualLines(context) {
  const isFirst = context.step.site.endsWith("mid");
  const part = isFirst
    ? of("attention", of("norm", x()))
    : of("MLP", of("norm", x()));
  return [
    [
      sup(x(), mo("′")),
      eq(),
      x(),
      plus(),
      ...(hasLayerScale(context) ? [mi("λ"), mo("⊙")] : []),
      part,
    ],
  ];
}

/** @param {Context} context @returns {Part[][]} */
function headLines(context) {
  const z = () => mi("z", "stream");
  const { num_classes: classes } = context.description;
  if (classes === 0) return [[mi("f"), eq(), z()]];
  const scores = isDistilled(context)
    ? ["cls", "dist"].flatMap((name, i) => [
        ...(i > 0 ? [plus()] : []),
        W(name),
        sub(z(), mi(name)),
        plus(),
        sub(mi("b"), mi(name)),
      ])
    : [mat("W"), z(), plus(), mi("b")];
  const shown = isDistilled(context)
    ? [frac(mrow(...scores), mn("2"))]
    : scores;
  return [[mi("p", "a"), eq(), of("softmax", ...shown)]];
}

/** @param {Context} context */
function poolLines(context) {
  const { rows, columns } = context.layer.grid;
  const z = () => mi("z", "stream");
  switch (poolOf(context)) {
    case "token":
      return [[z(), eq(), sub(x(), mi("cls"))]];
    case "distilled":
      return [[z(), eq(), beside(sub(x(), mi("cls")), sub(x(), mi("dist")))]];
    default:
      return [
        [
          z(),
          eq(),
          frac(mn(1), mn(rows * columns)),
          sub(mo("∑"), mi("i")),
          sub(x(), mi("i")),
        ],
      ];
  }
}
