// What the number under the cursor of a strip is, in words.

import { keyText } from "../../glass/context.js";
import { fineTokenText } from "../../glass/meaning.js";
import { mergedTokens } from "../../glass/rows.js";
import { t } from "../../i18n/i18n.js";
import { valueText } from "../words.js";

/** @import {Context} from "../../glass/context.js" */
/** @import {Row} from "../../glass/row.js" */

/** @param {Context} context @param {Row} row @param {number} place @param {number} key the chosen key */
export function cursorText(context, row, place, key) {
  const { axis, name, values, hidden, site } = row;
  const value = valueText(values[place]);
  const where = placeText(context, row, place, key);
  if (name === "slots") return where;
  const said = `${where}: ${value}`;
  const tail = hidden?.[place] ? ` · ${t("sight.hidden")}` : "";
  const source = site || axis === "head" ? "" : ` · ${t("glass.worked-out")}`;
  return said + tail + source;
}

/** @param {Context} context @param {Row} row @param {number} place @param {number} key */
function placeText(context, { axis, name }, place, key) {
  const { description, headDim } = context;
  switch (axis) {
    case "key":
      return name === "slots"
        ? `${t("glass.slot", { number: place })}: ${keyText(context, place)}`
        : t("glass.of-key", { name: keyText(context, place) });
    case "head": {
      const number = t("glass.number", { number: place });
      if (name !== "k" && name !== "v") return number;
      return `${keyText(context, key)}, ${number}`;
    }
    case "pixel": {
      const { width } = description.patch;
      const row = Math.floor(place / width);
      return t("glass.pixel", { row, column: place % width });
    }
    case "class":
      return t("glass.class", { number: place });
    case "hidden": {
      const number = t("glass.number", { number: place });
      const part = /^merge-(\d)$/.exec(name);
      const token = part ? mergedTokens(context)[Number(part[1])] : -1;
      if (!part || token === undefined) return number;
      const from =
        token < 0 ? t("sight.padding") : fineTokenText(context, token);
      return `${from}, ${number}`;
    }
    default: {
      const number = t("glass.number", { number: place });
      if (name !== "concat") return number;
      const head = Math.floor(place / headDim) + 1;
      return `${number}, ${t("heads.head", { number: head })}`;
    }
  }
}
