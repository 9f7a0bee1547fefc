// Builds MathML, which browsers set themselves: tied to the picture by a class for each symbol's meaning.

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** @typedef {Element | string} Part */

/** @param {string} name @param {Part[]} parts @param {Record<string, string>} [attributes] */
function element(name, parts, attributes = {}) {
  const made = document.createElementNS(MATHML, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...parts);
  return made;
}

/** A symbol in the colour of its meaning. @param {string} name @param {string} [symbol] a class */
export const mi = (name, symbol = "") =>
  element("mi", [name], symbol ? { class: `sym ${symbol}` } : {});

/** A matrix or vector: upright, as its letter is no variable of one number. @param {string} name @param {string} [symbol] */
export const mat = (name, symbol = "") =>
  element("mi", [name], {
    mathvariant: "normal",
    ...(symbol ? { class: `sym ${symbol}` } : {}),
  });

/** @param {string} sign */
export const mo = (sign) => element("mo", [sign]);

/** @param {string | number} value */
export const mn = (value) => element("mn", [String(value)]);

/** @param {string} text */
export const mtext = (text) => element("mtext", [text]);

/** @param {...Part} parts */
export const mrow = (...parts) => element("mrow", parts);

/** @param {Part} base @param {Part} below */
export const sub = (base, below) => element("msub", [base, below]);

/** @param {Part} base @param {Part} above */
export const sup = (base, above) => element("msup", [base, above]);

/** @param {Part} over @param {Part} under */
export const frac = (over, under) => element("mfrac", [over, under]);

/** @param {...Part} parts */
export const root = (...parts) => element("msqrt", parts);

/** A function's name and what it is of, in brackets. @param {string} name @param {...Part} parts */
export const of = (name, ...parts) =>
  mrow(mat(name), brackets("(", parts, ")"));

/** Brackets as high as what is in them: they stretch only at the two ends of a row. @param {string} open @param {Part[]} parts @param {string} close */
const brackets = (open, parts, close) => mrow(mo(open), ...parts, mo(close));

/** Numbers side by side. @param {...Part} parts */
export const beside = (...parts) =>
  brackets(
    "[",
    parts.flatMap((part, i) => (i > 0 ? [mo(";"), part] : [part])),
    "]",
  );

/** @param {...Part[]} lines one formula a line */
export const math = (...lines) =>
  element(
    "math",
    lines.length > 1
      ? [
          element(
            "mtable",
            lines.map((parts) =>
              element("mtr", [element("mtd", [mrow(...parts)])]),
            ),
            { displaystyle: "true" },
          ),
        ]
      : lines[0],
    { display: "block" },
  );
