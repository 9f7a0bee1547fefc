// Below the stage: which query, layer and head are drawn, the colour bar with its numbers, and one exact value.

import { drawOverlay } from "../draw/overlay.js";
import { t } from "../i18n/i18n.js";
import { shownQuery } from "../state.js";
import { byTestId, find, sharpContext, themeColour } from "./dom.js";
import { shownAttention, shownKeys, topOf } from "./shown.js";
import { layerName, patchName, queryName, valueText } from "./words.js";

/** @import {State, Store} from "../state.js" */

/** @param {ParentNode} root @param {Store} store */
export function mountCaption(root, store) {
  const query = byTestId(root, "query");
  const looks = find(root, ".looks", HTMLElement);
  const bar = find(root, ".colour-bar canvas", HTMLCanvasElement);
  const high = find(root, ".colour-bar .high", HTMLElement);
  const readout = byTestId(root, "readout");

  store.watch(
    (s) => [...shownKeys(s), s.layer, s.head, s.scale, s.pointer, s.language],
    (state) => {
      const { model, layer, head } = state;
      if (!model) {
        query.textContent = looks.textContent = readout.textContent = "";
        return;
      }
      query.textContent = queryName(shownQuery(state), model.description);
      query.dataset["pinned"] = String(state.pinned);
      looks.textContent =
        layer < 0
          ? ""
          : t(`stage.looks-${state.direction}`, {
              layer: layerName(model.description, layer),
              head: head + 1,
            });
      const shown = shownAttention(state);
      high.textContent = shown ? valueText(topOf(shown, head, state)) : "";
      writeReadout(readout, state);
    },
  );
  store.watch(
    (s) => [s.opacity, s.theme],
    ({ opacity }) => drawBar(bar, opacity),
  );
}

/**
 * The value from the query to the patch under the pointer; without a pointer the largest on the picture.
 * `data-value` holds every digit.
 * @param {HTMLElement} readout @param {State} state
 */
function writeReadout(readout, state) {
  const shown = shownAttention(state);
  const map = shown?.heads[state.head];
  if (!shown || !map) {
    readout.textContent = "";
    return;
  }
  const { columns } = shown.description.grid;
  const { pointer, pinned } = state;
  const isAtPointer = pointer !== null && pinned;
  const at = isAtPointer
    ? shown.prefix + pointer.row * columns + pointer.column
    : brightest(map, shown.prefix);
  const patch = at - shown.prefix;
  const name = patchName(Math.floor(patch / columns), patch % columns);
  const value = map[at];
  readout.dataset["value"] = String(value);
  readout.textContent = isAtPointer
    ? `${name}: ${valueText(value)}`
    : t("stage.brightest", { patch: name, value: valueText(value) });
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
