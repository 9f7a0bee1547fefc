// One small store: what the page knows, what follows from it, and who wants to hear of changes.

/** @import {Description, Direction, Entry, Photo, Progress, Query, Rect, Result, Scale, Source, Step, Tensor} from "./types.js" */
/** @import {Cause, VitrineError} from "./errors.js" */

/**
 * @typedef {object} State
 * @property {string} language
 * @property {string} theme
 * @property {string | null} bundle which wasm runs
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
 * @property {{layer: number, tensor: Tensor} | null} pattern the attention that is drawn
 * @property {string} step the site of the rail's current step
 * @property {string} site the tensor that the glass shows
 * @property {{site: string, tensor: Tensor} | null} exhibit
 * @property {number} slice which head (or channel) of the exhibit
 */

/** @returns {State} */
export function initialState() {
  return {
    language: "en",
    theme: "light",
    bundle: null,
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
    step: "",
    site: "",
    exhibit: null,
    slice: 0,
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */

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

/** The token's place in the sequence: prefix tokens first, then patches row by row. @param {Query} query @param {Description} description */
export function tokenOf(query, description) {
  if (query.kind === "prefix") return query.index;
  return (
    description.prefix.length +
    query.row * description.grid.columns +
    query.column
  );
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
