// The head grid: every head of the layer as a small picture of what it does with the shown query.

import { entropyBits, sum } from "../draw/attention.js";
import { cropPicture } from "../draw/crop.js";
import { drawFrame } from "../draw/grid.js";
import { drawOverlay } from "../draw/overlay.js";
import { formatNumber, t } from "../i18n/i18n.js";
import { shownQuery } from "../state.js";
import { isHeadOff } from "../whatif.js";
import { layerToken, mapRect, tokenRect } from "../windows.js";
import {
  build,
  byTestId,
  fillSelect,
  find,
  roomOf,
  setStyle,
  sizedContext,
  themeColour,
} from "./dom.js";
import { photoKeys, shownPhoto } from "./edited.js";
import {
  overlayStyle,
  shownAttention,
  shownKeys,
  shownSight,
} from "./shown.js";
import { layerName } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Shown} from "./shown.js" */

const GAP = 12;
const PADDING = 3;
const CAPTION_HEIGHT = 22;
/** Below a narrower picture there is room for a number only. */
const NAMED_WIDTH = 88;
/** Where the page scrolls, pictures are at least so wide while that leaves more than one column. */
const COMFORTABLE_WIDTH = 84;

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountHeads(root, store, session) {
  const grid = byTestId(root, "head-grid");
  const select = find(root, '[data-testid="layer-select"]', HTMLSelectElement);

  select.addEventListener(
    "change",
    () => void session.looking.setLayer(Number(select.value)),
  );
  store.watch(
    (s) => [s.model?.description, s.layer, s.language],
    ({ model, layer }) => {
      const layers = model?.description.layers ?? [];
      const names = layers.map(
        (_, i) =>
          /** @type {[string, string]} */ ([
            String(i),
            model ? layerName(model.description, i) : "",
          ]),
      );
      fillSelect(select, names, String(layer));
      select.disabled = layers.length === 0;
    },
  );

  grid.addEventListener("click", ({ target }) => {
    const cell = target instanceof Element && target.closest("[data-head]");
    if (cell instanceof HTMLElement) {
      session.looking.setHead(Number(cell.dataset["head"]));
    }
  });

  function draw() {
    const state = store.get();
    const { seen, model, layer } = state;
    const photo = shownPhoto(state);
    const heads = model?.description.layers[layer]?.heads ?? 0;
    keepCells(grid, heads);
    const aspect = seen ? seen.width / seen.height : 1;
    const width = fitCells(grid, heads, aspect);
    const height = width / aspect;
    const isThere = photo && seen && width > 0;
    const base = isThere ? cropPicture(photo, seen, width, height) : null;
    const shown = shownAttention(state);
    for (const [head, cell] of [...grid.children].entries()) {
      const place = { width, height };
      drawCell(cell, head, place, base, shown, state);
    }
  }

  new ResizeObserver(draw).observe(grid);
  store.watch(
    (s) => [
      ...shownKeys(s),
      ...photoKeys(s),
      s.layer,
      s.head,
      s.scale,
      s.smooth,
      s.opacity,
      s.language,
    ],
    draw,
  );
}

/** A share of the window, or what the panels below the grid take. @param {HTMLElement} grid */
function widestZone(grid) {
  if (grid.closest("[data-compare]")) return roomOf(grid).width;
  const panels = grid.nextElementSibling;
  const below = panels ? roomOf(panels).width : 0;
  return Math.max(below, Math.min(460, Math.max(316, 0.23 * innerWidth)));
}

/** @param {HTMLElement} grid @param {number} count */
function keepCells(grid, count) {
  while (grid.children.length > count) grid.lastElementChild?.remove();
  for (let head = grid.children.length; head < count; head++) {
    grid.append(
      build(
        "button",
        { type: "button", class: "head", "data-head": head },
        build("canvas"),
        build("span", { class: "name" }),
        build("span", { class: "measure" }),
      ),
    );
  }
}

/**
 * As many columns as make the pictures largest in the height there is; the zone is as wide as they need, up to a
 * share of the window. Where the page scrolls, height is no limit and up to four go side by side.
 * @param {HTMLElement} grid @param {number} count @param {number} aspect
 * @returns {number} the width of a picture
 */
function fitCells(grid, count, aspect) {
  const room = roomOf(grid);
  const isBounded = room.scrolls;
  const roomAcross = (isBounded ? widestZone(grid) : room.width) - 2 * PADDING;
  const roomDown = room.height - 2 * PADDING;
  if (count === 0 || roomAcross <= 0 || roomDown <= 0) return 0;
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const across = (roomAcross - (columns - 1) * GAP) / columns;
    const down = (roomDown - (rows - 1) * GAP) / rows - CAPTION_HEIGHT;
    const width = isBounded ? Math.min(across, down * aspect) : across;
    const isBetter = isBounded
      ? width > best.width
      : columns <= 4 && (columns === 1 || across >= COMFORTABLE_WIDTH);
    if (isBetter) best = { columns, width };
  }
  const width = Math.max(40, Math.floor(best.width));
  const template = `repeat(${best.columns}, ${width}px)`;
  setStyle(grid, "grid-template-columns", template);
  return width;
}

/**
 * @param {Element} cell
 * @param {number} head
 * @param {{width: number, height: number}} place
 * @param {OffscreenCanvas | null} base
 * @param {Shown | null} shown
 * @param {State} state
 */
function drawCell(cell, head, { width, height }, base, shown, state) {
  const canvas = find(cell, "canvas", HTMLCanvasElement);
  const context = sizedContext(canvas, width, height);
  if (base) context.drawImage(base, 0, 0, width, height);
  const map = shown?.heads[head];
  if (shown && map) {
    const { description, layer } = shown;
    const crop = { x: 0, y: 0, width, height };
    const sight = state.smooth ? shownSight(state) : null;
    const style = overlayStyle(shown, head, state, sight);
    const rect = mapRect(crop, description.grid, layer);
    drawOverlay(context, rect, map.subarray(shown.prefix), layer.grid, style);
    const query = shownQuery(state);
    if (query.kind === "patch") {
      const { row, column } = layerToken(query, layer);
      const patch = tokenRect(crop, description.grid, layer, row, column);
      drawFrame(context, patch, themeColour("--query"), 1.5);
    }
  }
  const isChosen = head === state.head;
  const isOff = isHeadOff(state.whatif, state.layer, head);
  cell.toggleAttribute("data-off", isOff);
  cell.setAttribute("aria-pressed", String(isChosen));
  const isTight = width < NAMED_WIDTH;
  const key = isTight ? "heads.short" : "heads.head";
  const name = t(key, { number: head + 1 });
  find(cell, ".name", HTMLElement).textContent = name;
  const measure = find(cell, ".measure", HTMLElement);
  const values = shown?.values[head];
  measure.dataset["value"] = values
    ? String(measureOf(values, state.direction))
    : "";
  measure.textContent = values
    ? measureText(values, state.direction, isTight)
    : "";
  if (isTight) {
    cell.setAttribute("aria-label", t("heads.head", { number: head + 1 }));
  } else {
    cell.removeAttribute("aria-label");
  }
  measure.title = t(`heads.about-${state.direction}`);
}

/** A row is a distribution and has an entropy; a column is what was given, in sum. @param {Float32Array} values @param {State["direction"]} direction */
function measureOf(values, direction) {
  return direction === "row" ? entropyBits(values) : sum(values);
}

/** @param {Float32Array} values @param {State["direction"]} direction @param {boolean} isTight room for the number alone */
function measureText(values, direction, isTight) {
  const number = formatNumber(measureOf(values, direction), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return isTight ? number : t(`heads.measure-${direction}`, { number });
}
