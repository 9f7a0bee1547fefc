// What happens when: photos and what-ifs become passes of the engine and, when answered, a new state; trouble is told,
// and a crash mended. How it comes to a model: choosing.js; what is looked at: looking.js.

import { Choosing } from "./choosing.js";
import {
  CRASHED,
  SUPERSEDED,
  VitrineError,
  asVitrineError,
  isQuiet,
} from "./errors.js";
import { Latest } from "./latest.js";
import { Looking } from "./looking.js";
import { Passes } from "./passes.js";
import { openPhoto, openSample, photoFromBitmap } from "./photo.js";
import { sortFiles } from "./sources.js";
import { isChanged, sizeOf } from "./state.js";

/** @import {Cause} from "./errors.js" */
/** @import {Engine} from "./engine.js" */
/** @import {State, Store} from "./state.js" */
/** @import {Photo, Result, Whatif} from "./types.js" */

export class Session {
  #photos = new Latest();
  /** @type {Passes} */
  #passes;
  /** The newest photo that could be decoded: the one to run. @type {Photo | null} */
  #wanted = null;
  /** What last gave a result: the ground to come back to after a crash. @type {{photo: Photo, size: string} | null} */
  #good = null;
  #isRecovering = false;

  /** Takes what is a lesson among dropped files, and says whether it did. @type {(files: File[]) => Promise<boolean>} */
  takeLesson = async () => false;

  /** @param {Store} store @param {Engine} engine */
  constructor(store, engine) {
    this.store = store;
    this.engine = engine;
    this.looking = new Looking(store, engine, (error) =>
      this.fail(error, "app"),
    );
    this.choosing = new Choosing(store, engine, {
      begin: () => this.#begin(),
      forget: () => this.#forgetResults(),
      runAgain: (cause) => this.#runAgain(cause),
      fail: (error, cause, retry) => this.fail(error, cause, retry),
    });
    this.#passes = new Passes(store, engine, this.looking);
  }

  // ---- photos

  /** @param {Blob} blob @param {string} name */
  async openPhoto(blob, name) {
    await this.#showPhoto(() => openPhoto(blob, name, null));
  }

  /** @param {string} file a name in samples/ */
  async openSample(file) {
    await this.#showPhoto(() => openSample(file));
  }

  /** A photo that was open before. @type {(photo: Photo) => Promise<void>} */
  showPhoto = (photo) => this.#showPhoto(() => Promise.resolve(photo));

  /**
   * For tests and tinkerers: runs the model on this bitmap, which stays the caller's.
   * @param {ImageBitmap} bitmap
   * @returns {Promise<Result>}
   */
  async run(bitmap) {
    if (!this.store.get().model) throw new VitrineError("no-model");
    this.#begin();
    try {
      const photo = await this.#photos.submit(() => photoFromBitmap(bitmap));
      return await this.#runPhoto(photo);
    } catch (error) {
      await this.fail(error, "photo");
      throw error;
    }
  }

  /** @param {() => Promise<Photo>} open */
  async #showPhoto(open) {
    this.#begin();
    try {
      const photo = await this.#photos.submit(open);
      if (this.store.get().model) {
        // The first is there to be seen before the model has seen it.
        if (!this.store.get().photo) this.store.set({ photo });
        await this.#runPhoto(photo);
      } else {
        this.#wanted = photo;
        this.store.set({ photo, seen: null, running: false });
      }
    } catch (error) {
      await this.fail(error, "photo");
    }
  }

  // ---- files

  /**
   * What was dropped, pasted or picked: photos, the files of one checkpoint, or a lesson.
   * @param {Iterable<File>} files
   * @param {"any" | "model"} expected
   */
  async openFiles(files, expected) {
    if (await this.takeLesson([...files])) return;
    this.#begin();
    const sorted = await sortFiles(files);
    const hasModel = sorted.checkpoints.length + sorted.configs.length > 0;
    if (hasModel || expected === "model") {
      await this.choosing.files(sorted);
    } else if (sorted.photos.length > 0) {
      await this.openPhoto(sorted.photos[0], sorted.photos[0].name);
    } else {
      this.store.set({ running: false });
    }
  }

  // ---- running

  /** Something new is under way: what went wrong before is history, unless nothing can run here at all. */
  #begin() {
    const { bundle, trouble } = this.store.get();
    this.store.set({ trouble: bundle ? null : trouble, running: true });
  }

  /** @param {Cause} cause */
  async #runAgain(cause) {
    if (!this.#wanted) {
      this.store.set({ running: false });
      return;
    }
    try {
      await this.#runPhoto(this.#wanted);
    } catch (error) {
      await this.fail(error, cause);
    }
  }

  /** @param {Photo} photo @returns {Promise<Result>} */
  async #runPhoto(photo) {
    const before = this.#wanted;
    const { model: asked } = this.store.get();
    this.#wanted = photo;
    this.store.set({ running: true });
    try {
      const done = await this.#passes.photo(photo);
      this.store.set({ photo, ...done, running: false });
      const { model, layer } = this.store.get();
      if (model) this.#good = { photo, size: sizeOf(model.description) };
      const isMoved = done.pattern !== null && done.pattern.layer !== layer;
      await Promise.all([
        isMoved ? this.looking.fetchPattern() : null,
        this.looking.fetchExhibit(),
      ]);
      return done.result;
    } catch (error) {
      const isCrash = asVitrineError(error).code === CRASHED;
      // Another model came meanwhile, which runs this photo itself: what was still asked of the old one has no answer.
      if (!isCrash && this.store.get().model !== asked) {
        throw new VitrineError(SUPERSEDED);
      }
      const isOver = isQuiet(error) || isCrash;
      if (!isOver && before && before !== photo) {
        // The engine holds the photo that failed: give it the one on the stage again.
        this.#wanted = before;
        void this.#runAgain("photo");
      }
      throw error;
    }
  }

  // ---- what if

  /**
   * Changes something about the pass, or puts it back; all else on the page stays.
   * @param {Partial<Whatif>} change
   */
  async setWhatif(change) {
    const { whatif, result, baseline, photo } = this.store.get();
    // What is on the page may be of an older wish than the last: there is a baseline as long as it is changed.
    const plain = isChanged(whatif) ? null : (result?.predictions ?? null);
    const known = baseline ?? plain;
    this.store.set({ whatif: { ...whatif, ...change } });
    this.#begin();
    // Where another photo or size is on its way, that run is the one to repeat.
    if (!result || photo !== this.#wanted) return this.#runAgain("app");
    try {
      const done = await this.#passes.again(known);
      this.store.set({ ...done, running: false });
      await this.looking.fetchExhibit();
    } catch (error) {
      await this.fail(error, "app");
    }
  }

  /**
   * Which patches can have told a patch anything after each block.
   * @param {number} row of the patch grid @param {number} column
   * @returns {Promise<Uint8Array[]>} for each layer a byte a patch: 1 where it can
   */
  async reach(row, column) {
    const { model } = this.store.get();
    if (!model) throw new VitrineError("no-model");
    const { layers, grid } = model.description;
    const bytes = await this.engine.reach(row, column);
    const size = grid.rows * grid.columns;
    return layers.map((_, i) => bytes.subarray(i * size, (i + 1) * size));
  }

  #forgetResults() {
    this.looking.forget();
    this.store.set({
      seen: null,
      result: null,
      baseline: null,
      pattern: null,
      exhibit: null,
      pointer: null,
    });
  }

  // ---- trouble

  dismissTrouble() {
    this.store.set({ trouble: null });
  }

  /**
   * Says what went wrong, once; everything that was there stays.
   * @param {unknown} cause @param {Cause} where
   * @param {(() => void) | null} [retry]
   */
  async fail(cause, where, retry = null) {
    if (isQuiet(cause)) return;
    const error = asVitrineError(cause);
    this.store.set({ running: false, trouble: { error, cause: where, retry } });
    if (error.code === CRASHED) await this.#recover();
  }

  /** A new worker, the last good model, its size, its photo; given up when that fails too. */
  async #recover() {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    try {
      const { model } = this.store.get();
      const source = model?.source ?? null;
      this.store.set({ loading: { source, progress: null } });
      let description = await this.engine.restart();
      this.store.set(this.engine.build);
      const good = this.#good;
      if (description && good && good.size !== sizeOf(description)) {
        description = await this.engine.setSize(good.size);
      }
      if (description && model) {
        this.#forgetResults();
        this.store.set({ model: { ...model, description } });
      }
      this.store.set({ loading: null });
      // No pass has succeeded yet where the first was at a size that was too much: this one is at the model's own.
      const isSmaller =
        model &&
        description &&
        sizeOf(model.description) !== sizeOf(description);
      const photo = good?.photo ?? (isSmaller ? this.#wanted : null);
      if (description && photo) await this.#runPhoto(photo);
    } catch (error) {
      if (isQuiet(error)) return;
      const { message: why } = asVitrineError(error);
      const dead = new VitrineError("engine-dead", "", { why });
      const trouble = { error: dead, cause: /** @type {Cause} */ ("app") };
      this.store.set({ running: false, trouble: { ...trouble, retry: null } });
    } finally {
      this.store.set({ loading: null });
      this.#isRecovering = false;
    }
  }
}
