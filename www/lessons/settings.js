// What a lesson's step can set on the page: the fields, and what holds where a step says nothing.

/**
 * Counted as the page writes them: layers and heads from 1, patches from 0.
 * @typedef {object} Settings
 * @property {string} [model] an entry of the model menu
 * @property {string} [photo] a sample
 * @property {number | "first" | "last" | "shifted"} [layer]
 * @property {string} [step] a site, or the word of a step ("softmax") in the layer
 * @property {number} [head]
 * @property {"class" | "middle" | [number, number]} [query] negative numbers count from the last row and column
 * @property {"row" | "column"} [direction]
 * @property {"head" | "layer" | "absolute"} [scale]
 * @property {boolean} [smooth]
 * @property {number} [opacity]
 * @property {"whole" | "crop"} [framing]
 * @property {boolean} [windows] whether windows are coloured
 * @property {number | "play"} [roll]
 * @property {string[]} [whatif] what is changed about the model and its photo, in the words of whatif-words.js
 * @property {string} [panel]
 */

/** What holds where neither the lesson nor the step says otherwise. @type {Settings} */
export const NEUTRAL = Object.freeze({
  head: 1,
  direction: "row",
  scale: "head",
  smooth: false,
  opacity: 0.85,
  framing: "whole",
  roll: 0,
  whatif: [],
});

/** Fields that a step inherits from the lesson and never loses by itself. */
export const SETTING_NAMES = /** @type {const} */ ([
  "model",
  "photo",
  "layer",
  "step",
  "head",
  "query",
  "direction",
  "scale",
  "smooth",
  "opacity",
  "framing",
  "windows",
  "roll",
  "whatif",
  "panel",
]);

/**
 * All that a step sets: the neutral values, the lesson's, what is kept of the step before, its own.
 * @param {Settings} lesson @param {Settings} before what the step before came to @param {true | string[]} keep @param {Settings} own
 * @returns {Settings}
 */
export function resolved(lesson, before, keep, own) {
  const kept = Object.fromEntries(
    Object.entries(before).filter(
      ([name]) => keep === true || keep.includes(name),
    ),
  );
  return { ...NEUTRAL, ...lesson, ...kept, ...own };
}
