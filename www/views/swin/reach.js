// Reach: after each block, the patches that can have told the query anything; a ViT's is the whole photo at once.

import { Latest } from "../../latest.js";
import { drawReach, drawSmallQuery } from "../../draw/swin-reach.js";
import { cropPicture } from "../../draw/crop.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { shownQuery } from "../../state.js";
import {
  build,
  find,
  keepChildren,
  roomOf,
  sizedContext,
  themeColour,
} from "../dom.js";
import { photoKeys, shownPhoto } from "../edited.js";
import { queryKeys } from "../shown.js";
import { layerName } from "../words.js";
import { failFor } from "../panel.js";
import { buildPanel, watchInSight, windowedLayer } from "./panel.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Description, Query} from "../../types.js" */

/** Blocks shown; a ViT's one comes beside them. */
const MOST = 5;
const GAP = 12;

/**
 * What the engine says of a query: a byte a patch for each layer.
 * @typedef {{description: Description, query: Query & {kind: "patch"}, layers: Uint8Array[], counts: number[]}} Reached
 */

/** @param {Store} store @param {Session} session */
export function buildReach(store, session) {
  const { box, aside, body } = buildPanel("reach");
  const strip = build("div", { class: "strip" });
  const lesson = build("p", { class: "takeaway" });
  body.append(strip, lesson);
  const lane = new Latest();
  /** @type {Reached | null} */
  let reached = null;

  function draw() {
    const state = store.get();
    const { model, seen, layer } = state;
    const photo = shownPhoto(state);
    const isThere = reached && model && photo && seen && windowedLayer(state);
    if (!isThere || !reached) return;
    const { description } = model;
    const { grid } = description;
    const all = grid.rows * grid.columns;
    const { layers, counts, query } = reached;
    if (reached.description !== description) return;
    const full = counts.indexOf(all);
    aside.textContent = t("swin.reach-aside");
    lesson.textContent =
      full < 0
        ? t("swin.reach-never", { all: formatNumber(all) })
        : t("swin.reach-lesson", {
            all: formatNumber(all),
            layer: layerName(description, full),
            number: full + 1,
          });
    const shown = chosenLayers(counts, full, layer);
    const tiles = [
      ...shown.map((index) => ({
        index,
        name: t("swin.after", { layer: layerName(description, index) }),
        map: layers[index],
        count: counts[index],
      })),
      {
        index: -1,
        name: t("swin.vit-after"),
        map: new Uint8Array(all).fill(1),
        count: all,
      },
    ];
    keepChildren(strip, tiles.length, buildTile);
    const columns = 3;
    const width = Math.floor(
      (roomOf(body).width - (columns - 1) * GAP) / columns,
    );
    const height = Math.round((width * seen.height) / seen.width);
    const rect = { x: 0, y: 0, width, height };
    const picture = cropPicture(photo, seen, width, height);
    for (const [i, { index, name, map, count }] of tiles.entries()) {
      const tile = /** @type {HTMLElement} */ (strip.children[i]);
      const canvas = find(tile, "canvas", HTMLCanvasElement);
      const context = sizedContext(canvas, width, height);
      drawReach(context, picture, rect, grid, map);
      drawSmallQuery(context, rect, grid, query, themeColour("--query"));
      find(tile, ".name", HTMLElement).textContent = name;
      find(tile, ".number", HTMLElement).textContent = formatNumber(count);
      tile.classList.toggle("vit", index < 0);
      tile.toggleAttribute("data-here", index === layer);
      tile.dataset["count"] = String(count);
      if (index < 0) delete tile.dataset["block"];
      else tile.dataset["block"] = String(index);
    }
  }

  /** @param {State} state */
  async function ask(state) {
    const query = shownQuery(state);
    const description = state.model?.description;
    const isThere = state.result && description && windowedLayer(state);
    if (!isThere || query.kind !== "patch") return;
    try {
      const { row, column } = query;
      const layers = await lane.submit(() => session.reach(row, column));
      const counts = layers.map((map) =>
        map.reduce((sum, bit) => sum + bit, 0),
      );
      reached = { description, query, layers, counts };
      draw();
    } catch (error) {
      await failFor(session, state.result, error);
    }
  }

  watchInSight(
    box,
    store,
    (s) => [s.result, ...queryKeys(s)],
    (state) => void ask(state),
  );
  watchInSight(
    box,
    store,
    (s) => [...photoKeys(s), s.layer, s.theme, s.language],
    draw,
  );
  return box;
}

/**
 * The blocks until everything is within reach, thinned out to what fits; the chosen one among them.
 * @param {number[]} counts @param {number} full the first block with everything, or -1 @param {number} layer
 */
function chosenLayers(counts, full, layer) {
  const last = full < 0 ? counts.length - 1 : full;
  const all = Array.from({ length: last + 1 }, (_, i) => i);
  if (all.length <= MOST) return all;
  // The first blocks teach most: there windows and shifts are still to be told apart.
  const chosen = new Set([0, 1, 2, last]);
  chosen.add(layer > 2 && layer < last ? layer : 3);
  return [...chosen].sort((a, b) => a - b);
}

const buildTile = () =>
  build(
    "figure",
    { class: "tile" },
    build("canvas", { "aria-hidden": "true" }),
    build(
      "figcaption",
      {},
      build("span", { class: "name" }),
      build("span", { class: "number" }),
    ),
  );
