// A strip of numbers: what the glass shows of one row of one tensor.

/** @import {Numbers} from "./numbers.js" */

/**
 * A strip of numbers. Strips of one axis share a cursor.
 * @typedef {object} Row
 * @property {string} name what the texts call it
 * @property {string} symbol the class of its colour
 * @property {Numbers} values
 * @property {"key" | "head" | "number" | "hidden" | "pixel" | "class" | "slot"} axis
 * @property {string} site where it was recorded; "" where the page worked it out from what was
 * @property {Uint8Array | null} hidden 1 where the mask keeps a key from the query
 * @property {[number, number] | null} part what of it belongs to the chosen head
 * @property {boolean} isNow whether this is what the step makes
 */

/**
 * @param {string} name @param {string} symbol @param {Numbers | null} values @param {Row["axis"]} axis
 * @param {Partial<Row>} [more]
 * @returns {Row[]} none where the numbers are not here
 */
export function row(name, symbol, values, axis, more = {}) {
  if (!values) return [];
  const plain = { site: "", hidden: null, part: null, isNow: false };
  return [{ name, symbol, values, axis, ...plain, ...more }];
}
