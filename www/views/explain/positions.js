// Positions: how alike the learned position embeddings are, one small map a patch, as the ViT paper shows them.

import { divergingTable, tableIndex } from "../../draw/colormap.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { shownQuery } from "../../state.js";
import {
  build,
  paneColour,
  roomOf,
  sizedContext,
  themeColour,
} from "../dom.js";
import {
  buildPanel,
  deriveInSight,
  onceAFrame,
  watchInSight,
} from "../panel.js";
import { queryKeys } from "../shown.js";
import { patchName } from "../words.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Description, Grid, SimilarityQuestion, Tensor} from "../../types.js" */

/** Maps along a side: where the grid is finer, patches in between get none. */
const MOST = 14;
const GAP = 2;

/** What was found, and where its maps stand. @typedef {{description: Description, question: SimilarityQuestion, maps: Tensor, probes: Grid, step: number}} Alike */

/** @param {Store} store @param {Session} session */
export function buildPositions(store, session) {
  const { box, aside, body } = buildPanel("positions", "explain");
  const canvas = build("canvas", {
    "data-testid": "positions",
    role: "img",
    "data-i18n-label": "explain.positions-label",
  });
  const scale = build("canvas", {
    class: "scale",
    width: 256,
    height: 1,
    "aria-hidden": "true",
  });
  const reading = build("output", {
    class: "said",
    "data-testid": "positions-reading",
  });
  body.append(
    canvas,
    build(
      "p",
      { class: "scale-line" },
      build("span", { class: "number" }, "−1"),
      scale,
      build("span", { class: "number" }, "+1"),
    ),
    reading,
    build("p", { class: "takeaway", "data-i18n": "explain.positions-lesson" }),
  );
  /** @type {Alike | null} */
  let alike = null;
  /** @type {ReturnType<typeof under>} */
  let pointed = null;
  /** All maps: they stay while the query moves. @type {{key: unknown[], picture: OffscreenCanvas} | null} */
  let painted = null;

  function draw() {
    const state = store.get();
    const { model } = state;
    box.setAttribute("aria-busy", String(!alike));
    if (!alike || !model || alike.description !== model.description) return;
    // What was asked for came when another tab was in front.
    if (roomOf(body).width === 0) return;
    const { description, probes, step } = alike;
    const { grid } = description;
    aside.textContent = t("explain.positions-aside", {
      rows: grid.rows,
      columns: grid.columns,
    });
    const cell = cellOf(alike, roomOf(body).width);
    const width = probes.columns * (cell.width + GAP) - GAP;
    const height = probes.rows * (cell.height + GAP) - GAP;
    const context = sizedContext(canvas, width, height);
    const key = [alike, width, height, state.theme, devicePixelRatio];
    if (!painted || painted.key.some((value, i) => value !== key[i])) {
      const colours = divergingTable(paneColour());
      drawScale(scale, colours);
      painted = { key, picture: paintMaps(alike, cell, colours) };
    }
    context.drawImage(painted.picture, 0, 0, width, height);
    outlineQuery(context, cell, step, state);
    say();
  }

  function say() {
    if (!alike) return;
    const { description, maps, question } = alike;
    const { rows, columns } = description.grid;
    if (!pointed) {
      reading.dataset["value"] = "";
      reading.textContent = t("explain.positions-hint");
      return;
    }
    const { probe, patch } = pointed;
    const value = maps.data[probe * rows * columns + patch];
    const nameOf = (/** @type {number} */ one) =>
      patchName(Math.floor(one / columns), one % columns);
    reading.dataset["value"] = String(value);
    reading.textContent = t("explain.positions-reading", {
      one: nameOf(question.patches[probe]),
      other: nameOf(patch),
      value: formatNumber(value, {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
      }),
    });
  }

  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    pointed = alike && under(alike, roomOf(body).width, offsetX, offsetY);
    canvas.style.cursor = pointed ? "pointer" : "default";
    say();
  });
  canvas.addEventListener("pointerleave", () => {
    pointed = null;
    say();
  });
  canvas.addEventListener("click", () => {
    if (!alike || !pointed) return;
    const patch = alike.question.patches[pointed.probe];
    const { columns } = alike.description.grid;
    session.looking.pin({
      kind: "patch",
      row: Math.floor(patch / columns),
      column: patch % columns,
    });
  });

  deriveInSight(
    box,
    store,
    session,
    () => [],
    ({ model }) => questionFor(model?.description),
    (maps, question) => {
      const { model } = store.get();
      alike =
        maps && question && model
          ? { ...probesOf(model.description), maps, question }
          : null;
      draw();
    },
  );
  watchInSight(
    box,
    store,
    (s) => [...queryKeys(s), s.theme, s.language],
    onceAFrame(draw),
  );
  return box;
}

/** @param {Description} description */
function probesOf(description) {
  const { rows, columns } = description.grid;
  const step = Math.ceil(Math.max(rows, columns) / MOST);
  const probes = {
    rows: Math.ceil(rows / step),
    columns: Math.ceil(columns / step),
  };
  return { description, probes, step };
}

/** @param {Description | undefined} description @returns {SimilarityQuestion | null} */
function questionFor(description) {
  if (description?.family !== "vit") return null;
  const { probes, step } = probesOf(description);
  const { columns } = description.grid;
  const patches = Array.from(
    { length: probes.rows * probes.columns },
    (_, i) =>
      Math.floor(i / probes.columns) * step * columns +
      (i % probes.columns) * step,
  );
  return { kind: "similarity", patches };
}

/** The size of one map. @param {Alike} alike @param {number} room */
function cellOf({ probes, description }, room) {
  const width = Math.floor((room + GAP) / probes.columns) - GAP;
  const { rows, columns } = description.grid;
  const { height: high, width: wide } = description.patch;
  const height = Math.max(
    4,
    Math.round((width * rows * high) / (columns * wide)),
  );
  return { width: Math.min(width, 46), height: Math.min(height, 46) };
}

/** The map under a point, and the patch in it. @param {Alike} alike @param {number} room @param {number} x @param {number} y */
function under(alike, room, x, y) {
  const { probes, description } = alike;
  const cell = cellOf(alike, room);
  const column = Math.floor(x / (cell.width + GAP));
  const row = Math.floor(y / (cell.height + GAP));
  if (row < 0 || column < 0 || row >= probes.rows) return null;
  if (column >= probes.columns) return null;
  const { rows, columns } = description.grid;
  const across = ((x - column * (cell.width + GAP)) / cell.width) * columns;
  const down = ((y - row * (cell.height + GAP)) / cell.height) * rows;
  if (across >= columns || down >= rows) return null;
  return {
    probe: row * probes.columns + column,
    patch: Math.floor(down) * columns + Math.floor(across),
  };
}

/** @param {Alike} alike @param {{width: number, height: number}} cell @param {Uint8ClampedArray} colours */
function paintMaps({ description, maps, probes }, cell, colours) {
  const { grid } = description;
  const ratio = devicePixelRatio;
  const across = probes.columns * (cell.width + GAP) - GAP;
  const down = probes.rows * (cell.height + GAP) - GAP;
  const picture = new OffscreenCanvas(across * ratio, down * ratio);
  const context = picture.getContext("2d");
  const small = new OffscreenCanvas(grid.columns, grid.rows);
  const pen = small.getContext("2d", { willReadFrequently: true });
  if (!context || !pen) return picture;
  context.scale(ratio, ratio);
  // Enlarged, patches stay squares; reduced, neighbours are averaged.
  context.imageSmoothingEnabled = grid.columns > cell.width * ratio;
  const size = grid.rows * grid.columns;
  for (let probe = 0; probe < maps.shape[0]; probe++) {
    const values = maps.data.subarray(probe * size, (probe + 1) * size);
    pen.putImageData(imageOf(values, grid, colours), 0, 0);
    const x = (probe % probes.columns) * (cell.width + GAP);
    const y = Math.floor(probe / probes.columns) * (cell.height + GAP);
    context.drawImage(small, x, y, cell.width, cell.height);
  }
  return picture;
}

/** @param {Float32Array} values @param {Grid} grid @param {Uint8ClampedArray} colours */
function imageOf(values, { rows, columns }, colours) {
  const pixels = new Uint8ClampedArray(values.length * 4).fill(255);
  for (let i = 0; i < values.length; i++) {
    const at = tableIndex((values[i] + 1) / 2);
    for (let c = 0; c < 3; c++) pixels[i * 4 + c] = colours[at + c];
  }
  return new ImageData(pixels, columns, rows);
}

/** @param {HTMLCanvasElement} canvas @param {Uint8ClampedArray} colours */
function drawScale(canvas, colours) {
  const values = Float32Array.from({ length: 256 }, (_, i) => i / 127.5 - 1);
  const image = imageOf(values, { rows: 1, columns: 256 }, colours);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** @param {CanvasRenderingContext2D} context @param {{width: number, height: number}} cell @param {number} step @param {State} state */
function outlineQuery(context, cell, step, state) {
  const query = shownQuery(state);
  if (query.kind !== "patch") return;
  const row = Math.floor(query.row / step);
  const column = Math.floor(query.column / step);
  context.strokeStyle = themeColour("--query");
  context.lineWidth = 2;
  context.strokeRect(
    column * (cell.width + GAP) + 1,
    row * (cell.height + GAP) + 1,
    cell.width - 2,
    cell.height - 2,
  );
}
