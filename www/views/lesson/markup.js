// Lesson texts as nodes of the page: emphasis, code, colours, formulas in MathML, and places for live numbers.

import { factsIn, parseMarkup } from "../../lessons/markup.js";
import { build } from "../dom.js";

/** @import {Words} from "../../lessons/format.js" */
/** @import {Part, Sum, Term} from "../../lessons/markup.js" */

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** The paragraphs in the visitor's language, else in the file's first. @param {Words} words @param {string} language @returns {string[]} */
export function inLanguage(words, language) {
  return (
    words[language] ?? words[""] ?? words["en"] ?? Object.values(words)[0] ?? []
  );
}

/** One line without any marks: for names and labels. @param {Words} words @param {string} language */
export function plainText(words, language) {
  /** @param {Part} part @returns {string} */
  const flat = (part) => {
    if ("text" in part) return part.text;
    return "parts" in part ? part.parts.map(flat).join("") : "";
  };
  return inLanguage(words, language)
    .map((text) => parseMarkup(text).map(flat).join(""))
    .join(" ");
}

/** @param {Words} words @param {string} language */
export function paragraphs(words, language) {
  return inLanguage(words, language).map((text) => {
    const parts = parseMarkup(text);
    const isFormula = parts.length === 1 && parts[0].kind === "math";
    return build(
      "p",
      { class: isFormula ? "formula" : null },
      ...parts.map((part) => nodeOf(part, isFormula)),
    );
  });
}

/** The nodes of one line. @param {Words} words @param {string} language */
export function inline(words, language) {
  return parseMarkup(inLanguage(words, language).join(" ")).map((part) =>
    nodeOf(part, false),
  );
}

/** The live numbers in these texts. @param {Words[]} texts @param {string} language @returns {string[]} */
export function factsOf(texts, language) {
  const names = texts.flatMap((words) =>
    inLanguage(words, language).flatMap((text) => factsIn(parseMarkup(text))),
  );
  return [...new Set(names)];
}

/** @param {Part} part @param {boolean} isDisplay @returns {Node} */
function nodeOf(part, isDisplay) {
  const inside = (/** @type {Part[]} */ parts) =>
    parts.map((one) => nodeOf(one, false));
  switch (part.kind) {
    case "text":
      return document.createTextNode(part.text);
    case "code":
      return build("code", {}, part.text);
    case "fact":
      return build("span", { class: "fact", "data-fact": part.name }, "…");
    case "colour":
      return build(
        "span",
        { class: `tied ${part.colour}` },
        ...inside(part.parts),
      );
    case "math": {
      const math = mathElement("math", ...part.math.map(termElement));
      if (isDisplay) math.setAttribute("display", "block");
      return math;
    }
    default:
      return build(part.kind, {}, ...inside(part.parts));
  }
}

/** @param {string} tag @param {...(Node | string)} children */
function mathElement(tag, ...children) {
  const element = document.createElementNS(MATHML, tag);
  element.append(...children);
  return element;
}

/** @param {Sum} terms */
const row = (terms) => mathElement("mrow", ...terms.map(termElement));

/** @param {Term} term @returns {Element} */
function termElement(term) {
  switch (term.kind) {
    case "number":
      return mathElement("mn", term.text);
    case "name":
      return nameElement(term.text);
    case "sign":
      return mathElement("mo", term.text);
    case "row":
      return row(term.parts);
    case "colour": {
      const coloured = row(term.parts);
      coloured.setAttribute("class", `tied ${term.colour}`);
      return coloured;
    }
    case "root":
      return mathElement("msqrt", termElement(term.of));
    case "over":
      return mathElement(
        "mfrac",
        termElement(term.above),
        termElement(term.below),
      );
    case "script":
      return scriptElement(term);
  }
}

/** "ij" are two indices; "softmax" is one name, and stands upright. @param {string} text */
function nameElement(text) {
  if (text.length === 2) {
    return mathElement(
      "mrow",
      ...[...text].map((letter) => mathElement("mi", letter)),
    );
  }
  const name = mathElement("mi", text);
  if (text.length > 1) name.setAttribute("mathvariant", "normal");
  return name;
}

/** @param {Extract<Term, {kind: "script"}>} term */
function scriptElement({ base, sub, sup }) {
  const parts = [base, sub, sup].filter((one) => one !== null);
  const tag = sub && sup ? "msubsup" : sub ? "msub" : "msup";
  return mathElement(tag, ...parts.map(termElement));
}
