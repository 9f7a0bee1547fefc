// Which of the engine's own lines show a step.

import { MIXING, isDistilled } from "./context.js";
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
      return isDistilled(context) ? "head-distilled" : "head";
    default:
      return kind;
  }
}

/** Does all that mixes in one, in integers, where q, k and v come from a quantized matrix and nobody changes them. */
const KERNEL = "src/kernels/attention/job.rs";

/** What runs in place of the quoted lines. @param {Context} context @returns {string | null} its file */
export const kernelOf = ({ kind, description, layer }) =>
  MIXING.includes(kind) && isInBlocks(description.dtype, layer.dim)
    ? KERNEL
    : null;

/** Whether a matrix whose rows are `length` numbers long is in blocks of 32. @param {string} dtype @param {number} length */
const isInBlocks = (dtype, length) =>
  ["q8_0", "q4_0"].includes(dtype) && length % 32 === 0;

/** @param {Quote} quote @returns {Line[]} */
export function linesOfQuote({ lines }) {
  return lines.map((text) => ({
    text: text.slice(2),
    isNow: text.startsWith(">"),
  }));
}
