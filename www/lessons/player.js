// Plays a lesson: opens it at a step, puts the page as the step wants it, takes answers, and gives the page back as it
// was before.

import { patternSite } from "../state.js";
import { applySettings } from "./apply.js";
import { parseLesson } from "./format.js";
import { fetchLesson } from "./library.js";
import { lessonError } from "./reader.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Lesson, LessonStep} from "./format.js" */
/** @import {Settings} from "./settings.js" */

/** What a visitor said to a question, or null where it was revealed without. @typedef {{said: string, isRight: boolean | null, picked: {row: number, column: number} | null}} Answer */

/**
 * The lesson that runs (`state.lesson`).
 * @typedef {object} Running
 * @property {Lesson} lesson
 * @property {boolean} isOwn a file of the visitor's: no address leads to it
 * @property {number} at the step, from 0
 * @property {boolean} isSettled whether the page is as the step wants it
 * @property {Record<number, Answer>} answers by step
 */

/** What leaving gives back beside model, photo and what-if. @type {(keyof State)[]} */
const VIEW = [
  "head",
  "query",
  "pinned",
  "direction",
  "scale",
  "smooth",
  "opacity",
  "framing",
  "tint",
  "panel",
  "grown",
];

export class Player {
  #generation = 0;
  /** The page before the lesson. @type {State | null} */
  #before = null;
  /** The photo that the lesson set last. @type {string | undefined} */
  #photo;

  /** @param {Store} store @param {Session} session */
  constructor(store, session) {
    this.store = store;
    this.session = session;
  }

  /** @param {string} id a lesson of this site @param {number} [at] */
  async open(id, at = 0) {
    const running = this.store.get().lesson;
    if (running && !running.isOwn && running.lesson.id === id) {
      await this.goTo(at);
      return;
    }
    try {
      await this.start(await fetchLesson(id), at);
    } catch (error) {
      await this.session.fail(error, "app");
    }
  }

  /** A teacher's own file. @param {File} file */
  async openFile(file) {
    try {
      const text = await file.text();
      const lesson = parseLesson(text, file.name);
      this.#check(lesson, file.name);
      await this.start(lesson, 0, true);
    } catch (error) {
      await this.session.fail(error, "app");
    }
  }

  /** Models that this page's menu lacks. @param {Lesson} lesson @param {string} name the file's */
  #check({ steps }, name) {
    const { entries } = this.store.get();
    for (const [i, { set }] of steps.entries()) {
      const isThere = !set.model || entries.some(({ id }) => id === set.model);
      if (isThere) continue;
      throw lessonError(
        "lesson-choice",
        { name, step: i + 1, field: "set.model" },
        {
          found: set.model ?? "",
          choices: entries.map(({ id }) => id).join(", "),
        },
      );
    }
  }

  /** @param {Lesson} lesson @param {number} [at] @param {boolean} [isOwn] */
  async start(lesson, at = 0, isOwn = false) {
    const state = this.store.get();
    if (!state.lesson) this.#before = state;
    this.#photo = undefined;
    this.session.dismissTrouble();
    const place = Math.min(lesson.steps.length - 1, Math.max(0, at));
    this.store.set({
      lesson: { lesson, isOwn, at: place, isSettled: false, answers: {} },
    });
    await this.#settle();
  }

  /** @param {number} at */
  async goTo(at) {
    const running = this.store.get().lesson;
    if (!running || !running.lesson.steps[at]) return;
    this.store.set({ lesson: { ...running, at, isSettled: false } });
    await this.#settle();
  }

  /** @param {Answer} answer */
  async answer(answer) {
    const running = this.store.get().lesson;
    if (!running) return;
    const { at, answers } = running;
    const { reveal } = running.lesson.steps[at].question ?? {};
    this.store.set({
      lesson: {
        ...running,
        isSettled: false,
        answers: { ...answers, [at]: answer },
      },
    });
    // Picking a patch has moved the query; another picture may tell more.
    if (reveal) await this.#settle();
  }

  /** Asks anew. */
  async askAgain() {
    const running = this.store.get().lesson;
    if (!running) return;
    const answers = { ...running.answers };
    delete answers[running.at];
    this.store.set({ lesson: { ...running, isSettled: false, answers } });
    await this.#settle();
  }

  async #settle() {
    const generation = ++this.#generation;
    const isCurrent = () => generation === this.#generation;
    const running = this.store.get().lesson;
    if (!running) return;
    const step = running.lesson.steps[running.at];
    if (step.isDriving) {
      const settings = settingsAt(running);
      const withPhoto = settings.photo !== this.#photo;
      await applySettings(this.store, this.session, settings, {
        withPhoto,
        isCurrent,
      });
      if (isCurrent()) this.#photo = settings.photo;
    }
    const now = this.store.get().lesson;
    if (!isCurrent() || !now) return;
    this.store.set({ lesson: { ...now, isSettled: true } });
  }

  /** Ends the lesson. @param {boolean} [isRestoring] whether the page becomes what it was */
  async leave(isRestoring = true) {
    const before = this.#before;
    this.#generation++;
    this.#before = null;
    this.store.set({ lesson: null });
    if (isRestoring && before) await this.#restore(before);
  }

  /** @param {State} before */
  async #restore(before) {
    const { store, session } = this;
    const generation = this.#generation;
    const isOver = () => generation !== this.#generation;
    const { model, photo, whatif, layer, step, site } = before;
    if (model && model.source !== store.get().model?.source) {
      await session.choosing.source(model.source);
    }
    if (isOver()) return;
    if (photo && photo !== store.get().photo) await session.showPhoto(photo);
    if (isOver()) return;
    if (whatif !== store.get().whatif) await session.setWhatif(whatif);
    if (isOver()) return;
    const { looking } = session;
    await looking.setLayer(layer);
    const description = store.get().model?.description;
    if (description && step) await looking.chooseStep(step, site);
    if (isOver()) return;
    store.set(Object.fromEntries(VIEW.map((name) => [name, before[name]])));
    if (description && site === patternSite(description, layer)) {
      store.set({ slice: before.slice });
    }
  }
}

/** What the step wants now: after the answer, what the reveal shows. @param {Running} running @returns {Settings} */
function settingsAt({ lesson, at, answers }) {
  const { set, question } = lesson.steps[at];
  return answers[at] && question?.reveal.set
    ? { ...set, ...question.reveal.set }
    : set;
}

/** @param {Running} running @returns {LessonStep} */
export const stepOf = ({ lesson, at }) => lesson.steps[at];
