// Attention rollout: attention followed through all blocks, from the query back to the patches, or from it on.

import { largest } from "../../draw/attention.js";
import { cropPicture } from "../../draw/crop.js";
import { patchAt } from "../../draw/grid.js";
import { drawOverlay } from "../../draw/overlay.js";
import { drawSmallQuery } from "../../draw/swin-reach.js";
import { t } from "../../i18n/i18n.js";
import { shownQuery, tokenOf } from "../../state.js";
import { hasWindows, layerToken, mapRect } from "../../windows.js";
import {
  build,
  find,
  keepChildren,
  setStyle,
  roomOf,
  sizedContext,
  themeColour,
} from "../dom.js";
import { photoKeys, shownPhoto } from "../edited.js";
import {
  buildPanel,
  deriveInSight,
  onceAFrame,
  watchInSight,
} from "../panel.js";
import { shownAttention, shownKeys, queryKeys } from "../shown.js";
import { layerName, patchName, queryName, valueText } from "../words.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Description, Layer, Query, Rect, RolloutQuestion, Tensor} from "../../types.js" */

const GAP = 12;
const WIDEST = 210;
/** Columns of small pictures: fewer where there is little room, one more where that spares a row for a single one. */
const COLUMNS = 5;
const NARROW = 320;
const SMALL_GAP = 8;

/** What was found for a query. @typedef {{description: Description, question: RolloutQuestion, query: Query, maps: Tensor}} Rolled */

/** @param {Store} store @param {Session} session */
export function buildRollout(store, session) {
  const { box, aside, body } = buildPanel("rollout", "explain");
  const pair = build(
    "div",
    { class: "rolled" },
    ...["through", "alone"].map((name) =>
      build(
        "figure",
        { class: "tile", "data-picture": name },
        build("canvas", { "data-testid": `rollout-${name}`, role: "img" }),
        build("figcaption"),
      ),
    ),
  );
  const reading = build("output", {
    class: "said",
    "data-testid": "rollout-reading",
  });
  const strip = build("div", {
    class: "every-layer",
    role: "group",
    "data-i18n-label": "explain.rollout-layers",
  });
  const lesson = build("p", { class: "takeaway" });
  body.append(pair, reading, strip, lesson);
  const [through, alone] = [...pair.querySelectorAll("canvas")];
  /** @type {Rolled | null} */
  let rolled = null;
  /** The patch under the pointer. @type {{row: number, column: number} | null} */
  let pointed = null;

  /** Rollout through the chosen block, and through each. */
  function drawRolled() {
    const state = store.get();
    const { model, photo, seen, layer, direction } = state;
    box.setAttribute("aria-busy", String(!rolled));
    if (!model || !photo || !seen) return;
    const { description } = model;
    if (!rolled || rolled.description !== description) return;
    const { query, maps } = rolled;
    const { layers, grid, prefix } = description;
    aside.textContent = queryName(query, description, { stage: 0 });
    lesson.textContent = t(
      hasWindows(description)
        ? "explain.rollout-merged"
        : "explain.rollout-lesson",
    );
    const room = roomOf(body).width;
    const own = mapOf(maps, layer).subarray(prefix.length);
    const large = sizeOf(seen, (room - GAP) / 2);
    drawPicture(through, own, { grid, stage: 0 }, query, large, state);
    entitle(
      through,
      t(`explain.rollout-through-${direction}`, {
        layer: layerName(description, layer),
      }),
    );
    keepChildren(strip, layers.length, buildTile);
    const usual = room < NARROW ? COLUMNS - 1 : COLUMNS;
    const columns = layers.length === usual + 1 ? usual + 1 : usual;
    setStyle(strip, "--columns", String(columns));
    const small = sizeOf(seen, (room - (columns - 1) * SMALL_GAP) / columns);
    for (const [i, tile] of [...strip.children].entries()) {
      const canvas = find(tile, "canvas", HTMLCanvasElement);
      const values = mapOf(maps, i).subarray(prefix.length);
      drawPicture(canvas, values, { grid, stage: 0 }, query, small, state);
      find(tile, ".name", HTMLElement).textContent = shortName(description, i);
      tile.setAttribute("aria-label", layerName(description, i));
      tile.setAttribute("aria-pressed", String(i === layer));
    }
    say();
  }

  /** What only the chosen block's heads do, on its own map. */
  function drawAlone() {
    const state = store.get();
    const { model, seen, layer } = state;
    if (!model || !seen) return;
    const { description } = model;
    const own = description.layers[layer];
    const size = sizeOf(seen, (roomOf(body).width - GAP) / 2);
    const mean = meanOfHeads(state);
    drawPicture(alone, mean, own, shownQuery(state), size, state);
    entitle(
      alone,
      t("explain.rollout-alone", { layer: layerName(description, layer) }),
    );
  }

  function say() {
    const { model, layer } = store.get();
    if (!rolled || !model) return;
    const { grid, prefix } = rolled.description;
    const map = mapOf(rolled.maps, layer).subarray(prefix.length);
    const at = pointed
      ? pointed.row * grid.columns + pointed.column
      : map.indexOf(largest(map));
    const value = map[at];
    reading.dataset["value"] = String(value);
    const patch = patchName(Math.floor(at / grid.columns), at % grid.columns);
    reading.textContent = t(
      pointed ? "explain.rollout-reading" : "explain.rollout-most",
      { patch, value: valueText(value) },
    );
  }

  through.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const grid = rolled?.description.grid;
    const { clientWidth: width, clientHeight: height } = through;
    const rect = { x: 0, y: 0, width, height };
    pointed = grid ? patchAt(rect, grid, offsetX, offsetY) : null;
    say();
  });
  through.addEventListener("pointerleave", () => {
    pointed = null;
    say();
  });
  strip.addEventListener("click", ({ target }) => {
    const tile = target instanceof Element && target.closest("button");
    const at = tile ? [...strip.children].indexOf(tile) : -1;
    if (at >= 0) void session.looking.setLayer(at);
  });

  const scheduleRolled = onceAFrame(drawRolled);
  deriveInSight(
    box,
    store,
    session,
    (s) => [...queryKeys(s), s.direction],
    questionOf,
    (maps, question) => {
      const { model } = store.get();
      rolled =
        maps && question && model
          ? {
              description: model.description,
              question,
              query: queryOf(question.token, model.description),
              maps,
            }
          : null;
      scheduleRolled();
    },
  );
  const look = (/** @type {State} */ s) => [
    ...photoKeys(s),
    s.layer,
    s.opacity,
    s.smooth,
    s.theme,
    s.language,
  ];
  watchInSight(box, store, look, scheduleRolled);
  watchInSight(
    box,
    store,
    (s) => [...shownKeys(s), ...look(s)],
    onceAFrame(drawAlone),
  );
  return box;
}

/** @param {State} state @returns {RolloutQuestion | null} */
function questionOf(state) {
  const { model, direction } = state;
  if (!model) return null;
  const { description } = model;
  const first = { ...description.layers[0], stage: 0, grid: description.grid };
  const token = tokenOf(shownQuery(state), description, first);
  return { kind: "rollout", token, direction };
}

/** The query that a token of the first map is. @param {number} token @param {Description} description @returns {Query} */
function queryOf(token, { prefix, grid }) {
  if (token < prefix.length) return { kind: "prefix", index: token };
  const patch = token - prefix.length;
  return {
    kind: "patch",
    row: Math.floor(patch / grid.columns),
    column: patch % grid.columns,
  };
}

/** @param {Tensor} maps (layers, tokens) @param {number} layer */
function mapOf({ shape, data }, layer) {
  return data.subarray(layer * shape[1], (layer + 1) * shape[1]);
}

/** The mean over the chosen layer's heads, on its own map; null until it is there. @param {State} state */
function meanOfHeads(state) {
  const shown = shownAttention(state);
  if (!shown || state.pattern?.layer !== state.layer) return null;
  const mean = new Float32Array(shown.heads[0].length - shown.prefix);
  for (const head of shown.heads) {
    for (let i = 0; i < mean.length; i++) {
      mean[i] += head[shown.prefix + i] / shown.heads.length;
    }
  }
  return mean;
}

/** What a picture shows, below it and for those who cannot see it. @param {HTMLCanvasElement} canvas @param {string} words */
function entitle(canvas, words) {
  canvas.setAttribute("aria-label", words);
  const caption = canvas.nextElementSibling;
  if (caption) caption.textContent = words;
}

/** @param {Rect} seen @param {number} room */
function sizeOf(seen, room) {
  const width = Math.floor(Math.min(WIDEST, room));
  return { width, height: Math.round((width * seen.height) / seen.width) };
}

/**
 * The crop with a map poured over it, on a scale of its own.
 * @param {HTMLCanvasElement} canvas @param {Float32Array | null} values @param {Pick<Layer, "grid" | "stage">} map
 * @param {Query} query @param {{width: number, height: number}} size @param {State} state
 */
function drawPicture(canvas, values, { grid, stage }, query, size, state) {
  const { seen, opacity, smooth } = state;
  const photo = shownPhoto(state);
  if (!photo || !seen) return;
  const { width, height } = size;
  const context = sizedContext(canvas, width, height);
  const crop = { x: 0, y: 0, width, height };
  context.drawImage(
    cropPicture(photo, seen, width, height),
    0,
    0,
    width,
    height,
  );
  const { grid: patches } = state.model?.description ?? { grid };
  const rect = mapRect(crop, patches, { grid, stage });
  const token = query.kind === "patch" ? layerToken(query, { stage }) : null;
  if (values?.length === grid.rows * grid.columns) {
    // The query's own place would outshine the rest: the residual stream keeps half of it block after block.
    const own = token ? token.row * grid.columns + token.column : -1;
    const others = values.map((value, i) => (i === own ? 0 : value));
    const style = { top: largest(others), opacity, smooth };
    drawOverlay(context, rect, values, grid, style);
  }
  if (!token) return;
  drawSmallQuery(context, rect, grid, token, themeColour("--query"));
}

/** "block 3", or where there are stages "2 · SW 4" @param {Description} description @param {number} layer */
function shortName(description, layer) {
  const { windows, stage, title } = description.layers[layer];
  return windows ? `${stage + 1} · ${title}` : layerName(description, layer);
}

const buildTile = () =>
  build(
    "button",
    { type: "button", class: "tile" },
    build("canvas", { "aria-hidden": "true" }),
    build("span", { class: "name" }),
  );
