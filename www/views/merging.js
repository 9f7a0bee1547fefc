// At a merge the fine map grows into the coarse one, once, when the step is reached.

import { Glide } from "./motion.js";
import { stepKind } from "./shown.js";

/** @import {Store} from "../state.js" */

/** The fine map is to be seen first. */
const BEFORE_MS = 500;
const DURATION_MS = 300;

/** @param {Store} store */
export function mountMerging(store) {
  const glide = new Glide(store, "merged");
  store.watch(
    (s) => [s.model?.description, s.step],
    (state) => {
      glide.stop();
      if (stepKind(state) !== "merge") return;
      store.set({ merged: 0 });
      const grow = () => glide.to(1, DURATION_MS);
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (isStill) grow();
      else glide.wait(BEFORE_MS, grow);
    },
  );
}
