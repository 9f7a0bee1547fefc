// Where the visitor looks: layer, head, query and step, and the tensors that are fetched for them.

import { CRASHED, asVitrineError, isQuiet } from "./errors.js";
import { Latest } from "./latest.js";
import { findStep, layerOfSite, sitesOfPattern, sliceOfHead } from "./state.js";
import { TensorCache } from "./tensors.js";
import { windowsOf } from "./windows.js";

/** @import {Engine} from "./engine.js" */
/** @import {Pattern, State, Store} from "./state.js" */
/** @import {Query} from "./types.js" */

/** Tensors kept on this side, in bytes. */
const TENSOR_BUDGET = 256 * 1024 * 1024;

export class Looking {
  #layers = new Latest();
  #exhibits = new Latest();

  /**
   * @param {Store} store
   * @param {Engine} engine
   * @param {(error: unknown) => Promise<void>} fail
   */
  constructor(store, engine, fail) {
    this.store = store;
    this.engine = engine;
    this.fail = fail;
    this.tensors = new TensorCache(TENSOR_BUDGET, (site) =>
      engine.tensor(site),
    );
  }

  /** @param {number} layer */
  async setLayer(layer) {
    const { model, step } = this.store.get();
    const description = model?.description;
    if (!description?.layers[layer]) return;
    // The rail goes along: the same step of the other block.
    const from = description.layers[layerOfSite(description, step)];
    const prefix = `${description.layers[layer].site}.`;
    const twin = from ? step.replace(`${from.site}.`, prefix) : step;
    // A block without a shift has no mask: there the windows tell why.
    const next = [twin, twin.replace(/\.mask$/, ".index")].find((site) =>
      findStep(description, site),
    );
    this.#aim(layer, next ? { step: next, site: next } : {});
    await this.#fetch();
  }

  /**
   * @param {string} step a step of the rail
   * @param {string} [site] which of its tensors
   */
  async chooseStep(step, site = step) {
    const { model, layer } = this.store.get();
    if (!model) return;
    const own = layerOfSite(model.description, step);
    this.#aim(own < 0 ? layer : own, { step, site });
    await this.#fetch();
  }

  /** @param {number} head */
  setHead(head) {
    const { model, layer } = this.store.get();
    const heads = model?.description.layers[layer]?.heads ?? 0;
    if (head < 0 || head >= heads) return;
    const { site, slice } = this.store.get();
    const isOfHead = sliceOfHead(site, 1) === 1;
    this.store.set({ head, slice: isOfHead ? head : slice });
  }

  /** @param {Query} query */
  pin(query) {
    const { model } = this.store.get();
    if (!model) return;
    const { grid, prefix } = model.description;
    const isThere =
      query.kind === "prefix"
        ? query.index >= 0 && query.index < prefix.length
        : query.row >= 0 &&
          query.column >= 0 &&
          query.row < grid.rows &&
          query.column < grid.columns;
    if (isThere) this.store.set({ query, pinned: true });
  }

  /** Hovering previews queries again. */
  unpin() {
    this.store.set({ pinned: false });
  }

  /** Everything that was computed from the photo, model or size before is void. */
  forget() {
    this.tensors.clear();
    this.#layers.abandon();
    this.#exhibits.abandon();
  }

  /** The attention of the chosen layer, with its windows and mask where it has any. @returns {Promise<Pattern | null>} */
  async pattern() {
    const { model, layer, whatif } = this.store.get();
    const chosen = model?.description.layers[layer];
    if (!model || !chosen) return null;
    const sites = sitesOfPattern(model.description, layer);
    // One pass for all of them; a single tensor takes care of itself.
    if (sites.length > 1 && sites.some((site) => !this.tensors.has(site))) {
      await this.engine.run(sites, whatif);
    }
    const [tensor, index, mask] = await Promise.all(
      sites.map((site) => this.tensors.get(site)),
    );
    const windows = index ? windowsOf(index, chosen) : null;
    return { layer, tensor, windows, mask: mask ?? null };
  }

  async fetchPattern() {
    try {
      const pattern = await this.#layers.submit(() => this.pattern());
      this.store.set({ pattern, running: false });
    } catch (error) {
      if (!isQuiet(error)) throw error;
    }
  }

  async fetchExhibit() {
    const { site } = this.store.get();
    if (!site) return;
    try {
      const tensor = await this.#exhibits.submit(() => this.tensors.get(site));
      this.store.set({ exhibit: { site, tensor } });
    } catch (error) {
      if (!isQuiet(error)) throw error;
    }
  }

  /** @param {number} layer @param {Partial<State>} step */
  #aim(layer, step) {
    const { model, head } = this.store.get();
    const heads = model?.description.layers[layer]?.heads ?? 1;
    const next = Math.min(head, heads - 1);
    this.store.set({ ...step, layer, head: next });
    const { site } = this.store.get();
    this.store.set({ slice: sliceOfHead(site, next) });
  }

  async #fetch() {
    const { result, model } = this.store.get();
    if (!result) return;
    this.store.set({ running: true });
    try {
      await Promise.all([this.fetchPattern(), this.fetchExhibit()]);
    } catch (error) {
      // Another model that came meanwhile fetches for itself.
      const isOver = this.store.get().model !== model;
      if (!isOver || asVitrineError(error).code === CRASHED) {
        await this.fail(error);
      }
    }
  }
}
