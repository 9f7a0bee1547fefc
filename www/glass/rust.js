// Which of the engine's own lines show a step.

import { QUOTES } from "./quotes.js";
import { poolOf } from "./say.js";

/** @import {Context} from "./context.js" */
/** @import {Line} from "./pytorch.js" */
/** @import {Quote} from "./quotes.js" */

/** Which quote shows a step. @param {Context} context */
export function quoteOf(context) {
  const { description, layer } = context;
  const name = quoteName(context);
  const isSwin = layer.windows !== null || description.family === "swin";
  return (isSwin ? QUOTES[`swin-${name}`] : undefined) ?? QUOTES[name];
}

/** @param {Context} context */
function quoteName(context) {
  const { kind, step, description } = context;
  switch (kind) {
    case "norm":
      return step.parameters > 0 ? "norm" : "norm-none";
    case "pool":
      return `pool-${poolOf(context)}`;
    case "head":
      if (description.num_classes === 0) return "head-none";
      return description.prefix.some((name) => name.startsWith("dist"))
        ? "head-distilled"
        : "head";
    default:
      return kind;
  }
}

/** @param {Quote} quote @returns {Line[]} */
export function linesOfQuote({ lines }) {
  return lines.map((text) => ({
    text: text.slice(2),
    isNow: text.startsWith(">"),
  }));
}
