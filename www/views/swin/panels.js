// What a Swin shows beside its heads: one panel or two at a time, behind tabs that follow the rail's step.

import { findStep } from "../../state.js";
import { build, find } from "../dom.js";
import { buildBias } from "./bias.js";
import { buildCost } from "./cost.js";
import { buildMask } from "./mask.js";
import { buildMerge } from "./merge.js";
import { windowedLayer } from "./panel.js";
import { buildReach } from "./reach.js";
import { buildRoll } from "./roll.js";
import { buildWhatif } from "./whatif.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** The tab that explains a kind of step. @type {Record<string, string>} */
const TAB_OF_KIND = {
  windows: "windows",
  mask: "windows",
  bias: "bias",
  merge: "merge",
};

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountSwin(root, store, session) {
  const zone = find(root, ".swin-panels", HTMLElement);
  /** @type {[string, HTMLElement[]][]} */
  const chapters = [
    ["windows", [buildRoll(store, session), buildMask(store)]],
    ["reach", [buildReach(store, session)]],
    ["bias", [buildBias(store, session)]],
    ["cost", [buildCost(store)]],
    ["merge", [buildMerge(store)]],
    ["whatif", [buildWhatif(store, session)]],
  ];
  const bar = build("div", {
    class: "tabs",
    role: "tablist",
    "data-i18n-label": "swin.tabs",
  });
  const sheets = chapters.map(([name, panels]) =>
    build(
      "div",
      { class: "sheet", role: "tabpanel", id: `swin-${name}`, hidden: true },
      ...panels,
    ),
  );
  const tabs = chapters.map(([name]) =>
    build("button", {
      type: "button",
      role: "tab",
      "data-tab": name,
      "data-testid": `swin-tab-${name}`,
      "aria-controls": `swin-${name}`,
      "data-i18n": `swin.tab-${name}`,
    }),
  );
  bar.append(...tabs);
  zone.append(bar, ...sheets);

  /** @param {string} name */
  function show(name) {
    for (const [i, tab] of tabs.entries()) {
      const isChosen = tab.dataset["tab"] === name;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      sheets[i].hidden = !isChosen;
    }
    zone.scrollTop = 0;
  }
  show("windows");

  bar.addEventListener("click", ({ target }) => {
    const tab = target instanceof Element && target.closest("[data-tab]");
    if (tab instanceof HTMLElement) show(tab.dataset["tab"] ?? "");
  });
  bar.addEventListener("keydown", (event) => {
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const places = new Map([
      ["ArrowLeft", at - 1],
      ["ArrowRight", at + 1],
      ["Home", 0],
      ["End", tabs.length - 1],
    ]);
    const next = tabs[places.get(event.key) ?? -1];
    if (!next) return;
    event.preventDefault();
    show(next.dataset["tab"] ?? "");
    next.focus();
  });

  store.watch(
    (s) => [s.model?.description, s.layer],
    (state) => {
      zone.hidden = !windowedLayer(state);
    },
  );
  store.watch(
    (s) => [s.model?.description, s.step],
    ({ model, step }) => {
      const kind = model && findStep(model.description, step)?.kind;
      const tab = TAB_OF_KIND[kind ?? ""];
      if (tab) show(tab);
    },
  );
}
