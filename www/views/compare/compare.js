// Compare: the menu that brings a second model, and the second half of the page as long as there is one.

import { t, translatePage } from "../../i18n/i18n.js";
import { build, fillSelect, find } from "../dom.js";
import { attempt, later } from "../later.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Second} from "./second.js" */

/** @param {Document} root @param {Store} store @param {Session} session */
export function mountCompare(root, store, session) {
  const main = find(root, "main", HTMLElement);
  const select = build("select", {
    class: "control compare-menu",
    "data-testid": "compare-select",
    "data-i18n-label": "compare.choose",
  });
  find(root, ".model-menu", HTMLElement).after(select);
  select.addEventListener("change", () => store.set({ compare: select.value }));
  const name = build("p", { class: "compare-name", hidden: true });
  find(main, ".stage-frame", HTMLElement).append(name);
  /** @type {Second | null} */
  let second = null;

  function close() {
    second?.comparing.end();
    second?.zone.remove();
    second = null;
  }

  const half = later(() => import("./second.js"));

  /** @param {string} id */
  async function open(id) {
    close();
    const { openSecond } = await half();
    // Meanwhile the visitor may have chosen otherwise.
    if (second || store.get().compare !== id) return;
    second = openSecond(main, id, store, session);
  }

  store.watch(
    (s) => [s.entries, s.compare, s.language, s.model?.source],
    ({ entries, compare }) => {
      fillSelect(
        select,
        [
          ["", t("compare.none")],
          ...entries.map(
            ({ id, title }) =>
              /** @type {[string, string]} */ ([
                id,
                t("compare.with", { title }),
              ]),
          ),
        ],
        compare,
      );
    },
  );
  store.watch(
    (s) => [s.compare, s.entries, s.result === null, s.lesson === null],
    ({ compare, entries, result, lesson }) => {
      const isKnown = entries.some(({ id }) => id === compare);
      // A lesson has the page to itself, and an address can ask for a model that there is not.
      const isVoid = lesson !== null || (entries.length > 0 && !isKnown);
      if (compare && isVoid) {
        store.set({ compare: "" });
        return;
      }
      root.body.toggleAttribute("data-compare", compare !== "");
      name.hidden = compare === "";
      if (compare === "") close();
      else if (result && second?.comparing.id !== compare) {
        void attempt(session, () => open(compare));
      }
    },
  );
  store.watch(
    (s) => [s.model?.description, s.compare],
    ({ model }) => {
      name.textContent = model?.source.title ?? "";
    },
  );
  store.watch(
    (s) => [
      s.model?.description,
      s.photo,
      s.layer,
      s.query,
      s.pointer,
      s.pinned,
      s.language,
      s.theme,
      s.direction,
      s.scale,
      s.smooth,
      s.opacity,
      s.framing,
    ],
    () => second?.comparing.follow(),
  );
  store.watch(
    (s) => [s.model?.description, s.result, s.layer, s.language],
    () => second?.drawMeter(),
  );
  store.watch(
    (s) => [s.language],
    () => {
      if (second) translatePage(second.zone);
    },
  );
}
