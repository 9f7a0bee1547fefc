// One row, number by number: a strip a step of the chain, a cursor that goes through all of them, and one weight worked out.

import { drawStrip } from "../../draw/strip.js";
import { ATTENTION } from "../../glass/context.js";
import { greatestAt } from "../../glass/numbers.js";
import { rowsOf } from "../../glass/rows.js";
import { t } from "../../i18n/i18n.js";
import { build, paneColour, setStyle, themeColour } from "../dom.js";
import { queryName, valueText } from "../words.js";
import { cursorText } from "./cursor.js";
import { workedOut } from "./worked.js";

/** @import {Context} from "../../glass/context.js" */
/** @import {Row} from "../../glass/row.js" */

/** Strips whose numbers are never below 0. */
const AMOUNTS = new Set(["pattern", "probability", "slots"]);

/**
 * @typedef {object} Strip the elements of a row
 * @property {HTMLElement} line
 * @property {HTMLElement} label
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} mark
 * @property {HTMLElement} part
 * @property {HTMLElement} value
 */

/** @param {HTMLElement} box */
export function mountRow(box) {
  const title = build("h3");
  const whose = build("span", { class: "whose sym q" });
  const list = build("div", { class: "strips" });
  const note = build("p", { class: "cursor", "data-testid": "row-cursor" });
  const worked = build("div", { class: "worked", "data-testid": "worked" });
  box.append(build("header", {}, title, whose), list, note, worked);
  /** @type {Context | null} */
  let context = null;
  /** @type {Row[]} */
  let rows = [];
  /** @type {Map<string, Strip>} */
  let strips = new Map();
  /** The place that stays, by axis. @type {Map<string, number>} */
  const chosen = new Map();
  /** The place under the pointer. @type {{name: string, axis: string, place: number} | null} */
  let pointed = null;
  /** The strip that the keyboard is on. */
  let current = "";

  /** @param {Row} row */
  function placeOn({ axis, values, name }) {
    const wished = pointed?.axis === axis ? pointed.place : chosen.get(axis);
    if (wished !== undefined) return Math.min(wished, values.length - 1);
    return axis === "key" ? brightest() : name ? greatestAt(values) : 0;
  }

  /** The key with the greatest weight. */
  function brightest() {
    const weights = rows.find(({ name }) => name === "pattern");
    return weights ? greatestAt(weights.values) : 0;
  }

  function key() {
    const wished = pointed?.axis === "key" ? pointed.place : chosen.get("key");
    return wished ?? null;
  }

  function draw() {
    if (!context) return;
    // k and v are those of the key under the cursor, which may follow from the weights themselves.
    rows = rowsOf(context, Math.min(key() ?? 0, context.keys - 1));
    if (key() === null && ATTENTION.has(context.kind)) {
      rows = rowsOf(context, brightest());
    }
    box.classList.toggle("empty", rows.length === 0);
    arrange();
    title.textContent = t("glass.row");
    whose.textContent = whoseText(context);
    const colours = stripColours();
    for (const row of rows) fill(row, colours);
    const now = rows.find(({ name }) => name === (pointed?.name ?? current));
    note.textContent = noteText(now);
    worked.replaceChildren(
      ...workedOut(context, ATTENTION.has(context.kind) ? keyPlace() : -1),
    );
  }

  function keyPlace() {
    const row = rows.find(({ axis }) => axis === "key");
    return row ? placeOn(row) : -1;
  }

  /** @param {Row | undefined} row */
  function noteText(row) {
    if (!context) return "";
    if (row) return cursorText(context, row, placeOn(row), keyPlace());
    return rows.length > 0 ? t("glass.row-hint") : t("glass.row-none");
  }

  /** Elements are made anew only where other strips are shown. */
  function arrange() {
    const names = rows.map(({ name }) => name).join();
    if (names === [...strips.keys()].join()) return;
    const hadFocus = list.contains(document.activeElement);
    strips = new Map(rows.map((row) => [row.name, buildStrip(row.name)]));
    list.replaceChildren(...[...strips.values()].map(({ line }) => line));
    if (!strips.has(current)) current = "";
    if (hadFocus) strips.get(current)?.canvas.focus();
  }

  /** @param {string} name @returns {Strip} */
  function buildStrip(name) {
    const label = build("span", { class: "label" });
    const canvas = build("canvas", { role: "slider" });
    const mark = build("span", { class: "mark" });
    const part = build("span", { class: "part" });
    const value = build("span", { class: "value" });
    const line = build(
      "div",
      { class: "strip", "data-row": name },
      label,
      build("span", { class: "band" }, canvas, part, mark),
      value,
    );
    canvas.addEventListener("pointermove", ({ offsetX }) =>
      point(name, offsetX / canvas.clientWidth),
    );
    canvas.addEventListener("pointerleave", () => {
      pointed = null;
      draw();
    });
    canvas.addEventListener("click", ({ offsetX }) => {
      const row = rows.find((one) => one.name === name);
      if (!row) return;
      current = name;
      chosen.set(row.axis, placeAt(row, offsetX / canvas.clientWidth));
      draw();
    });
    canvas.addEventListener("focus", () => {
      current = name;
      draw();
    });
    canvas.addEventListener("keydown", (event) => {
      if (step(name, event.key)) event.preventDefault();
    });
    return { line, label, canvas, mark, part, value };
  }

  /** @param {string} name @param {number} share from 0 to 1 along the strip */
  function point(name, share) {
    const row = rows.find((one) => one.name === name);
    if (!row) return;
    const place = placeAt(row, share);
    if (pointed?.name === name && pointed.place === place) return;
    pointed = { name, axis: row.axis, place };
    draw();
  }

  /** @param {string} name @param {string} pressed @returns {boolean} whether the key meant something */
  function step(name, pressed) {
    const at = rows.findIndex((row) => row.name === name);
    const row = rows[at];
    if (!row) return false;
    const other = { ArrowUp: rows[at - 1], ArrowDown: rows[at + 1] }[pressed];
    if (other) {
      current = other.name;
      strips.get(current)?.canvas.focus();
      return true;
    }
    const last = row.values.length - 1;
    const place = placeOn(row);
    const next = {
      ArrowLeft: Math.max(0, place - 1),
      ArrowRight: Math.min(last, place + 1),
      Home: 0,
      End: last,
    }[pressed];
    if (next === undefined) return false;
    pointed = null;
    chosen.set(row.axis, next);
    draw();
    return true;
  }

  /** @param {Row} row @param {ReturnType<typeof stripColours>} colours */
  function fill(row, colours) {
    const strip = strips.get(row.name);
    if (!strip || !context) return;
    const { line, label, canvas, mark, part, value } = strip;
    const { values, name, symbol, hidden, site, isNow } = row;
    const place = placeOn(row);
    const number = values[place];
    label.textContent = t(`glass.row-${name}`);
    label.className = `label sym ${symbol}`;
    line.title = site ? t("glass.recorded", { site }) : t("glass.worked-out");
    line.classList.toggle("now", isNow);
    line.dataset["value"] = String(number);
    line.dataset["place"] = String(place);
    value.textContent = name === "slots" ? "" : valueText(number);
    drawStrip(canvas, values, hidden, AMOUNTS.has(name), colours);
    setStyle(mark, "left", `${(place / values.length) * 100}%`);
    setStyle(mark, "width", `${100 / values.length}%`);
    part.hidden = row.part === null;
    if (row.part) {
      const [from, to] = row.part;
      setStyle(part, "left", `${(from / values.length) * 100}%`);
      setStyle(part, "width", `${((to - from) / values.length) * 100}%`);
    }
    const isCurrent = name === (current || rows[0].name);
    canvas.tabIndex = isCurrent ? 0 : -1;
    canvas.setAttribute("aria-label", t(`glass.row-${name}`));
    canvas.setAttribute("aria-valuemin", "0");
    canvas.setAttribute("aria-valuemax", String(values.length - 1));
    canvas.setAttribute("aria-valuenow", String(place));
    canvas.setAttribute(
      "aria-valuetext",
      cursorText(context, row, place, keyPlace()),
    );
  }

  return {
    /** @param {Context} next */
    draw(next) {
      // What was chosen in one attention layer has no meaning in another map.
      if (
        context?.step.kind !== next.step.kind ||
        context?.layer.grid !== next.layer.grid
      ) {
        for (const axis of chosen.keys()) {
          if (axis !== "key" || context?.layer.grid !== next.layer.grid) {
            chosen.delete(axis);
          }
        }
      }
      context = next;
      draw();
    },
  };
}

/** @param {Row} row @param {number} share */
function placeAt({ values }, share) {
  const place = Math.floor(share * values.length);
  return Math.min(values.length - 1, Math.max(0, place));
}

/** Whose row it is. @param {Context} context */
function whoseText({ query, description, layer, kind, head }) {
  if (kind === "head" || kind === "pool") return "";
  const name = queryName(query, description, layer);
  if (!ATTENTION.has(kind) || kind === "windows") return name;
  return `${name} · ${t("heads.head", { number: head + 1 })}`;
}

function stripColours() {
  return {
    zero: paneColour(),
    ground: rgbOf(themeColour("--sunken")),
    line: rgbOf(themeColour("--muted")),
  };
}

/** @param {string} hex @returns {[number, number, number]} */
function rgbOf(hex) {
  const at = (/** @type {number} */ i) => parseInt(hex.slice(i, i + 2), 16);
  return [at(1), at(3), at(5)];
}
