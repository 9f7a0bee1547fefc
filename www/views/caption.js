// Below the stage: which query, layer and head are drawn, the colour bar with its numbers, and one exact value.

import { drawOverlay } from "../draw/overlay.js";
import { t } from "../i18n/i18n.js";
import { shownQuery } from "../state.js";
import { layerToken } from "../windows.js";
import { byTestId, find, sharpContext, themeColour } from "./dom.js";
import {
  layerInView,
  showsAttention,
  shownAttention,
  shownKeys,
  shownSight,
  stepKind,
  topOf,
} from "./shown.js";
import { layerName, patchName, queryName, valueText } from "./words.js";

/** @import {State, Store} from "../state.js" */
/** @import {Shown} from "./shown.js" */

/** @param {ParentNode} root @param {Store} store */
export function mountCaption(root, store) {
  const query = byTestId(root, "query");
  const looks = find(root, ".looks", HTMLElement);
  const bar = find(root, ".colour-bar canvas", HTMLCanvasElement);
  const colours = find(root, ".colour-bar", HTMLElement);
  const high = find(root, ".colour-bar .high", HTMLElement);
  const readout = byTestId(root, "readout");

  store.watch(
    (s) => [
      ...shownKeys(s),
      s.layer,
      s.head,
      s.scale,
      s.pointer,
      s.step,
      s.language,
    ],
    (state) => {
      const { model, head } = state;
      const layer = layerInView(state);
      if (!model || !layer) {
        query.textContent = looks.textContent = readout.textContent = "";
        return;
      }
      query.textContent = queryName(
        shownQuery(state),
        model.description,
        layer,
      );
      query.dataset["pinned"] = String(state.pinned);
      looks.textContent = sentence(state);
      const isDrawn = showsAttention(state);
      const shown = isDrawn ? shownAttention(state) : null;
      colours.hidden = !isDrawn;
      high.textContent = shown ? valueText(topOf(shown, head, state)) : "";
      writeReadout(readout, shown, state);
    },
  );
  store.watch(
    (s) => [s.opacity, s.theme],
    ({ opacity }) => drawBar(bar, opacity),
  );
}

/** What the query does at this step. @param {State} state */
function sentence(state) {
  const { model, layer, head, direction } = state;
  if (!model) return "";
  const { description } = model;
  const name = layerName(description, layer);
  if (showsAttention(state)) {
    return t(`stage.looks-${direction}`, { layer: name, head: head + 1 });
  }
  if (stepKind(state) === "merge") return t("sight.merged");
  const sight = shownSight(state);
  if (!sight) return name;
  const { seen, masked } = sight;
  return t("sight.sentence", {
    others: seen + masked - 1,
    seen: seen - 1,
  });
}

/**
 * The value from the query to the patch under the pointer; without a pointer the largest on the picture.
 * `data-value` holds every digit.
 * @param {HTMLElement} readout @param {Shown | null} shown @param {State} state
 */
function writeReadout(readout, shown, state) {
  const map = shown?.heads[state.head];
  if (!shown || !map) {
    readout.textContent = "";
    return;
  }
  const { columns } = shown.layer.grid;
  const { pointer, pinned } = state;
  const isAtPointer = pointer !== null && pinned;
  const at = isAtPointer
    ? shown.prefix + tokenAt(pointer, shown)
    : brightest(map, shown.prefix);
  const patch = at - shown.prefix;
  const name = patchName(Math.floor(patch / columns), patch % columns);
  const value = map[at];
  readout.dataset["value"] = String(value);
  readout.textContent = isAtPointer
    ? `${name}: ${valueText(value)}`
    : t(shown.layer.windows ? "sight.most" : "stage.brightest", {
        patch: name,
        value: valueText(value),
      });
}

/** @param {{row: number, column: number}} pointer @param {Shown} shown */
function tokenAt(pointer, { layer }) {
  const { row, column } = layerToken(pointer, layer);
  return row * layer.grid.columns + column;
}

/** @param {Float32Array} map @param {number} start */
function brightest(map, start) {
  let at = start;
  for (let i = start; i < map.length; i++) if (map[i] > map[at]) at = i;
  return at;
}

/** The colours as they lie over a middling grey. @param {HTMLCanvasElement} bar @param {number} opacity */
function drawBar(bar, opacity) {
  const width = 96;
  const height = 10;
  const context = sharpContext(bar, width, height);
  context.fillStyle = themeColour("--photo-grey");
  context.fillRect(0, 0, width, height);
  const ramp = Float32Array.from({ length: width }, (_, i) => i / (width - 1));
  const style = { top: 1, opacity, smooth: false };
  const rect = { x: 0, y: 0, width, height };
  drawOverlay(context, rect, ramp, { rows: 1, columns: width }, style);
}
