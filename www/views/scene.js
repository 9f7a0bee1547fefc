// What is drawn on the stage: the photo, the part of it that the model sees, and what the step means over it.

import {
  drawFrame,
  drawGrid,
  frameOf,
  layoutStage,
  patchRect,
  roomFor,
} from "../draw/grid.js";
import { drawOverlay } from "../draw/overlay.js";
import { drawRolled, drawSeams, rolledRects } from "../draw/roll.js";
import {
  drawBorders,
  drawNumbers,
  drawTint,
  drawUnseen,
} from "../draw/sight.js";
import { shownQuery } from "../state.js";
import { layerToken, mapRect, tokenRect, tokenSide } from "../windows.js";
import { sharpContext, sharpness, themeColour, windowColours } from "./dom.js";
import { shownPhoto } from "./edited.js";
import {
  isShifted,
  isTinted,
  layerInView,
  showsAttention,
  shownAttention,
  shownCut,
  shownSight,
  stepKind,
  overlayStyle,
} from "./shown.js";

/** @import {Layout} from "../draw/grid.js" */
/** @import {State} from "../state.js" */
/** @import {Grid, Layer, Rect} from "../types.js" */
/** @import {Cut} from "./shown.js" */

/**
 * Where the map of the layer in view lies.
 * @typedef {{crop: Rect, patches: Grid, layer: Layer, map: Rect}} View
 */

/**
 * The photo, dimmed where the model does not see it: the same for every query, head and layer.
 * @typedef {{key: unknown[], canvas: OffscreenCanvas, layout: Layout}} Ground
 */

/** A canvas' room in CSS pixels, and how many of its own pixels each has. @typedef {{width: number, height: number, ratio: number}} Room */

/** What the stage draws with: a canvas' context, or one that writes SVG. @typedef {CanvasRenderingContext2D} Context */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {State} state
 * @param {Ground | null} kept what lies below the attention, from the time before
 */
export function drawScene(canvas, state, kept) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const room = { width, height, ratio: sharpness() };
  const { seen, framing, theme } = state;
  const photo = shownPhoto(state);
  const key = [photo, seen, framing, theme, width, height, room.ratio];
  const isSame = kept?.key.every((value, i) => value === key[i]);
  const ground = kept && isSame ? kept : groundOf(room, state, key);
  const context = sharpContext(canvas, width, height);
  if (ground) paintScene(context, room, ground, state);
  return ground;
}

/** The whole scene, over a ground of the same room. @param {Context} context @param {Room} room @param {Ground} ground @param {State} state */
export function paintScene(context, room, ground, state) {
  context.drawImage(ground.canvas, 0, 0, room.width, room.height);
  const view = viewOf(ground.layout, state);
  if (!view) return;
  const cut = shownCut(state);
  if (cut && isShifted(cut) && state.roll > 0) {
    drawRoll(context, room, view, ground, cut, state);
  } else if (stepKind(state) === "merge") {
    drawMerge(context, view, state);
  } else {
    drawLook(context, view, cut, state);
  }
  if (state.framing === "whole") drawFrame(context, view.crop, "#fff", 1.25);
}

/** Null before the model has seen the photo. @param {Layout} layout @param {State} state @returns {View | null} */
export function viewOf({ crop }, state) {
  const layer = layerInView(state);
  if (!state.seen || !state.model || !layer) return null;
  const { grid: patches } = state.model.description;
  return { crop, patches, layer, map: mapRect(crop, patches, layer) };
}

/** @param {State} state */
export function frameAspect({ photo, seen, framing }) {
  if (!photo) return 1.5;
  const all = { x: 0, y: 0, width: photo.width, height: photo.height };
  const { width, height } = frameOf(photo, seen ?? all, framing);
  return width / height;
}

/**
 * @param {Room} room @param {State} state @param {unknown[]} [key] what the ground follows from
 * @returns {Ground | null}
 */
export function groundOf(room, state, key = []) {
  const { width, height } = room;
  const { seen, framing } = state;
  const photo = shownPhoto(state);
  if (!photo || width === 0 || height === 0) return null;
  const all = { x: 0, y: 0, width: photo.width, height: photo.height };
  const frame = frameOf(photo, seen ?? all, framing);
  const layout = layoutStage({ width, height }, photo, seen ?? all, frame);
  const { canvas, context } = sharpCanvas(room);
  const { photo: at, scale } = layout;
  const left = at.x + frame.x * scale;
  const top = at.y + frame.y * scale;
  context.beginPath();
  context.roundRect(left, top, frame.width * scale, frame.height * scale, 10);
  context.clip();
  context.imageSmoothingQuality = "high";
  context.drawImage(photo.preview, at.x, at.y, at.width, at.height);
  if (seen) dimOutside(context, width, height, layout);
  return { key, canvas, layout };
}

/** A canvas beside the page's, measured in CSS pixels too. @param {Room} room */
function sharpCanvas({ width, height, ratio }) {
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(width * ratio)),
    Math.max(1, Math.round(height * ratio)),
  );
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no 2-D canvas");
  context.scale(ratio, ratio);
  return { canvas, context };
}

/** @param {OffscreenCanvasRenderingContext2D} context @param {number} width @param {number} height @param {Layout} layout */
function dimOutside(context, width, height, { crop }) {
  context.beginPath();
  context.rect(0, 0, width, height);
  context.rect(crop.x, crop.y, crop.width, crop.height);
  context.globalAlpha = 0.62;
  context.fillStyle = themeColour("--ground");
  context.fill("evenodd");
}

/** Attention and, where it stays in windows, what the query can see. @param {CanvasRenderingContext2D} context @param {View} view @param {Cut | null} cut @param {State} state */
function drawLook(context, view, cut, state) {
  const { map, layer, crop } = view;
  const { grid } = layer;
  const sight = shownSight(state);
  context.save();
  if (cut) clipTo(context, crop);
  const isColoured = cut !== null && isTinted(state);
  if (isColoured) drawTint(context, map, grid, cut.colours, windowColours());
  if (sight) drawUnseen(context, map, grid, sight.tokens, isColoured);
  if (showsAttention(state)) drawAttention(context, view, state);
  drawGrid(context, map, grid);
  if (cut) drawBorders(context, map, grid, cut.pieces);
  if (cut && stepKind(state) === "mask") {
    drawNumbers(context, map, grid, cut.pieces);
  }
  context.restore();
  drawQuery(context, view, state);
}

/** The last token of an odd map hangs over the photo's edge. @param {CanvasRenderingContext2D} context @param {Rect} crop */
function clipTo(context, crop) {
  context.beginPath();
  context.rect(crop.x, crop.y, crop.width, crop.height);
  context.clip();
}

/** @param {CanvasRenderingContext2D} context @param {View} view @param {State} state */
function drawAttention(context, { crop, patches }, state) {
  const shown = shownAttention(state);
  const map = shown?.heads[state.head];
  if (!shown || !map) return;
  const style = overlayStyle(shown, state.head, state, shownSight(state));
  const rect = mapRect(crop, patches, shown.layer);
  drawOverlay(
    context,
    rect,
    map.subarray(shown.prefix),
    shown.layer.grid,
    style,
  );
}

/** The query in amber, and thin around the patch under the pointer. @param {CanvasRenderingContext2D} context @param {View} view @param {State} state */
function drawQuery(context, { crop, patches, layer }, state) {
  const { pointer, pinned } = state;
  const query = shownQuery(state);
  const rectOf = (/** @type {{row: number, column: number}} */ patch) => {
    const { row, column } = layerToken(patch, layer);
    return tokenRect(crop, patches, layer, row, column);
  };
  if (pointer && pinned) drawFrame(context, rectOf(pointer), "#fff", 1);
  if (query.kind === "patch") {
    const rect = roomFor(rectOf(query));
    drawFrame(context, rect, themeColour("--query"), 2.5);
  }
}

/** The photo's pixels on their way, their windows' colours with them. @param {CanvasRenderingContext2D} context @param {Room} room @param {View} view @param {Ground} ground @param {Cut} cut @param {State} state */
function drawRoll(context, room, view, ground, cut, state) {
  const { crop, patches, layer } = view;
  const { grid } = layer;
  const { canvas, context: picture } = sharpCanvas({
    ...crop,
    ratio: room.ratio,
  });
  picture.drawImage(ground.canvas, -crop.x, -crop.y, room.width, room.height);
  const own = { ...crop, x: 0, y: 0 };
  const map = mapRect(own, patches, layer);
  drawTint(picture, map, grid, cut.colours, windowColours());
  drawGrid(picture, map, grid);
  drawBorders(picture, map, grid, cut.pieces);
  const from = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  const roll = { patches, layer, shift: cut.shift };
  drawRolled(context, canvas, from, crop, roll, state.roll);
  drawSeams(context, crop, roll, state.roll);
  const query = shownQuery(state);
  if (query.kind !== "patch") return;
  const { row, column } = layerToken(query, layer);
  const rect = tokenRect(crop, patches, layer, row, column);
  for (const place of rolledRects(rect, crop, roll, state.roll)) {
    drawFrame(context, roomFor(place), themeColour("--query"), 2.5);
  }
}

/** The fine map, and the coarse one that it grows into. @param {CanvasRenderingContext2D} context @param {View} view @param {State} state */
function drawMerge(context, view, state) {
  const { crop, patches, layer, map } = view;
  const fine = finer(layer, patches);
  const fineMap = mapRect(crop, patches, fine);
  const query = shownQuery(state);
  context.save();
  clipTo(context, crop);
  drawGrid(context, fineMap, fine.grid, 1.6 * (1 - 0.75 * state.merged));
  drawGrid(context, map, layer.grid, 2.6 * state.merged);
  context.restore();
  if (query.kind !== "patch") return;
  const { row, column } = layerToken(query, layer);
  for (const [down, right] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]) {
    const token = [2 * row + down, 2 * column + right];
    if (token[0] >= fine.grid.rows || token[1] >= fine.grid.columns) continue;
    const rect = patchRect(fineMap, fine.grid, token[0], token[1]);
    drawFrame(context, rect, themeColour("--query"), 1);
  }
  const rect = tokenRect(crop, patches, layer, row, column);
  drawFrame(context, rect, themeColour("--query"), 1 + 2 * state.merged);
}

/** The map that a merged one was made of. @param {Layer} layer @param {Grid} patches */
function finer(layer, patches) {
  const stage = layer.stage - 1;
  const side = tokenSide({ stage });
  const grid = {
    rows: Math.ceil(patches.rows / side),
    columns: Math.ceil(patches.columns / side),
  };
  return { stage, grid };
}
