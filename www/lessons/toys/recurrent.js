// Networks that read one input after another, with single numbers as states so that every step can be checked by hand:
// a plain RNN, and an LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).

/** @typedef {{x: number[], u: number, w: number, v: number}} RnnInputs */

/** @returns {RnnInputs} */
export const initialRnn = () => ({
  x: [1, -0.5, 0.8, 0.2, -1, 0.6],
  u: 0.9,
  w: 0.6,
  v: 1.5,
});

/**
 * h(t) = tanh(U x(t) + W h(t−1)), o(t) = V h(t), h(0) = 0.
 * @param {RnnInputs} inputs
 */
export function rnn({ x, u, w, v }) {
  /** @type {number[]} */
  const pre = [];
  /** @type {number[]} */
  const h = [];
  for (const [t, one] of x.entries()) {
    pre.push(u * one + w * (t > 0 ? h[t - 1] : 0));
    h.push(Math.tanh(pre[t]));
  }
  return { pre, h, o: h.map((one) => v * one) };
}

/** A gate's weights: for the input, for the last state, and its bias. @typedef {[x: number, h: number, bias: number]} Gate */
/** @typedef {{x: number[], forget: Gate, input: Gate, candidate: Gate, output: Gate}} LstmInputs */

/** @param {number[]} x @returns {LstmInputs} */
export const initialLstm = (x) => ({
  x,
  forget: [0, 0.2, 2.5],
  input: [0.8, 0, 0],
  candidate: [1.2, 0.2, 0],
  output: [0.4, 0.2, 0.5],
});

/** @param {number} value */
export const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/**
 * c(t) = f c(t−1) + i g, h(t) = o tanh(c(t)), with gates f, i, o = σ(…) and the candidate g = tanh(…).
 * @param {LstmInputs} inputs
 */
export function lstm({ x, forget, input, candidate, output }) {
  /** @type {{f: number[], i: number[], g: number[], o: number[], c: number[], h: number[]}} */
  const run = { f: [], i: [], g: [], o: [], c: [], h: [] };
  let [c, h] = [0, 0];
  for (const one of x) {
    const sum = (/** @type {Gate} */ [a, b, bias]) => a * one + b * h + bias;
    const [f, i, o] = [forget, input, output].map((gate) => sigmoid(sum(gate)));
    const g = Math.tanh(sum(candidate));
    c = f * c + i * g;
    h = o * Math.tanh(c);
    run.f.push(f);
    run.i.push(i);
    run.g.push(g);
    run.o.push(o);
    run.c.push(c);
    run.h.push(h);
  }
  return run;
}

/** By how much the first input is moved. */
export const NUDGE = 0.1;

/**
 * How much of a small change of the first input is left in the state after each step, compared with the change that
 * it made at once.
 * @param {number[]} x @param {(x: number[]) => number[]} states
 */
export function echoes(x, states) {
  const moved = states([x[0] + NUDGE, ...x.slice(1)]);
  const before = states(x);
  const first = Math.abs(moved[0] - before[0]);
  return before.map((one, t) =>
    first > 0 ? Math.abs(moved[t] - one) / first : 0,
  );
}
