// The stage: the whole photo, the part that the model sees, its patches, the query, and where attention goes.

import {
  drawFrame,
  drawGrid,
  frameOf,
  layoutStage,
  patchAt,
  patchRect,
} from "../draw/grid.js";
import { drawOverlay } from "../draw/overlay.js";
import { shownQuery } from "../state.js";
import { byTestId, find, setStyle, sharpContext, themeColour } from "./dom.js";
import { shownAttention, shownKeys, topOf } from "./shown.js";
import { patchName, queryName, valueText } from "./words.js";
import { t } from "../i18n/i18n.js";

/** @import {Layout} from "../draw/grid.js" */
/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Query} from "../types.js" */

/** Keys that move the query: rows down, columns right. @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountStage(root, store, session) {
  const canvas = find(root, ".stage", HTMLCanvasElement);
  const frame = byTestId(root, "drop-zone");
  const tooltip = find(root, ".tooltip", HTMLElement);
  /** @type {Ground | null} */
  let ground = null;

  function draw() {
    const state = store.get();
    const aspect = frameAspect(state);
    setStyle(frame, "--aspect", String(aspect));
    ground = drawStage(canvas, state, ground);
    describeLayout(canvas, ground?.layout ?? null, state);
  }

  new ResizeObserver(draw).observe(canvas);
  store.watch(
    (s) => [
      ...shownKeys(s),
      s.photo,
      s.seen,
      s.head,
      s.scale,
      s.smooth,
      s.opacity,
      s.framing,
      s.pointer,
      s.theme,
    ],
    draw,
  );
  store.watch(
    (s) => [...shownKeys(s), s.language, s.layer],
    (state) => canvas.setAttribute("aria-label", stageLabel(state)),
  );
  canvas.setAttribute("role", "application");

  /** @param {PointerEvent} event */
  function patchUnder(event) {
    const { model } = store.get();
    if (!ground || !model) return null;
    const { offsetX, offsetY } = event;
    return patchAt(
      ground.layout.crop,
      model.description.grid,
      offsetX,
      offsetY,
    );
  }

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const patch = patchUnder(event);
    const { pointer } = store.get();
    placeTooltip(tooltip, event, frame);
    const isSame =
      patch?.row === pointer?.row && patch?.column === pointer?.column;
    if (!isSame) store.set({ pointer: patch });
  });
  canvas.addEventListener("pointerleave", () => store.set({ pointer: null }));
  canvas.addEventListener("click", (event) => {
    const patch = patchUnder(/** @type {PointerEvent} */ (event));
    if (!patch) return;
    const { query, pinned } = store.get();
    const isAgain = pinned && isQuery(query, patch);
    if (isAgain) session.looking.unpin();
    else session.looking.pin({ kind: "patch", ...patch });
  });
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    session.looking.pin(moved(store.get(), move));
  });

  store.watch(
    (s) => [...shownKeys(s), s.pointer, s.head, s.language],
    (state) => {
      const text = tooltipText(state);
      tooltip.hidden = text === "";
      tooltip.textContent = text;
    },
  );
}

/** @param {Query} query @param {{row: number, column: number}} patch */
function isQuery(query, { row, column }) {
  return query.kind === "patch" && query.row === row && query.column === column;
}

/** The neighbour of the query; from a prefix token into the middle. @param {State} state @param {[number, number]} move @returns {Query} */
function moved(state, [down, right]) {
  const query = shownQuery(state);
  const { rows, columns } = state.model?.description.grid ?? {
    rows: 1,
    columns: 1,
  };
  if (query.kind === "prefix") {
    return { kind: "patch", row: rows >> 1, column: columns >> 1 };
  }
  return {
    kind: "patch",
    row: Math.min(rows - 1, Math.max(0, query.row + down)),
    column: Math.min(columns - 1, Math.max(0, query.column + right)),
  };
}

/** @param {State} state */
function frameAspect({ photo, seen, framing }) {
  if (!photo) return 1.5;
  const all = { x: 0, y: 0, width: photo.width, height: photo.height };
  const { width, height } = frameOf(photo, seen ?? all, framing);
  return width / height;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {State} state
 * @param {Ground | null} kept what lies below the attention, from the time before
 */
function drawStage(canvas, state, kept) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const { photo, seen, model, framing, theme } = state;
  const key = [photo, seen, framing, theme, width, height, devicePixelRatio];
  const isSame = kept?.key.every((value, i) => value === key[i]);
  const ground = kept && isSame ? kept : drawGround(key, width, height, state);
  const context = sharpContext(canvas, width, height);
  if (!ground) return null;
  context.drawImage(ground.canvas, 0, 0, width, height);
  const { layout } = ground;
  if (seen && model) {
    drawAttention(context, layout, state);
    drawGrid(context, layout.crop, model.description.grid);
    if (framing === "whole") drawFrame(context, layout.crop, "#fff", 1.25);
    drawQuery(context, layout, state);
  }
  return ground;
}

/**
 * The photo, dimmed where the model does not see it: the same for every query, head and layer.
 * @typedef {{key: unknown[], canvas: OffscreenCanvas, layout: Layout}} Ground
 */

/**
 * @param {unknown[]} key @param {number} width @param {number} height @param {State} state
 * @returns {Ground | null}
 */
function drawGround(key, width, height, { photo, seen, framing }) {
  if (!photo || width === 0 || height === 0) return null;
  const all = { x: 0, y: 0, width: photo.width, height: photo.height };
  const frame = frameOf(photo, seen ?? all, framing);
  const layout = layoutStage({ width, height }, photo, seen ?? all, frame);
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(width * devicePixelRatio)),
    Math.max(1, Math.round(height * devicePixelRatio)),
  );
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.scale(devicePixelRatio, devicePixelRatio);
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

/** @param {OffscreenCanvasRenderingContext2D} context @param {number} width @param {number} height @param {Layout} layout */
function dimOutside(context, width, height, { crop }) {
  context.beginPath();
  context.rect(0, 0, width, height);
  context.rect(crop.x, crop.y, crop.width, crop.height);
  context.globalAlpha = 0.62;
  context.fillStyle = themeColour("--ground");
  context.fill("evenodd");
}

/** @param {CanvasRenderingContext2D} context @param {Layout} layout @param {State} state */
function drawAttention(context, { crop }, state) {
  const shown = shownAttention(state);
  const map = shown?.heads[state.head];
  if (!shown || !map) return;
  const { opacity, smooth, head } = state;
  const top = topOf(shown, head, state);
  const style = { top, opacity, smooth };
  const { grid } = shown.description;
  drawOverlay(context, crop, map.subarray(shown.prefix), grid, style);
}

/** The query in amber, and thin around the patch under the pointer. @param {CanvasRenderingContext2D} context @param {Layout} layout @param {State} state */
function drawQuery(context, { crop }, state) {
  const { model, pointer, pinned } = state;
  if (!model) return;
  const { grid } = model.description;
  const query = shownQuery(state);
  if (pointer && pinned) {
    const rect = patchRect(crop, grid, pointer.row, pointer.column);
    drawFrame(context, rect, "#fff", 1);
  }
  if (query.kind === "patch") {
    const rect = patchRect(crop, grid, query.row, query.column);
    drawFrame(context, rect, themeColour("--query"), 2.5);
  }
}

/** Where the patches lie, in CSS pixels of the canvas: for tests and for whoever draws over it. @param {HTMLCanvasElement} canvas @param {Layout | null} layout @param {State} state */
function describeLayout(canvas, layout, { seen, model }) {
  const isKnown = layout && seen && model;
  const { x, y, width, height } = layout?.crop ?? {};
  const { rows, columns } = model?.description.grid ?? {};
  canvas.dataset["crop"] = isKnown ? [x, y, width, height].join(" ") : "";
  canvas.dataset["grid"] = isKnown ? `${rows} ${columns}` : "";
}

/** @param {HTMLElement} tooltip @param {PointerEvent} event @param {HTMLElement} frame */
function placeTooltip(tooltip, event, frame) {
  const isRight = event.offsetX > frame.clientWidth - 190;
  const x = event.offsetX + (isRight ? -14 : 14);
  const y = Math.max(0, event.offsetY - 40);
  const shift = isRight ? " translateX(-100%)" : "";
  tooltip.style.transform = `translate(${x}px, ${y}px)${shift}`;
}

/** @param {State} state */
function tooltipText(state) {
  const { pointer, pinned, head } = state;
  const shown = shownAttention(state);
  if (!pointer || !shown) return "";
  const { grid } = shown.description;
  const name = patchName(pointer.row, pointer.column);
  if (!pinned) return `${name} · ${t("stage.hold")}`;
  const at = shown.prefix + pointer.row * grid.columns + pointer.column;
  return `${name}: ${valueText(shown.heads[head]?.[at] ?? 0)}`;
}

/** @param {State} state */
function stageLabel(state) {
  const { model, layer } = state;
  if (!model || layer < 0) return t("stage.title");
  const name = queryName(shownQuery(state), model.description);
  return `${t("stage.title")}: ${name}. ${t("stage.keys")}`;
}
