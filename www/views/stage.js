// The stage: what is pointed at on the photo becomes the query, and each change is drawn anew.

import { patchAt } from "../draw/grid.js";
import { shownQuery } from "../state.js";
import { MASKED, OTHER, layerToken, tokenSide } from "../windows.js";
import { byTestId, find, setStyle } from "./dom.js";
import { photoKeys } from "./edited.js";
import { drawScene, frameAspect, viewOf } from "./scene.js";
import {
  layerInView,
  showsAttention,
  shownAttention,
  shownKeys,
  shownSight,
} from "./shown.js";
import { patchName, queryName, valueText } from "./words.js";
import { t } from "../i18n/i18n.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Query} from "../types.js" */
/** @import {Ground} from "./scene.js" */

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
    ground = drawScene(canvas, state, ground);
    describeView(canvas, ground, state);
  }

  new ResizeObserver(draw).observe(canvas);
  store.watch(
    (s) => [
      ...shownKeys(s),
      ...photoKeys(s),
      s.head,
      s.scale,
      s.smooth,
      s.opacity,
      s.framing,
      s.pointer,
      s.theme,
      s.layer,
      s.step,
      s.tint,
      s.roll,
      s.merged,
    ],
    draw,
  );
  store.watch(
    (s) => [...shownKeys(s), s.language, s.layer, s.step],
    (state) => canvas.setAttribute("aria-label", stageLabel(state)),
  );
  canvas.setAttribute("role", "application");

  /** @param {PointerEvent} event */
  function patchUnder(event) {
    const { model, roll } = store.get();
    // While the photo is rolled its patches are not where they are.
    if (!ground || !model || roll > 0) return null;
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
    if (!isSameToken(store.get(), patch, pointer)) {
      store.set({ pointer: patch });
    }
  });
  canvas.addEventListener("pointerleave", () => store.set({ pointer: null }));
  canvas.addEventListener("click", (event) => {
    const patch = patchUnder(/** @type {PointerEvent} */ (event));
    if (!patch) return;
    const state = store.get();
    const { query, pinned } = state;
    const isAgain =
      pinned && query.kind === "patch" && isSameToken(state, query, patch);
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
    (s) => [...shownKeys(s), s.pointer, s.head, s.layer, s.step, s.language],
    (state) => {
      const text = tooltipText(state);
      tooltip.hidden = text === "";
      tooltip.textContent = text;
    },
  );
}

/** @typedef {{row: number, column: number}} Patch */

/** Whether the layer in view holds both patches in one token. @param {State} state @param {Patch | null} a @param {Patch | null} b */
function isSameToken(state, a, b) {
  const layer = layerInView(state);
  if (!a || !b || !layer) return a === b;
  const [one, other] = [layerToken(a, layer), layerToken(b, layer)];
  return one.row === other.row && one.column === other.column;
}

/** The neighbour of the query in the layer's map; from a prefix token into the middle. @param {State} state @param {[number, number]} move @returns {Query} */
function moved(state, [down, right]) {
  const query = shownQuery(state);
  const layer = layerInView(state);
  const { rows, columns } = state.model?.description.grid ?? {
    rows: 1,
    columns: 1,
  };
  if (query.kind === "prefix" || !layer) {
    return { kind: "patch", row: rows >> 1, column: columns >> 1 };
  }
  const side = tokenSide(layer);
  const along = (
    /** @type {number} */ at,
    /** @type {number} */ steps,
    /** @type {number} */ count,
  ) => {
    const next = at + steps * side;
    return next < 0 || next >= side * Math.ceil(count / side)
      ? at
      : Math.min(count - 1, next);
  };
  return {
    kind: "patch",
    row: along(query.row, down, rows),
    column: along(query.column, right, columns),
  };
}

/**
 * What lies where, in CSS pixels of the canvas, and what the query can see: for tests and for whoever draws over it.
 * @param {HTMLCanvasElement} canvas @param {Ground | null} ground @param {State} state
 */
function describeView(canvas, ground, state) {
  const view = ground && viewOf(ground.layout, state);
  const { x, y, width, height } = view?.map ?? {};
  const { rows, columns } = view?.layer.grid ?? {};
  const sight = view && shownSight(state);
  const facts = {
    crop: view ? [x, y, width, height].join(" ") : "",
    grid: view ? `${rows} ${columns}` : "",
    roll: String(Number(state.roll.toFixed(3))),
    window: sight ? String(sight.window) : "",
    seen: sight ? String(sight.seen) : "",
    masked: sight ? String(sight.masked) : "",
  };
  Object.assign(canvas.dataset, facts);
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
  const layer = layerInView(state);
  if (!pointer || !layer) return "";
  const { row, column } = layerToken(pointer, layer);
  const name = patchName(row, column);
  if (!pinned) return `${name} · ${t("stage.hold")}`;
  const shown = shownAttention(state);
  const sight = shownSight(state);
  const token = row * layer.grid.columns + column;
  if (sight?.tokens[token] === OTHER) return `${name}: ${t("sight.outside")}`;
  if (sight?.tokens[token] === MASKED) return `${name}: ${t("sight.hidden")}`;
  if (!shown || shown.layer !== layer || !showsAttention(state)) return name;
  return `${name}: ${valueText(shown.heads[head]?.[shown.prefix + token] ?? 0)}`;
}

/** @param {State} state */
function stageLabel(state) {
  const { model } = state;
  const layer = layerInView(state);
  if (!model || !layer) return t("stage.title");
  const name = queryName(shownQuery(state), model.description, layer);
  return `${t("stage.title")}: ${name}. ${t("stage.keys")}`;
}
