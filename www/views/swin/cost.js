// The cost meter: attention over the whole map against attention in windows, here and as the photo grows.

import { drawGrowth } from "../../draw/swin-cost.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { LEAST_GROWN, MOST_GROWN } from "../../state.js";
import { build, sharpContext, themeColour } from "../dom.js";
import { amount } from "../words.js";
import { costsOf, mapFor, windowOf } from "./costs.js";
import { buildPanel, watchInSight, windowedLayer } from "./panel.js";

/** @import {Store, State} from "../../state.js" */
/** @import {Description, Layer, LayerWindows} from "../../types.js" */
/** @import {Costs} from "./costs.js" */

/** A layer that attends in windows. @typedef {Layer & {windows: LayerWindows}} Windowed */

const CHART_HEIGHT = 150;

/** @param {Store} store */
export function buildCost(store) {
  const { box, aside, body } = buildPanel("cost");
  const bars = build("div", { class: "cost-bars" });
  const counted = build("p", { class: "note counted" });
  const slider = build("input", {
    type: "range",
    "data-testid": "cost-side",
    "data-i18n-label": "swin.photo-side",
  });
  const side = build("output", { class: "number" });
  const chart = build("canvas", { class: "growth" });
  const lesson = build("p", { class: "takeaway" });
  body.append(
    bars,
    counted,
    build(
      "label",
      { class: "side" },
      build("span", { "data-i18n": "swin.photo-side" }),
      slider,
      side,
    ),
    chart,
    lesson,
  );
  function draw() {
    const state = store.get();
    const layer = windowedLayer(state);
    if (!layer || !state.model) return;
    const { model, grown: factor } = state;
    const { description } = model;
    const photo = scaled(description, factor);
    const costs = growing(description, layer, factor);
    const { map, padded, projections, global, windowed } = costs;
    const { rows, columns } = layer.windows;
    const window = rows === columns ? String(rows) : `${rows} × ${columns}`;
    aside.textContent = `${map.rows} × ${map.columns}, C = ${layer.dim}, M = ${window}`;
    bars.replaceChildren(...describeBars(costs));
    const isPadded = padded.rows !== map.rows || padded.columns !== map.columns;
    counted.textContent = t(isPadded ? "swin.counted-padded" : "swin.counted", {
      tokens: formatNumber(map.rows * map.columns),
      rows: padded.rows,
      columns: padded.columns,
    });
    side.textContent = `${photo.height} × ${photo.width}`;
    slider.setAttribute("aria-valuetext", side.textContent);
    lesson.textContent = t(
      global === windowed ? "swin.cost-same" : "swin.cost-lesson",
      {
        times: formatNumber(global / windowed, { maximumSignificantDigits: 3 }),
      },
    );
    Object.assign(box.dataset, {
      side: photo.height,
      msa: projections + global,
      wmsa: projections + windowed,
      attentionMsa: global,
      attentionWmsa: windowed,
    });
    drawChart(chart, body.clientWidth, description, layer, factor);
  }

  slider.addEventListener("input", () => {
    store.set({ grown: Number(slider.value) });
  });
  store.watch(
    (s) => [s.model?.description, s.layer, s.grown],
    (state) => {
      const layer = windowedLayer(state);
      if (!layer || !state.model) return;
      // Half a token along the side: so one step leads back to the photo as it is.
      const { rows } = layer.grid;
      slider.min = String(LEAST_GROWN);
      slider.max = String(MOST_GROWN);
      slider.step = String(1 / (2 * rows));
      slider.value = String(state.grown);
    },
  );
  watchInSight(
    box,
    store,
    (s) => [s.model?.description, s.layer, s.grown, s.theme, s.language],
    draw,
  );
  return box;
}

/** @param {Description} description @param {number} factor */
function scaled({ input }, factor) {
  return {
    height: Math.round(input.height * factor),
    width: Math.round(input.width * factor),
  };
}

/** The layer as it is, or on the map that it would have on a larger photo. @param {Description} description @param {Windowed} layer @param {number} factor */
function growing(description, layer, factor) {
  const window = windowOf(description, layer);
  if (factor === 1) return costsOf(layer.grid, layer.dim, window);
  const map = mapFor(description, layer, scaled(description, factor));
  return costsOf(map, layer.dim, window);
}

/** @param {Costs} costs */
function describeBars({ projections, global, windowed }) {
  const most = projections + global;
  const row = (
    /** @type {string} */ name,
    /** @type {string} */ formula,
    /** @type {number} */ attention,
  ) => {
    const bar = build("span", { class: "stack", "aria-hidden": "true" });
    for (const [kind, part] of /** @type {[string, number][]} */ ([
      ["projections", projections],
      ["attention", attention],
    ])) {
      const piece = build("span", { class: kind });
      piece.style.width = `${(100 * part) / most}%`;
      bar.append(piece);
    }
    return build(
      "div",
      { class: `cost-row ${name}` },
      build("span", { class: "name" }, t(`swin.cost-${name}`)),
      bar,
      build("span", { class: "number" }, amount(projections + attention)),
      build(
        "p",
        { class: "formula" },
        build("span", { class: "projections" }, `4hwC² ${amount(projections)}`),
        " + ",
        build(
          "span",
          { class: "attention" },
          `${formula} ${amount(attention)}`,
        ),
      ),
    );
  };
  return [
    row("global", "2(hw)²C", global),
    row("windowed", "2M²hwC", windowed),
  ];
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {Description} description @param {Windowed} layer @param {number} factor */
function drawChart(canvas, width, description, layer, factor) {
  canvas.style.height = `${CHART_HEIGHT}px`;
  const context = sharpContext(canvas, width, CHART_HEIGHT);
  const steps = Array.from(
    { length: 57 },
    (_, i) => LEAST_GROWN + (i / 56) * (MOST_GROWN - LEAST_GROWN),
  );
  const all = steps.map((step) => growing(description, layer, step));
  const here = growing(description, layer, factor);
  const sides = steps.map((step) => scaled(description, step).height);
  drawGrowth(
    context,
    { width, height: CHART_HEIGHT },
    {
      x: sides,
      marker: scaled(description, factor).height,
      lines: [
        {
          name: t("swin.cost-global"),
          colour: themeColour("--residual"),
          values: all.map(({ global }) => global),
          here: here.global,
        },
        {
          name: t("swin.cost-windowed"),
          colour: themeColour("--accent"),
          values: all.map(({ windowed }) => windowed),
          here: here.windowed,
        },
      ],
    },
    {
      ink: themeColour("--muted"),
      hairline: themeColour("--hairline"),
      amount,
    },
  );
}
