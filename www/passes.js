// Forward passes: over a new photo, and again with something changed about the model; only the newest counts.

import { VitrineError } from "./errors.js";
import { Latest } from "./latest.js";
import { NOTHING_LEFT_OUT, isChanged, sitesOfPattern } from "./state.js";

/** @import {Engine} from "./engine.js" */
/** @import {Looking} from "./looking.js" */
/** @import {State, Store} from "./state.js" */
/** @import {Photo} from "./types.js" */

export class Passes {
  #lane = new Latest();

  /** @param {Store} store @param {Engine} engine @param {Looking} looking */
  constructor(store, engine, looking) {
    this.store = store;
    this.engine = engine;
    this.looking = looking;
  }

  /** Gives the engine a photo and runs. @param {Photo} photo */
  photo(photo) {
    return this.#lane.submit(async () => {
      if (!this.store.get().model) throw new VitrineError("no-model");
      const seen = await this.engine.photo(await photo.pixels());
      // The first photo's patches are no secret until the model has spoken.
      const { photo: shown, result } = this.store.get();
      if (photo === shown && !result) this.store.set({ seen });
      return { seen, ...(await this.#pass(null)) };
    });
  }

  /**
   * Runs again over the photo that the engine holds.
   * @param {State["baseline"]} baseline what the whole model says of this photo, if that is known
   */
  again(baseline) {
    return this.#lane.submit(() => this.#pass(baseline));
  }

  /** @param {State["baseline"]} baseline */
  async #pass(baseline) {
    const { model, layer, whatif } = this.store.get();
    if (!model) throw new VitrineError("no-model");
    const { description } = model;
    const sites = description.layers[layer]
      ? sitesOfPattern(description, layer)
      : [];
    const whole =
      !isChanged(whatif) || baseline
        ? baseline
        : (await this.engine.run([], NOTHING_LEFT_OUT)).predictions;
    const result = await this.engine.run(sites, whatif);
    this.looking.forget();
    const pattern = await this.looking.pattern();
    return { result, pattern, baseline: isChanged(whatif) ? whole : null };
  }
}
