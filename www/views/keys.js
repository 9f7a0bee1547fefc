// Keys that work anywhere on the page, and the dialog that lists them.

import { t } from "../i18n/i18n.js";
import { build, find } from "./dom.js";
import { pauseRoll, playRoll } from "./roll.js";
import { isShifted, isTinted, shownCut } from "./shown.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

/**
 * Keys and what they do: the dialog lists exactly what is bound here.
 * @typedef {object} Binding
 * @property {string[]} keys as `KeyboardEvent.key` has them; [] where another part of the page binds them
 * @property {string[]} [shown] as the dialog writes them, where that differs
 * @property {string} words the key of what they do
 * @property {(key: string) => void} [run]
 * @property {() => boolean} [isOff] whether the key now keeps its own meaning to the browser
 */

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** What listens only where the focus is. @type {Binding[]} */
const ELSEWHERE = [
  { keys: [], shown: ["←", "↑", "↓", "→"], words: "help.query" },
  { keys: [], shown: ["←", "→", "Home", "End"], words: "help.rail" },
  { keys: [], shown: ["←", "→", "Home", "End"], words: "habits.key-tabs" },
  { keys: [], shown: ["←", "↑", "↓", "→"], words: "glass.help-row" },
  { keys: [], shown: ["+", "−", "0"], words: "glass.help-zoom" },
  { keys: [], shown: ["PgUp", "PgDn", "b", "n"], words: "help.lesson" },
  { keys: [], shown: ["Ctrl V"], words: "help.paste" },
  { keys: [], shown: ["Tab", "⇧ Tab"], words: "habits.key-tab" },
];

/** @param {Store} store @param {Session} session @param {() => void} openHelp @returns {Binding[]} */
function bindings(store, { looking }, openHelp) {
  const turn = (/** @type {number} */ by) => {
    const { head } = store.get();
    looking.setHead(head + by);
  };
  const climb = (/** @type {number} */ by) => {
    const { layer } = store.get();
    void looking.setLayer(layer + by);
  };
  return [
    {
      keys: ["[", "]", ...DIGITS],
      shown: ["[", "]", "1 … 9"],
      words: "help.head",
      run: (key) => {
        if (key === "[" || key === "]") turn(key === "[" ? -1 : 1);
        else looking.setHead(Number(key) - 1);
      },
    },
    {
      keys: [",", ".", "PageUp", "PageDown"],
      shown: [",", ".", "PgUp", "PgDn"],
      words: "help.layer",
      run: (key) => climb([",", "PageUp"].includes(key) ? -1 : 1),
    },
    {
      keys: ["Escape"],
      shown: ["Esc"],
      words: "help.release",
      run: () => {
        const { presenter, controls } = store.get();
        if (presenter || !controls) {
          store.set({ presenter: false, controls: true });
        } else {
          looking.unpin();
        }
      },
    },
    {
      keys: ["d"],
      words: "help.direction",
      run: () => {
        const { direction } = store.get();
        store.set({ direction: direction === "row" ? "column" : "row" });
      },
    },
    {
      keys: ["s"],
      words: "help.smooth",
      run: () => store.set({ smooth: !store.get().smooth }),
    },
    {
      keys: ["w"],
      words: "help.windows",
      run: () => {
        const state = store.get();
        if (shownCut(state)) store.set({ tint: !isTinted(state) });
      },
    },
    {
      keys: ["r"],
      words: "help.roll",
      run: () => {
        const state = store.get();
        if (!isShifted(shownCut(state))) return;
        if (state.isRolling) pauseRoll(store);
        else playRoll(store);
      },
    },
    { keys: ["?"], words: "help.help", run: openHelp },
  ];
}

/**
 * @param {ParentNode} root @param {Store} store @param {Session} session
 * @param {Binding[]} more keys of other parts of the page that work everywhere
 */
export function mountKeys(root, store, session, more) {
  const dialog = find(root, "dialog.help", HTMLDialogElement);
  const button = find(root, ".help-button", HTMLButtonElement);
  const open = () => {
    dialog.showModal();
    // The browser goes to its first button, which stands at the end.
    dialog.scrollTop = 0;
  };
  button.addEventListener("click", open);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  const bound = [...bindings(store, session, open), ...more];
  store.watch(
    (s) => [s.language],
    () => dialog.replaceChildren(...buildHelp([...bound, ...ELSEWHERE])),
  );
  const actions = new Map(
    bound.flatMap((one) => one.keys.map((key) => [key, one])),
  );
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (root.querySelector("dialog[open]") || isTyping(event.target)) return;
    if (isPressed(event)) return;
    const action = actions.get(event.key);
    if (!action?.run || action.isOff?.()) return;
    event.preventDefault();
    action.run(event.key);
  });
}

/** Whether the key presses what has the focus. @param {KeyboardEvent} event */
export function isPressed({ key, target }) {
  const pressed = "button, input, select, textarea, summary, a[href]";
  return key === " " && target instanceof Element && target.matches(pressed);
}

/** Where keys have a meaning of their own. @param {EventTarget | null} target */
function isTyping(target) {
  if (target instanceof HTMLSelectElement) return true;
  if (!(target instanceof HTMLInputElement)) return false;
  return target.type === "text" || target.type === "range";
}

/** @param {Binding[]} all */
function buildHelp(all) {
  const rows = all.map(({ keys, shown = keys, words }) =>
    build(
      "tr",
      {},
      build("td", {}, ...shown.map((key) => build("kbd", {}, key))),
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
