// Large type without chrome, for a projector, and the page without its controls, for a frame in another page.

import { build, measureZoom } from "./dom.js";

/** @import {Store} from "../state.js" */

/** @param {Document} root @param {Store} store */
export function mountPresenter(root, store) {
  const { dataset } = root.documentElement;
  // Escape leaves, too; a finger has no Escape.
  const leave = build(
    "button",
    {
      type: "button",
      class: "control round leave",
      "data-testid": "leave-presenter",
      "data-i18n-label": "habits.leave-presenter",
    },
    "×",
  );
  leave.addEventListener("click", () =>
    store.set({ presenter: false, controls: true }),
  );
  root.body.append(leave);
  store.watch(
    (s) => [s.presenter, s.controls],
    ({ presenter, controls }) => {
      dataset["presenter"] = presenter ? "on" : "off";
      dataset["controls"] = controls ? "on" : "off";
      leave.hidden = controls && !presenter;
      measureZoom();
    },
  );
  // A narrow window is not enlarged.
  addEventListener("resize", measureZoom);
}

/** @param {Store} store */
export function togglePresenter(store) {
  store.set({ presenter: !store.get().presenter });
}
