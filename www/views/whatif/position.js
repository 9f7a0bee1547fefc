// A ViT's position embedding, switched off or scaled.

import { formatNumber } from "../../i18n/i18n.js";
import { MOST_POSITIONS, hasPositions } from "../../whatif.js";
import { build } from "../dom.js";
import { buildSection, buildToggle } from "./parts.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** @param {Store} store @param {Session} session */
export function buildPositionSwitches(store, session) {
  const off = buildToggle("position", "whatif.no-position", (isOff) => {
    void session.setWhatif({ positions: isOff ? 0 : 1 });
  });
  const slider = build("input", {
    type: "range",
    min: 0,
    max: MOST_POSITIONS,
    step: 0.25,
    "data-testid": "whatif-positions",
    "data-i18n-label": "whatif.scale",
  });
  const value = build("output", { class: "number" });
  slider.addEventListener("input", () => {
    void session.setWhatif({ positions: Number(slider.value) });
  });
  const scale = build("label", { class: "scale" }, slider, value);
  const switches = build("div", { class: "switches" }, off.label, scale);
  const section = buildSection("position", switches);
  store.watch(
    (s) => [s.whatif, s.model?.description, s.language],
    ({ whatif: { positions }, model }) => {
      section.hidden = !model || !hasPositions(model.description);
      off.input.checked = positions === 0;
      slider.value = String(positions);
      value.textContent = `× ${formatNumber(positions)}`;
    },
  );
  return section;
}
