// Attention small enough to check by hand: four tokens of two numbers each, every step of it, and additive scores
// (Bahdanau et al. 2015) as the older way to compare a query with a key. Pure arithmetic.

/** Rows of numbers. @typedef {number[][]} Matrix */

/**
 * @typedef {object} Inputs
 * @property {Matrix} x (4, 2) the tokens
 * @property {Matrix} wq (2, 2) @property {Matrix} wk @property {Matrix} wv
 * @property {Partial<Record<"q" | "k" | "v", Matrix>>} own what was typed over x · W
 * @property {boolean[][]} mask (4, 4) true where the query of the row must not see the key of the column
 * @property {Matrix} wa (2, 2) additive scoring: for the query
 * @property {Matrix} ua (2, 2) for the key
 * @property {Matrix} va (1, 2) from the two together to one number
 */

/**
 * @typedef {object} Worked every step with its numbers
 * @property {Matrix} q @property {Matrix} k @property {Matrix} v (4, 2)
 * @property {Matrix} dots q · k, (4, 4)
 * @property {Matrix} scaled divided by √d
 * @property {Matrix} masked −∞ where the mask hides
 * @property {Matrix} weights softmax of each row
 * @property {Matrix} free the same without the mask
 * @property {Matrix} out (4, 2)
 * @property {Matrix} additive vᵀ tanh(W q + U k)
 * @property {Matrix} additiveWeights
 */

/** @returns {Inputs} */
export function initialInputs() {
  return {
    x: [
      [1, 0],
      [0.5, 1],
      [-1, 0.5],
      [0, -1],
    ],
    wq: [
      [1, 0.5],
      [0, 1],
    ],
    wk: [
      [1, 0],
      [-0.5, 1],
    ],
    wv: [
      [0.5, 1],
      [1, -0.5],
    ],
    own: {},
    mask: Array.from({ length: 4 }, () => [false, false, false, false]),
    wa: [
      [1, 0],
      [0, 1],
    ],
    ua: [
      [1, 0.5],
      [-0.5, 1],
    ],
    va: [[1, -1]],
  };
}

/** A causal mask: no token sees those after it. @param {number} n */
export const causalMask = (n) =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) => j > i),
  );

/** @param {Matrix} a (n, m) @param {Matrix} b (m, p) @returns {Matrix} */
export function product(a, b) {
  return a.map((row) =>
    b[0].map((_, j) => row.reduce((sum, one, m) => sum + one * b[m][j], 0)),
  );
}

/** @param {Matrix} a @returns {Matrix} */
export const transposed = (a) => a[0].map((_, j) => a.map((row) => row[j]));

/** The largest score is taken off first, so that no exponential overflows. @param {number[]} row */
export function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((one) => Math.exp(one - top));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}

/** @param {Inputs} inputs @returns {Worked} */
export function work({ x, wq, wk, wv, own, mask, wa, ua, va }) {
  const q = own.q ?? product(x, wq);
  const k = own.k ?? product(x, wk);
  const v = own.v ?? product(x, wv);
  const dots = product(q, transposed(k));
  const root = Math.sqrt(q[0].length);
  const scaled = dots.map((row) => row.map((one) => one / root));
  const masked = scaled.map((row, i) =>
    row.map((one, j) => (mask[i][j] ? -Infinity : one)),
  );
  const weights = masked.map(softmax);
  const fromQuery = product(q, transposed(wa));
  const fromKey = product(k, transposed(ua));
  const additive = fromQuery.map((a) =>
    fromKey.map((b) =>
      va[0].reduce((sum, one, h) => sum + one * Math.tanh(a[h] + b[h]), 0),
    ),
  );
  return {
    q,
    k,
    v,
    dots,
    scaled,
    masked,
    weights,
    free: scaled.map(softmax),
    out: product(weights, v),
    additive,
    additiveWeights: additive.map(softmax),
  };
}
