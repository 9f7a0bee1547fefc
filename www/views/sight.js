// "What this patch can see": how many patches share its window, which of them the mask hides, and the windows' colours.

import { formatNumber, t } from "../i18n/i18n.js";
import { build, find } from "./dom.js";
import {
  isTinted,
  layerInView,
  shownKeys,
  shownSight,
  stepKind,
} from "./shown.js";

/** @import {Store} from "../state.js" */

/** @param {ParentNode} root @param {Store} store */
export function mountSight(root, store) {
  const list = build("ul", { class: "sight", "data-testid": "sight" });
  find(root, ".second-line", HTMLElement).prepend(list);
  const toggle = build(
    "button",
    {
      type: "button",
      class: "control windows-toggle",
      "data-testid": "windows-toggle",
    },
    "▦",
  );
  find(root, ".caption", HTMLElement).append(toggle);
  toggle.addEventListener("click", () =>
    store.set({ tint: !isTinted(store.get()) }),
  );

  store.watch(
    (s) => [...shownKeys(s), s.layer, s.step, s.language],
    (state) => {
      const sight = shownSight(state);
      list.hidden = !sight;
      list.setAttribute("aria-label", t("sight.title"));
      list.title = t("sight.title");
      if (!sight) return;
      const { seen, masked, elsewhere, padding } = sight;
      const lines = [
        item("seen", seen),
        item("masked", masked),
        item("other", elsewhere),
      ];
      if (padding > 0) lines.push(item("padding", padding));
      list.replaceChildren(...lines);
    },
  );
  store.watch(
    (s) => [s.model?.description, s.layer, s.step, s.tint, s.language],
    (state) => {
      toggle.hidden = !layerInView(state)?.windows;
      toggle.disabled = stepKind(state) === "merge";
      toggle.title = t("sight.tint");
      toggle.setAttribute("aria-label", t("sight.tint"));
      toggle.setAttribute("aria-pressed", String(isTinted(state)));
    },
  );
}

/** @param {"seen" | "masked" | "other" | "padding"} kind @param {number} count */
function item(kind, count) {
  return build(
    "li",
    { "data-kind": kind, "data-count": count, title: t(`sight.about-${kind}`) },
    build("span", { class: `key ${kind}`, "aria-hidden": "true" }),
    t(`sight.${kind}`),
    build("span", { class: "number" }, formatNumber(count)),
  );
}
