// How a lesson says what is changed about the model and its photo: a word each, in the lessons' own way of counting.

import { NOTHING_LEFT_OUT, withHeads, withHidden } from "../whatif.js";

/** @import {Description, Whatif} from "../types.js" */

/** What a word looks like, as errors say it. */
export const WHATIF_WORDS = [
  "shift",
  "mask",
  "bias",
  "position",
  "shuffle",
  "head 3.1",
  "heads 3",
  "patch 2,5",
  "patches 2,5-4,9",
];

const WORD =
  /^(?:shift|mask|bias|position|shuffle|head \d{1,3}\.\d{1,3}|heads \d{1,3}|patch \d{1,3},\d{1,3}|patches \d{1,3},\d{1,3}-\d{1,3},\d{1,3})$/;

/** @param {string} word */
export const isWhatifWord = (word) => WORD.test(word);

/**
 * What the engine is told; heads and patches that a model does not have are left alone.
 * @param {string[]} words @param {Description} description
 * @returns {Whatif}
 */
export function whatifOf(words, description) {
  return words.reduce((whatif, word) => withWord(whatif, word, description), {
    ...NOTHING_LEFT_OUT,
    noShift: words.includes("shift"),
    noMask: words.includes("mask"),
    noBias: words.includes("bias"),
    positions: words.includes("position") ? 0 : 1,
    shuffle: words.includes("shuffle") ? 1 : 0,
  });
}

/** @param {Whatif} whatif @param {string} word @param {Description} description @returns {Whatif} */
function withWord(whatif, word, { layers, grid }) {
  const [kind] = word.split(" ");
  const numbers = (word.match(/\d+/g) ?? []).map(Number);
  if (kind === "head" || kind === "heads") {
    const layer = numbers[0] - 1;
    const heads = layers[layer]?.heads ?? 0;
    const all = Array.from({ length: heads }, (_, head) => head);
    const off =
      kind === "heads" ? all : all.filter((i) => i === numbers[1] - 1);
    return { ...whatif, heads: withHeads(whatif, layer, off, true) };
  }
  if (kind === "patch" || kind === "patches") {
    const [top, left, bottom = top, right = left] = numbers;
    const { rows, columns } = grid;
    const patches = Array.from({ length: rows * columns }, (_, i) => i).filter(
      (patch) => {
        const [row, column] = [Math.floor(patch / columns), patch % columns];
        return row >= top && row <= bottom && column >= left && column <= right;
      },
    );
    return { ...whatif, hidden: withHidden(whatif.hidden, patches, true) };
  }
  return whatif;
}
