// Checks values of a file field by field; what is wrong is an error that names file, step, field and reason.

import { VitrineError } from "../errors.js";
import { t } from "../i18n/i18n.js";

/** Where a value stands in the file. @typedef {(string | number)[]} Path */

/**
 * @param {string} code @param {{name: string, step: number | null, field: string}} at
 * @param {Record<string, string | number>} params
 */
export function lessonError(code, { name, step, field }, params) {
  const kind =
    step === null
      ? field
        ? "where"
        : "where-top"
      : field
        ? "where-step"
        : "where-whole-step";
  const where = t(`lesson.${kind}`, { name, step: step ?? 0, field });
  const { expected } = params;
  /** @type {Record<string, string>} */
  const words = {};
  if (expected) words["expected"] = t(`lesson.kind-${expected}`);
  return new VitrineError(code, "", { name, where, ...params, ...words });
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export class Reader {
  /** @param {string} name the file's */
  constructor(name) {
    this.name = name;
  }

  /**
   * @param {string} code @param {Path} path @param {Record<string, string | number>} [params]
   * @returns {never}
   */
  fail(code, path, params = {}) {
    const isStep = path[0] === "steps" && typeof path[1] === "number";
    const field = (isStep ? path.slice(2) : path)
      .map((key) => (typeof key === "number" ? key + 1 : key))
      .join(".");
    const step = isStep ? Number(path[1]) + 1 : null;
    throw lessonError(code, { name: this.name, step, field }, params);
  }

  /** @param {Path} path @param {string} expected @param {unknown} found @returns {never} */
  wrongKind(path, expected, found) {
    if (found === undefined) this.fail("lesson-missing", path, { expected });
    const shown = JSON.stringify(found) ?? "";
    const short = shown.length > 40 ? `${shown.slice(0, 39)}…` : shown;
    return this.fail("lesson-kind", path, { expected, found: short });
  }

  /** @param {unknown} value @param {Path} path @param {{required: string[], optional: string[]}} names */
  object(value, path, { required, optional }) {
    if (!isObject(value)) return this.wrongKind(path, "object", value);
    const known = [...required, ...optional];
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) {
        this.fail("lesson-unknown", [...path, key], {
          choices: known.join(", "),
        });
      }
    }
    for (const key of required) {
      if (value[key] === undefined) {
        this.fail("lesson-missing", [...path, key], { expected: "value" });
      }
    }
    return value;
  }

  /** @param {unknown} value @param {Path} path @returns {unknown[]} */
  list(value, path) {
    if (!Array.isArray(value) || value.length === 0) {
      return this.wrongKind(path, "list", value);
    }
    return value;
  }

  /** @param {unknown} value @param {Path} path */
  string(value, path) {
    if (typeof value !== "string" || value.trim() === "") {
      return this.wrongKind(path, "text", value);
    }
    return value;
  }

  /** @param {unknown} value @param {Path} path @param {number} [least] @param {number} [most] */
  number(value, path, least = -Infinity, most = Infinity) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return this.wrongKind(path, "number", value);
    }
    if (value < least || value > most) {
      this.fail("lesson-range", path, { found: value, least, most });
    }
    return value;
  }

  /** @param {unknown} value @param {Path} path @param {number} [least] */
  whole(value, path, least = -Infinity) {
    if (!Number.isInteger(value)) return this.wrongKind(path, "whole", value);
    return this.number(value, path, least);
  }

  /** @param {unknown} value @param {Path} path */
  truth(value, path) {
    if (typeof value !== "boolean") return this.wrongKind(path, "truth", value);
    return value;
  }

  /** @template T @param {unknown} value @param {Path} path @param {readonly T[]} choices @returns {T} */
  choice(value, path, choices) {
    const found = choices.find((one) => one === value);
    if (found !== undefined) return found;
    if (value === undefined) return this.wrongKind(path, "value", value);
    return this.fail("lesson-choice", path, {
      found: String(value),
      choices: choices.join(", "),
    });
  }

  /** @param {unknown} value @param {Path} path @param {readonly string[]} choices @returns {string[]} */
  choices(value, path, choices) {
    if (!Array.isArray(value)) return this.wrongKind(path, "list", value);
    return value.map((one, i) => this.choice(one, [...path, i], choices));
  }
}
