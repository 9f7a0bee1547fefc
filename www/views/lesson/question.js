// A question before its answer: choose, type a number or pick a patch; then the reveal, with the numbers of this run.

import { t } from "../../i18n/i18n.js";
import { shownSight } from "../shown.js";
import { build } from "../dom.js";
import { patchName } from "../words.js";
import { inline, paragraphs } from "./markup.js";
import { MASKED, SEEN, layerToken } from "../../windows.js";

/** @import {Fact} from "../../lessons/facts.js" */
/** @import {Question, Words} from "../../lessons/format.js" */
/** @import {Player, Running} from "../../lessons/player.js" */
/** @import {State, Store} from "../../state.js" */

/**
 * @param {Store} store @param {Player} player
 * @param {(fact: string) => Promise<Fact>} tell
 */
export function buildQuestion(store, player, tell) {
  const element = build("section", {
    class: "question",
    "data-testid": "lesson-question",
    hidden: true,
  });
  let shown = "";

  /** @param {Running} lesson @param {string} language */
  function draw(lesson, language) {
    const { question } = lesson.lesson.steps[lesson.at];
    element.hidden = question === null;
    const answer = lesson.answers[lesson.at];
    const key = [
      lesson.lesson.id,
      lesson.at,
      language,
      answer ? `said ${answer.said}` : "",
    ].join();
    if (key === shown) return;
    const hadFocus = element.contains(document.activeElement);
    shown = key;
    if (!question) {
      element.replaceChildren();
      return;
    }
    element.replaceChildren(
      build("h3", {}, t("lesson.predict")),
      ...paragraphs(question.ask, language),
      ...(answer
        ? revealed(question, lesson, language)
        : asked(question, language)),
    );
    element.dataset["right"] = String(answer?.isRight ?? "");
    if (answer && hadFocus) {
      element.querySelector("button")?.focus({ preventScroll: true });
    }
    if (answer) element.scrollIntoView({ block: "nearest" });
  }

  /** @param {Question} question @param {string} language */
  function asked(question, language) {
    const skip = build(
      "button",
      { type: "button", class: "plain", "data-testid": "lesson-show" },
      t("lesson.show"),
    );
    skip.addEventListener("click", () => {
      void player.answer({ said: "", isRight: null, picked: null });
    });
    if (question.kind === "choose") return [choices(question, language), skip];
    if (question.kind === "number") return [numberForm(question), skip];
    return [patchForm(question), skip];
  }

  /** @param {Question} question @param {string} language */
  function choices(question, language) {
    const buttons = question.options.map((option, i) => {
      const button = build(
        "button",
        {
          type: "button",
          class: "control",
          "data-testid": `lesson-option-${i + 1}`,
        },
        ...inline(option.text, language),
      );
      button.addEventListener("click", async () => {
        const isRight =
          typeof question.answer === "string"
            ? (await tell(question.answer)).value === option.value
            : question.answer === null
              ? option.isRight
              : question.answer === option.value;
        await player.answer({ said: String(i), isRight, picked: null });
      });
      return button;
    });
    return build("div", { class: "options" }, ...buttons);
  }

  /** @param {Question} question */
  function numberForm({ answer, within }) {
    const input = build("input", {
      type: "text",
      inputmode: "decimal",
      class: "control",
      autocomplete: "off",
      "data-testid": "lesson-number",
      "aria-label": t("lesson.number"),
    });
    const form = build(
      "form",
      { class: "number-form" },
      input,
      build(
        "button",
        { class: "control", "data-testid": "lesson-answer" },
        t("lesson.answer"),
      ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = Number(
        input.value
          .trim()
          .replace("−", "-")
          .replace(/,(?=\d{3})/g, "")
          .replace(",", "."),
      );
      if (input.value.trim() === "" || Number.isNaN(said)) {
        input.setAttribute("aria-invalid", "true");
        input.focus();
        return;
      }
      const value =
        typeof answer === "string" ? (await tell(answer)).value : answer;
      const isRight =
        typeof value === "number" && Math.abs(said - value) <= within + 1e-9;
      await player.answer({ said: input.value.trim(), isRight, picked: null });
    });
    return form;
  }

  /** @param {Question} question */
  function patchForm(question) {
    const chosen = build("output", { "data-testid": "lesson-picked" });
    const button = build(
      "button",
      {
        type: "button",
        class: "control",
        "data-testid": "lesson-answer",
        disabled: true,
      },
      t("lesson.pick-this"),
    );
    chosen.textContent = t("lesson.pick");
    pending = { button, chosen, from: null };
    button.addEventListener("click", () => {
      const { query } = store.get();
      if (query.kind !== "patch") return;
      const picked = { row: query.row, column: query.column };
      // The question is about the step's own query: that one first, then the verdict.
      void judge(question, picked).then((isRight) =>
        player.answer({
          said: patchText(store.get(), picked),
          isRight,
          picked,
        }),
      );
    });
    return build("div", { class: "patch-form" }, chosen, button);
  }

  /** @type {{button: HTMLButtonElement, chosen: HTMLElement, from: State["query"] | null} | null} */
  let pending = null;
  store.watch(
    (s) => [s.query, s.lesson, s.language],
    (state) => {
      const { lesson, query } = state;
      if (!pending || !lesson || !element.contains(pending.button)) return;
      if (!lesson.isSettled) pending.from = null;
      else pending.from ??= query;
      const isMoved = pending.from !== null && pending.from !== query;
      pending.button.disabled = !isMoved || query.kind !== "patch";
      pending.chosen.textContent =
        isMoved && query.kind === "patch"
          ? patchText(state, query)
          : t("lesson.pick");
    },
  );

  /** @param {Question} question @param {{row: number, column: number}} picked */
  async function judge(question, picked) {
    const asking = pending?.from;
    const state = {
      ...store.get(),
      pointer: null,
      query: asking ?? store.get().query,
    };
    const layer = state.model?.description.layers[state.layer];
    if (!layer || !state.model) return null;
    const { row, column } = layerToken(picked, layer);
    const token = row * layer.grid.columns + column;
    if (Array.isArray(question.answer)) {
      const { grid } = state.model.description;
      const [r, c] = question.answer;
      const rightRow = r < 0 ? grid.rows + r : r;
      const rightColumn = c < 0 ? grid.columns + c : c;
      return picked.row === rightRow && picked.column === rightColumn;
    }
    if (question.answer === "most") {
      store.set({ query: state.query });
      const most = await tell("most");
      return most.text === patchName(row, column);
    }
    const wanted = question.answer === "masked" ? MASKED : SEEN;
    return shownSight(state)?.tokens[token] === wanted;
  }

  /** @param {Question} question @param {Running} lesson @param {string} language */
  function revealed(question, lesson, language) {
    const answer = lesson.answers[lesson.at];
    const again = build(
      "button",
      { type: "button", class: "plain", "data-testid": "lesson-again" },
      t("lesson.again"),
    );
    again.addEventListener("click", () => void player.askAgain());
    return [
      build(
        "div",
        {
          class: "reveal",
          role: "status",
          "data-testid": "lesson-reveal",
          "data-right": String(answer.isRight ?? ""),
        },
        build(
          "p",
          { class: "verdict" },
          ...verdict(question, answer, language),
        ),
        ...paragraphs(question.reveal.text, language),
      ),
      again,
    ];
  }

  return { element, draw };
}

/** @param {Question} question @param {Running["answers"][number]} answer @param {string} language */
function verdict({ kind, options }, { said, isRight }, language) {
  if (isRight === null) return [t("lesson.shown")];
  /** @type {Words | undefined} */
  const text = kind === "choose" ? options[Number(said)]?.text : undefined;
  const words = text ? inline(text, language) : [said];
  const mark = build(
    "strong",
    {},
    t(isRight ? "lesson.right" : "lesson.wrong"),
  );
  return [mark, " ", t("lesson.you-said"), " ", ...words];
}

/** @param {State} state @param {{row: number, column: number}} patch */
function patchText({ model, layer: at }, patch) {
  const layer = model?.description.layers[at];
  const { row, column } = layer ? layerToken(patch, layer) : patch;
  return patchName(row, column);
}
