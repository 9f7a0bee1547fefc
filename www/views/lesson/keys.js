// Keys of a running lesson: next and back as a projector's remote sends them, and out.

/** @import {Player} from "../../lessons/player.js" */
/** @import {Store} from "../../state.js" */

/** @param {Store} store @param {Player} player */
export function mountLessonKeys(store, player) {
  addEventListener(
    "keydown",
    (event) => {
      const { lesson } = store.get();
      if (!lesson || event.ctrlKey || event.altKey || event.metaKey) return;
      if (document.querySelector("dialog[open]") || isTyping(event)) return;
      const moves = new Map([
        ["PageDown", 1],
        ["n", 1],
        ["PageUp", -1],
        ["b", -1],
      ]);
      const move = moves.get(event.key);
      if (!move) return;
      // Without a lesson these keys change the layer.
      event.preventDefault();
      event.stopPropagation();
      void player.goTo(lesson.at + move);
    },
    { capture: true },
  );
}

/** @param {KeyboardEvent} event */
function isTyping({ target }) {
  return (
    target instanceof HTMLInputElement &&
    ["text", "number"].includes(target.type)
  );
}
