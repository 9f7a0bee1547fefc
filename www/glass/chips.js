// The shapes of what a step takes and makes, in this model's numbers.

import { hiddenOf } from "./say.js";
import { stageBefore } from "./context.js";

/** @import {Context} from "./context.js" */

/** @typedef {{name: string, symbol: string, shape: string}} Chip */

/** @param {string} name @param {string} symbol @param {(number | string)[]} shape @returns {Chip} */
const chip = (name, symbol, shape) => ({
  name,
  symbol,
  shape: shape.join("×"),
});

/** @param {Context} context @returns {Chip[]} */
export function chipsOf(context) {
  const { description, kind, step, layer, keys, headDim } = context;
  const { heads, dim, windows, grid } = layer;
  const { patch, input } = description;
  const [first = 1, last = 1] = step.shape;
  const count = windows
    ? (windows.padded.rows / windows.rows) *
      (windows.padded.columns / windows.columns)
    : 1;
  const outer = windows ? [count, heads] : [heads];
  const vectors = [...outer, keys, headDim];
  const square = [...outer, keys, keys];
  const tokens = windows
    ? grid.rows * grid.columns
    : description.prefix.length + grid.rows * grid.columns;
  const Q = chip("Q", "q", vectors);
  const K = chip("K", "k", vectors);
  const V = chip("V", "v", vectors);
  const S = chip("S", "", square);
  const A = chip("A", "a", square);
  const B = chip("B", "bias", [heads, keys, keys]);
  const M = chip("M", "mask", [count, keys, keys]);
  const X = chip("X", "stream", [tokens, dim]);
  const root = {
    name: "√d",
    symbol: "",
    shape: `= ${Number(Math.sqrt(headDim).toPrecision(3))}`,
  };
  switch (kind) {
    case "input":
      return [chip("x", "stream", step.shape.slice(-3))];
    case "patch-embed": {
      const numbers = patch.height * patch.width * 3;
      return [
        chip("photo", "", [3, input.height, input.width]),
        chip("p", "", [first, numbers]),
        chip("E", "", [numbers, last]),
        chip("x", "stream", [first, last]),
      ];
    }
    case "pos-embed":
      return [chip("P", "bias", [first, last]), X];
    case "norm":
      return [
        chip("x", "stream", step.shape),
        ...(step.parameters > 0
          ? [chip("γ", "", [last]), chip("β", "", [last])]
          : []),
        chip("y", "", step.shape),
      ];
    case "windows":
      return [
        chip("map", "stream", [grid.rows, grid.columns, dim]),
        chip("windows", "", [first, last]),
      ];
    case "qkv":
      return [
        chip("Y", "", [tokens, dim]),
        chip("W", "", [dim, 3 * heads * headDim]),
        Q,
        K,
        V,
      ];
    case "scores":
      return [Q, K, S, root];
    case "bias":
      return [chip("b̂", "bias", [step.parameters / heads, heads]), B, S];
    case "mask":
      return [M, S];
    case "sum":
      return [S, B, ...(shifts(context) ? [M] : [])];
    case "softmax":
      return [Q, K, A, root];
    case "mix":
      return [A, V, chip("O", "v", [tokens, heads * headDim])];
    case "project":
      return [
        chip("O", "v", [tokens, heads * headDim]),
        chip("W", "", [heads * headDim, dim]),
        chip("Z", "", [tokens, dim]),
      ];
    case "mlp": {
      const hidden = hiddenOf(context);
      return [
        chip("y", "", [tokens, dim]),
        chip("W₁", "", [dim, hidden]),
        chip("W₂", "", [hidden, dim]),
      ];
    }
    case "merge": {
      const before = stageBefore(context);
      const width = before?.dim ?? dim / 2;
      return [
        ...(before
          ? [
              chip("x", "stream", [
                before.grid.rows,
                before.grid.columns,
                width,
              ]),
            ]
          : []),
        chip("W", "", [4 * width, dim]),
        chip("y", "stream", [grid.rows, grid.columns, dim]),
      ];
    }
    case "pool":
      return [X, chip("z", "stream", step.shape)];
    case "head":
      return [
        chip("z", "stream", [dim]),
        ...(description.num_classes > 0
          ? [chip("W", "", [dim, first]), chip("p", "a", [first])]
          : []),
      ];
    default:
      return [X];
  }
}

/** @param {Context} context */
function shifts({ layer: { windows } }) {
  return windows !== null && windows.shift.rows + windows.shift.columns > 0;
}
