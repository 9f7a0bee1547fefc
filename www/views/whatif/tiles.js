// The chosen head's attention before and after a what-if, on one scale.

import { largest } from "../../draw/attention.js";
import { cropPicture } from "../../draw/crop.js";
import { drawOverlay } from "../../draw/overlay.js";
import { drawSmallQuery } from "../../draw/swin-reach.js";
import { t } from "../../i18n/i18n.js";
import { shownQuery } from "../../state.js";
import { isHeadOff } from "../../whatif.js";
import { layerToken, mapRect } from "../../windows.js";
import { build, find, sizedContext, themeColour } from "../dom.js";
import { shownPhoto } from "../edited.js";
import { shownAttention } from "../shown.js";
import { layerName } from "../words.js";

/** @import {Pattern, State} from "../../state.js" */

/** Narrow enough to stand beside the classes; css/whatif.css has the same. */
const WIDTH = 84;

export function buildTiles() {
  return ["before", "after-change"].map((when) =>
    build(
      "figure",
      { class: "tile", "data-when": when },
      build("canvas", { role: "img" }),
      build("figcaption"),
    ),
  );
}

/** @param {HTMLElement[]} tiles @param {State} state @param {Pattern | null} before */
export function drawTiles(tiles, state, before) {
  const { photo, seen, model, head, opacity, pattern } = state;
  const layer = model?.description.layers[state.layer];
  const shownNow = shownPhoto(state);
  if (!photo || !shownNow || !seen || !model || !layer) return;
  const width = WIDTH;
  const height = Math.round((width * seen.height) / seen.width);
  const rect = { x: 0, y: 0, width, height };
  const { grid: patches } = model.description;
  const query = shownQuery(state);
  const isThere =
    before?.layer === state.layer && pattern?.layer === state.layer;
  const maps = [before, pattern].map((one) => {
    const shown = isThere ? shownAttention({ ...state, pattern: one }) : null;
    return shown?.heads[head]?.subarray(shown.prefix) ?? null;
  });
  // One scale for both, or a change of strength would not be seen.
  const top = Math.max(...maps.map((map) => (map ? largest(map) : 0)));
  const isOff = isHeadOff(state.whatif, state.layer, head);
  for (const [i, tile] of tiles.entries()) {
    const isAfter = i === 1;
    const canvas = find(tile, "canvas", HTMLCanvasElement);
    const context = sizedContext(canvas, width, height);
    const picture = isAfter ? shownNow : photo;
    context.drawImage(
      cropPicture(picture, seen, width, height),
      0,
      0,
      width,
      height,
    );
    const map = maps[i];
    const whole = mapRect(rect, patches, layer);
    // A head that is off hands nothing on, wherever it would look.
    if (map && !(isAfter && isOff)) {
      const style = { top, opacity, smooth: false };
      drawOverlay(context, whole, map, layer.grid, style);
    }
    if (query.kind === "patch") {
      const token = layerToken(query, layer);
      drawSmallQuery(context, whole, layer.grid, token, themeColour("--query"));
    }
    const words = t("swin.whatif-picture", {
      when: t(`swin.${tile.dataset["when"]}`),
      layer: layerName(model.description, state.layer),
      head: head + 1,
    });
    const label = isAfter && isOff ? t("whatif.picture-off", { words }) : words;
    canvas.setAttribute("aria-label", label);
    // Layer and head stand above the head grid; there is no room to say them twice more.
    const when = t(`swin.${tile.dataset["when"]}`);
    find(tile, "figcaption", HTMLElement).textContent =
      isAfter && isOff ? t("whatif.picture-off", { words: when }) : when;
  }
}
