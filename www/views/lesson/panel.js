// A running lesson where the glass is otherwise: its text with live numbers, the question, and the way on.

import { factOf } from "../../lessons/facts.js";
import { stepOf } from "../../lessons/player.js";
import { t } from "../../i18n/i18n.js";
import { isQuiet } from "../../errors.js";
import { build, buildButton, find } from "../dom.js";
import { inline, paragraphs, plainText } from "./markup.js";
import { buildQuestion } from "./question.js";

/** @import {Fact} from "../../lessons/facts.js" */
/** @import {Player} from "../../lessons/player.js" */
/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Board} from "./board.js" */

/**
 * @param {Document} root @param {Store} store @param {Session} session
 * @param {Player} player @param {Board} board
 */
export function mountPanel(root, store, session, player, board) {
  const back = buildButton("lesson-back", "lesson.back");
  const next = buildButton("lesson-next", "lesson.next");
  const leave = build(
    "button",
    {
      type: "button",
      class: "control round",
      "data-testid": "lesson-leave",
      "data-i18n-label": "lesson.leave",
    },
    "×",
  );
  const name = build("p", { class: "lesson-name" });
  const dots = build("ol", { class: "dots", "data-testid": "lesson-dots" });
  const title = build("h2", { tabindex: -1, "data-testid": "lesson-title" });
  const text = build("div", { class: "words", "data-testid": "lesson-text" });
  const questions = build("div", {});
  const body = build("div", { class: "lesson-body" }, title, text, questions);
  const place = build("span", {
    class: "place",
    "data-testid": "lesson-place",
  });
  const live = build("p", {
    class: "unseen",
    role: "status",
    "data-testid": "lesson-live",
  });
  const aside = build(
    "aside",
    { class: "lesson", "data-testid": "lesson", hidden: true },
    build("header", {}, name, leave),
    dots,
    body,
    build("footer", {}, back, place, next),
    live,
  );
  aside.dataset["i18nLabel"] = "lesson.running";
  find(root, "main", HTMLElement).append(aside);

  const go = (/** @type {number} */ move) => {
    const { lesson } = store.get();
    if (!lesson) return;
    if (lesson.at + move >= lesson.lesson.steps.length) void end();
    else void player.goTo(lesson.at + move);
  };
  const end = async () => {
    await player.leave();
    find(root, '[data-testid="lesson-open"]', HTMLElement).focus();
  };
  back.addEventListener("click", () => go(-1));
  next.addEventListener("click", () => go(1));
  leave.addEventListener("click", () => void end());
  aside.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    void end();
  });
  dots.addEventListener("click", ({ target }) => {
    const dot = target instanceof Element && target.closest("[data-at]");
    if (dot instanceof HTMLElement) void player.goTo(Number(dot.dataset["at"]));
  });

  /** What the texts and the question ask for. @param {string} fact @returns {Promise<Fact>} */
  const tell = async (fact) => {
    const known = board.fact(fact);
    if (known) return known;
    const state = store.get();
    const { lesson } = state;
    return factOf(fact, {
      state,
      tensor: (site) => session.looking.tensors.get(site),
      reach: (row, column) => session.reach(row, column),
      picked: lesson?.answers[lesson.at]?.picked ?? null,
    });
  };

  let filling = 0;
  /** Fills in the live numbers; what is overtaken stays as it was. */
  const fill = async () => {
    const turn = ++filling;
    const { lesson } = store.get();
    if (!lesson) return;
    for (const element of aside.querySelectorAll("[data-fact]")) {
      try {
        const fact = await tell(element.getAttribute("data-fact") ?? "");
        if (turn !== filling) return;
        if (element.textContent !== fact.text) element.textContent = fact.text;
      } catch (error) {
        if (!isQuiet(error)) element.textContent = "…";
      }
    }
  };

  const question = buildQuestion(store, player, tell);
  questions.append(question.element);
  let shown = "";

  /** @param {State} state */
  function draw({ lesson, language }) {
    aside.hidden = lesson === null;
    if (!lesson) {
      shown = "";
      return;
    }
    const { steps, title: lessonTitle } = lesson.lesson;
    const step = stepOf(lesson);
    const isAnswered = Boolean(lesson.answers[lesson.at]);
    aside.dataset["settled"] = String(lesson.isSettled);
    const key = [lesson.lesson.id, lesson.at, language].join(" ");
    question.draw(lesson, language);
    if (key !== shown) {
      const isFirst = shown === "";
      shown = key;
      name.textContent = plainText(lessonTitle, language);
      title.replaceChildren(...inline(step.title, language));
      text.replaceChildren(...paragraphs(step.text, language));
      place.textContent = `${lesson.at + 1} / ${steps.length}`;
      back.disabled = lesson.at === 0;
      const isLast = lesson.at === steps.length - 1;
      next.textContent = t(isLast ? "lesson.done" : "lesson.next");
      next.dataset["i18n"] = isLast ? "lesson.done" : "lesson.next";
      dots.replaceChildren(
        ...steps.map((one, i) =>
          dotOf(i, lesson.at, plainText(one.title, language)),
        ),
      );
      live.textContent = t("lesson.live", {
        number: lesson.at + 1,
        steps: steps.length,
        title: plainText(step.title, language),
      });
      body.scrollTop = 0;
      if (isFirst) title.focus({ preventScroll: true });
    }
    next.classList.toggle("primary", !step.question || isAnswered);
    void fill();
  }

  store.watch((s) => [s.lesson, s.language], draw);
  store.watch(
    (s) => [
      s.result,
      s.pattern,
      s.model,
      s.layer,
      s.head,
      s.query,
      s.pointer,
      s.pinned,
      s.direction,
      s.step,
    ],
    () => void fill(),
  );
  board.onChange(() => void fill());
}

/** @param {number} i @param {number} at @param {string} title */
function dotOf(i, at, title) {
  return build(
    "li",
    {},
    build("button", {
      type: "button",
      "data-at": i,
      "aria-current": i === at ? "step" : null,
      "aria-label": t("lesson.step", { number: i + 1, title }),
      title,
      class: i < at ? "past" : null,
    }),
  );
}
