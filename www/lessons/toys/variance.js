// Why scores are divided by √d: the spread of q · k over random vectors, and what softmax makes of it. Drawn anew for
// each d from a seeded generator, so that the same d always shows the same numbers.

import { uniform } from "../../random.js";
import { softmax } from "./attention.js";

/** How many pairs are drawn. */
export const PAIRS = 4000;
/** How many keys compete in the softmax. */
const KEYS = 8;

/** Normal numbers of variance 1 (Box and Muller). @param {() => number} next */
export const normal = (next) => () =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** q · k of random vectors with unit variance in each of d places. @param {number} d @param {number} count @param {number} [seed] */
export function randomDots(d, count, seed = 1) {
  const draw = normal(uniform(seed));
  return Array.from({ length: count }, () => {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += draw() * draw();
    return sum;
  });
}

/** @param {number[]} values */
export function varianceOf(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return (
    values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length
  );
}

/**
 * Softmax over a few keys at a time: its largest weight, and how much that weight still moves with its score, which is
 * what training feels of it: p (1 − p). Both averaged.
 * @param {number[]} scores
 */
export function sharpness(scores) {
  let peak = 0;
  let slope = 0;
  const rounds = Math.floor(scores.length / KEYS);
  for (let round = 0; round < rounds; round++) {
    const p = Math.max(
      ...softmax(scores.slice(round * KEYS, (round + 1) * KEYS)),
    );
    peak += p / rounds;
    slope += (p * (1 - p)) / rounds;
  }
  return { peak, slope };
}

/** How many values fall into each of the bins between −limit and limit; what lies beyond counts at the ends. @param {number[]} values @param {number} limit @param {number} bins */
export function histogram(values, limit, bins) {
  const counts = new Array(bins).fill(0);
  for (const value of values) {
    const at = Math.floor(((value + limit) / (2 * limit)) * bins);
    counts[Math.min(bins - 1, Math.max(0, at))]++;
  }
  return counts;
}

/** All that the board shows for one d. @param {number} d */
export function experiment(d) {
  const dots = randomDots(d, PAIRS);
  const scaled = dots.map((one) => one / Math.sqrt(d));
  return {
    dots,
    scaled,
    variance: varianceOf(dots),
    raw: sharpness(dots),
    tamed: sharpness(scaled),
  };
}
