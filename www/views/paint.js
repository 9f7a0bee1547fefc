// Painting on the stage: a pointer, or a key on the query's patch, hides patches from the model and shows them again.

import { shownQuery } from "../state.js";
import { layerToken, tokenSide } from "../windows.js";
import { shuffled, withHidden } from "../whatif.js";
import { find } from "./dom.js";
import { layerInView } from "./shown.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */

/** A stroke: whether it hides, and the patches hidden by now. @typedef {{isHiding: boolean, hidden: number[]}} Stroke */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountPaint(root, store, session) {
  const canvas = find(root, ".stage", HTMLCanvasElement);
  /** @type {Stroke | null} */
  let stroke = null;

  /** @param {PointerEvent} event */
  function paint(event) {
    const patches = patchesUnder(canvas, store.get(), event);
    if (patches.length === 0) return;
    const { whatif } = store.get();
    stroke ??= {
      isHiding: !patches.every((patch) => whatif.hidden.includes(patch)),
      hidden: [...whatif.hidden],
    };
    const hidden = withHidden(stroke.hidden, patches, stroke.isHiding);
    if (hidden.length === stroke.hidden.length) return;
    stroke.hidden = hidden;
    store.set({ stroke: hidden });
  }

  function end() {
    if (!stroke) return;
    const { hidden } = stroke;
    stroke = null;
    void session.setWhatif({ hidden });
    store.set({ stroke: null });
  }

  // Before the stage's own listeners, which would make the patch the query.
  const early = { capture: true };
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (!store.get().painting || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      paint(event);
    },
    early,
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      if (stroke) paint(event);
    },
    early,
  );
  canvas.addEventListener("pointerup", end, early);
  canvas.addEventListener("pointercancel", end, early);
  canvas.addEventListener(
    "click",
    (event) => {
      if (store.get().painting) event.stopImmediatePropagation();
    },
    early,
  );
  store.watch(
    (s) => [s.painting],
    ({ painting }) => canvas.toggleAttribute("data-painting", painting),
  );
  // The brush belongs to its panel: elsewhere a click means the query again.
  store.watch(
    (s) => [s.panel, s.model?.description, s.lesson],
    ({ painting }) => {
      if (painting) store.set({ painting: false });
    },
  );
}

/** Hides what the query's token covers, or shows it again. @param {Store} store @param {Session} session */
export function toggleQueryPatch(store, session) {
  const state = store.get();
  const query = shownQuery(state);
  const layer = layerInView(state);
  if (query.kind === "prefix" || !layer) return;
  const { row, column } = layerToken(query, layer);
  const patches = patchesOf(state, row, column);
  const { hidden } = state.whatif;
  const isHiding = !patches.every((patch) => hidden.includes(patch));
  void session.setWhatif({ hidden: withHidden(hidden, patches, isHiding) });
}

/** The patches that a token of the layer in view covers. @param {State} state @param {number} row @param {number} column */
function patchesOf(state, row, column) {
  const layer = layerInView(state);
  if (!layer || !state.model) return [];
  const side = tokenSide(layer);
  const { rows, columns } = state.model.description.grid;
  const patches = [];
  for (let y = row * side; y < Math.min(rows, (row + 1) * side); y++) {
    for (
      let x = column * side;
      x < Math.min(columns, (column + 1) * side);
      x++
    ) {
      patches.push(y * columns + x);
    }
  }
  // What is painted is the patch that stands there now.
  const { shuffle } = state.whatif;
  if (!shuffle) return patches;
  const order = shuffled(rows * columns, shuffle);
  return patches.map((place) => order[place]);
}

/** Where the stage says that the map in view lies. @param {HTMLCanvasElement} canvas @param {State} state @param {PointerEvent} event */
function patchesUnder({ dataset }, state, event) {
  // While the photo is rolled its patches are not where they are.
  if (!dataset["crop"] || state.roll > 0) return [];
  const [left, top, width, height] = dataset["crop"].split(" ").map(Number);
  const [rows, columns] = (dataset["grid"] ?? "").split(" ").map(Number);
  const row = Math.floor(((event.offsetY - top) * rows) / height);
  const column = Math.floor(((event.offsetX - left) * columns) / width);
  if (row < 0 || column < 0 || row >= rows || column >= columns) return [];
  return patchesOf(state, row, column);
}
