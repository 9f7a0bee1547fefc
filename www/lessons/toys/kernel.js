// Nadaraya–Watson kernel regression as attention: the place asked for is the query, the places known are the keys, what
// was measured there are the values. Pure arithmetic.

import { softmax } from "./attention.js";

/** @typedef {{x: number, y: number}} Point */

/** What the measurements scatter about. @param {number} x */
export const truth = (x) => Math.sin(x) + 0.3 * x;

/** Eighteen measurements between 0 and 6, with a fixed scatter. @returns {Point[]} */
export function initialPoints() {
  const scatter = [
    0.21, -0.34, 0.12, 0.4, -0.18, -0.05, 0.31, -0.42, 0.08, 0.26, -0.29, 0.15,
    -0.11, 0.37, -0.22, 0.04, -0.36, 0.19,
  ];
  return scatter.map((off, i) => {
    const x = 0.2 + (i * 5.6) / (scatter.length - 1);
    return { x, y: truth(x) + off };
  });
}

/**
 * @param {Point[]} points @param {number} at the query @param {number} width of the Gaussian kernel
 * @returns {{weights: number[], estimate: number}} softmax of −(at − x)² / 2 width², and the mean that it weighs
 */
export function regress(points, at, width) {
  const weights = softmax(
    points.map(({ x }) => -((at - x) ** 2) / (2 * width ** 2)),
  );
  const estimate = points.reduce((sum, { y }, i) => sum + weights[i] * y, 0);
  return { weights, estimate };
}
