// The way back through the changes: one at a time, or all at once.

import { NOTHING_LEFT_OUT, isSameWhatif } from "../../whatif.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */
/** @import {Whatif} from "../../types.js" */

/** So many changes can be undone. */
const MOST = 100;

/** @typedef {ReturnType<typeof keepHistory>} History */

/** @param {Store} store @param {Session} session */
export function keepHistory(store, session) {
  /** @type {Whatif[]} */
  let past = [];
  let now = store.get().whatif;
  let description = store.get().model?.description;

  // Mounted before whoever asks: watchers hear in order.
  store.watch(
    (s) => [s.whatif, s.model?.description],
    ({ whatif, model }) => {
      // Another model or size has other heads and patches.
      if (model?.description !== description) past = [];
      else if (!isSameWhatif(whatif, now)) past = [...past, now].slice(-MOST);
      description = model?.description;
      now = whatif;
    },
  );

  return {
    canUndo: () => past.length > 0,
    undo() {
      const last = past.pop();
      if (!last) return;
      // What is put back is no change to be undone.
      now = last;
      void session.setWhatif(last);
    },
    reset: () => void session.setWhatif(NOTHING_LEFT_OUT),
  };
}
