// One small store: what the page knows, what follows from it, and who wants to hear of changes.

import { NOTHING_LEFT_OUT, carryWhatif } from "./whatif.js";
import { layerToken } from "./windows.js";

export { NOTHING_LEFT_OUT, carryWhatif, isChanged } from "./whatif.js";

/** @import {Description, Direction, Entry, Layer, Photo, Prediction, Progress, Query, Rect, Result, Scale, Source, Step, Tensor, Whatif, Zoomed} from "./types.js" */
/** @import {Cause, VitrineError} from "./errors.js" */
/** @import {Windows} from "./windows.js" */
/** @import {Running} from "./lessons/player.js" */

/**
 * @typedef {object} State
 * @property {string} language
 * @property {string} theme
 * @property {string | null} bundle which wasm runs
 * @property {number} threads how many of them share a forward pass
 * @property {Entry[]} entries the model menu
 * @property {string} hubBase
 * @property {string} dtype what safetensors are quantized to as they load
 * @property {{source: Source | null, progress: Progress | null} | null} loading the engine (without a source) or a model on its way
 * @property {boolean} running
 * @property {{error: VitrineError, cause: Cause, retry: (() => void) | null} | null} trouble
 * @property {{source: Source, description: Description, ownSize: string} | null} model
 * @property {Photo | null} photo
 * @property {Rect | null} seen the part of the photo that the model sees, in photo pixels
 * @property {Result | null} result
 * @property {Whatif} whatif what is changed about the model and its photo
 * @property {Prediction[] | null} baseline what it said before anything was changed; null while nothing is
 * @property {boolean} painting whether a pointer on the stage hides patches
 * @property {number[] | null} stroke the hidden patches while a pointer paints
 * @property {string} compare a second model beside the first, by its entry; empty for none
 * @property {number} layer -1 until one is chosen or a model is there
 * @property {number} head
 * @property {Query} query the query that stays
 * @property {boolean} pinned whether hovering reads values (true) or previews queries (false)
 * @property {{row: number, column: number} | null} pointer the patch under the pointer
 * @property {Direction} direction
 * @property {Scale} scale
 * @property {boolean} smooth
 * @property {number} opacity
 * @property {"whole" | "crop"} framing
 * @property {Pattern | null} pattern the attention that is drawn
 * @property {boolean | null} tint whether windows are coloured; null as the step suggests
 * @property {number} roll how far the photo on the stage is rolled: 0 as it is, 1 where shifted windows are whole again
 * @property {boolean} isRolling whether that moves by itself
 * @property {number} merged at a merge, how far the fine map has grown into the coarse one: 0 to 1
 * @property {number} grown for how many times the photo's side the cost panel counts
 * @property {string} step the site of the rail's current step
 * @property {boolean} isPlaying whether the rail goes from step to step by itself
 * @property {string} site the tensor that the glass shows
 * @property {{site: string, tensor: Tensor} | null} exhibit
 * @property {number} slice which head (or channel) of the exhibit
 * @property {Look} look how the glass shows the step: as code, or as values
 * @property {Zoomed | null} zoomed the part of the values that is seen; null for all
 * @property {string} panel the tab below the heads; empty for the model's first
 * @property {Running | null} lesson the lesson that runs
 * @property {boolean} presenter large type, no chrome
 * @property {boolean} controls whether the page shows its controls
 */

/**
 * The attention of a layer and, where it attends in windows, which tokens share one and what the mask keeps apart.
 * @typedef {{layer: number, tensor: Tensor, windows: Windows | null, mask: Tensor | null}} Pattern
 */

/** How small and large the photo can be for the cost panel, in its own sides. */
export const LEAST_GROWN = 0.5;
export const MOST_GROWN = 4;

/** @returns {State} */
export function initialState() {
  return {
    language: "en",
    theme: "light",
    bundle: null,
    threads: 1,
    entries: [],
    hubBase: "https://huggingface.co",
    dtype: "q8_0",
    loading: { source: null, progress: null },
    running: false,
    trouble: null,
    model: null,
    photo: null,
    seen: null,
    result: null,
    whatif: NOTHING_LEFT_OUT,
    baseline: null,
    painting: false,
    stroke: null,
    compare: "",
    layer: -1,
    head: 0,
    query: { kind: "prefix", index: 0 },
    pinned: false,
    pointer: null,
    direction: "row",
    scale: "head",
    smooth: false,
    opacity: 0.85,
    framing: "whole",
    pattern: null,
    tint: null,
    roll: 0,
    isRolling: false,
    merged: 1,
    grown: 1,
    step: "",
    isPlaying: false,
    site: "",
    exhibit: null,
    slice: 0,
    look: "pytorch",
    zoomed: null,
    panel: "",
    lesson: null,
    presenter: false,
    controls: true,
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
/** @typedef {"pytorch" | "rust" | "values"} Look */

/**
 * Changes made in one go reach the watchers once, in the microtask after them, in the order of watching.
 * @param {State} initial
 */
export function createStore(initial) {
  let state = initial;
  let scheduled = false;
  /** @type {Set<() => void>} */
  const watchers = new Set();

  function flush() {
    scheduled = false;
    for (const watcher of watchers) watcher();
  }

  return {
    get: () => state,
    /** @param {Partial<State>} patch */
    set(patch) {
      state = { ...state, ...patch };
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(flush);
    },
    /**
     * Calls `draw` now and whenever one of the selected values has changed.
     * @template {readonly unknown[]} T
     * @param {(state: State) => T} select
     * @param {(state: State) => void} draw
     */
    watch(select, draw) {
      let before = select(state);
      watchers.add(() => {
        const now = select(state);
        if (now.every((value, i) => Object.is(value, before[i]))) return;
        before = now;
        draw(state);
      });
      draw(state);
    },
  };
}

/** The word in `data-state`. @param {State} state */
export function phase(state) {
  if (state.loading) return "loading";
  if (state.running) return "running";
  if (state.trouble) return "error";
  return state.result ? "done" : "ready";
}

/** The query to draw now: a preview under the pointer while nothing is pinned. @param {State} state @returns {Query} */
export function shownQuery(state) {
  if (state.pinned || !state.pointer) return state.query;
  return { kind: "patch", ...state.pointer };
}

/** The query's token in a layer's sequence: prefix tokens first, then its map row by row. @param {Query} query @param {Description} description @param {Layer} layer */
export function tokenOf(query, { prefix }, layer) {
  if (query.kind === "prefix") return query.index;
  const { row, column } = layerToken(query, layer);
  return prefix.length + row * layer.grid.columns + column;
}

/**
 * The same query in another model: a prefix token where there is one, else the patch at the same place of the photo.
 * @param {Query} query @param {Description} from @param {Description} to
 * @returns {Query}
 */
export function carryQuery(query, from, to) {
  const { rows, columns } = to.grid;
  if (query.kind === "prefix") {
    if (query.index < to.prefix.length) return query;
    return { kind: "patch", row: rows >> 1, column: columns >> 1 };
  }
  const along = (
    /** @type {number} */ i,
    /** @type {number} */ n,
    /** @type {number} */ m,
  ) => Math.min(m - 1, Math.floor(((i + 0.5) / n) * m));
  return {
    kind: "patch",
    row: along(query.row, from.grid.rows, rows),
    column: along(query.column, from.grid.columns, columns),
  };
}

/**
 * What was looked at, in another model.
 * @param {State} state @param {Description} to
 * @returns {Partial<State>}
 */
export function carryView(state, to) {
  const { model, layer, head, query, step, site, whatif } = state;
  // A fresh page shows the last layer, where the class token has found its subject, or the first that shifts windows.
  const last = to.layers.length - 1;
  const shifted = to.layers.findIndex(isShifting);
  const fresh = shifted < 0 ? last : shifted;
  // Block 6 of one family has nothing in common with block 6 of another.
  const isOther = model !== null && model.description.family !== to.family;
  const next = layer < 0 || isOther ? fresh : Math.min(layer, last);
  const own = layerOfSite(to, step);
  const found = findStep(to, step);
  const isKept = found && (own < 0 || own === next);
  const isOfStep = found?.sites.includes(site);
  const first = next < 0 ? to.steps[0].site : patternSite(to, next);
  const nextHead = Math.min(head, (to.layers[next]?.heads ?? 1) - 1);
  const nextSite = !isKept ? first : isOfStep ? site : step;
  return {
    layer: next,
    head: nextHead,
    slice: sliceOfHead(nextSite, nextHead),
    query: carryQuery(query, model?.description ?? to, to),
    step: isKept ? step : first,
    site: nextSite,
    whatif: carryWhatif(whatif, model?.description ?? null, to),
  };
}

/** Sites whose tensors have one slice a head: there the glass follows the chosen head. */
const PER_HEAD = /\.attn\.(q|k|v|qk|bias|scores|pattern)$/;

/** The slice that the glass shows of a tensor while nobody has chosen another. @param {string} site @param {number} head */
export const sliceOfHead = (site, head) => (PER_HEAD.test(site) ? head : 0);

/** The input's size as it is written. @param {Description} description */
export function sizeOf({ input: { height, width } }) {
  return height === width ? String(height) : `${height}x${width}`;
}

/** What the picture of a layer's attention needs. @param {Description} description @param {number} layer @returns {string[]} */
export function sitesOfPattern(description, layer) {
  const chosen = description.layers[layer];
  const { site, windows } = chosen;
  const sites = [`${site}.attn.pattern`];
  if (!windows) return sites;
  sites.push(`${site}.attn.index`);
  // Where nothing is shifted the model has no mask.
  return isShifting(chosen) ? [...sites, `${site}.attn.mask`] : sites;
}

/** @param {Layer} layer */
function isShifting({ windows }) {
  return (
    windows !== null && (windows.shift.rows > 0 || windows.shift.columns > 0)
  );
}

/** The site of a layer's attention pattern. @param {Description} description @param {number} layer */
export function patternSite(description, layer) {
  return `${description.layers[layer].site}.attn.pattern`;
}

/** All steps that can be chosen, blocks replaced by what is in them. @param {Step[]} steps @returns {Step[]} */
export function leafSteps(steps) {
  return steps.flatMap((step) => (step.steps ? leafSteps(step.steps) : [step]));
}

/** @param {Description} description @param {string} site */
export function findStep(description, site) {
  return leafSteps(description.steps).find((step) => step.site === site);
}

/** The layer that a step lies in, or -1. @param {Description} description @param {string} site */
export function layerOfSite(description, site) {
  return description.layers.findIndex((layer) =>
    site.startsWith(`${layer.site}.`),
  );
}
