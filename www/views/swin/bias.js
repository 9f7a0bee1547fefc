// The relative position bias of a head: its small table beside the matrix that is read off it, each lighting the other.

import { heatmapPixels, statistics } from "../../draw/heatmap.js";
import {
  cellUnder,
  drawMatrix,
  outlineCell,
  outlineCells,
  pixelsOf,
} from "../../draw/swin-matrix.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { build, paneColour, sizedContext, themeColour } from "../dom.js";
import { valueText } from "../words.js";
import {
  cellAt,
  matrixOf,
  offsetAt,
  offsetOf,
  pairsOf,
  tableOf,
} from "./bias-table.js";
import {
  buildPanel,
  fetchInSight,
  watchInSight,
  windowedLayer,
} from "./panel.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */
/** @import {Grid, Tensor} from "../../types.js" */
/** @import {Enlarged} from "../../draw/swin-matrix.js" */
/** @import {Offset} from "./bias-table.js" */

/** The table's share of the width; the matrix takes the rest. */
const TABLE_SHARE = 0.38;
const GAP = 16;
/** @type {Record<string, Offset>} */
const MOVES = {
  ArrowUp: { down: -1, right: 0 },
  ArrowDown: { down: 1, right: 0 },
  ArrowLeft: { down: 0, right: -1 },
  ArrowRight: { down: 0, right: 1 },
};

/** @param {Store} store @param {Session} session */
export function buildBias(store, session) {
  const { box, aside, body } = buildPanel("bias");
  const table = build("canvas", {
    "data-testid": "bias-table",
    tabindex: 0,
    role: "application",
    "data-i18n-label": "swin.bias-table-label",
  });
  const matrix = build("canvas", {
    "data-testid": "bias-matrix",
    role: "img",
    "data-i18n-label": "swin.bias-matrix-label",
  });
  const scale = build("canvas", { class: "scale", "aria-hidden": "true" });
  const low = build("span", { class: "number" });
  const high = build("span", { class: "number" });
  const reading = build("output", {
    class: "said",
    "data-testid": "bias-reading",
  });
  const note = build("p", { class: "takeaway" });
  body.append(
    build(
      "div",
      { class: "pair" },
      figure(table, "swin.bias-table"),
      figure(matrix, "swin.bias-matrix"),
    ),
    build("p", { class: "scale-line" }, low, scale, high),
    reading,
    note,
  );

  /** By site. @type {Record<string, Tensor>} */
  let biases = {};
  /** What is drawn now. @type {ReturnType<typeof prepare> | null} */
  let drawn = null;
  /** The cell of the table that is lit, and of the matrix where the pointer is on it. */
  let cell = -1;
  let pair = -1;

  function redraw() {
    const state = store.get();
    const layer = windowedLayer(state);
    const bias = layer && biases[siteOf(layer)];
    drawn = bias
      ? prepare(bias, state.head, layer.windows, body.clientWidth)
      : null;
    box.toggleAttribute("aria-busy", !drawn);
    if (!drawn || !layer) return;
    const { rows, columns } = layer.windows;
    const area = rows * columns;
    aside.textContent = t("swin.bias-aside", {
      head: state.head + 1,
      heads: layer.heads,
    });
    note.textContent = t("swin.bias-lesson", {
      table: formatNumber((2 * rows - 1) * (2 * columns - 1)),
      matrix: formatNumber(area * area),
    });
    drawScale(scale, drawn.range);
    low.textContent = valueText(drawn.range.low);
    high.textContent = `+${valueText(drawn.range.high)}`;
    light();
  }

  /** Draws both pictures with what is lit. */
  function light() {
    if (!drawn) return;
    const { window, values, entries } = drawn;
    const isLit = cell >= 0 && cell < values.length;
    const offset = isLit ? offsetAt(cell, window) : null;
    const pairs = offset ? pairsOf(offset, window) : [];
    const area = window.rows * window.columns;
    const cells = pairs.map(({ query, key }) => query * area + key);
    const veil = themeColour("--sunken");
    const ink = themeColour("--ink");

    const onTable = contextFor(table, drawn.table);
    drawMatrix(onTable, drawn.table, [], veil);
    outlineCentre(onTable, drawn.table, window);
    if (isLit) outlineCell(onTable, drawn.table, cell, ink);

    const onMatrix = contextFor(matrix, drawn.matrix);
    drawMatrix(onMatrix, drawn.matrix, cells, veil);
    outlineCells(onMatrix, drawn.matrix, cells, ink);
    if (pair >= 0) outlineCell(onMatrix, drawn.matrix, pair, ink);

    table.dataset["cell"] = isLit ? String(cell) : "";
    matrix.dataset["lit"] = cells.join(" ");
    const value = pair >= 0 ? entries[pair] : values[cell];
    reading.dataset["value"] = isLit ? String(value) : "";
    reading.dataset["offset"] = offset ? `${offset.down},${offset.right}` : "";
    reading.textContent = offset
      ? t("swin.bias-reading", {
          offset: offsetText(offset),
          value: signed(value),
          pairs: formatNumber(pairs.length),
        })
      : t("swin.bias-hint");
  }

  /** @param {number} nextCell @param {number} nextPair */
  function point(nextCell, nextPair) {
    if (nextCell === cell && nextPair === pair) return;
    cell = nextCell;
    pair = nextPair;
    light();
  }

  table.addEventListener("pointermove", (event) => {
    if (drawn) point(cellUnder(gridOf(drawn.table), table, event), -1);
  });
  matrix.addEventListener("pointermove", (event) => {
    if (!drawn) return;
    const { window } = drawn;
    const area = window.rows * window.columns;
    const at = cellUnder(gridOf(drawn.matrix), matrix, event);
    if (at < 0) return point(-1, -1);
    point(
      cellAt(offsetOf(Math.floor(at / area), at % area, window), window),
      at,
    );
  });
  for (const canvas of [table, matrix]) {
    canvas.addEventListener("pointerleave", () => {
      if (document.activeElement !== table) point(-1, -1);
    });
  }
  table.addEventListener("focus", () => {
    if (drawn && cell < 0) point(drawn.values.length >> 1, -1);
  });
  table.addEventListener("blur", () => point(-1, -1));
  table.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !drawn || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const { rows, columns } = drawn.window;
    const at = offsetAt(Math.max(0, cell), drawn.window);
    const inside = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.max(-most, Math.min(most, value));
    const offset = {
      down: inside(at.down + move.down, rows - 1),
      right: inside(at.right + move.right, columns - 1),
    };
    point(cellAt(offset, drawn.window), -1);
  });

  fetchInSight(
    box,
    store,
    session,
    (state) => {
      const layer = windowedLayer(state);
      return layer ? [siteOf(layer)] : [];
    },
    (tensors) => {
      biases = tensors;
      cell = pair = -1;
      redraw();
    },
  );
  watchInSight(
    box,
    store,
    (s) => [s.head, s.layer, s.theme, s.language],
    redraw,
  );
  return box;
}

/** @param {{site: string}} layer */
const siteOf = ({ site }) => `${site}.attn.bias`;

/** @param {HTMLCanvasElement} canvas @param {string} caption */
function figure(canvas, caption) {
  return build(
    "figure",
    {},
    canvas,
    build("figcaption", { "data-i18n": caption }),
  );
}

/** @param {Tensor} bias @param {number} head @param {Grid} window @param {number} room */
function prepare(bias, head, window, room) {
  const { rows, columns, values } = tableOf(bias, head, window);
  const entries = matrixOf(bias, head);
  const area = window.rows * window.columns;
  const { min, max } = statistics(values);
  // Both signs always: also a bias that only adds is to be seen against zero.
  const top = Math.max(-min, max) || 1;
  const range = { low: -top, high: top };
  const middle = paneColour();
  const paint = (
    /** @type {Float32Array} */ numbers,
    /** @type {number} */ down,
    /** @type {number} */ across,
  ) =>
    pixelsOf(
      heatmapPixels(
        { rows: down, columns: across, values: numbers },
        range,
        middle,
      ),
      down,
      across,
    );
  const tableWidth = Math.floor(TABLE_SHARE * (room - GAP));
  const matrixWidth = room - GAP - tableWidth;
  /** @type {Enlarged} */
  const table = {
    pixels: paint(values, rows, columns),
    width: tableWidth,
    height: (tableWidth * rows) / columns,
  };
  /** @type {Enlarged} */
  const matrix = {
    pixels: paint(entries, area, area),
    width: matrixWidth,
    height: matrixWidth,
  };
  return { window, values, entries, range, table, matrix };
}

/** @param {HTMLCanvasElement} canvas @param {Enlarged} enlarged */
function contextFor(canvas, { width, height }) {
  return sizedContext(canvas, width, height);
}

/** @param {Enlarged} enlarged @returns {Grid} */
function gridOf({ pixels }) {
  return { rows: pixels.height, columns: pixels.width };
}

/** The patch itself, in the query's colour. @param {CanvasRenderingContext2D} context @param {Enlarged} enlarged @param {Grid} window */
function outlineCentre(context, enlarged, window) {
  const centre = cellAt({ down: 0, right: 0 }, window);
  outlineCell(context, enlarged, centre, themeColour("--query"));
}

/** @param {HTMLCanvasElement} canvas @param {{low: number, high: number}} range */
function drawScale(canvas, range) {
  const columns = 256;
  const step = (range.high - range.low) / (columns - 1);
  const values = Float32Array.from(
    { length: columns },
    (_, i) => range.low + i * step,
  );
  const slice = { rows: 1, columns, values };
  const colours = heatmapPixels(slice, range, paneColour());
  canvas.width = columns;
  canvas.height = 1;
  const image = new ImageData(colours, columns, 1);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** "3 up, 1 left", seen from the query. @param {Offset} offset */
function offsetText({ down, right }) {
  if (down === 0 && right === 0) return t("swin.offset-self");
  const parts = [];
  if (down < 0) parts.push(t("swin.offset-up", { number: -down }));
  if (down > 0) parts.push(t("swin.offset-down", { number: down }));
  if (right < 0) parts.push(t("swin.offset-left", { number: -right }));
  if (right > 0) parts.push(t("swin.offset-right", { number: right }));
  return parts.join(t("swin.offset-and"));
}

/** @param {number} value */
function signed(value) {
  return value > 0 ? `+${valueText(value)}` : valueText(value);
}
