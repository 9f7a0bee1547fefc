// Swin's three: without shift, without mask, without bias.

import { isChanged } from "../../whatif.js";
import { hasWindows } from "../../windows.js";
import { build } from "../dom.js";
import { buildSection, buildToggle } from "./parts.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** @type {["noShift" | "noMask" | "noBias", string][]} */
const CHANGES = [
  ["noShift", "shift"],
  ["noMask", "mask"],
  ["noBias", "bias"],
];

/** @param {Store} store @param {Session} session */
export function buildWindowSwitches(store, session) {
  const boxes = CHANGES.map(([name, word]) => ({
    name,
    ...buildToggle(word, `swin.no-${word}`, (isOn) => {
      void session.setWhatif({ [name]: isOn });
    }),
  }));
  const switches = build(
    "div",
    { class: "switches" },
    ...boxes.map(({ label }) => label),
  );
  const section = buildSection("windows", switches);
  store.watch(
    (s) => [s.whatif, s.model?.description],
    ({ whatif, model }) => {
      section.hidden = !hasWindows(model?.description);
      for (const { name, input } of boxes) input.checked = whatif[name];
    },
  );
  return section;
}

/** What each of them does, to read before there is anything to see. @param {Store} store */
export function aboutWindowSwitches(store) {
  const about = build(
    "ul",
    { class: "about-changes" },
    ...CHANGES.map(([, word]) =>
      build("li", { "data-i18n": `swin.about-no-${word}` }),
    ),
  );
  store.watch(
    (s) => [s.whatif, s.model?.description],
    ({ whatif, model }) => {
      about.hidden = !hasWindows(model?.description) || isChanged(whatif);
    },
  );
  return about;
}
