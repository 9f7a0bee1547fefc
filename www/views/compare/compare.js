// Compare: the menu that brings a second model, and the second half of the page as long as there is one.

import { Comparing } from "../../comparing.js";
import { t, translatePage } from "../../i18n/i18n.js";
import { mountCaption } from "../caption.js";
import { build, fillSelect, find } from "../dom.js";
import { mountHeads } from "../heads.js";
import { mountPredictions } from "../predictions.js";
import { mountSight } from "../sight.js";
import { mountStage } from "../stage.js";
import { mountTokens } from "../tokens.js";
import { mountMeter } from "./meter.js";
import { mountCompareStatus } from "./status.js";
import { buildZone } from "./zone.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */

/** @typedef {{comparing: Comparing, zone: HTMLElement}} Second */

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

  /** @param {string} id */
  function open(id) {
    close();
    const comparing = new Comparing(store, id);
    const zone = buildZone();
    main.append(zone);
    mountSecond(zone, store, comparing);
    translatePage(zone);
    second = { comparing, zone };
    comparing.store.watch(
      (s) => [s.query, s.pointer, s.pinned, s.layer],
      () => comparing.lead((layer) => void session.looking.setLayer(layer)),
    );
    void comparing.start();
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
      else if (result && second?.comparing.id !== compare) open(compare);
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
    (s) => [s.language],
    () => {
      if (second) translatePage(second.zone);
    },
  );
}

/** The views of the first half once more. @param {HTMLElement} zone @param {Store} first @param {Comparing} comparing */
function mountSecond(zone, first, { store, session }) {
  mountStage(zone, store, session);
  mountCaption(zone, store);
  mountSight(zone, store);
  mountTokens(zone, store, session);
  mountHeads(zone, store, session);
  mountPredictions(zone, store);
  mountMeter(zone, first, store);
  mountCompareStatus(zone, store);
}
