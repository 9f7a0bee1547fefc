// The view in the page's address: what is chosen can be linked, and the back button goes back.

import {
  lookKeys,
  readFrame,
  readLook,
  writeFrame,
  writeLook,
} from "./address-look.js";
import { DTYPES } from "./sources.js";
import { layerOfSite, sizeOf, sliceOfHead } from "./state.js";
import { readWhatif, writeWhatif } from "./whatif.js";

/** @import {State, Store} from "./state.js" */
/** @import {Query} from "./types.js" */

/**
 * @typedef {object} Wish what an address asks for
 * @property {string | null} model
 * @property {string | null} size the input's, such as 224 or 224x320; null for the model's own
 * @property {string | null} photo a sample's file name
 * @property {string | null} language
 * @property {Partial<State>} view
 * @property {Partial<State>} frame theme, presenter mode, hidden controls
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
  if (query) {
    Object.assign(view, { query, pinned: fields.get("hold") !== "off" });
  }
  const step = fields.get("step");
  if (step) view.step = step;
  const site = fields.get("tensor");
  if (site) view.site = site;
  const slice = wholeNumber(fields.get("slice"));
  if (slice !== null) view.slice = slice;
  const panel = fields.get("panel");
  if (panel && /^[a-z-]+$/.test(panel)) view.panel = panel;
  const tint = fields.get("windows");
  if (tint !== null) view.tint = tint === "colour";
  const dtype = fields.get("weights");
  if (dtype && DTYPES.includes(dtype)) view.dtype = dtype;
  const whatif = readWhatif(fields);
  if (whatif) view.whatif = whatif;
  const compare = fields.get("compare");
  if (compare) view.compare = compare;
  const lesson = fields.get("lesson");
  const at = wholeNumber(fields.get("at")) ?? 1;
  const size = fields.get("size") ?? "";
  return {
    model: fields.get("model"),
    size: /^\d{1,4}(x\d{1,4})?$/.test(size) ? size : null,
    photo: fields.get("photo"),
    language: fields.get("language"),
    view: { ...readLook(fields), ...view },
    frame: readFrame(fields),
    lesson: /^[a-z0-9-]+$/.test(lesson ?? "")
      ? { id: lesson ?? "", at: at - 1 }
      : null,
  };
}

/** @param {State} state */
export function writeAddress(state) {
  const { model, photo, layer, head, query, step, site, tint } = state;
  const fields = new URLSearchParams();
  const { lesson, language } = state;
  if (lesson && !lesson.isOwn) {
    // A lesson's step says itself what the page shows.
    fields.set("lesson", lesson.lesson.id);
    fields.set("at", String(lesson.at + 1));
    writeFrame(fields, state);
    fields.set("language", language);
    return `?${fields}`;
  }
  if (model && model.source.kind !== "files") {
    fields.set("model", model.source.id);
    const size = sizeOf(model.description);
    if (size !== model.ownSize) fields.set("size", size);
    // What comes with the page is in a type of its own.
    if (model.source.kind === "hub") fields.set("weights", model.source.dtype);
  }
  if (photo?.sample) fields.set("photo", photo.sample);
  if (layer >= 0) fields.set("layer", String(layer));
  fields.set("head", String(head));
  // A query that is not held is shown all the same; a model begins with its class token.
  if (state.pinned || query.kind === "patch" || query.index > 0) {
    fields.set(
      "query",
      query.kind === "prefix"
        ? `token ${query.index}`
        : `${query.row},${query.column}`,
    );
  }
  if (!state.pinned && fields.has("query")) fields.set("hold", "off");
  // The attention pattern of the chosen layer is where one is anyway.
  if (step && model && layerOfSite(model.description, step) < 0) {
    fields.set("step", step);
  } else if (step && !step.endsWith(".attn.pattern")) {
    fields.set("step", step);
  }
  if (site && site !== step) fields.set("tensor", site);
  if (state.slice !== sliceOfHead(site, head)) {
    fields.set("slice", String(state.slice));
  }
  if (state.panel) fields.set("panel", state.panel);
  if (tint !== null) fields.set("windows", tint ? "colour" : "plain");
  writeWhatif(fields, state.whatif);
  if (state.compare) fields.set("compare", state.compare);
  writeLook(fields, state);
  writeFrame(fields, state);
  fields.set("language", state.language);
  return `?${fields}`;
}

/**
 * Keeps the address in step with the state. Models, photos and steps of a lesson make a new entry of the history; the rest of the
 * view replaces the entry, or the back button would go through every patch.
 * @param {Store} store
 * @param {(wish: Wish) => Promise<void>} goTo
 */
export function keepAddress(store, goTo) {
  let chapter = "";
  /** Ways back that are not at their end yet: what the page is meanwhile is no address. */
  let going = 0;

  /** @param {State} state @param {boolean} isBack whether this entry was there before */
  function write(state, isBack) {
    const { model, photo, lesson } = state;
    if (!model || !photo) return;
    const address = writeAddress(state);
    const now = lesson
      ? `lesson ${lesson.lesson.id} ${lesson.at}`
      : `${model.source.id} ${photo.name}`;
    const isNew = chapter !== "" && chapter !== now && !isBack;
    chapter = now;
    if (address === location.search) return;
    if (isNew) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  store.watch(
    (s) => [
      s.model?.source,
      s.model?.description,
      s.photo,
      s.layer,
      s.head,
      s.query,
      s.pinned,
      s.step,
      s.site,
      s.slice,
      s.tint,
      s.panel,
      s.whatif,
      s.compare,
      s.language,
      s.lesson,
      ...lookKeys(s),
    ],
    (state) => {
      if (going === 0) write(state, false);
    },
  );
  addEventListener("popstate", async () => {
    going++;
    try {
      await goTo(readAddress(location.search));
    } finally {
      going--;
      if (going === 0) write(store.get(), true);
    }
  });
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
