// Which model there is: from the menu or from files, as what type, at which size; and what becomes of it meanwhile.

import { CRASHED, VitrineError, asVitrineError, isQuiet } from "./errors.js";
import { sourceOfEntry, sourceOfFiles } from "./sources.js";
import { carryQuery, carryView, carryWhatif, sizeOf } from "./state.js";

/** @import {Cause} from "./errors.js" */
/** @import {Engine} from "./engine.js" */
/** @import {Sorted} from "./sources.js" */
/** @import {Store} from "./state.js" */
/** @import {Description, Source} from "./types.js" */

/** After these another try can help; it goes on with the bytes that are there. */
const RETRYABLE = new Set(["connection", "http", "changed", "hash"]);

/**
 * What the session does about results when the model changes.
 * @typedef {object} Around
 * @property {() => void} begin something new is under way
 * @property {() => void} forget what the last model said
 * @property {(cause: Cause) => Promise<void>} runAgain over the photo that is there
 * @property {(error: unknown, cause: Cause, retry?: (() => void) | null) => Promise<void>} fail
 */

export class Choosing {
  #loads = 0;

  /** @param {Store} store @param {Engine} engine @param {Around} around */
  constructor(store, engine, around) {
    this.store = store;
    this.engine = engine;
    this.around = around;
  }

  /**
   * @param {string} id an entry of the manifest
   * @param {string | null} [size] the input's; the model's own where it cannot have this one
   */
  async entry(id, size = null) {
    const { entries, hubBase, dtype } = this.store.get();
    const entry = entries.find((candidate) => candidate.id === id);
    if (!entry) return;
    await this.#load(sourceOfEntry(entry, hubBase, dtype), false, size);
  }

  /** A model that was loaded before. @type {(source: Source) => Promise<void>} */
  source = (source) => this.#load(source, false);

  /** The files of one checkpoint. @param {Sorted} sorted */
  async files(sorted) {
    try {
      const { dtype } = this.store.get();
      const source = await sourceOfFiles(sorted, dtype);
      this.store.set({ running: false });
      await this.#load(source, false);
    } catch (error) {
      await this.around.fail(error, "model");
    }
  }

  /** Quantize differently from now on; what came from safetensors is loaded again. @param {string} dtype */
  async dtype(dtype) {
    this.store.set({ dtype });
    const source = this.store.get().model?.source;
    if (!source || source.kind === "embedded") return;
    if (source.kind === "files" && source.format === "gguf") return;
    await this.#load({ ...source, dtype }, false);
  }

  async cancel() {
    this.#loads++;
    this.store.set({ loading: null });
    await this.engine.cancel().catch(() => undefined);
  }

  /** @param {Source} source @param {boolean} resume @param {string | null} [size] */
  async #load(source, resume, size = null) {
    const load = ++this.#loads;
    this.store.set({ trouble: null, loading: { source, progress: null } });
    try {
      const description = await this.engine.load(source, {
        resume,
        onProgress: (progress) => {
          if (load !== this.#loads) return;
          this.store.set({ loading: { source, progress } });
        },
      });
      const ownSize = sizeOf(description);
      const sized = size ? await this.#sized(size, description) : description;
      // Even when something newer is on its way: this is the model that the worker holds now.
      this.#adopt(source, sized, ownSize);
      if (load === this.#loads) this.store.set({ loading: null });
      await this.around.runAgain("model");
    } catch (error) {
      if (load !== this.#loads || isQuiet(error)) return;
      this.store.set({ loading: null });
      const retry = RETRYABLE.has(asVitrineError(error).code)
        ? () => void this.#load(source, true, size)
        : null;
      await this.around.fail(error, "model", retry);
    }
  }

  /** The model at another size, or as it was where it cannot have it. @param {string} size @param {Description} description */
  async #sized(size, description) {
    try {
      return await this.engine.setSize(size);
    } catch (error) {
      if (asVitrineError(error).code === CRASHED) throw error;
      return description;
    }
  }

  /** @param {Source} source @param {Description} description @param {string} ownSize */
  #adopt(source, description, ownSize) {
    this.around.forget();
    this.store.set({
      model: { source, description, ownSize },
      ...carryView(this.store.get(), description),
    });
  }

  /** @param {string} text "224", "224x320", or empty for the model's own */
  async size(text) {
    const { model } = this.store.get();
    if (!model) return;
    const size = text.trim().replace("×", "x") || model.ownSize;
    this.around.begin();
    try {
      if (!/^\d{1,5}(x\d{1,5})?$/.test(size)) {
        throw new VitrineError("size-syntax", "", { text });
      }
      const description = await this.engine.setSize(size);
      const { query, whatif } = this.store.get();
      this.around.forget();
      this.store.set({
        model: { ...model, description },
        query: carryQuery(query, model.description, description),
        whatif: carryWhatif(whatif, model.description, description),
      });
      await this.around.runAgain("size");
    } catch (error) {
      await this.around.fail(error, "size");
    }
  }

  /** The loaded model as a file, or null when that failed (and was said). */
  async toGguf() {
    try {
      return await this.engine.toGguf();
    } catch (error) {
      await this.around.fail(error, "model");
      return null;
    }
  }
}
