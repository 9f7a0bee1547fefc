// The roll in four small pictures of this photo, and the slider that moves the photo on the stage.

import { drawRolled } from "../../draw/roll.js";
import { drawBorders, drawTint } from "../../draw/sight.js";
import { cropPicture } from "../../draw/crop.js";
import { t } from "../../i18n/i18n.js";
import { mapRect, rolledFrom, windowsOf, wrapped } from "../../windows.js";
import {
  build,
  find,
  sizedContext,
  themeColour,
  windowColours,
} from "../dom.js";
import { photoKeys, shownPhoto } from "../edited.js";
import { pauseRoll, playRoll, setRoll } from "../roll.js";
import { isShifted, shownCut } from "../shown.js";
import {
  buildPanel,
  fetchInSight,
  shifts,
  watchInSight,
  windowedLayer,
} from "./panel.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Grid, Layer, LayerWindows, Rect, Tensor} from "../../types.js" */
/** @import {Cut} from "../shown.js" */
/** @import {Windows} from "../../windows.js" */

/** A layer that attends in windows. @typedef {Layer & {windows: LayerWindows}} Windowed */

const GAP = 10;
const PICTURES = 4;
/** A picture that stands alone is larger: so many would fit. */
const ALONE = 3;

/** @param {Store} store @param {Session} session */
export function buildRoll(store, session) {
  const { box, aside, body } = buildPanel("roll");
  const tiles = Array.from({ length: PICTURES }, () =>
    build(
      "figure",
      { class: "tile" },
      build("canvas", { "aria-hidden": "true" }),
      build("figcaption"),
    ),
  );
  const strip = build("div", { class: "strip four" }, ...tiles);
  const play = build("button", { type: "button", class: "control play" });
  const slider = build("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.01,
    "data-testid": "roll-slider",
    "data-i18n-label": "swin.roll-progress",
  });
  const line = build("div", { class: "play-line" }, play, slider);
  const remark = build("p", { class: "takeaway" });
  body.append(strip, line, remark);
  /** The gather of the twin that does not shift, by site. @type {Record<string, Tensor>} */
  let gathers = {};

  play.addEventListener("click", () => {
    if (store.get().isRolling) pauseRoll(store);
    else playRoll(store);
  });
  slider.addEventListener("input", () => setRoll(store, Number(slider.value)));
  store.watch(
    (s) => [s.roll, s.isRolling, s.language],
    ({ roll, isRolling }) => {
      slider.value = String(roll);
      play.textContent = t(isRolling ? "roll.stop" : "roll.play");
      tiles[1].toggleAttribute("data-here", roll === 0);
      tiles[2].toggleAttribute("data-here", roll === 1);
    },
  );

  function draw() {
    const state = store.get();
    const layer = windowedLayer(state);
    if (!layer) return;
    const cut = shownCut(state);
    const isRolled = cut !== null && isShifted(cut);
    strip.classList.toggle("one", !isRolled);
    for (const tile of tiles.slice(1)) tile.hidden = !isRolled;
    line.hidden = !isRolled;
    aside.textContent = "";
    remark.textContent = cut ? remarkOn(state, layer, cut) : "";
    if (!cut) return;
    if (isRolled) {
      aside.textContent = t("swin.roll-shift", {
        shift: axes(cut.shift),
        window: axes(layer.windows),
      });
    }
    const twin = unshiftedTwin(state);
    const unshifted = twin && gathers[siteOf(twin)];
    const plain = unshifted ? windowsOf(unshifted, layer) : null;
    drawTiles(
      tiles,
      body.clientWidth,
      state,
      cut,
      isRolled ? plain : cut.windows,
    );
  }

  fetchInSight(
    box,
    store,
    session,
    (state) => {
      const twin = unshiftedTwin(state);
      return twin ? [siteOf(twin)] : [];
    },
    (tensors) => {
      gathers = tensors;
      draw();
    },
  );
  watchInSight(
    box,
    store,
    (s) => [s.pattern, ...photoKeys(s), s.layer, s.theme, s.language],
    draw,
  );
  return box;
}

/** A number where both axes agree, else both. @param {Grid} grid */
const axes = ({ rows, columns }) =>
  rows === columns ? String(rows) : `${rows} × ${columns}`;

/** @param {{site: string}} layer */
const siteOf = ({ site }) => `${site}.attn.index`;

/** A block of the same stage that does not shift. @param {State} state */
function unshiftedTwin(state) {
  const layer = windowedLayer(state);
  if (!layer || !shifts(layer)) return null;
  return state.model?.description.layers.find(
    (other) => other.stage === layer.stage && !shifts(other),
  );
}

/** @param {State} state @param {Windowed} layer @param {Cut} cut */
function remarkOn({ pattern }, { windows: given, grid }, cut) {
  const { rows, columns, padded } = given;
  if (isShifted(cut)) {
    const isTorn = wrapped(cut.windows, pattern?.mask ?? null, {
      grid,
      windows: given,
    });
    const isPadded = padded.rows > grid.rows || padded.columns > grid.columns;
    if (isTorn) return t("swin.roll-padded", padded);
    return isPadded ? t("swin.roll-grey", padded) : "";
  }
  // The model would shift here, so a what-if keeps it from doing so.
  if (shifts({ windows: given })) return t("swin.roll-off");
  const isOne = padded.rows === rows && padded.columns === columns;
  return t(isOne ? "swin.roll-one" : "swin.roll-none");
}

/**
 * @param {HTMLElement[]} tiles @param {number} room @param {State} state
 * @param {Cut} cut the windows as they are in this block
 * @param {Windows | null} plain the windows of its twin that does not shift
 */
function drawTiles(tiles, room, state, cut, plain) {
  const { seen, model } = state;
  const photo = shownPhoto(state);
  if (!photo || !seen || !model) return;
  const { layer, windows, pieces, colours } = cut;
  const across = isShifted(cut) ? PICTURES : ALONE;
  const width = Math.floor((room - (across - 1) * GAP) / across);
  const height = Math.round((width * seen.height) / seen.width);
  const rect = { x: 0, y: 0, width, height };
  const picture = cropPicture(photo, seen, width, height);
  const contexts = tiles.map((tile) => {
    const canvas = find(tile, "canvas", HTMLCanvasElement);
    return sizedContext(canvas, width, height);
  });
  const texts = [
    t(windows.count === 1 ? "swin.roll-window" : "swin.roll-windows", {
      windows: windows.count,
    }),
    t("swin.roll-shifted", { pieces: new Set(pieces).size }),
    t("swin.roll-rolled", { windows: windows.count }),
    t("swin.roll-back"),
  ];
  for (const [i, tile] of tiles.entries()) {
    find(tile, "figcaption", HTMLElement).textContent = texts[i];
  }
  const { grid: patches } = model.description;
  const map = mapRect(rect, patches, layer);
  const palette = windowColours();
  const [first, shifted, rolled, back] = contexts;
  for (const context of [first, shifted, back]) {
    context.drawImage(picture, 0, 0, width, height);
  }
  if (plain) {
    const { windowOfToken, slotOf } = plain;
    const own = Int32Array.from(slotOf, (_, token) => windowOfToken(token));
    const tints = Uint8Array.from(own, (window) => tintOf(window, cut));
    drawTint(first, map, layer.grid, tints, palette);
    drawBorders(first, map, layer.grid, own);
  }
  for (const context of [shifted, back]) {
    drawTint(context, map, layer.grid, colours, palette);
    drawBorders(context, map, layer.grid, pieces);
  }
  drawRolledTile(rolled, picture, rect, cut, patches);
}

/** The rolled map with its windows whole: smaller where it was padded, and grey where there is no photo. @param {CanvasRenderingContext2D} context @param {OffscreenCanvas} picture @param {Rect} rect @param {Cut} cut @param {Grid} patches */
function drawRolledTile(context, picture, rect, cut, patches) {
  const { layer, windows, shift } = cut;
  const padded = layer.windows?.padded ?? layer.grid;
  const to = {
    ...rect,
    width: (rect.width * layer.grid.columns) / padded.columns,
    height: (rect.height * layer.grid.rows) / padded.rows,
  };
  const from = { x: 0, y: 0, width: picture.width, height: picture.height };
  drawRolled(context, picture, from, to, { patches, layer, shift }, 1);
  const tokens = rolledFrom(windows, layer);
  const palette = [...windowColours(), themeColour("--photo-grey")];
  const own = Int32Array.from(tokens, (token) =>
    token < 0 ? -1 : windows.windowOfToken(token),
  );
  const tints = Uint8Array.from(own, (window) =>
    window < 0 ? palette.length - 1 : tintOf(window, cut),
  );
  drawTint(context, rect, padded, tints, palette);
  drawBorders(context, rect, padded, own);
}

/** A window's colour: of its first token. @param {number} window @param {Cut} cut */
function tintOf(window, { windows, colours }) {
  return colours[windows.tokensOfWindow(window)[0] ?? 0];
}
