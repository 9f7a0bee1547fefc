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
  setStyle,
  sharpContext,
  themeColour,
} from "./dom.js";
import { amount, shapeText, stepName, valueText } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Rgb} from "../draw/colormap.js" */
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
    build("div", { class: "tensor-head" }, slices, reading),
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

  function draw() {
    const state = store.get();
    slice = currentSlice(state);
    figure.hidden = !slice && !state.running;
    figure.setAttribute("aria-busy", String(!slice));
    if (!slice) return;
    slices.value = String(state.slice);
    drawSlice(canvas, figure.clientWidth, slice);
    const range = find(figure, ".range", HTMLElement);
    range.replaceChildren(...describeRange(slice));
    reading.textContent = "";
  }
  new ResizeObserver(draw).observe(figure);
  store.watch(
    (s) => [s.exhibit, s.site, s.slice, s.theme, s.language, s.running],
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
  const about = `about.${found.kind}`;
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
  const key = `heading.${step.kind}`;
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
  const count = sliceCount(shape);
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
function currentSlice({ exhibit, site, slice }) {
  if (!exhibit || exhibit.site !== site) return null;
  const count = sliceCount(exhibit.tensor.shape);
  return sliceOf(exhibit.tensor, Math.min(slice, count - 1));
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
  const pixels = heatmapPixels(slice, colourRange(slice.values), middle());
  const small = new OffscreenCanvas(columns, rows);
  const image = new ImageData(pixels, columns, rows);
  small.getContext("2d")?.putImageData(image, 0, 0);
  // Enlarged, numbers stay squares; reduced, neighbours are averaged.
  context.imageSmoothingEnabled = columns > width || rows > height;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, width, height);
}

/** The pane's colour, as numbers. @returns {Rgb} */
function middle() {
  const hex = themeColour("--pane").replace("#", "");
  const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const at = (/** @type {number} */ i) => parseInt(full.slice(i, i + 2), 16);
  return [at(0), at(2), at(4)];
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
