// The glass: the chosen step with its site, shape and costs, and its tensor as a heat map one can read values from.

import {
  colourRange,
  heatmapPixels,
  sliceCount,
  sliceOf,
  statistics,
} from "../draw/heatmap.js";
import { formatNumber, has, t } from "../i18n/i18n.js";
import { findStep } from "../state.js";
import {
  build,
  buildSwitch,
  fillSelect,
  find,
  paneColour,
  setStyle,
  sharpContext,
} from "./dom.js";
import { shownSight } from "./shown.js";
import { amount, shapeText, stepName, valueText, wordOf } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Slice} from "../draw/heatmap.js" */

/** A vector is drawn this high, and no map higher than that. */
const MIN_HEIGHT = 36;
const MAX_HEIGHT = 264;

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountExhibit(root, store, session) {
  const box = find(root, ".exhibit", HTMLElement);
  const text = build("div", { class: "step-text" });
  const slices = build("select", {
    class: "control",
    "data-testid": "slice-select",
  });
  const canvas = build("canvas", {
    class: "heatmap",
    "data-testid": "heatmap",
  });
  const reading = build("output", { class: "reading" });
  const figure = build(
    "div",
    { class: "tensor" },
    build(
      "div",
      { class: "tensor-head" },
      slices,
      build("span", { class: "window" }),
      reading,
    ),
    canvas,
    build("ul", { class: "range" }),
  );
  box.append(text, figure);
  /** @type {Slice | null} */
  let slice = null;

  slices.addEventListener("change", () =>
    store.set({ slice: Number(slices.value) }),
  );

  store.watch(
    (s) => [s.model?.description, s.step, s.site, s.language],
    (state) => text.replaceChildren(...describeStep(state, session)),
  );
  store.watch(
    (s) => [s.exhibit, s.site, s.language],
    (state) => fillSlices(slices, state),
  );
  const windowName = find(figure, ".window", HTMLElement);

  function draw() {
    const state = store.get();
    slice = currentSlice(state);
    figure.hidden = !slice && !state.running;
    figure.setAttribute("aria-busy", String(!slice));
    if (!slice) return;
    slices.value = String(state.slice);
    windowName.textContent = windowText(state);
    drawSlice(canvas, figure.clientWidth, slice);
    const range = find(figure, ".range", HTMLElement);
    range.replaceChildren(...describeRange(slice));
    reading.textContent = "";
  }
  new ResizeObserver(draw).observe(figure);
  store.watch(
    (s) => [
      s.exhibit,
      s.site,
      s.slice,
      s.theme,
      s.language,
      s.running,
      windowOf(s),
    ],
    draw,
  );

  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    if (!slice) return;
    const { clientWidth, clientHeight } = canvas;
    const row = Math.floor((offsetY / clientHeight) * slice.rows);
    const column = Math.floor((offsetX / clientWidth) * slice.columns);
    const value = slice.values[row * slice.columns + column];
    reading.textContent =
      value === undefined ? "" : `[${row}, ${column}] ${valueText(value)}`;
  });
  canvas.addEventListener("pointerleave", () => {
    reading.textContent = "";
  });
}

/** @param {State} state @param {Session} session */
function describeStep({ model, step, site }, session) {
  const found = model && findStep(model.description, step);
  if (!found) return [];
  const about = `about.${wordOf(found)}`;
  /** @type {HTMLElement[]} */
  const parts = [
    build("p", { class: "site" }, site),
    build("h2", {}, headingOf(found)),
  ];
  if (has(about)) parts.push(build("p", { class: "about" }, t(about)));
  parts.push(
    build(
      "ul",
      { class: "facts" },
      fact("glass.shape", shapeText(found.shape)),
      found.parameters > 0 &&
        fact("glass.parameters", amount(found.parameters)),
      found.operations > 0 &&
        fact("glass.operations", amount(found.operations)),
    ),
  );
  if (found.sites.length > 1) {
    const choices = found.sites.map(
      (name) => /** @type {[string, string]} */ ([name, lastWord(name)]),
    );
    const choose = (/** @type {string} */ name) =>
      void session.looking.chooseStep(step, name);
    parts.push(buildSwitch("site", choices, site, choose));
  }
  return parts;
}

/** @param {import("../types.js").Step} step */
function headingOf(step) {
  const key = `heading.${wordOf(step)}`;
  return has(key) ? t(key) : stepName(step);
}

/** @param {string} key @param {string} value */
function fact(key, value) {
  return build("li", {}, `${t(key)} `, build("span", {}, value));
}

/** @param {string} site */
function lastWord(site) {
  return site.slice(site.lastIndexOf(".") + 1);
}

/** @param {HTMLSelectElement} select @param {State} state */
function fillSlices(select, { exhibit, site, slice }) {
  const shape = exhibit?.site === site ? exhibit.tensor.shape : [];
  const count = shape.length === 4 ? shape[1] : sliceCount(shape);
  select.hidden = count < 2;
  if (select.hidden) return;
  const key = site.includes(".attn.") ? "heads.head" : "glass.slice";
  const names = Array.from(
    { length: count },
    (_, i) =>
      /** @type {[string, string]} */ ([String(i), t(key, { number: i + 1 })]),
  );
  fillSelect(select, names, String(slice));
  select.setAttribute("aria-label", t("glass.slices"));
}

/** @param {State} state */
function currentSlice(state) {
  const { exhibit, site, slice } = state;
  if (!exhibit || exhibit.site !== site) return null;
  const { shape } = exhibit.tensor;
  if (shape.length !== 4) {
    const count = sliceCount(shape);
    return sliceOf(exhibit.tensor, Math.min(slice, count - 1));
  }
  const [, inner] = shape;
  const outer = windowOf(state) ?? 0;
  return sliceOf(exhibit.tensor, outer * inner + Math.min(slice, inner - 1));
}

/** The query's window, where the tensor has one slice for each. @param {State} state */
function windowOf(state) {
  const [count] = state.exhibit?.tensor.shape ?? [];
  const window = shownSight(state)?.window;
  return window === undefined || count === 1 || window >= count ? null : window;
}

/** @param {State} state */
function windowText(state) {
  const shape = state.exhibit?.tensor.shape ?? [];
  const window = shape.length === 4 ? windowOf(state) : null;
  if (window === null) return "";
  return t("glass.window", { number: window + 1, count: shape[0] });
}

/** @param {HTMLCanvasElement} canvas @param {number} room @param {Slice} slice */
function drawSlice(canvas, room, slice) {
  const { rows, columns } = slice;
  const natural = (room * rows) / columns;
  const height = Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, natural));
  const isTall = natural > MAX_HEIGHT && rows <= columns * 4;
  const width = isTall ? (MAX_HEIGHT * columns) / rows : room;
  setStyle(canvas, "width", `${width}px`);
  setStyle(canvas, "height", `${height}px`);
  const context = sharpContext(canvas, width, height);
  const pixels = heatmapPixels(slice, colourRange(slice.values), paneColour());
  const small = new OffscreenCanvas(columns, rows);
  const image = new ImageData(pixels, columns, rows);
  small.getContext("2d")?.putImageData(image, 0, 0);
  // Enlarged, numbers stay squares; reduced, neighbours are averaged.
  context.imageSmoothingEnabled = columns > width || rows > height;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, width, height);
}

/** @param {Slice} slice */
function describeRange({ values }) {
  const { min, max, mean } = statistics(values);
  return [
    fact("glass.min", valueText(min)),
    fact("glass.mean", valueText(mean)),
    fact("glass.max", valueText(max)),
    fact("glass.numbers", formatNumber(values.length)),
  ];
}
