// Keys that work anywhere on the page, and the dialog that lists them.

import { t } from "../i18n/i18n.js";
import { build, find } from "./dom.js";
import { pauseRoll, playRoll } from "./roll.js";
import { isShifted, isTinted, shownCut } from "./shown.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

/** What the dialog lists: keys, and the key of their words. @type {[string[], string][]} */
const LIST = [
  [["[", "]", "1 … 9"], "help.head"],
  [[",", ".", "PgUp", "PgDn"], "help.layer"],
  [["←", "↑", "↓", "→"], "help.query"],
  [["Esc"], "help.release"],
  [["d"], "help.direction"],
  [["s"], "help.smooth"],
  [["w"], "help.windows"],
  [["r"], "help.roll"],
  [["←", "→", "Home", "End"], "help.rail"],
  [["←", "↑", "↓", "→"], "glass.help-row"],
  [["+", "−", "0"], "glass.help-zoom"],
  [["PgUp", "PgDn", "b", "n"], "help.lesson"],
  [["Ctrl V"], "help.paste"],
  [["?"], "help.help"],
];

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountKeys(root, store, session) {
  const dialog = find(root, "dialog.help", HTMLDialogElement);
  const button = find(root, ".help-button", HTMLButtonElement);
  button.addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  store.watch(
    (s) => [s.language],
    () => dialog.replaceChildren(...buildHelp()),
  );

  const { looking } = session;
  /** @type {Record<string, () => void>} */
  const actions = {
    "[": () => looking.setHead(store.get().head - 1),
    "]": () => looking.setHead(store.get().head + 1),
    ",": () => void looking.setLayer(store.get().layer - 1),
    ".": () => void looking.setLayer(store.get().layer + 1),
    PageUp: () => void looking.setLayer(store.get().layer - 1),
    PageDown: () => void looking.setLayer(store.get().layer + 1),
    Escape: () => looking.unpin(),
    d: () =>
      store.set({
        direction: store.get().direction === "row" ? "column" : "row",
      }),
    s: () => store.set({ smooth: !store.get().smooth }),
    w: () => {
      const state = store.get();
      if (shownCut(state)) store.set({ tint: !isTinted(state) });
    },
    r: () => {
      const state = store.get();
      if (!isShifted(shownCut(state))) return;
      if (state.isRolling) pauseRoll(store);
      else playRoll(store);
    },
    "?": () => dialog.showModal(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || dialog.open) return;
    if (isTyping(event.target)) return;
    const number = /^[1-9]$/.test(event.key) ? Number(event.key) : null;
    const action =
      number === null ? actions[event.key] : () => looking.setHead(number - 1);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Where keys have a meaning of their own. @param {EventTarget | null} target */
function isTyping(target) {
  if (target instanceof HTMLSelectElement) return true;
  if (!(target instanceof HTMLInputElement)) return false;
  return target.type === "text" || target.type === "range";
}

function buildHelp() {
  const rows = LIST.map(([keys, words]) =>
    build(
      "tr",
      {},
      build("td", {}, ...keys.map((key) => build("kbd", {}, key))),
      build("td", {}, t(words)),
    ),
  );
  const close = build("button", { class: "control" }, t("help.close"));
  return [
    build("h2", {}, t("help.title")),
    build("p", {}, t("help.pointer")),
    build("table", {}, build("tbody", {}, ...rows)),
    build("p", { class: "privacy" }, t("help.privacy")),
    build("form", { method: "dialog" }, close),
  ];
}
