// The board: where a lesson shows something smaller than a model, it covers the stage and the heads with numbers that
// can be changed.

import { build, find } from "../dom.js";
import { buildAttention } from "./toy-attention.js";
import { buildKernel } from "./toy-kernel.js";
import { buildRecurrent } from "./toy-recurrent.js";
import { buildTranslate } from "./toy-translate.js";
import { buildVariance } from "./toy-variance.js";
import { short } from "./numbers.js";

/** @import {Fact} from "../../lessons/facts.js" */
/** @import {Store} from "../../state.js" */

/**
 * A board's inside.
 * @typedef {object} Toy
 * @property {(part: string, width: number) => void} draw builds or refreshes what the part shows
 * @property {(name: string) => number | string | null} fact a live number that a text can name
 */

/** @typedef {(box: HTMLElement, onChange: () => void) => Toy} BuildToy */

/** @type {Record<string, BuildToy>} */
const BUILDERS = {
  attention: buildAttention,
  variance: buildVariance,
  kernel: buildKernel,
  recurrent: buildRecurrent,
  translate: buildTranslate,
};

/** @typedef {ReturnType<typeof mountBoard>} Board */

/** @param {Document} root @param {Store} store */
export function mountBoard(root, store) {
  const section = build("section", {
    class: "lesson-board",
    "data-testid": "lesson-board",
    "data-i18n-label": "lesson.board",
    hidden: true,
  });
  find(root, "main", HTMLElement).prepend(section);
  /** @type {(() => void)[]} */
  const listeners = [];
  /** @type {{key: string, part: string, toy: Toy} | null} */
  let current = null;
  let width = 0;

  const refresh = () => {
    if (current && width > 0) current.toy.draw(current.part, width);
    for (const listener of listeners) listener();
  };

  store.watch(
    (s) => [s.lesson?.lesson, s.lesson?.at, s.language, s.theme],
    ({ lesson, language }) => {
      const board = lesson?.lesson.steps[lesson.at].board ?? null;
      section.hidden = board === null;
      const { dataset } = root.body;
      if (board) dataset["board"] = board.toy;
      else delete dataset["board"];
      if (!lesson || !board) {
        // What was typed lives as long as the lesson.
        if (!lesson) current = null;
        return;
      }
      const key = [lesson.lesson.id, board.toy, language].join();
      if (current?.key !== key) {
        const box = build("div", { class: `toy ${board.toy}` });
        section.replaceChildren(box);
        const toy = BUILDERS[board.toy](box, () => refresh());
        current = { key, part: board.part, toy };
      }
      current.part = board.part;
      section.dataset["part"] = board.part;
      section.scrollTop = 0;
      measure();
      refresh();
    },
  );

  const measure = () => {
    const style = getComputedStyle(section);
    const sides =
      parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    width = Math.max(
      0,
      section.clientWidth - (Number.isNaN(sides) ? 0 : sides),
    );
  };
  new ResizeObserver(() => {
    const before = width;
    measure();
    if (width !== before) refresh();
  }).observe(section);

  return {
    /** A live number of the board, where the name is one. @param {string} name @returns {Fact | null} */
    fact(name) {
      if (!name.startsWith("toy.")) return null;
      const value = current?.toy.fact(name.slice("toy.".length)) ?? null;
      if (typeof value === "string") return { value: null, text: value };
      return { value, text: value === null ? "…" : short(value) };
    },
    /** @param {() => void} listener */
    onChange(listener) {
      listeners.push(listener);
    },
  };
}
