// A heat map on a canvas: wheel, keys and buttons go into it, dragging moves it, and pointing names a cell.

import { colourRange, heatmapPixels } from "../../draw/heatmap.js";
import { paneColour, sizedContext, themeColour } from "../dom.js";

/** @import {Slice} from "../../draw/heatmap.js" */
/** @import {Zoomed} from "../../types.js" */

/** A vector is drawn this high, and no map higher than that, in CSS pixels. */
const MIN_HEIGHT = 36;
const MAX_HEIGHT = 264;

/** The fewest cells that fill the picture. */
const CLOSEST = 6;

/** How far a pointer may stray and still click, in CSS pixels. */
const CLICK = 4;

/** A drag or a wheel is told of once it rests so long, in milliseconds: browsers limit how often an address may change. */
const REST = 200;

/** @typedef {{row: number, column: number}} Cell */

/** @returns {Zoomed} */
const whole = () => ({ row: 0, column: 0, zoom: 1 });

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(cell: Cell | null) => void} onCell the cell pointed at, by pointer or keyboard
 * @param {(part: Zoomed | null) => void} onZoom the part that someone has gone into, null for the whole
 */
export function mountMap(canvas, onCell, onZoom) {
  /** @type {Slice | null} */
  let slice = null;
  let small = new OffscreenCanvas(1, 1);
  let size = { width: 1, height: 1 };
  /** @type {number | null} */
  let queryRow = null;
  let view = whole();
  /** @type {Cell | null} */
  let cell = null;
  /** @type {{x: number, y: number, view: Zoomed, isDrag: boolean} | null} */
  let grip = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  function tell() {
    clearTimeout(rest);
    rest = setTimeout(() => onZoom(view.zoom > 1 ? { ...view } : null), REST);
  }

  /** Cells that are seen. */
  function seen() {
    const { rows = 1, columns = 1 } = slice ?? {};
    // A vector has one row however near one goes.
    return {
      rows: Math.max(1, rows / view.zoom),
      columns: columns / view.zoom,
    };
  }

  function clamp() {
    if (!slice) return;
    const { rows, columns } = slice;
    const most = Math.max(1, Math.max(rows, columns) / CLOSEST);
    view.zoom = Math.min(most, Math.max(1, view.zoom));
    const part = seen();
    view.row = Math.min(rows - part.rows, Math.max(0, view.row));
    view.column = Math.min(columns - part.columns, Math.max(0, view.column));
  }

  /** @param {number} factor @param {{x: number, y: number}} [at] in shares of the picture */
  function zoom(factor, at = middle()) {
    const before = seen();
    const row = view.row + at.y * before.rows;
    const column = view.column + at.x * before.columns;
    view.zoom *= factor;
    clamp();
    const after = seen();
    view.row = row - at.y * after.rows;
    view.column = column - at.x * after.columns;
    clamp();
    paint();
    tell();
  }

  /** The cell that the keyboard is on, else the picture's middle. */
  function middle() {
    if (!cell) return { x: 0.5, y: 0.5 };
    const part = seen();
    const inside = (/** @type {number} */ share) =>
      Math.min(1, Math.max(0, share));
    return {
      x: inside((cell.column + 0.5 - view.column) / part.columns),
      y: inside((cell.row + 0.5 - view.row) / part.rows),
    };
  }

  function reset() {
    view = whole();
    paint();
    tell();
  }

  function paint() {
    if (!slice) return;
    const { width, height } = size;
    const context = sizedContext(canvas, width, height);
    const part = seen();
    const across = width / part.columns;
    const down = height / part.rows;
    // Enlarged, numbers stay squares; reduced, neighbours are averaged.
    context.imageSmoothingEnabled = across < 1 || down < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      small,
      view.column,
      view.row,
      part.columns,
      part.rows,
      0,
      0,
      width,
      height,
    );
    if (queryRow !== null && slice.rows > 1) {
      const y = (queryRow - view.row) * down;
      frame(context, themeColour("--query"), {
        x: -view.column * across,
        y,
        width: slice.columns * across,
        height: Math.max(down, 2),
      });
    }
    if (cell) {
      frame(context, themeColour("--ink"), {
        x: (cell.column - view.column) * across,
        y: (cell.row - view.row) * down,
        width: across,
        height: down,
      });
    }
    const { row, column } = view;
    canvas.dataset["view"] = [row, column, part.rows, part.columns]
      .map((value) => Number(value.toFixed(3)))
      .join(" ");
  }

  /** @param {{offsetX: number, offsetY: number}} event */
  function shareOf({ offsetX, offsetY }) {
    return { x: offsetX / size.width, y: offsetY / size.height };
  }

  /** @param {{x: number, y: number}} at @returns {Cell | null} */
  function cellAt({ x, y }) {
    if (!slice) return null;
    const part = seen();
    const row = Math.floor(view.row + y * part.rows);
    const column = Math.floor(view.column + x * part.columns);
    const isInside =
      row >= 0 && column >= 0 && row < slice.rows && column < slice.columns;
    return isInside ? { row, column } : null;
  }

  /** @param {Cell | null} next */
  function pick(next) {
    cell = next;
    paint();
    onCell(cell);
  }

  canvas.addEventListener("pointerdown", (event) => {
    const { offsetX: x, offsetY: y, pointerId } = event;
    grip = { x, y, view: { ...view }, isDrag: false };
    canvas.setPointerCapture(pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const far = (/** @type {number} */ distance) => Math.abs(distance) > CLICK;
    if (grip && view.zoom > 1) {
      const [dx, dy] = [event.offsetX - grip.x, event.offsetY - grip.y];
      grip.isDrag ||= far(dx) || far(dy);
      if (grip.isDrag) {
        const part = seen();
        view.column = grip.view.column - (dx / size.width) * part.columns;
        view.row = grip.view.row - (dy / size.height) * part.rows;
        clamp();
        paint();
        tell();
        return;
      }
    }
    const next = cellAt(shareOf(event));
    if (next?.row !== cell?.row || next?.column !== cell?.column) pick(next);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      grip = null;
    });
  }
  canvas.addEventListener("pointerleave", () => {
    if (document.activeElement !== canvas) pick(null);
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      const isIn = event.deltaY < 0;
      // Where there is nothing left to leave, the pane scrolls.
      if (!isIn && view.zoom === 1) return;
      event.preventDefault();
      zoom(isIn ? 1.25 : 0.8, shareOf(event));
      pick(cellAt(shareOf(event)));
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (press(event.key)) event.preventDefault();
  });
  canvas.addEventListener("blur", () => pick(null));

  /** @param {string} key @returns {boolean} whether it meant something */
  function press(key) {
    if (!slice) return false;
    if (key === "+" || key === "=") zoom(1.5);
    else if (key === "-") zoom(1 / 1.5);
    else if (key === "0") reset();
    else return walk(key);
    return true;
  }

  /** @param {string} key */
  function walk(key) {
    const { rows = 1, columns = 1 } = slice ?? {};
    const from = cell ?? { row: queryRow ?? 0, column: 0 };
    const steps = new Map([
      ["ArrowLeft", [0, -1]],
      ["ArrowRight", [0, 1]],
      ["ArrowUp", [-1, 0]],
      ["ArrowDown", [1, 0]],
      ["Home", [0, -columns]],
      ["End", [0, columns]],
    ]);
    const by = steps.get(key);
    if (!by) return false;
    // The first press shows where one is.
    const [down, right] = cell ? by : [0, 0];
    const next = {
      row: Math.min(rows - 1, Math.max(0, from.row + down)),
      column: Math.min(columns - 1, Math.max(0, from.column + right)),
    };
    follow(next);
    pick(next);
    return true;
  }

  /** Moves the view so that a cell is in it. @param {Cell} next */
  function follow(next) {
    const part = seen();
    const into = (
      /** @type {number} */ from,
      /** @type {number} */ length,
      /** @type {number} */ at,
    ) => Math.min(at, Math.max(at + 1 - length, from));
    view.row = into(view.row, part.rows, next.row);
    view.column = into(view.column, part.columns, next.column);
    clamp();
    tell();
  }

  return {
    zoom,
    reset,
    /** @param {number | null} row the query's */
    mark(row) {
      queryRow = row;
      paint();
    },
    /** What an address asks for. @param {Zoomed | null} part */
    turn(part) {
      clearTimeout(rest);
      const { row, column, zoom: times } = part ?? whole();
      const isThere =
        row === view.row && column === view.column && times === view.zoom;
      if (isThere) return;
      view = { row, column, zoom: times };
      clamp();
      paint();
    },
    /** @param {Slice} next @param {number} room in CSS pixels @param {number | null} row the query's */
    draw(next, room, row) {
      const isOther =
        !slice || slice.rows !== next.rows || slice.columns !== next.columns;
      if (isOther && slice) {
        view = whole();
        cell = null;
        tell();
      }
      slice = next;
      clamp();
      queryRow = row;
      size = sizeOf(next, room);
      small = pictureOf(next);
      paint();
      onCell(cell);
    },
  };
}

/** @param {Slice} slice */
function pictureOf(slice) {
  const { rows, columns, values } = slice;
  const pixels = heatmapPixels(slice, colourRange(values), paneColour());
  const picture = new OffscreenCanvas(columns, rows);
  const image = new ImageData(pixels, columns, rows);
  picture.getContext("2d")?.putImageData(image, 0, 0);
  return picture;
}

/** In CSS pixels. @param {Slice} slice @param {number} room */
function sizeOf({ rows, columns }, room) {
  const natural = (room * rows) / columns;
  const height = Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, natural));
  const isTall = natural > MAX_HEIGHT && rows <= columns * 4;
  return { width: isTall ? (MAX_HEIGHT * columns) / rows : room, height };
}

/** @param {CanvasRenderingContext2D} context @param {string} colour @param {{x: number, y: number, width: number, height: number}} box */
function frame(context, colour, { x, y, width, height }) {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.strokeRect(x, y, width, height);
}
