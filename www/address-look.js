// The part of the address that says how the page looks, whatever it shows: scale, cover and framing of the overlay,
// the look of the glass, how far the photo is rolled or grown, theme, presenter mode, hidden controls.

import { LEAST_GROWN, MOST_GROWN } from "./state.js";

/** @import {State} from "./state.js" */

/** What an address means that says nothing of it; these are not written. */
const DEFAULTS = Object.freeze(
  /** @type {const} */ ({
    direction: "row",
    scale: "head",
    smooth: false,
    opacity: 0.85,
    framing: "whole",
    look: "pytorch",
    roll: 0,
    grown: 1,
    zoomed: null,
  }),
);

/** Whether this system asks for light or dark. */
const systemTheme = () =>
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

/** What follows the address everywhere, in lessons too. @param {URLSearchParams} fields @returns {Partial<State>} */
export function readFrame(fields) {
  const theme = fields.get("theme");
  return {
    presenter: fields.get("presenter") === "on",
    controls: fields.get("controls") !== "off",
    ...(theme === "dark" || theme === "light" ? { theme } : {}),
  };
}

/** The rest of the looks: complete, so that going back takes back what was set since. @param {URLSearchParams} fields @returns {Partial<State>} */
export function readLook(fields) {
  const scale = fields.get("scale");
  const opacity = fields.get("opacity");
  const look = fields.get("glass");
  const roll = fields.get("roll");
  const grown = fields.get("cost");
  const zoomed = fields.get("zoom") ?? "";
  return {
    ...DEFAULTS,
    ...(fields.get("direction") === "column" ? { direction: "column" } : {}),
    ...(scale === "layer" || scale === "absolute" ? { scale } : {}),
    ...(fields.get("patches") === "smooth" ? { smooth: true } : {}),
    ...(opacity !== null && /^[01](\.\d{1,2})?$/.test(opacity)
      ? { opacity: Math.min(1, Number(opacity)) }
      : {}),
    ...(fields.get("framing") === "crop" ? { framing: "crop" } : {}),
    ...(look === "rust" || look === "values" ? { look } : {}),
    ...(roll !== null && /^(1|0\.\d{1,2})$/.test(roll)
      ? { roll: Number(roll) }
      : {}),
    ...(grown !== null && /^\d(\.\d{1,5})?$/.test(grown)
      ? { grown: Math.min(MOST_GROWN, Math.max(LEAST_GROWN, Number(grown))) }
      : {}),
    ...(/^(\d{1,5}(\.\d{1,3})?,){2}[1-9]\d{0,4}(\.\d{1,3})?$/.test(zoomed)
      ? { zoomed: parseZoomed(zoomed) }
      : {}),
  };
}

/** @param {string} text */
function parseZoomed(text) {
  const [row, column, zoom] = text.split(",").map(Number);
  return { row, column, zoom };
}

/** @param {URLSearchParams} fields @param {State} state */
export function writeLook(fields, state) {
  const { direction, scale, smooth, opacity, framing, look } = state;
  const { roll, grown, zoomed } = state;
  if (direction !== DEFAULTS.direction) fields.set("direction", direction);
  if (scale !== DEFAULTS.scale) fields.set("scale", scale);
  if (smooth) fields.set("patches", "smooth");
  if (opacity !== DEFAULTS.opacity) fields.set("opacity", String(opacity));
  if (framing !== DEFAULTS.framing) fields.set("framing", framing);
  if (look !== DEFAULTS.look) fields.set("glass", look);
  if (grown !== DEFAULTS.grown) {
    fields.set("cost", String(Number(grown.toFixed(5))));
  }
  if (zoomed) {
    const { row, column, zoom } = zoomed;
    const numbers = [row, column, zoom].map((one) => Number(one.toFixed(3)));
    fields.set("zoom", numbers.join());
  }
  // What moves is nowhere yet.
  if (roll > 0 && !state.isRolling) {
    fields.set("roll", String(Number(roll.toFixed(2))));
  }
}

/** A theme that the system gives anyway is left to the reader's system. @param {URLSearchParams} fields @param {State} state */
export function writeFrame(fields, { theme, presenter, controls }) {
  if (theme !== systemTheme()) fields.set("theme", theme);
  if (presenter) fields.set("presenter", "on");
  if (!controls) fields.set("controls", "off");
}

/** What all this follows from, for `watch`. @param {State} s */
export const lookKeys = (s) => [
  s.direction,
  s.scale,
  s.smooth,
  s.opacity,
  s.framing,
  s.look,
  s.isRolling ? 0 : s.roll,
  s.grown,
  s.zoomed,
  s.theme,
  s.presenter,
  s.controls,
];
