// Three looks at the step: as a learner writes it in PyTorch, the engine's own Rust, and the values that came out.

import { pytorchOf } from "../../glass/pytorch.js";
import { kernelOf, linesOfQuote, quoteOf } from "../../glass/rust.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { mountValues } from "./values.js";

/** @import {Context} from "../../glass/context.js" */
/** @import {Line} from "../../glass/pytorch.js" */
/** @import {Session} from "../../session.js" */
/** @import {Look, Store} from "../../state.js" */

/** @type {Look[]} */
const TABS = ["pytorch", "rust", "values"];

/** @param {HTMLElement} box @param {Store} store @param {Session} session */
export function mountLens(box, store, session) {
  const buttons = TABS.map((name) =>
    build("button", {
      type: "button",
      role: "tab",
      id: `lens-tab-${name}`,
      "aria-controls": `lens-${name}`,
      "data-testid": `lens-tab-${name}`,
      "data-i18n": `glass.tab-${name}`,
    }),
  );
  const panels = TABS.map((name) =>
    build("div", {
      role: "tabpanel",
      id: `lens-${name}`,
      class: "lens-panel",
      "aria-labelledby": `lens-tab-${name}`,
      "data-testid": `lens-${name}`,
    }),
  );
  const tabs = build(
    "div",
    { class: "lens-tabs", role: "tablist", "data-i18n-label": "glass.tabs" },
    ...buttons,
  );
  box.append(tabs, ...panels);
  const [pytorch, rust, values] = panels;
  const map = mountValues(values, store, session);

  /** @param {Look} look */
  function show(look) {
    for (const [i, button] of buttons.entries()) {
      const isShown = TABS[i] === look;
      button.setAttribute("aria-selected", String(isShown));
      button.tabIndex = isShown ? 0 : -1;
      panels[i].hidden = !isShown;
    }
    map.draw();
  }

  for (const [i, button] of buttons.entries()) {
    button.addEventListener("click", () => {
      store.set({ look: TABS[i] });
      // Once it is shown.
      queueMicrotask(() => panels[i].scrollIntoView({ block: "nearest" }));
    });
    button.addEventListener("keydown", (event) => {
      const places = new Map([
        ["ArrowLeft", i - 1],
        ["ArrowRight", i + 1],
        ["Home", 0],
        ["End", TABS.length - 1],
      ]);
      const next = buttons[places.get(event.key) ?? -1];
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.click();
    });
  }
  store.watch(
    (s) => [s.look],
    ({ look }) => show(look),
  );

  return {
    /** @param {Context} context */
    drawCode(context) {
      pytorch.replaceChildren(buildCode(pytorchOf(context), "PyTorch"));
      const quote = quoteOf(context);
      rust.replaceChildren(
        build("p", { class: "file" }, quote?.file ?? ""),
        buildCode(quote ? linesOfQuote(quote) : [], "Rust"),
        ...instead(context),
      );
    },
  };
}

/** Says which kernel runs in place of the quoted lines, if one does. @param {Context} context */
function instead(context) {
  const kernel = kernelOf(context);
  if (!kernel) return [];
  const file = build("span", { class: "file" }, kernel);
  return [
    build("p", { class: "instead" }, t("glass.rust-integers"), " ", file),
  ];
}

/** @param {Line[]} lines @param {string} name */
function buildCode(lines, name) {
  const code = build("code");
  for (const { text, isNow } of lines) {
    const [, words, comment] = /^(.*?)((?:\s#|\s*\/\/).*)?$/.exec(text) ?? [];
    const line = build("span", { class: isNow ? "line now" : "line" }, words);
    if (comment) line.append(build("i", {}, comment));
    line.append("\n");
    code.append(line);
  }
  const label = t("glass.code", { name });
  return build(
    "pre",
    { tabindex: 0, role: "group", "aria-label": label },
    code,
  );
}
