// A chart of mean attention distances: a dot a head, a column a layer, the layers' means as a line.

import { svg } from "./svg.js";

const MARGIN = { top: 12, right: 10, bottom: 34, left: 42 };
const RADIUS = 4;

/**
 * @typedef {object} Dots
 * @property {number[][]} values by layer and head, in pixels of the input
 * @property {number[]} even by layer, what even attention would give
 */

/** @typedef {{layer: number, head: number, x: number, y: number}} Dot */

/** Round numbers from 0 to just above the largest: 4 to 8 of them. @param {number} most */
export function ticksTo(most) {
  const rough = Math.max(most, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ??
    power;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

/**
 * Draws into `chart` and says where the dots are.
 * @param {SVGElement} chart @param {{width: number, height: number}} size @param {Dots} dots
 * @param {{layer: number, head: number}} chosen
 * @param {{across: string, up: string}} words
 * @returns {Dot[]}
 */
export function drawDistances(chart, size, { values, even }, chosen, words) {
  const ticks = ticksTo(Math.max(...values.flat(), ...even));
  const top = ticks[ticks.length - 1];
  const right = size.width - MARGIN.right;
  const bottom = size.height - MARGIN.bottom;
  const column = (right - MARGIN.left) / values.length;
  const xOf = (/** @type {number} */ layer) =>
    MARGIN.left + (layer + 0.5) * column;
  const yOf = (/** @type {number} */ value) =>
    bottom - (value / top) * (bottom - MARGIN.top);
  const dots = values.flatMap((heads, layer) =>
    heads.map((value, head) => ({
      layer,
      head,
      x: xOf(layer),
      y: yOf(value),
    })),
  );
  const isChosen = (/** @type {Dot} */ dot) =>
    dot.layer === chosen.layer && dot.head === chosen.head;
  const circles = dots.map((dot) =>
    svg("circle", {
      class: isChosen(dot) ? "dot chosen" : "dot",
      cx: dot.x.toFixed(2),
      cy: dot.y.toFixed(2),
      r: isChosen(dot) ? RADIUS + 1.5 : RADIUS,
      "data-layer": dot.layer,
      "data-head": dot.head,
      "data-value": values[dot.layer][dot.head],
    }),
  );
  // The chosen one lies on top.
  circles.sort((a, b) => Number(isTop(a)) - Number(isTop(b)));
  const means = values.map(
    (heads) => heads.reduce((sum, value) => sum + value, 0) / heads.length,
  );
  chart.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  chart.replaceChildren(
    ...ticks.map((tick) =>
      svg(
        "g",
        { class: "tick" },
        line(MARGIN.left, yOf(tick), right, yOf(tick)),
        label(String(Number(tick.toPrecision(6))), MARGIN.left - 6, yOf(tick), {
          "text-anchor": "end",
          "dominant-baseline": "central",
        }),
      ),
    ),
    ...values.map((_, layer) =>
      label(String(layer + 1), xOf(layer), bottom + 14, {
        class: layer === chosen.layer ? "here" : "",
        "text-anchor": "middle",
      }),
    ),
    label(words.across, (MARGIN.left + right) / 2, size.height - 4, {
      "text-anchor": "middle",
    }),
    label(words.up, 0, 0, {
      "text-anchor": "middle",
      transform: `translate(11 ${(MARGIN.top + bottom) / 2}) rotate(-90)`,
    }),
    path(
      "even",
      even
        .map((value, layer) => [
          [xOf(layer) - column / 2, yOf(value)],
          [xOf(layer) + column / 2, yOf(value)],
        ])
        .flat(),
    ),
    path(
      "mean",
      means.map((value, layer) => [xOf(layer), yOf(value)]),
    ),
    ...circles,
  );
  return dots;
}

/** @param {SVGElement} circle */
function isTop(circle) {
  return circle.classList.contains("chosen");
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(x1, y1, x2, y2) {
  return svg("line", { x1, y1, x2, y2 });
}

/** @param {string} text @param {number} x @param {number} y @param {Record<string, string>} attributes */
function label(text, x, y, attributes) {
  return svg("text", { x, y, ...attributes }, text);
}

/** @param {string} name @param {number[][]} points */
function path(name, points) {
  const at = points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`);
  return svg("polyline", { class: name, points: at.join(" ") });
}
