// Reading a sequence to write another: an encoder with one fixed code for the decoder, then with attention, which makes
// a code for each output (as Bahdanau et al. 2015, here scored by a product); and self-attention over the inputs.

import { softmax } from "./attention.js";

/**
 * @typedef {object} Inputs
 * @property {number[]} x
 * @property {number} u input to encoder state @property {number} w encoder state to the next
 * @property {number} z code to decoder state @property {number} r decoder state to the next
 * @property {number} b how strongly a decoder state and an encoder state are compared
 */

/** How many outputs are written. */
export const OUTPUTS = 3;

/** @returns {Inputs} */
export const initialInputs = () => ({
  x: [1, -0.7, 0.4, -0.2, 0.7],
  u: 1.2,
  w: 0.6,
  z: 1.5,
  r: -0.9,
  b: 6,
});

/** The encoder's states: h(j) = tanh(u x(j) + w h(j−1)). @param {Inputs} inputs */
export function encode({ x, u, w }) {
  /** @type {number[]} */
  const h = [];
  for (const [j, one] of x.entries()) {
    h.push(Math.tanh(u * one + w * (j > 0 ? h[j - 1] : 0)));
  }
  return h;
}

/**
 * s(t) = tanh(z c(t) + r s(t−1)), beginning at the encoder's last state; the code c is that last state for all outputs,
 * or with attention the mean of all encoder states weighted by softmax(b s(t−1) h(j)).
 * @param {Inputs} inputs @param {boolean} isAttending
 */
export function translate(inputs, isAttending) {
  const h = encode(inputs);
  const last = h[h.length - 1];
  /** @type {number[]} */
  const s = [];
  /** @type {number[]} */
  const codes = [];
  /** @type {number[][]} */
  const weights = [];
  for (let t = 0; t < OUTPUTS; t++) {
    const before = t > 0 ? s[t - 1] : last;
    if (isAttending) {
      weights.push(softmax(h.map((one) => inputs.b * before * one)));
      codes.push(h.reduce((sum, one, j) => sum + weights[t][j] * one, 0));
    } else {
      codes.push(last);
    }
    s.push(Math.tanh(inputs.z * codes[t] + inputs.r * before));
  }
  return { h, codes, weights, s };
}

/** By how much an input is moved. */
export const NUDGE = 0.01;

/**
 * How much each output moves with each input: the change of s(t) for a small change of x(j), divided by it.
 * @param {Inputs} inputs @param {boolean} isAttending
 * @returns {number[][]} a row an output, a column an input
 */
export function influence(inputs, isAttending) {
  const before = translate(inputs, isAttending).s;
  const columns = inputs.x.map((_, j) => {
    const x = inputs.x.map((one, i) => (i === j ? one + NUDGE : one));
    const after = translate({ ...inputs, x }, isAttending).s;
    return after.map((one, t) => Math.abs(one - before[t]) / NUDGE);
  });
  return before.map((_, t) => columns.map((column) => column[t]));
}

/** Self-attention over single numbers, each its own query, key and value. @param {number[]} x */
export function attendToSelf(x) {
  const weights = x.map((query) => softmax(x.map((key) => query * key)));
  const out = weights.map((row) =>
    row.reduce((sum, weight, j) => sum + weight * x[j], 0),
  );
  return { weights, out };
}
