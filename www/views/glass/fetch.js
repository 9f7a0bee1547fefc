// Fetches the tensors that one row of the current step is read from: one pass of the model for those not here yet.

import { contextOf, sitesOfRow } from "../../glass/context.js";
import { Latest } from "../../latest.js";
import { failFor } from "../panel.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Tensor} from "../../types.js" */

/** @type {Map<string, Tensor>} */
const NONE = new Map();

/**
 * @param {Store} store @param {Session} session
 * @param {() => void} onArrived
 * @returns {(state: State) => Map<string, Tensor>} the tensors of the current step, none while they are on their way
 */
export function mountFetch(store, session, onArrived) {
  const lane = new Latest();
  /** @type {{keys: unknown[], tensors: Map<string, Tensor>} | null} */
  let arrived = null;
  const keysOf = (/** @type {State} */ state) => [
    state.model?.description,
    state.result,
    state.step,
  ];
  const isCurrent = (/** @type {unknown[]} */ keys) =>
    keysOf(store.get()).every((value, i) => value === keys[i]);

  async function fetchRow() {
    const state = store.get();
    const context = contextOf(state, NONE);
    if (!context || !state.result) return;
    const keys = keysOf(state);
    const sites = sitesOfRow(context);
    try {
      const tensors = await lane.submit(() => tensorsAt(session, sites));
      if (!isCurrent(keys)) return;
      arrived = { keys, tensors };
      onArrived();
    } catch (error) {
      await failFor(session, state.result, error);
    }
  }

  store.watch(keysOf, () => void fetchRow());
  return () => (arrived && isCurrent(arrived.keys) ? arrived.tensors : NONE);
}

/** @param {Session} session @param {string[]} sites */
async function tensorsAt({ engine, looking, store }, sites) {
  const { tensors } = looking;
  const missing = sites.filter((site) => !tensors.has(site));
  // One pass for all of them; a single tensor takes care of itself.
  if (missing.length > 1) await engine.run(missing, store.get().whatif);
  const found = await Promise.all(sites.map((site) => tensors.get(site)));
  return new Map(sites.map((site, i) => [site, found[i]]));
}
