// The part of the address that says how the page looks, whatever it shows: scale, cover and framing of the overlay,
// the look of the glass, how far the photo is rolled, theme, presenter mode, hidden controls.

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
  };
}

/** @param {URLSearchParams} fields @param {State} state */
export function writeLook(fields, state) {
  const { direction, scale, smooth, opacity, framing, look, roll } = state;
  if (direction !== DEFAULTS.direction) fields.set("direction", direction);
  if (scale !== DEFAULTS.scale) fields.set("scale", scale);
  if (smooth) fields.set("patches", "smooth");
  if (opacity !== DEFAULTS.opacity) fields.set("opacity", String(opacity));
  if (framing !== DEFAULTS.framing) fields.set("framing", framing);
  if (look !== DEFAULTS.look) fields.set("glass", look);
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
  s.theme,
  s.presenter,
  s.controls,
];
