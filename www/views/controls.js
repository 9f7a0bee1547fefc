// How attention is drawn: direction, scale, cover, square or smooth patches, whole photo or the model's part.

import { t } from "../i18n/i18n.js";
import { build, buildSwitch, fillSelect, find } from "./dom.js";

/** @import {State, Store} from "../state.js" */
/** @import {Direction, Scale} from "../types.js" */

/** @param {ParentNode} root @param {Store} store */
export function mountControls(root, store) {
  const box = find(root, ".settings", HTMLElement);
  store.watch(
    (s) => [s.language],
    (state) => box.replaceChildren(...buildRows(state, store)),
  );
  // The keyboard changes some of these too.
  store.watch(
    (s) => [s.framing, s.smooth, s.direction, s.scale],
    ({ framing, smooth, direction, scale }) => {
      find(box, "[name=direction]", HTMLSelectElement).value = direction;
      find(box, "[name=scale]", HTMLSelectElement).value = scale;
      const patches = smooth ? "smooth" : "square";
      for (const value of [framing, patches]) {
        find(box, `[value=${value}]`, HTMLInputElement).checked = true;
      }
    },
  );
}

/** @param {State} state @param {Store} store */
function buildRows(state, store) {
  const direction = buildSelect("direction", ["row", "column"]);
  direction.addEventListener("change", () =>
    store.set({ direction: /** @type {Direction} */ (direction.value) }),
  );
  const scale = buildSelect("scale", ["head", "layer", "absolute"]);
  scale.addEventListener("change", () =>
    store.set({ scale: /** @type {Scale} */ (scale.value) }),
  );
  const patches = buildSwitch(
    "patches",
    [
      ["square", t("controls.square")],
      ["smooth", t("controls.smooth")],
    ],
    state.smooth ? "smooth" : "square",
    (value) => store.set({ smooth: value === "smooth" }),
  );
  const framing = buildSwitch(
    "framing",
    [
      ["whole", t("controls.whole")],
      ["crop", t("controls.crop")],
    ],
    state.framing,
    (value) => store.set({ framing: value === "crop" ? "crop" : "whole" }),
  );
  const opacity = build("input", {
    type: "range",
    name: "opacity",
    min: 0,
    max: 1,
    step: 0.01,
    value: state.opacity,
  });
  opacity.addEventListener("input", () =>
    store.set({ opacity: Number(opacity.value) }),
  );
  direction.value = state.direction;
  scale.value = state.scale;
  return [
    row("controls.direction", direction),
    row("controls.scale", scale),
    row("controls.opacity", opacity),
    row("controls.patches", patches),
    row("controls.framing", framing),
  ];
}

/** @param {"direction" | "scale"} name @param {string[]} values */
function buildSelect(name, values) {
  const select = build("select", {
    class: "control",
    name,
    "data-testid": `${name}-select`,
  });
  fillSelect(
    select,
    values.map((value) => [value, t(`controls.${name}-${value}`)]),
    values[0],
  );
  return select;
}

/** @param {string} key @param {HTMLElement} control */
function row(key, control) {
  control.setAttribute("aria-label", t(key));
  const label = build("span", { class: "key", "aria-hidden": "true" }, t(key));
  return build("div", { class: "setting" }, label, control);
}
