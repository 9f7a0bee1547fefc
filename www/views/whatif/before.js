// The attention that a layer had before something was changed, for the picture beside what it has now.

import { NOTHING_LEFT_OUT, isChanged, sitesOfPattern } from "../../state.js";
import { windowsOf } from "../../windows.js";

/** @import {Session} from "../../session.js" */
/** @import {Pattern, Store} from "../../state.js" */

/**
 * @param {Store} store @param {Session} session
 * @returns {() => Promise<Pattern | null>}
 */
export function rememberPattern(store, session) {
  /** @type {{photo: unknown, description: unknown, pattern: Pattern} | null} */
  let kept = null;
  store.watch(
    (s) => [s.pattern],
    ({ pattern, whatif, baseline, photo, model }) => {
      // With a baseline it still is of a changed pass, whatever is wished by now.
      if (!pattern || isChanged(whatif) || baseline || !model) return;
      kept = { photo, description: model.description, pattern };
    },
  );

  return async () => {
    const { model, layer, photo, whatif } = store.get();
    const chosen = model?.description.layers[layer];
    if (!model || !chosen) return null;
    const { description } = model;
    const isKept =
      kept?.photo === photo &&
      kept.description === description &&
      kept.pattern.layer === layer;
    if (kept && isKept) return kept.pattern;
    // The worker answers in order: asked in one go, these leave the engine as they found it.
    const { engine } = session;
    const sites = sitesOfPattern(description, layer);
    const [, tensors] = await Promise.all([
      engine.run(sites, NOTHING_LEFT_OUT),
      Promise.all(sites.map((site) => engine.tensor(site))),
      engine.run([], whatif),
    ]);
    const [tensor, index, mask] = tensors;
    const windows = index ? windowsOf(index, chosen) : null;
    const pattern = { layer, tensor, windows, mask: mask ?? null };
    kept = { photo, description, pattern };
    return pattern;
  };
}
