// How far the photo on the stage is rolled, and what makes it roll: there in two legs, a while, and back.

import { t } from "../i18n/i18n.js";
import { build, find } from "./dom.js";
import { Glide } from "./motion.js";
import { isShifted, shownCut, stepKind } from "./shown.js";

/** @import {Store} from "../state.js" */

/** A leg is one axis: up, or left. */
const LEG_MS = 300;
const LEGS = 2;
/** How long the rolled map stays, for its windows to be seen. */
const HOLD_MS = 1600;

/** There is one stage, so there is one roll. @type {Glide | null} */
let current = null;

/** @param {Store} store */
function glideOf(store) {
  return (current ??= new Glide(store, "roll"));
}

/** Puts the roll anywhere between the photo as it is (0) and rolled (1). @param {Store} store @param {number} progress */
export function setRoll(store, progress) {
  glideOf(store).stop();
  store.set({ roll: Math.min(1, Math.max(0, progress)), isRolling: false });
}

/** Stops where it is. @param {Store} store */
export function pauseRoll(store) {
  setRoll(store, store.get().roll);
}

/** Rolls from where it is to the end, stays a while and rolls back; a map that is rolled already rolls back. @param {Store} store */
export function playRoll(store) {
  const glide = glideOf(store);
  const begin = store.get().roll;
  const whole = LEGS * LEG_MS;
  store.set({ isRolling: true });
  const back = () => glide.to(0, whole, () => store.set({ isRolling: false }));
  if (begin === 1) back();
  else glide.to(1, whole * (1 - begin), () => glide.wait(HOLD_MS, back));
}

/** The button below the stage, where there is something to roll. @param {ParentNode} root @param {Store} store */
export function mountRoll(root, store) {
  const button = build("button", {
    type: "button",
    class: "control roll-play",
    "data-testid": "roll-play",
  });
  find(root, ".caption", HTMLElement).append(button);
  button.addEventListener("click", () => {
    if (store.get().isRolling) pauseRoll(store);
    else playRoll(store);
  });
  store.watch(
    (s) => [
      s.model?.description,
      s.pattern,
      s.layer,
      s.step,
      s.isRolling,
      s.language,
    ],
    (state) => {
      button.hidden =
        stepKind(state) !== "windows" || !isShifted(shownCut(state));
      const key = state.isRolling ? "roll.stop" : "roll.play";
      button.textContent = t(key);
      button.title = t("roll.about");
    },
  );
  // Another block, photo or step begins with the photo as it is.
  store.watch(
    (s) => [s.model?.description, s.layer, s.photo, s.step, s.whatif],
    ({ roll, isRolling }) => {
      if (roll > 0 || isRolling) setRoll(store, 0);
    },
  );
}
