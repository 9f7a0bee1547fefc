// Attention distance: how far each head of each layer looks on this photo, in pixels of the model's input.

import { drawDistances } from "../../draw/distance-chart.js";
import { svg } from "../../draw/svg.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { hasWindows } from "../../windows.js";
import { build } from "../dom.js";
import { buildPanel, deriveInSight, watchInSight } from "../panel.js";
import { layerName } from "../words.js";
import { chooseByKeys, chooseHead } from "./choose.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */
/** @import {Dot} from "../../draw/distance-chart.js" */
/** @import {Description, Layer, Tensor} from "../../types.js" */
/** @import {Place} from "./choose.js" */

const HEIGHT = 250;
/** A dot is meant from so many pixels away. */
const NEAR = 16;

/** @param {Store} store @param {Session} session */
export function buildDistance(store, session) {
  const { box, aside, body } = buildPanel("distance", "explain");
  const chart = svg("svg", {
    class: "distances",
    "data-testid": "distances",
    tabindex: 0,
    role: "application",
    "data-i18n-label": "explain.distance-label",
  });
  const reading = build("output", {
    class: "said",
    "data-testid": "distance-reading",
  });
  const lesson = build("p", { class: "takeaway" });
  const legend = build(
    "p",
    { class: "keys", "aria-hidden": "true" },
    ...["head", "mean", "even"].map((name) =>
      build(
        "span",
        { class: name === "head" ? "one" : name },
        build("span", { "data-i18n": `explain.distance-${name}` }),
      ),
    ),
  );
  body.append(chart, legend, reading, lesson);
  /** By layer and head. @type {number[][] | null} */
  let values = null;
  /** @type {Dot[]} */
  let dots = [];
  /** @type {Place | null} */
  let pointed = null;

  function draw() {
    const { model, layer, head } = store.get();
    const width = body.clientWidth;
    if (!model || values?.length !== model.description.layers.length) return;
    const { description } = model;
    const { height: high, width: wide } = description.input;
    aside.textContent = t("explain.distance-aside", {
      height: high,
      width: wide,
    });
    lesson.textContent = t(
      hasWindows(description)
        ? "explain.distance-windows"
        : "explain.distance-lesson",
    );
    const even = description.layers.map((one) =>
      evenDistance(one, description),
    );
    const size = { width, height: HEIGHT };
    dots = drawDistances(
      chart,
      size,
      { values, even },
      { layer, head },
      {
        across: t("explain.distance-across"),
        up: t("explain.distance-up"),
      },
    );
    say();
  }

  function say() {
    const { model, layer, head } = store.get();
    const at = pointed ?? { layer, head };
    const value = values?.[at.layer]?.[at.head];
    if (!model || value === undefined) return;
    reading.dataset["value"] = String(value);
    reading.textContent = t("explain.distance-reading", {
      layer: layerName(model.description, at.layer),
      head: at.head + 1,
      number: formatNumber(value, { maximumSignificantDigits: 3 }),
    });
  }

  /** @param {MouseEvent} event @returns {Place | null} */
  function dotUnder({ clientX, clientY }) {
    const { left, top, width } = chart.getBoundingClientRect();
    // Presenting enlarges the page.
    const scale = width / chart.clientWidth || 1;
    const away = (/** @type {Dot} */ { x, y }) =>
      Math.hypot(x - (clientX - left) / scale, y - (clientY - top) / scale);
    const near = dots.filter((dot) => away(dot) <= NEAR);
    near.sort((a, b) => away(a) - away(b));
    return near[0] ?? null;
  }

  chart.addEventListener("pointermove", (event) => {
    pointed = dotUnder(event);
    chart.style.cursor = pointed ? "pointer" : "default";
    say();
  });
  chart.addEventListener("pointerleave", () => {
    pointed = null;
    say();
  });
  chart.addEventListener("click", (event) => {
    const at = dotUnder(event);
    if (at) chooseHead(session, at);
  });
  chooseByKeys(chart, store, session);

  deriveInSight(
    box,
    store,
    session,
    () => [],
    () => /** @type {const} */ ({ kind: "distance" }),
    (answer) => {
      const { model } = store.get();
      values = answer && model ? byLayer(answer, model.description) : null;
      draw();
    },
  );
  watchInSight(box, store, (s) => [s.layer, s.head, s.language], draw);
  return box;
}

/** @param {Tensor} answer @param {Description} description */
function byLayer({ data }, { layers }) {
  let from = 0;
  return layers.map(({ heads }) => {
    const own = Array.from(data.subarray(from, from + heads));
    from += heads;
    return own;
  });
}

/**
 * The mean distance if attention were even: over the whole map, or over a whole window.
 * @param {Layer} layer @param {Description} description
 */
function evenDistance({ grid, windows, stage }, { patch }) {
  const { rows, columns } = windows ?? grid;
  const side = 2 ** stage;
  let sum = 0;
  for (let down = 1 - rows; down < rows; down++) {
    for (let right = 1 - columns; right < columns; right++) {
      // So many pairs of tokens are that far apart.
      const pairs = (rows - Math.abs(down)) * (columns - Math.abs(right));
      const [y, x] = [down * patch.height * side, right * patch.width * side];
      sum += pairs * Math.hypot(y, x);
    }
  }
  return sum / (rows * columns) ** 2;
}
