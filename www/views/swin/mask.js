// The mask of a shifted window, M² x M²: pieces that meet only because of the roll do not see each other.

import { maskPixels, outlineRow, piecesOf } from "../../draw/swin-mask.js";
import { drawMatrix, pixelsOf } from "../../draw/swin-matrix.js";
import { t } from "../../i18n/i18n.js";
import { shownQuery } from "../../state.js";
import { layerToken } from "../../windows.js";
import {
  build,
  buildSwitch,
  roomOf,
  sizedContext,
  themeColour,
  windowColours,
} from "../dom.js";
import { queryKeys } from "../shown.js";
import {
  buildPanel,
  patternOf,
  shifts,
  watchInSight,
  windowedLayer,
} from "./panel.js";

/** @import {State, Store} from "../../state.js" */
/** @import {Windows} from "../../windows.js" */

/** The picture's share of the width. */
const SHARE = 0.5;

/** @param {Store} store */
export function buildMask(store) {
  const { box, aside, body } = buildPanel("mask");
  const canvas = build("canvas", {
    "data-testid": "mask-matrix",
    role: "img",
    "data-i18n-label": "swin.mask-label",
  });
  const which = build("div", { class: "which" });
  const legend = build("ul", { class: "legend" });
  const lesson = build("p", { class: "takeaway" });
  body.append(
    build(
      "div",
      { class: "beside" },
      canvas,
      build("div", {}, which, legend, lesson),
    ),
  );
  let isLast = false;

  function draw() {
    const state = store.get();
    const layer = windowedLayer(state);
    if (!layer) return;
    const { windows, mask } = patternOf(state);
    canvas.hidden = which.hidden = legend.hidden = !windows || !mask;
    aside.textContent = "";
    delete box.dataset["window"];
    if (!windows || !mask) {
      lesson.textContent = t(reasonWithout(state));
      return;
    }
    const slot = querySlot(state, windows);
    const { area, count } = windows;
    const ofQuery = slot < 0 ? count - 1 : Math.floor(slot / area);
    const window = isLast ? count - 1 : ofQuery;
    const row = window === ofQuery && slot >= 0 ? slot % area : -1;
    const own = mask.data.subarray(
      window * area ** 2,
      (window + 1) * area ** 2,
    );
    const pieces = piecesOf(own, area);

    box.dataset["window"] = String(window);
    box.dataset["pieces"] = String(new Set(pieces).size);
    aside.textContent = t("swin.mask-window", {
      number: window + 1,
      windows: count,
    });
    const side = Math.floor(SHARE * roomOf(body).width);
    const context = sizedContext(canvas, side, side);
    const colours = coloursOf(windows, window, pieces);
    const pixels = pixelsOf(maskPixels(own, pieces, colours), area, area);
    drawMatrix(context, { pixels, width: side, height: side }, [], "");
    if (row >= 0) {
      outlineRow(context, side, area, row, themeColour("--query"));
    }
    legend.replaceChildren(
      ...describePieces(windows, window, pieces),
      ...(row >= 0 ? [line("query", "", t("swin.mask-row"))] : []),
    );
    lesson.textContent = remarkOn(state, pieces);
  }

  store.watch(
    (s) => [s.language],
    () => {
      /** @type {[string, string][]} */
      const choices = [
        ["query", t("swin.mask-query")],
        ["last", t("swin.mask-last")],
      ];
      const chosen = isLast ? "last" : "query";
      const choice = buildSwitch("mask-window", choices, chosen, (value) => {
        isLast = value === "last";
        draw();
      });
      choice.setAttribute("aria-label", t("swin.mask-which"));
      which.replaceChildren(choice);
    },
  );
  watchInSight(
    box,
    store,
    (s) => [
      s.model?.description,
      s.layer,
      s.pattern,
      ...queryKeys(s),
      s.theme,
      s.language,
    ],
    draw,
  );
  return box;
}

/** Why there is nothing to show. @param {State} state */
function reasonWithout(state) {
  const layer = windowedLayer(state);
  if (!layer) return "";
  if (shifts(layer)) return "swin.waiting";
  const { rows, columns } = layer.windows.padded;
  const isOne =
    rows === layer.windows.rows && columns === layer.windows.columns;
  return isOne ? "swin.mask-one" : "swin.mask-none";
}

/** @param {State} state @param {number[]} pieces */
function remarkOn({ whatif }, pieces) {
  if (whatif.noShift) return t("swin.mask-off-shift");
  if (whatif.noMask) return t("swin.mask-off");
  const isOne = new Set(pieces).size === 1;
  return t(isOne ? "swin.mask-free" : "swin.mask-pieces");
}

/** @param {State} state @param {Windows} windows */
function querySlot(state, { slotOf }) {
  const layer = windowedLayer(state);
  const query = shownQuery(state);
  if (!layer || query.kind !== "patch") return -1;
  const { row, column } = layerToken(query, layer);
  return slotOf[row * layer.grid.columns + column] ?? -1;
}

/** How many tokens each piece holds. @param {Windows} windows @param {number} window @param {number[]} pieces */
function sizesOf({ area, tokenAt }, window, pieces) {
  /** @type {number[]} */
  const sizes = [];
  for (const [slot, piece] of pieces.entries()) {
    sizes[piece] ??= 0;
    if (tokenAt(window * area + slot) >= 0) sizes[piece]++;
  }
  return sizes;
}

/** A colour a piece; grey where it is nothing but padding. @param {Windows} windows @param {number} window @param {number[]} pieces */
function coloursOf(windows, window, pieces) {
  const palette = windowColours();
  return sizesOf(windows, window, pieces).map((size, piece) =>
    size > 0 ? palette[piece % palette.length] : themeColour("--photo-grey"),
  );
}

/** @param {Windows} windows @param {number} window @param {number[]} pieces */
function describePieces(windows, window, pieces) {
  const colours = coloursOf(windows, window, pieces);
  const sizes = sizesOf(windows, window, pieces);
  const lines = sizes.flatMap((count, piece) =>
    count > 0 ? line("", colours[piece], t("swin.mask-piece", { count })) : [],
  );
  const padding = windows.area - sizes.reduce((sum, size) => sum + size, 0);
  if (padding > 0) {
    const text = t("swin.mask-padding", { count: padding });
    lines.push(line("", themeColour("--photo-grey"), text));
  }
  if (sizes.length > 1) lines.push(line("blank", "", t("swin.mask-blank")));
  return lines;
}

/** @param {string} kind @param {string} colour @param {string} text */
function line(kind, colour, text) {
  const swatch = build("span", { class: `swatch ${kind}` });
  if (colour) swatch.style.background = colour;
  return build("li", {}, swatch, build("span", {}, text));
}
