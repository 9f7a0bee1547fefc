// A second model beside the first: its own engine in its own worker, on the same photo, looking at the same place.

import { Engine } from "./engine.js";
import { Session } from "./session.js";
import { carryQuery, createStore, initialState } from "./state.js";

/** @import {State, Store} from "./state.js" */
/** @import {Description, Query} from "./types.js" */

/**
 * The layer as deep in one model as another is in the other; the first and the last always meet.
 * @param {number} layer @param {Description} from @param {Description} to
 */
export function layerAsDeep(layer, from, to) {
  const [last, other] = [from.layers.length - 1, to.layers.length - 1];
  return last > 0 ? Math.round((layer / last) * other) : other;
}

/** How both draw. */
const LOOKS = /** @type {const} */ ([
  "language",
  "theme",
  "direction",
  "scale",
  "smooth",
  "opacity",
  "framing",
]);

/** @param {State} state @returns {Partial<State>} */
const look = (state) =>
  Object.fromEntries(LOOKS.map((name) => [name, state[name]]));

export class Comparing {
  /** The query that came from the other side: not to be sent back, since the other map may be finer. @type {Partial<State>} */
  #taken = {};
  /** What the first side had last: its query, pointer, and whether it is pinned. @type {unknown[]} */
  #sent = [];
  /** The layers of both sides as they were linked last. */
  #led = -1;
  #layer = -1;
  /** Before that, what the second side shows is nobody's choice. */
  #isLinked = false;
  #isOver = false;
  /** The photo that was handed on last, whether or not its pass has ended. @type {State["photo"]} */
  #given = null;

  /** @param {Store} main @param {string} id an entry of the menu */
  constructor(main, id) {
    const { entries, hubBase, dtype, bundle } = main.get();
    const state = { ...initialState(), ...look(main.get()) };
    this.id = id;
    this.main = main;
    this.store = createStore({ ...state, entries, hubBase, dtype, bundle });
    this.engine = new Engine();
    this.session = new Session(this.store, this.engine);
  }

  async start() {
    const { bundle, photo } = this.main.get();
    try {
      this.#given = photo;
      if (photo) await this.session.showPhoto(photo);
      this.store.set(await this.engine.start(bundle ?? ""));
      if (this.#isOver) return;
      await this.session.choosing.entry(this.id);
    } catch (error) {
      this.store.set({ loading: null });
      await this.session.fail(error, "app");
    }
    if (!this.#isOver) this.#link();
  }

  /** Frees the engine with all it holds. */
  end() {
    this.#isOver = true;
    this.engine.end();
  }

  /** Called whenever the first model's side has changed. */
  follow() {
    if (this.#isOver) return;
    const { photo } = this.main.get();
    if (photo && photo !== this.#given) {
      this.#given = photo;
      void this.session.showPhoto(photo);
    }
    this.store.set(look(this.main.get()));
    this.#link();
  }

  /** Called whenever the second model's side has changed: its query is the first one's, too. @param {(layer: number) => void} setLayer */
  lead(setLayer) {
    const [from, to] = this.#descriptions();
    if (this.#isOver || !this.#isLinked || !from || !to) return;
    const { query, pointer, pinned, layer } = this.store.get();
    const given = this.#taken;
    const isNew =
      query !== given.query ||
      pointer !== given.pointer ||
      pinned !== given.pinned;
    if (isNew) {
      this.#taken = { query, pointer, pinned };
      const own = this.main.get();
      const isSameQuery = query === given.query;
      this.main.set({
        pinned,
        pointer: pointer && patchAt(pointer, to, from),
        query: isSameQuery ? own.query : carryQuery(query, to, from),
      });
      this.#sent = [this.main.get().query, this.main.get().pointer, pinned];
    }
    if (this.#layer >= 0 && layer !== this.#layer) {
      this.#layer = layer;
      this.#led = layerAsDeep(layer, to, from);
      if (this.#led !== this.main.get().layer) setLayer(this.#led);
    }
  }

  #descriptions() {
    const [from, to] = [this.main, this.store].map(
      (store) => store.get().model?.description ?? null,
    );
    return [from, to];
  }

  #link() {
    const [from, to] = this.#descriptions();
    if (!from || !to) return;
    this.#isLinked = true;
    const { query, pointer, pinned, layer } = this.main.get();
    const own = [query, pointer, pinned];
    if (own.some((value, i) => value !== this.#sent[i])) {
      this.#sent = own;
      this.#taken = {
        query: carryQuery(query, from, to),
        pointer: pointer && patchAt(pointer, from, to),
        pinned,
      };
      this.store.set(this.#taken);
    }
    const next =
      layer === this.#led ? this.#layer : layerAsDeep(layer, from, to);
    this.#led = layer;
    if (next !== this.store.get().layer) {
      this.#layer = next;
      void this.session.looking.setLayer(next);
    }
    this.#layer = next;
  }
}

/** @param {{row: number, column: number}} patch @param {Description} from @param {Description} to */
function patchAt(patch, from, to) {
  const carried = carryQuery({ kind: "patch", ...patch }, from, to);
  return carried.kind === "patch"
    ? { row: carried.row, column: carried.column }
    : null;
}
