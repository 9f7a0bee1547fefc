// The small markup of lesson texts: emphasis, strong, code, words tied by colour, live numbers and formulas. Pure: text
// becomes a tree, and whoever shows it makes nodes of that, so that no text can ever become HTML.

/**
 * @typedef {{kind: "text", text: string}
 *   | {kind: "em" | "strong", parts: Part[]}
 *   | {kind: "code", text: string}
 *   | {kind: "colour", colour: string, parts: Part[]}
 *   | {kind: "fact", name: string}
 *   | {kind: "math", math: Sum}} Part
 */

/**
 * A formula: terms side by side.
 * @typedef {Term[]} Sum
 * @typedef {{kind: "name" | "number" | "sign", text: string}
 *   | {kind: "row", parts: Sum}
 *   | {kind: "colour", colour: string, parts: Sum}
 *   | {kind: "root", of: Term}
 *   | {kind: "over", above: Term, below: Term}
 *   | {kind: "script", base: Term, sub: Term | null, sup: Term | null}} Term
 */

/** What a coloured word can mean; the same names colour the pictures. */
export const COLOURS = [
  "query",
  "key",
  "value",
  "attention",
  "mask",
  "residual",
  "window1",
  "window2",
  "window3",
  "window4",
];

/** What is wrong with a text. */
export class MarkupError extends Error {
  /** @param {"open" | "colour" | "fact" | "formula"} problem @param {string} found */
  constructor(problem, found) {
    super(`${problem}: ${found}`);
    this.problem = problem;
    this.found = found;
  }
}

const FACT = /^\{([a-z][\w.]*)\}/i;

/** @param {string} text @returns {Part[]} */
export function parseMarkup(text) {
  /** @type {Part[]} */
  const parts = [];
  let plain = "";
  let rest = text;
  const add = (/** @type {Part} */ part) => {
    if (plain) parts.push({ kind: "text", text: plain });
    plain = "";
    parts.push(part);
  };
  /** Up to the closing mark. @param {string} open @param {string} close */
  const upTo = (open, close) => {
    const end = rest.indexOf(close, open.length);
    if (end < 0) throw new MarkupError("open", open);
    const inner = rest.slice(open.length, end);
    rest = rest.slice(end + close.length);
    return inner;
  };
  while (rest) {
    const fact = FACT.exec(rest);
    if (rest.startsWith("\\") && rest.length > 1) {
      plain += rest[1];
      rest = rest.slice(2);
    } else if (rest.startsWith("**")) {
      add({ kind: "strong", parts: parseMarkup(upTo("**", "**")) });
    } else if (rest.startsWith("*")) {
      add({ kind: "em", parts: parseMarkup(upTo("*", "*")) });
    } else if (rest.startsWith("`")) {
      add({ kind: "code", text: upTo("`", "`") });
    } else if (rest.startsWith("$")) {
      add({ kind: "math", math: parseMath(upTo("$", "$")) });
    } else if (rest.startsWith("[")) {
      const [colour, words] = colourOf(upTo("[", "]"));
      add({ kind: "colour", colour, parts: parseMarkup(words) });
    } else if (fact) {
      add({ kind: "fact", name: fact[1] });
      rest = rest.slice(fact[0].length);
    } else {
      plain += rest[0];
      rest = rest.slice(1);
    }
  }
  if (plain) parts.push({ kind: "text", text: plain });
  return parts;
}

/** "query|the query" @param {string} text @returns {[colour: string, words: string]} */
function colourOf(text) {
  const bar = text.indexOf("|");
  const colour = text.slice(0, Math.max(0, bar));
  if (!COLOURS.includes(colour)) throw new MarkupError("colour", `[${text}]`);
  return [colour, text.slice(bar + 1)];
}

/** Letters, with hyphens inside that do not break. */
const NAME = /^\p{L}+(?:‑\p{L}+)*/u;
const NUMBER = /^\d+([.,]\d+)*/;

/**
 * A formula: names, numbers and signs as they are typed; `_` and `^` for sub- and superscript, `√`, `a // b` for a
 * fraction, braces to hold together, `[query|q]` for colour.
 * @param {string} text @returns {Sum}
 */
export function parseMath(text) {
  let at = 0;
  const skip = () => {
    while (text[at] === " ") at++;
  };

  /** @param {string} end @returns {Sum} */
  function sum(end) {
    /** @type {Sum} */
    const terms = [];
    for (skip(); at < text.length && text[at] !== end; skip()) {
      if (text.startsWith("//", at)) {
        const above = terms.pop();
        at += 2;
        if (!above) throw new MarkupError("formula", text);
        terms.push({ kind: "over", above, below: scripted() });
      } else {
        terms.push(scripted());
      }
    }
    if (end) {
      if (at >= text.length) throw new MarkupError("formula", text);
      at++;
    }
    return terms;
  }

  /** @returns {Term} */
  function scripted() {
    const base = term();
    /** @type {Term | null} */
    let sub = null;
    /** @type {Term | null} */
    let sup = null;
    while (text[at] === "_" || text[at] === "^") {
      const isSub = text[at++] === "_";
      if (isSub) sub = term();
      else sup = term();
    }
    return sub || sup ? { kind: "script", base, sub, sup } : base;
  }

  /** @returns {Term} */
  function term() {
    skip();
    const rest = text.slice(at);
    if (rest === "") throw new MarkupError("formula", text);
    if (rest[0] === "{") {
      at++;
      return { kind: "row", parts: sum("}") };
    }
    if (rest[0] === "[") {
      const bar = rest.indexOf("|");
      const colour = rest.slice(1, Math.max(1, bar));
      if (!COLOURS.includes(colour)) throw new MarkupError("colour", rest);
      at += bar + 1;
      return { kind: "colour", colour, parts: sum("]") };
    }
    if (rest[0] === "√") {
      at++;
      return { kind: "root", of: term() };
    }
    for (const [kind, pattern] of /** @type {const} */ ([
      ["number", NUMBER],
      ["name", NAME],
    ])) {
      const found = pattern.exec(rest);
      if (found) {
        at += found[0].length;
        return { kind, text: found[0] };
      }
    }
    const sign = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    at += sign.length;
    return { kind: "sign", text: sign };
  }

  return sum("");
}

/** The live numbers that a text asks for. @param {Part[]} parts @returns {string[]} */
export function factsIn(parts) {
  /** @type {string[]} */
  const names = [];
  const inPart = (/** @type {Part} */ part) => {
    if (part.kind === "fact") names.push(part.name);
    else if ("parts" in part) part.parts.forEach(inPart);
  };
  parts.forEach(inPart);
  return names;
}
