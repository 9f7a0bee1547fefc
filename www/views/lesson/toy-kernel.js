// The board "kernel regression": measurements, a place to ask for, and how much each measurement says there.

import { svg } from "../../draw/svg.js";
import { initialPoints, regress, truth } from "../../lessons/toys/kernel.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { figure } from "./figure.js";
import { short, slider } from "./numbers.js";

/** @import {BuildToy} from "./board.js" */

const RANGE = { x: [0, 6], y: [-1.2, 2.6] };

/** @type {BuildToy} */
export function buildKernel(box, onChange) {
  const points = initialPoints();
  let at = 2.5;
  let width = 0.4;
  let now = regress(points, at, width);
  const change = () => {
    now = regress(points, at, width);
    onChange();
  };
  const { picture, draw } = figure(
    t("lesson.toy-kernel-label"),
    "toy-kernel-plot",
  );
  const nearest = () => now.weights.indexOf(Math.max(...now.weights));
  box.append(
    picture,
    slider({
      name: "toy-at",
      label: t("lesson.toy-at"),
      min: 0,
      max: 6,
      step: 0.05,
      value: at,
      text: short,
      onChange(value) {
        at = value;
        change();
      },
    }),
    slider({
      name: "toy-width",
      label: t("lesson.toy-width"),
      min: 0.05,
      max: 3,
      step: 0.05,
      value: width,
      text: short,
      onChange(value) {
        width = value;
        change();
      },
    }),
    build("p", { class: "hint" }, t("lesson.toy-kernel-hint")),
  );

  return {
    draw(_, wide) {
      const high = Math.min(460, Math.max(240, wide * 0.52));
      const x = (/** @type {number} */ value) =>
        10 + ((value - RANGE.x[0]) / 6) * (wide - 20);
      const y = (/** @type {number} */ value) =>
        high -
        16 -
        ((value - RANGE.y[0]) / (RANGE.y[1] - RANGE.y[0])) * (high - 32);
      const curve = (/** @type {(value: number) => number} */ f) =>
        Array.from(
          { length: 121 },
          (_one, i) => `${x(i / 20)},${y(f(i / 20))}`,
        ).join(" ");
      const largest = Math.max(...now.weights);
      draw(
        wide,
        high,
        [
          svg("polyline", { points: curve(truth), class: "truth" }),
          svg("polyline", {
            points: curve((value) => regress(points, value, width).estimate),
            class: "fit",
          }),
          svg("line", {
            x1: x(at),
            x2: x(at),
            y1: 8,
            y2: high - 8,
            class: "asked",
          }),
          ...points.map((point, i) =>
            svg("line", {
              x1: x(point.x),
              x2: x(point.x),
              y1: high - 8,
              y2: high - 8 - (now.weights[i] / largest) * 60,
              class: "weight-bar",
            }),
          ),
          ...points.map((point, i) =>
            svg("circle", {
              cx: x(point.x),
              cy: y(point.y),
              r: 3.5 + 5 * (now.weights[i] / largest),
              class: "point",
              opacity: 0.3 + 0.7 * (now.weights[i] / largest),
            }),
          ),
          svg("circle", {
            cx: x(at),
            cy: y(now.estimate),
            r: 7,
            class: "estimate",
          }),
        ],
        t("lesson.toy-kernel-said", {
          at: short(at),
          estimate: short(now.estimate),
        }),
      );
      picture.dataset["estimate"] = String(now.estimate);
      picture.dataset["weights"] = now.weights.join(" ");
    },
    fact(name) {
      /** @type {Record<string, number>} */
      const facts = {
        width,
        at,
        estimate: now.estimate,
        truth: truth(at),
        nearest: nearest() + 1,
        nearest_weight: now.weights[nearest()],
      };
      return facts[name] ?? null;
    },
  };
}
