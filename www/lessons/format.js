// Reads a lesson file: checks every field, and says of what is wrong which file, which step, which field and why.
// The format is described in docs/lessons.md.

import { VitrineError } from "../errors.js";
import { FACT_NAMES } from "./facts.js";
import { MarkupError, factsIn, parseMarkup } from "./markup.js";
import { Reader, isObject } from "./reader.js";
import { SETTING_NAMES, resolved } from "./settings.js";
import { TOYS } from "./toys/index.js";
import { PANELS, PARTS_OF_PAGE } from "./page-parts.js";
import { WHATIF_WORDS, isWhatifWord } from "./whatif-words.js";

/** @import {Path} from "./reader.js" */
/** @import {Settings} from "./settings.js" */

/** One text in several languages, each a list of paragraphs. @typedef {Record<string, string[]>} Words */

/**
 * @typedef {object} Choice
 * @property {Words} text
 * @property {boolean} isRight
 * @property {number | null} value right where the question's fact has this value
 */
/**
 * @typedef {object} Question
 * @property {"choose" | "number" | "patch"} kind
 * @property {Words} ask
 * @property {Choice[]} options
 * @property {number | string | [number, number] | null} answer a number, the name of a fact, or a patch
 * @property {number} within how far a number may be off
 * @property {string[]} hide parts of the page that would tell
 * @property {{text: Words, set: Settings | null, light: string[]}} reveal
 */
/**
 * @typedef {object} LessonStep
 * @property {Words} title
 * @property {Words} text
 * @property {Settings} set all that the step sets, what it keeps and inherits included
 * @property {boolean} isDriving whether it sets anything on the page
 * @property {string[]} light
 * @property {{toy: string, part: string} | null} board
 * @property {Question | null} question
 */
/**
 * @typedef {object} Lesson
 * @property {string} id
 * @property {Words} title
 * @property {Words} about
 * @property {number} minutes
 * @property {LessonStep[]} steps
 */

/** The version of the format. */
export const VERSION = 1;

/** Whether a JSON value means to be a lesson, well-formed or not. @param {unknown} value */
export function meansLesson(value) {
  return (
    isObject(value) && ("vitrine_lesson" in value || Array.isArray(value.steps))
  );
}

/** @param {string} text @param {string} name the file's */
export function parseLesson(text, name) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VitrineError("lesson-json", "", { name, why });
  }
  return readLesson(value, name);
}

/** @param {unknown} value @param {string} name the file's @returns {Lesson} */
export function readLesson(value, name) {
  const read = new LessonReader(name);
  const top = read.object(value, [], {
    required: ["vitrine_lesson", "id", "title", "steps"],
    optional: ["about", "minutes", "set"],
  });
  read.choice(top.vitrine_lesson, ["vitrine_lesson"], [VERSION]);
  const id = read.string(top.id, ["id"]);
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) {
    read.fail("lesson-id", ["id"], { found: id });
  }
  const title = read.words(top.title, ["title"], null);
  const about =
    top.about === undefined ? {} : read.words(top.about, ["about"], null);
  const minutes =
    top.minutes === undefined ? 0 : read.number(top.minutes, ["minutes"], 0);
  const ground = top.set === undefined ? {} : read.settings(top.set, ["set"]);
  const list = read.list(top.steps, ["steps"]);
  /** @type {Settings} */
  let before = {};
  const steps = list.map((one, i) => {
    const step = read.step(one, ["steps", i], ground, before);
    before = step.set;
    return step;
  });
  return { id, title, about, minutes, steps };
}

/** @type {Question["kind"][]} */
const KINDS = ["choose", "number", "patch"];

/** What a lesson is made of. */
class LessonReader extends Reader {
  /**
   * A text for all languages, or one for each; a string or a list of paragraphs.
   * @param {unknown} value @param {Path} path @param {string | null} toy whose numbers the text may name
   * @returns {Words}
   */
  words(value, path, toy) {
    if (!isObject(value)) {
      return { "": this.paragraphs(value, path, toy) };
    }
    const languages = Object.keys(value);
    if (languages.length === 0) return this.wrongKind(path, "text", undefined);
    return Object.fromEntries(
      languages.map((language) => [
        language,
        this.paragraphs(value[language], [...path, language], toy),
      ]),
    );
  }

  /** @param {unknown} value @param {Path} path @param {string | null} toy */
  paragraphs(value, path, toy) {
    const isList = Array.isArray(value);
    const list = isList ? this.list(value, path) : [value];
    return list.map((one, i) => {
      const at = isList ? [...path, i] : path;
      const text = this.string(one, at);
      this.checkMarkup(text, at, toy);
      return text;
    });
  }

  /** @param {string} text @param {Path} path @param {string | null} toy */
  checkMarkup(text, path, toy) {
    try {
      for (const name of factsIn(parseMarkup(text))) {
        if (!this.isFact(name, toy)) throw new MarkupError("fact", `{${name}}`);
      }
    } catch (error) {
      if (!(error instanceof MarkupError)) throw error;
      const { problem, found } = error;
      this.fail(`lesson-markup-${problem}`, path, { found });
    }
  }

  /** @param {string} name @param {string | null} toy */
  isFact(name, toy) {
    if (FACT_NAMES.includes(name)) return true;
    return toy !== null && TOYS[toy].facts.includes(name.replace(/^toy\./, ""));
  }

  /** @param {unknown} value @param {Path} path @returns {Settings} */
  settings(value, path) {
    const given = this.object(value, path, {
      required: [],
      optional: [...SETTING_NAMES],
    });
    /** @type {Record<string, (one: unknown, at: Path) => unknown>} */
    const kinds = {
      model: (one, at) => this.string(one, at),
      photo: (one, at) => this.string(one, at),
      step: (one, at) => this.string(one, at),
      layer: (one, at) =>
        typeof one === "string"
          ? this.choice(one, at, ["first", "last", "shifted"])
          : this.whole(one, at, 1),
      head: (one, at) => this.whole(one, at, 1),
      query: (one, at) => this.query(one, at),
      direction: (one, at) => this.choice(one, at, ["row", "column"]),
      scale: (one, at) => this.choice(one, at, ["head", "layer", "absolute"]),
      smooth: (one, at) => this.truth(one, at),
      windows: (one, at) => this.truth(one, at),
      opacity: (one, at) => this.number(one, at, 0, 1),
      framing: (one, at) => this.choice(one, at, ["whole", "crop"]),
      roll: (one, at) => (one === "play" ? one : this.number(one, at, 0, 1)),
      whatif: (one, at) => this.changes(one, at),
      panel: (one, at) => this.choice(one, at, PANELS),
    };
    return Object.fromEntries(
      Object.entries(given).map(([name, one]) => [
        name,
        kinds[name](one, [...path, name]),
      ]),
    );
  }

  /** @param {unknown} value @param {Path} path */
  changes(value, path) {
    if (!Array.isArray(value)) return this.wrongKind(path, "list", value);
    return value.map((one, i) =>
      isWhatifWord(String(one))
        ? String(one)
        : this.choice(one, [...path, i], WHATIF_WORDS),
    );
  }

  /** @param {unknown} value @param {Path} path */
  query(value, path) {
    if (typeof value === "string") {
      return this.choice(value, path, ["class", "middle"]);
    }
    return this.patch(value, path);
  }

  /** @param {unknown} value @param {Path} path @returns {[number, number]} */
  patch(value, path) {
    if (!Array.isArray(value) || value.length !== 2) {
      return this.wrongKind(path, "patch", value);
    }
    const [row, column] = value.map((one, i) => this.whole(one, [...path, i]));
    return [row, column];
  }

  /** @param {unknown} value @param {Path} path */
  board(value, path) {
    const { toy: name, part } = this.object(value, path, {
      required: ["toy"],
      optional: ["part"],
    });
    const toy = this.choice(name, [...path, "toy"], Object.keys(TOYS));
    const { parts } = TOYS[toy];
    const shown = part === undefined ? parts[0] : part;
    return { toy, part: this.choice(shown, [...path, "part"], parts) };
  }

  /** @param {unknown} value @param {Path} path @param {Settings} ground @param {Settings} before @returns {LessonStep} */
  step(value, path, ground, before) {
    const given = this.object(value, path, {
      required: ["title", "text"],
      optional: ["set", "keep", "light", "board", "question"],
    });
    const at = (/** @type {string} */ name) => [...path, name];
    const board =
      given.board === undefined ? null : this.board(given.board, at("board"));
    const toy = board?.toy ?? null;
    const own =
      given.set === undefined ? {} : this.settings(given.set, at("set"));
    const keep =
      given.keep === undefined
        ? []
        : given.keep === true
          ? true
          : this.choices(given.keep, at("keep"), SETTING_NAMES);
    return {
      title: this.words(given.title, at("title"), toy),
      text: this.words(given.text, at("text"), toy),
      set: resolved(ground, before, keep, own),
      isDriving: board === null,
      light: this.light(given.light, at("light")),
      board,
      question:
        given.question === undefined
          ? null
          : this.question(given.question, at("question"), toy),
    };
  }

  /** @param {unknown} value @param {Path} path */
  light(value, path) {
    return value === undefined ? [] : this.choices(value, path, PARTS_OF_PAGE);
  }

  /** @param {unknown} value @param {Path} path @param {string | null} toy @returns {Question} */
  question(value, path, toy) {
    const at = (/** @type {(string | number)[]} */ ...names) => [
      ...path,
      ...names,
    ];
    const given = this.object(value, path, {
      required: ["kind", "ask", "reveal"],
      optional: ["options", "answer", "within", "hide"],
    });
    const kind = this.choice(given.kind, at("kind"), KINDS);
    const reveal = this.object(given.reveal, at("reveal"), {
      required: ["text"],
      optional: ["set", "light"],
    });
    const answer = this.answer(kind, given.answer, at("answer"), toy);
    return {
      kind,
      ask: this.words(given.ask, at("ask"), toy),
      options:
        kind === "choose"
          ? this.options(given.options, at("options"), answer !== null, toy)
          : [],
      answer,
      within:
        given.within === undefined
          ? 0
          : this.number(given.within, at("within"), 0),
      hide: this.light(given.hide, at("hide")),
      reveal: {
        text: this.words(reveal.text, at("reveal", "text"), toy),
        set:
          reveal.set === undefined
            ? null
            : this.settings(reveal.set, at("reveal", "set")),
        light: this.light(reveal.light, at("reveal", "light")),
      },
    };
  }

  /** @param {Question["kind"]} kind @param {unknown} value @param {Path} path @param {string | null} toy @returns {Question["answer"]} */
  answer(kind, value, path, toy) {
    if (kind === "choose" && value === undefined) return null;
    if (kind === "patch") {
      return typeof value === "string"
        ? this.choice(value, path, ["most", "masked", "seen"])
        : this.patch(value, path);
    }
    if (typeof value !== "string") return this.number(value, path);
    if (!this.isFact(value, toy)) {
      this.fail("lesson-markup-fact", path, { found: value });
    }
    return value;
  }

  /** @param {unknown} value @param {Path} path @param {boolean} byFact @param {string | null} toy @returns {Choice[]} */
  options(value, path, byFact, toy) {
    const options = this.list(value, path).map((one, i) => {
      const option = this.object(one, [...path, i], {
        required: byFact ? ["text", "value"] : ["text"],
        optional: byFact ? [] : ["right"],
      });
      const { right = false } = option;
      return {
        text: this.words(option.text, [...path, i, "text"], toy),
        isRight: this.truth(right, [...path, i, "right"]),
        value: byFact ? this.number(option.value, [...path, i, "value"]) : null,
      };
    });
    const isOpen = !byFact && options.every(({ isRight }) => !isRight);
    if (options.length < 2 || isOpen) this.fail("lesson-options", path);
    return options;
  }
}
