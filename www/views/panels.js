// Beside the heads: what else there is to see of a model, one chapter at a time behind tabs that follow the rail's step.
// A chapter's panels come when its tab is first chosen.

import { translatePage } from "../i18n/i18n.js";
import { findStep } from "../state.js";
import { chaptersOf } from "./chapters.js";
import { build, find } from "./dom.js";
import { attempt } from "./later.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Chapter} from "./chapters.js" */

/** The tab that explains a kind of step. @type {Record<string, string>} */
const TAB_OF_KIND = {
  windows: "windows",
  mask: "windows",
  bias: "bias",
  merge: "merge",
};

/**
 * @param {ParentNode} root @param {Store} store @param {Session} session
 * @param {(panel: HTMLElement) => void} dress adds what every panel has, once one is there
 */
export function mountPanels(root, store, session, dress) {
  const zone = find(root, ".panels", HTMLElement);
  const chapters = chaptersOf(store, session);
  const bar = build("div", {
    class: "tabs",
    role: "tablist",
    "data-i18n-label": "explain.tabs",
  });
  const sheets = chapters.map((chapter) =>
    build("div", {
      class: "sheet",
      role: "tabpanel",
      id: sheetId(chapter),
      "aria-labelledby": `tab-${sheetId(chapter)}`,
      hidden: true,
    }),
  );
  const tabs = chapters.map((chapter) =>
    build("button", {
      type: "button",
      role: "tab",
      id: `tab-${sheetId(chapter)}`,
      "data-tab": chapter.name,
      "data-testid":
        chapter.prefix === "swin"
          ? `swin-tab-${chapter.name}`
          : `tab-${chapter.name}`,
      "aria-controls": sheetId(chapter),
      "data-i18n": `${chapter.prefix}.tab-${chapter.name}`,
    }),
  );
  // Where all do not fit into one row, what is about windows has the first for itself.
  const ofWindows = tabs.filter((_, i) => chapters[i].prefix === "swin");
  const gap = build("span", { class: "break", role: "presentation" });
  bar.append(...tabs);
  ofWindows[ofWindows.length - 1].after(gap);
  zone.append(bar, ...sheets);

  /** The tabs of the model's family. */
  const offered = () => tabs.filter((tab) => !tab.hidden);

  function breakRow() {
    gap.hidden = true;
    const [first, ...others] = offered();
    const isOne = others.every((tab) => tab.offsetTop === first.offsetTop);
    gap.hidden = isOne || !ofWindows.includes(first);
  }

  /** @param {HTMLElement} tab */
  function choose(tab) {
    store.set({ panel: tab.dataset["tab"] ?? "" });
  }

  bar.addEventListener("click", ({ target }) => {
    const tab = target instanceof Element && target.closest("[data-tab]");
    if (tab instanceof HTMLElement) choose(tab);
  });
  bar.addEventListener("keydown", (event) => {
    const all = offered();
    const at = all.findIndex((tab) => tab === document.activeElement);
    const places = new Map([
      ["ArrowLeft", at - 1],
      ["ArrowRight", at + 1],
      ["Home", 0],
      ["End", all.length - 1],
    ]);
    const next = all[places.get(event.key) ?? -1];
    if (!next) return;
    event.preventDefault();
    choose(next);
    next.focus();
  });

  /** Chapters whose panels are there, or on their way. @type {Set<Chapter>} */
  const filled = new Set();

  /** @param {Chapter} chapter @param {HTMLElement} sheet */
  async function fill(chapter, sheet) {
    if (filled.has(chapter)) return;
    filled.add(chapter);
    try {
      const panels = await chapter.build();
      for (const panel of panels) dress(panel);
      sheet.append(...panels);
      translatePage(sheet);
    } catch (error) {
      filled.delete(chapter);
      throw error;
    }
  }

  // The step before the sheet: what follows the rail is then drawn once.
  followStep(store);
  let shown = -1;
  store.watch(
    (s) => [s.model?.description.family, s.panel],
    ({ model, panel }) => {
      const family = model?.description.family ?? "";
      zone.hidden = !model;
      const own = chapters.filter(({ families }) => families.includes(family));
      const chapter = own.find(({ name }) => name === panel) ?? own[0];
      for (const [i, tab] of tabs.entries()) {
        const isChosen = chapters[i] === chapter;
        tab.hidden = !own.includes(chapters[i]);
        tab.setAttribute("aria-selected", String(isChosen));
        tab.tabIndex = isChosen ? 0 : -1;
        sheets[i].hidden = !isChosen;
      }
      const now = chapter ? chapters.indexOf(chapter) : -1;
      if (now === shown || now < 0) return;
      shown = now;
      void attempt(session, () => fill(chapter, sheets[now]));
      zone.scrollTop = 0;
      breakRow();
      showWithin(bar, tabs[now]);
    },
  );
  // Words of another length, or another width.
  const observer = new ResizeObserver(() => {
    breakRow();
    if (shown >= 0) showWithin(bar, tabs[shown]);
  });
  for (const element of [bar, tabs[0]]) observer.observe(element);
}

/** What a tab controls. @param {Chapter} chapter */
function sheetId({ prefix, name }) {
  return prefix === "swin" ? `swin-${name}` : `panel-${name}`;
}

/** A step that a chapter explains brings it to the front; so it is not when a model comes with its own view. @param {Store} store */
function followStep(store) {
  /** @type {State["model"]} */
  let before = null;
  store.watch(
    (s) => [s.model?.description, s.step],
    ({ model, step, panel }) => {
      const isNew = model?.description !== before?.description;
      before = model;
      const kind = model && findStep(model.description, step)?.kind;
      const tab = TAB_OF_KIND[kind ?? ""];
      if (tab && !(isNew && panel)) store.set({ panel: tab });
    },
  );
}

/** Scrolls the row of tabs, and nothing else, until one is in sight. @param {HTMLElement} bar @param {HTMLElement} tab */
function showWithin(bar, tab) {
  const left = tab.offsetLeft - bar.offsetLeft;
  const right = left + tab.offsetWidth;
  if (left < bar.scrollLeft) bar.scrollLeft = left;
  else if (right > bar.scrollLeft + bar.clientWidth) {
    bar.scrollLeft = right - bar.clientWidth;
  }
}
