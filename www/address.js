// The view in the page's address: what is chosen can be linked, and the back button goes back.

import { isChanged, layerOfSite } from "./state.js";

/** @import {State, Store} from "./state.js" */
/** @import {Query, Whatif} from "./types.js" */

/**
 * @typedef {object} Wish what an address asks for
 * @property {string | null} model
 * @property {string | null} photo a sample's file name
 * @property {string | null} language
 * @property {Partial<State>} view
 * @property {{id: string, at: number} | null} lesson one of this site's, and its step from 0
 */

/** @param {string} search @returns {Wish} */
export function readAddress(search) {
  const fields = new URLSearchParams(search);
  /** @type {Partial<State>} */
  const view = {};
  const layer = wholeNumber(fields.get("layer"));
  if (layer !== null) view.layer = layer;
  const head = wholeNumber(fields.get("head"));
  if (head !== null) view.head = head;
  const query = parseQuery(fields.get("query"));
  if (query) Object.assign(view, { query, pinned: true });
  if (fields.get("direction") === "column") view.direction = "column";
  const step = fields.get("step");
  if (step) view.step = step;
  const panel = fields.get("panel");
  if (panel && /^[a-z-]+$/.test(panel)) view.panel = panel;
  const tint = fields.get("windows");
  if (tint !== null) view.tint = tint === "colour";
  const without = fields.get("without");
  if (without) view.whatif = parseWithout(without);
  const lesson = fields.get("lesson");
  const at = wholeNumber(fields.get("at")) ?? 1;
  return {
    model: fields.get("model"),
    photo: fields.get("photo"),
    language: fields.get("language"),
    view,
    lesson: /^[a-z0-9-]+$/.test(lesson ?? "")
      ? { id: lesson ?? "", at: at - 1 }
      : null,
  };
}

/** @param {State} state */
export function writeAddress(state) {
  const { model, photo, layer, head, query, direction, step, tint } = state;
  const fields = new URLSearchParams();
  const { lesson, language } = state;
  if (lesson && !lesson.isOwn) {
    // A lesson's step says itself what the page shows.
    fields.set("lesson", lesson.lesson.id);
    fields.set("at", String(lesson.at + 1));
    fields.set("language", language);
    return `?${fields}`;
  }
  if (model && model.source.kind !== "files") {
    fields.set("model", model.source.id);
  }
  if (photo?.sample) fields.set("photo", photo.sample);
  if (layer >= 0) fields.set("layer", String(layer));
  fields.set("head", String(head));
  if (state.pinned) {
    fields.set(
      "query",
      query.kind === "prefix"
        ? `token ${query.index}`
        : `${query.row},${query.column}`,
    );
  }
  if (direction === "column") fields.set("direction", "column");
  // The attention pattern of the chosen layer is where one is anyway.
  if (step && model && layerOfSite(model.description, step) < 0) {
    fields.set("step", step);
  } else if (step && !step.endsWith(".attn.pattern")) {
    fields.set("step", step);
  }
  if (state.panel) fields.set("panel", state.panel);
  if (tint !== null) fields.set("windows", tint ? "colour" : "plain");
  if (isChanged(state.whatif)) {
    fields.set("without", withoutText(state.whatif));
  }
  fields.set("language", state.language);
  return `?${fields}`;
}

/**
 * Keeps the address in step with the state. Models, photos and steps of a lesson make a new entry of the history; the rest of the
 * view replaces the entry, or the back button would go through every patch.
 * @param {Store} store
 * @param {(wish: Wish) => void} goTo
 */
export function keepAddress(store, goTo) {
  let chapter = "";
  store.watch(
    (s) => [
      s.model?.source,
      s.photo,
      s.layer,
      s.head,
      s.query,
      s.pinned,
      s.direction,
      s.step,
      s.tint,
      s.panel,
      s.whatif,
      s.language,
      s.lesson,
    ],
    (state) => {
      if (!state.model || !state.photo) return;
      const address = writeAddress(state);
      const { lesson } = state;
      const now = lesson
        ? `lesson ${lesson.lesson.id} ${lesson.at}`
        : `${state.model.source.id} ${state.photo.name}`;
      const isNew = chapter !== "" && chapter !== now;
      const isBack = address === location.search;
      chapter = now;
      if (isBack) return;
      if (isNew) history.pushState(null, "", address);
      else history.replaceState(null, "", address);
    },
  );
  addEventListener("popstate", () => goTo(readAddress(location.search)));
}

/** "shift,bias" @param {Whatif} whatif */
function withoutText({ noShift, noMask, noBias }) {
  const words = [noShift && "shift", noMask && "mask", noBias && "bias"];
  return words.filter(Boolean).join(",");
}

/** @param {string} text @returns {Whatif} */
function parseWithout(text) {
  const words = text.split(",");
  return {
    noShift: words.includes("shift"),
    noMask: words.includes("mask"),
    noBias: words.includes("bias"),
  };
}

/** @param {string | null} text */
function wholeNumber(text) {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : null;
}

/** @param {string | null} text @returns {Query | null} */
function parseQuery(text) {
  const token = /^token (\d{1,4})$/.exec(text ?? "");
  if (token) return { kind: "prefix", index: Number(token[1]) };
  const patch = /^(\d{1,4}),(\d{1,4})$/.exec(text ?? "");
  if (!patch) return null;
  return { kind: "patch", row: Number(patch[1]), column: Number(patch[2]) };
}
