// Drawing for boards: SVG elements, boxes with a number in them, arrows between them.

import { svg } from "../../draw/svg.js";

/** @typedef {{x: number, y: number}} Point */

/** Half the width and height of a box. */
export const BOX = { x: 26, y: 16 };

/**
 * A state: its name above, its number inside.
 * @param {Point} at @param {string} name @param {string} value @param {string} kind
 */
export function node({ x, y }, name, value, kind) {
  return svg(
    "g",
    { class: `node ${kind}` },
    svg("rect", {
      x: x - BOX.x,
      y: y - BOX.y,
      width: 2 * BOX.x,
      height: 2 * BOX.y,
      rx: 6,
    }),
    svg("text", { x, y: y + 4.5, class: "value" }, value),
    svg("text", { x, y: y - BOX.y - 5, class: "name" }, name),
  );
}

/**
 * @param {Point} from @param {Point} to @param {string} [label]
 * @param {{strength?: number, kind?: string, shift?: Point}} [look] strength 0 to 1 sets how heavy the line is
 */
export function arrow(from, to, label = "", look = {}) {
  const { strength, kind = "", shift = { x: 0, y: 0 } } = look;
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const tip = { x: to.x - dx * 2, y: to.y - dy * 2 };
  const width = strength === undefined ? 1.4 : 0.5 + 5.5 * strength;
  const head = 5 + width / 2;
  const points = [
    [tip.x, tip.y],
    [
      tip.x - dx * head - dy * head * 0.55,
      tip.y - dy * head + dx * head * 0.55,
    ],
    [
      tip.x - dx * head + dy * head * 0.55,
      tip.y - dy * head - dx * head * 0.55,
    ],
  ];
  const group = svg(
    "g",
    { class: `arrow ${kind}` },
    svg("line", {
      x1: from.x,
      y1: from.y,
      x2: tip.x - dx * head * 0.7,
      y2: tip.y - dy * head * 0.7,
      "stroke-width": width,
      opacity: strength === undefined ? 1 : 0.25 + 0.75 * strength,
    }),
    svg("polygon", {
      points: points.map((point) => point.join()).join(" "),
      opacity: strength === undefined ? 1 : 0.25 + 0.75 * strength,
    }),
  );
  if (label) {
    group.append(
      svg(
        "text",
        {
          x: (from.x + to.x) / 2 + shift.x,
          y: (from.y + to.y) / 2 + shift.y,
          class: "weight",
        },
        label,
      ),
    );
  }
  return group;
}

/**
 * A picture that is laid out anew for every width, so that its type keeps its size on a phone.
 * @param {string} label @param {string} name for tests
 */
export function figure(label, name) {
  const picture = svg("svg", {
    role: "img",
    "aria-label": label,
    "data-testid": name,
    class: "picture",
  });
  return {
    picture,
    /** @param {number} width @param {number} height @param {Node[]} children @param {string} [described] */
    draw(width, height, children, described) {
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
      picture.setAttribute("width", String(width));
      picture.setAttribute("height", String(height));
      if (described) picture.setAttribute("aria-label", described);
      picture.replaceChildren(...children);
    },
  };
}

/** Bars side by side, from 0 to 1 in height. @param {{x: number, y: number, width: number, height: number}} box @param {number[]} shares @param {string} kind */
export function bars({ x, y, width, height }, shares, kind) {
  const each = width / shares.length;
  return svg(
    "g",
    { class: `bars ${kind}` },
    ...shares.map((share, i) =>
      svg("rect", {
        x: x + i * each + 0.5,
        y: y + height * (1 - share),
        width: Math.max(1, each - 1),
        height: height * share,
      }),
    ),
  );
}
