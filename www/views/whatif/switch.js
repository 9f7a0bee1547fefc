// Heads switched off and on again: what the board in the panel and the key have in common.

import { isHeadOff, withHeads } from "../../whatif.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** Switches heads of a layer off or on again. @param {Store} store @param {Session} session @param {number} layer @param {number[]} heads @param {boolean} isOff */
export function switchHeads(store, session, layer, heads, isOff) {
  const { whatif } = store.get();
  void session.setWhatif({ heads: withHeads(whatif, layer, heads, isOff) });
}

/** The chosen head off, or on again. @param {Store} store @param {Session} session */
export function toggleHead(store, session) {
  const { whatif, layer, head, model } = store.get();
  if (!model?.description.layers[layer]) return;
  const isOff = isHeadOff(whatif, layer, head);
  switchHeads(store, session, layer, [head], !isOff);
}
