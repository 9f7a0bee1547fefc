// The board "why √d": the spread of q · k over random vectors, as a histogram with and without the division.

import { svg } from "../../draw/svg.js";
import { PAIRS, experiment, histogram } from "../../lessons/toys/variance.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { figure } from "./figure.js";
import { short, slider } from "./numbers.js";

/** @import {BuildToy} from "./board.js" */

/** Powers of two from 1 to 512. */
const MOST = 9;
const BINS = 61;
/** Dots are shown between these. */
const LIMIT = 60;

/** @type {BuildToy} */
export function buildVariance(box, onChange) {
  let d = 64;
  let shown = experiment(d);
  const control = slider({
    name: "toy-d",
    label: "d",
    min: 0,
    max: MOST,
    step: 1,
    value: Math.log2(d),
    text: (power) => String(2 ** power),
    onChange(power) {
      d = 2 ** power;
      shown = experiment(d);
      onChange();
    },
  });
  const { picture, draw } = figure(t("lesson.toy-histogram"), "toy-histogram");
  const table = build("tbody", {});
  const facts = () => ({
    d,
    variance: shown.variance,
    expected: d,
    peak: shown.raw.peak,
    peak_scaled: shown.tamed.peak,
    slope: shown.raw.slope,
    slope_scaled: shown.tamed.slope,
  });
  box.append(
    build(
      "p",
      { class: "hint" },
      t("lesson.toy-variance-about", { pairs: formatNumber(PAIRS) }),
    ),
    control,
    picture,
    build("table", { class: "compare" }, headOf(), table),
  );

  return {
    draw(_, width) {
      const height = Math.min(300, Math.max(180, width * 0.34));
      draw(
        width,
        height,
        histograms(shown, width, height),
        t("lesson.toy-histogram-label", { d, variance: short(shown.variance) }),
      );
      const { raw, tamed, variance } = shown;
      const rows = [
        ["variance", variance, variance / d],
        ["peak", raw.peak, tamed.peak],
        ["slope", raw.slope, tamed.slope],
      ];
      table.replaceChildren(
        ...rows.map(([name, before, after]) =>
          build(
            "tr",
            {},
            build("th", { scope: "row" }, t(`lesson.toy-${name}`)),
            ...[before, after].map((value, i) =>
              build(
                "td",
                { "data-testid": `toy-${name}-${i}`, "data-value": value },
                threeDigits(Number(value)),
              ),
            ),
          ),
        ),
      );
    },
    fact: (name) =>
      facts()[/** @type {keyof ReturnType<typeof facts>} */ (name)] ?? null,
  };
}

/** @param {number} value */
const threeDigits = (value) => String(Number(value.toPrecision(3)));

function headOf() {
  const heads = ["", "q · k", "q · k / √d"];
  return build(
    "thead",
    {},
    build("tr", {}, ...heads.map((one, i) => build(i ? "th" : "td", {}, one))),
  );
}

/** @param {ReturnType<typeof experiment>} shown @param {number} width @param {number} height */
function histograms({ dots, scaled }, width, height) {
  const floor = height - 22;
  const raw = histogram(dots, LIMIT, BINS);
  const tamed = histogram(scaled, LIMIT, BINS);
  const top = Math.max(...raw, ...tamed);
  const each = width / BINS;
  const layer = (/** @type {number[]} */ counts, /** @type {string} */ kind) =>
    svg(
      "g",
      { class: `bars ${kind}` },
      ...counts.map((count, i) =>
        svg("rect", {
          x: i * each + 0.5,
          y: floor - Math.sqrt(count / top) * (floor - 20),
          width: Math.max(1, each - 1),
          height: Math.sqrt(count / top) * (floor - 20),
        }),
      ),
    );
  const marks = [-LIMIT, -LIMIT / 2, 0, LIMIT / 2, LIMIT].map((value) => {
    const x = ((value + LIMIT) / (2 * LIMIT)) * width;
    const side = value === -LIMIT ? "start" : value === LIMIT ? "end" : "";
    return svg(
      "text",
      { x, y: height - 5, class: `mark ${side}` },
      String(value).replace("-", "−"),
    );
  });
  return [
    layer(raw, "raw"),
    layer(tamed, "tamed"),
    svg("line", {
      x1: 0,
      x2: width,
      y1: floor + 0.5,
      y2: floor + 0.5,
      class: "axis",
    }),
    ...marks,
    svg("text", { x: 4, y: 14, class: "legend raw" }, "■ q · k"),
    svg("text", { x: 70, y: 14, class: "legend tamed" }, "■ q · k / √d"),
  ];
}
