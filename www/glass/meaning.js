// What the rows, columns and slices of a site's tensor are, in words: for whoever points at a number.

import { t } from "../i18n/i18n.js";
import { patchName } from "../views/words.js";
import { stageBefore, tokenText } from "./context.js";

/** @import {Context} from "./context.js" */

/** Sites with a row a query and a column a key. */
const SQUARE = /\.attn\.(qk|scores|pattern|bias|mask)$/;
/** Sites with a row a token of each head. */
const VECTORS = /\.attn\.(q|k|v)$/;

/**
 * @typedef {object} Meaning
 * @property {(row: number) => string} row
 * @property {(column: number) => string} column
 * @property {(value: number) => string | null} value what a number names, where it is no amount
 * @property {number | null} queryRow the row that belongs to the query
 */

/** @param {Context} context @param {string} site @param {number[]} shape @returns {Meaning} */
export function meaningOf(context, site, shape) {
  const { place, token, patch, description, layer } = context;
  const isWindowed = layer.windows !== null;
  const number = (/** @type {number} */ i) => t("glass.number", { number: i });
  const slot = (/** @type {number} */ i) => slotText(context, i);
  const plain = { value: () => null, queryRow: null };
  if (SQUARE.test(site)) {
    // The bias is the same in all windows: there a slot is no patch of the photo.
    const isShared = isWindowed && shape[0] === 1;
    const name = isShared ? slotNumber : slot;
    return {
      row: (i) => t("glass.of-query", { name: name(i) }),
      column: (i) => t("glass.of-key", { name: name(i) }),
      ...plain,
      queryRow: place,
    };
  }
  if (VECTORS.test(site)) {
    return { row: slot, column: number, ...plain, queryRow: place };
  }
  if (site.endsWith(".attn.index")) {
    const { columns } = layer.grid;
    return {
      row: (i) => t("glass.of-window", { number: i + 1 }),
      column: slotNumber,
      value: (value) =>
        value < 0
          ? t("sight.padding")
          : patchName(Math.floor(value / columns), value % columns),
      queryRow: context.window,
    };
  }
  switch (site) {
    case "input":
      return {
        row: (i) => t("glass.pixel-row", { number: i }),
        column: (i) => t("glass.pixel-column", { number: i }),
        ...plain,
      };
    case "logits":
      return {
        row: () => "",
        column: (i) =>
          description.num_classes > 0
            ? t("glass.class", { number: i })
            : number(i),
        ...plain,
      };
    case "pool":
      return {
        row: (i) => (shape.length > 1 ? tokenText(context, i) : ""),
        column: number,
        ...plain,
      };
    case "patch_embed": {
      const first = description.prefix.length;
      return {
        row: (i) => tokenText(context, i + first),
        column: number,
        ...plain,
        queryRow: patch >= 0 ? patch : null,
      };
    }
    default:
      return {
        row: (i) => tokenText(context, i),
        column: number,
        ...plain,
        queryRow: token,
      };
  }
}

/** @param {number} slot */
function slotNumber(slot) {
  return t("glass.slot", { number: slot });
}

/** The token in a slot of the query's window, or of the sequence. @param {Context} context @param {number} slot */
function slotText(context, slot) {
  const windows = context.pattern?.windows;
  if (!windows) {
    return context.layer.windows ? slotNumber(slot) : tokenText(context, slot);
  }
  const token = windows.tokenAt(context.window * windows.area + slot);
  return token < 0 ? t("sight.padding") : tokenText(context, token);
}

/** A token of the map that a merge reads. @param {Context} context @param {number} token */
export function fineTokenText(context, token) {
  const from = stageBefore(context);
  return from ? tokenText({ ...context, layer: from }, token) : "";
}
