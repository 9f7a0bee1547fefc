// What a what-if did to the classes: the first five before and after, side by side.

/** @import {Prediction} from "../../types.js" */

/** Classes compared. */
const SHOWN = 5;

/**
 * A class before and after; null where it is not among those that the engine lists.
 * @typedef {{index: number, label: string, before: number | null, after: number | null}} Change
 */

/**
 * The first five of now, and whatever was among the first five before.
 * @param {Prediction[]} before @param {Prediction[]} after
 * @returns {Change[]}
 */
export function changesBetween(before, after) {
  const first = [...after.slice(0, SHOWN), ...before.slice(0, SHOWN)];
  const classes = new Map(first.map(({ index, label }) => [index, label]));
  const of = (/** @type {Prediction[]} */ list, /** @type {number} */ index) =>
    list.find((one) => one.index === index)?.probability ?? null;
  return [...classes].map(([index, label]) => ({
    index,
    label,
    before: of(before, index),
    after: of(after, index),
  }));
}

/** @param {Prediction[]} before @param {Prediction[]} after */
export function isSame(before, after) {
  return (
    before.length === after.length &&
    before.every(
      ({ index, probability }, i) =>
        after[i].index === index && after[i].probability === probability,
    )
  );
}
