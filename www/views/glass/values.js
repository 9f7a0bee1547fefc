// The step's tensor as a heat map that one can go into: zoom, pan, and the number under the pointer with what it is.

import { sliceCount, sliceOf, statistics } from "../../draw/heatmap.js";
import { contextOf } from "../../glass/context.js";
import { meaningOf } from "../../glass/meaning.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { findStep } from "../../state.js";
import { build, buildSwitch, fillSelect } from "../dom.js";
import { shownSight } from "../shown.js";
import { shapeText, valueText } from "../words.js";
import { mountMap } from "./map.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Slice} from "../../draw/heatmap.js" */

const CHANNELS = ["red", "green", "blue"];

/** @param {HTMLElement} box @param {Store} store @param {Session} session */
export function mountValues(box, store, session) {
  const sites = build("div", { class: "sites" });
  const slices = build("select", {
    class: "control",
    "data-testid": "slice-select",
  });
  const windowName = build("span", { class: "window" });
  const zoom = build("div", { class: "zoom", role: "group" });
  const canvas = build("canvas", {
    class: "heatmap",
    "data-testid": "heatmap",
    role: "application",
    tabindex: 0,
  });
  const reading = build("output", {
    class: "reading",
    "data-testid": "heatmap-reading",
  });
  const range = build("ul", { class: "range" });
  const figure = build(
    "div",
    { class: "tensor" },
    build("div", { class: "tensor-head" }, slices, windowName, zoom),
    canvas,
    reading,
    range,
  );
  box.append(sites, figure);

  /** @type {Slice | null} */
  let slice = null;
  const map = mountMap(
    canvas,
    (cell) => {
      reading.textContent = cell ? readingOf(cell.row, cell.column) : hint();
    },
    (zoomed) => store.set({ zoomed }),
  );
  const buttons = [
    zoomButton("in", "+", () => map.zoom(2)),
    zoomButton("out", "−", () => map.zoom(0.5)),
    zoomButton("whole", "⤢", () => map.reset()),
  ];
  zoom.append(...buttons);

  slices.addEventListener("change", () =>
    store.set({ slice: Number(slices.value) }),
  );
  store.watch(
    (s) => [s.model?.description, s.step, s.site, s.language],
    (state) => sites.replaceChildren(...buildSites(state, session)),
  );
  store.watch(
    (s) => [s.exhibit, s.site, s.language],
    (state) => fillSlices(slices, state),
  );

  function hint() {
    return slice ? t("glass.values-hint") : "";
  }

  /** @param {number} row @param {number} column */
  function readingOf(row, column) {
    const state = store.get();
    const context = contextOf(state, new Map());
    const value = slice?.values[row * slice.columns + column];
    if (!slice || !context || value === undefined) return "";
    const shape = state.exhibit?.tensor.shape ?? [];
    const {
      row: rowName,
      column: columnName,
      value: named,
    } = meaningOf(context, state.site, shape);
    const where = [rowName(row), columnName(column)].filter(Boolean);
    return `${where.join(", ")}: ${named(value) ?? valueText(value)}`;
  }

  function draw() {
    const state = store.get();
    slice = currentSlice(state);
    figure.hidden = !slice && !state.running;
    figure.setAttribute("aria-busy", String(!slice));
    if (!slice || box.hidden) return;
    slices.value = String(state.slice);
    windowName.textContent = windowText(state);
    for (const [i, name] of ["in", "out", "whole"].entries()) {
      const label = t(`glass.zoom-${name}`);
      buttons[i].setAttribute("aria-label", label);
      buttons[i].title = label;
    }
    canvas.setAttribute(
      "aria-label",
      t("glass.values-label", {
        site: state.site,
        shape: shapeText(state.exhibit?.tensor.shape ?? []),
      }),
    );
    map.draw(slice, figure.clientWidth, queryRow(state));
    range.replaceChildren(...describeRange(slice));
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
  store.watch(
    (s) => [s.zoomed],
    ({ zoomed }) => map.turn(zoomed),
  );
  // The query moves with the pointer: then only the frame is drawn anew.
  store.watch(
    (s) => [queryRow(s)],
    (state) => {
      if (!box.hidden) map.mark(queryRow(state));
    },
  );
  return { draw };
}

/** The row that is the query's, where the tensor has one. @param {State} state */
function queryRow(state) {
  const context = contextOf(state, new Map());
  const shape = state.exhibit?.tensor.shape ?? [];
  if (!context || state.exhibit?.site !== state.site) return null;
  return meaningOf(context, state.site, shape).queryRow;
}

/** @param {string} name @param {string} sign @param {() => void} onClick */
function zoomButton(name, sign, onClick) {
  const button = build(
    "button",
    { type: "button", class: "control", "data-testid": `zoom-${name}` },
    sign,
  );
  button.addEventListener("click", onClick);
  return button;
}

/** The tensors of the step, where it has several. @param {State} state @param {Session} session */
function buildSites({ model, step, site }, session) {
  const found = model && findStep(model.description, step);
  if (!found || found.sites.length < 2) return [];
  const choices = found.sites.map(
    (name) =>
      /** @type {[string, string]} */ ([
        name,
        name.slice(name.lastIndexOf(".") + 1),
      ]),
  );
  const choose = (/** @type {string} */ name) =>
    void session.looking.chooseStep(step, name);
  const choice = buildSwitch("site", choices, site, choose);
  choice.setAttribute("aria-label", t("glass.sites"));
  return [choice];
}

/** @param {HTMLSelectElement} select @param {State} state */
function fillSlices(select, { exhibit, site, slice }) {
  const shape = exhibit?.site === site ? exhibit.tensor.shape : [];
  const count = shape.length === 4 ? shape[1] : sliceCount(shape);
  select.hidden = count < 2;
  if (select.hidden) return;
  const key = site.includes(".attn.") ? "heads.head" : "glass.slice";
  const names = Array.from({ length: count }, (_, i) => {
    const channel = site === "input" ? CHANNELS[i] : undefined;
    const name = channel
      ? t(`glass.row-${channel}`)
      : t(key, { number: i + 1 });
    return /** @type {[string, string]} */ ([String(i), name]);
  });
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

/** @param {string} key @param {string} value */
function fact(key, value) {
  return build("li", {}, `${t(key)} `, build("span", {}, value));
}
