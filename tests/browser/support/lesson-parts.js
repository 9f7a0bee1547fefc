// What the specs of the lessons say alike: places in the small models, and a lesson as a file that is dropped.

/** A block of the embedded Swin that shifts its windows. */
export const SHIFTED = "layers.0.blocks.1.attn";

/** No what-if at all. */
export const NOTHING = {
  noShift: false,
  noMask: false,
  noBias: false,
  heads: [],
  hidden: [],
  shuffle: 0,
  positions: 1,
};

/** @param {number} row @param {number} column */
export const patch = (row, column) => ({ kind: "patch", row, column });

/** What a visitor could drop. @param {unknown} value a lesson, or the text of a file @param {string} [name] */
export const asFile = (value, name = "mine.json") => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(
    typeof value === "string" ? value : JSON.stringify(value),
  ),
});
