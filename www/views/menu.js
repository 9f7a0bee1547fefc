// A button with a small menu below it: arrow keys go through it, Escape and a click elsewhere close it.

import { t } from "../i18n/i18n.js";
import { build, setStyle } from "./dom.js";

/**
 * @typedef {object} Choice
 * @property {string} name its test id is `{menu}-{name}`
 * @property {string} words the key of its text
 * @property {() => void} run
 * @property {string} [key] the key that does the same, shown beside it
 * @property {() => boolean} [isThere] whether it can be chosen now; always, where left out
 */

/** Between the button and its menu, and between that and the window's edge, in CSS pixels. */
const GAP = 4;

let count = 0;

/**
 * @param {{name: string, sign: string, words: string, choices: Choice[], className?: string}} menu
 * @returns {{button: HTMLButtonElement, open: () => void}} the button stands where the caller puts it
 */
export function buildMenu({ name, sign, words, choices, className = "" }) {
  const id = `menu-${++count}`;
  const button = build(
    "button",
    {
      type: "button",
      class: `control round menu-button ${className}`.trim(),
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-testid": name,
      "data-i18n-label": words,
    },
    sign,
  );
  button.setAttribute("aria-label", t(words));
  /** Built when it is first wanted: a page has a dozen of these. @type {HTMLElement | null} */
  let list = null;

  function listOf() {
    if (list) return list;
    list = build("div", { class: "menu", id, role: "menu", popover: "auto" });
    list.addEventListener("toggle", (event) => {
      const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
      button.setAttribute("aria-expanded", String(isOpen));
    });
    list.addEventListener("keydown", move);
    // Of the same landmark as its button.
    button.after(list);
    return list;
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const items = [...listOf().querySelectorAll("button")];
    const at = items.findIndex((item) => item === document.activeElement);
    const last = items.length - 1;
    const places = new Map([
      ["ArrowDown", at === last ? 0 : at + 1],
      ["ArrowUp", at <= 0 ? last : at - 1],
      ["Home", 0],
      ["End", last],
    ]);
    // Single letters mean something on the page behind.
    event.stopPropagation();
    if (event.key === "Tab") close();
    if (event.key === "Escape") {
      event.preventDefault();
      close();
      button.focus();
    }
    const next = places.get(event.key);
    if (next === undefined) return;
    event.preventDefault();
    items[next]?.focus();
  }

  const close = () => listOf().hidePopover();

  function open() {
    const box = listOf();
    box.setAttribute("aria-label", t(words));
    const offered = choices.filter(({ isThere }) => isThere?.() ?? true);
    box.replaceChildren(...offered.map(itemOf));
    box.showPopover();
    place(box);
    box.querySelector("button")?.focus();
  }

  /** Below the button where there is room, else above it. @param {HTMLElement} box */
  function place(box) {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    const isLeft = left + width + GAP < innerWidth;
    const x = isLeft ? left : Math.max(GAP, right - width);
    const isBelow = bottom + GAP + height < innerHeight;
    const y = isBelow ? bottom + GAP : Math.max(GAP, top - GAP - height);
    setStyle(box, "left", `${x}px`);
    setStyle(box, "top", `${y}px`);
  }

  /** @param {Choice} choice */
  function itemOf({ name: own, words: text, key, run }) {
    const item = build(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: -1,
        "data-testid": `${name}-${own}`,
      },
      build("span", {}, t(text)),
      key ? build("kbd", { "aria-hidden": "true" }, key) : null,
    );
    item.addEventListener("click", () => {
      close();
      button.focus();
      run();
    });
    return item;
  }

  button.addEventListener("click", open);
  return { button, open };
}
