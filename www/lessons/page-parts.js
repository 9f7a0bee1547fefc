// The names by which a lesson calls parts of the page, to light them up or to hide them, and parts of the model.

import { NOTHING_LEFT_OUT } from "../state.js";

/** Parts of the page; css/lesson.css says what each is. The results are a board's. */
export const PARTS_OF_PAGE = [
  "model",
  "photos",
  "rail",
  "stage",
  "sight",
  "roll",
  "tokens",
  "heads",
  "layer",
  "predictions",
  "direction",
  "scale",
  "panels",
  "results",
];

/** The panels beside the heads, as `state.panel` names them. */
export const PANELS = [
  "windows",
  "reach",
  "bias",
  "cost",
  "merge",
  "whatif",
  "heads",
  "rollout",
  "distance",
  "positions",
  "filters",
  "lens",
];

/** @import {Whatif} from "../types.js" */

/** "shift" leaves out the shift. @type {Record<string, keyof Whatif>} */
const WHATIFS = Object.fromEntries(
  /** @type {(keyof Whatif)[]} */ (Object.keys(NOTHING_LEFT_OUT))
    .filter((name) => typeof NOTHING_LEFT_OUT[name] === "boolean")
    .map((name) => [name.replace(/^no/, "").toLowerCase(), name]),
);

export const WHATIF_WORDS = Object.keys(WHATIFS);

/** What the engine is told. @param {string[]} words @returns {Partial<Whatif>} */
export function whatifOf(words) {
  return Object.fromEntries(
    Object.entries(WHATIFS).map(([word, name]) => [name, words.includes(word)]),
  );
}
