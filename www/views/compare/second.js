// The second half of the page: another model's views beside the first's.

import { Comparing } from "../../comparing.js";
import { translatePage } from "../../i18n/i18n.js";
import { mountCaption } from "../caption.js";
import { mountHeads } from "../heads.js";
import { mountPredictions } from "../predictions.js";
import { mountSight } from "../sight.js";
import { mountStage } from "../stage.js";
import { mountTokens } from "../tokens.js";
import { mountMeter } from "./meter.js";
import { mountCompareStatus } from "./status.js";
import { buildZone } from "./zone.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** @typedef {{comparing: Comparing, zone: HTMLElement, drawMeter: () => void}} Second */

/**
 * @param {HTMLElement} main @param {string} id the second model's entry
 * @param {Store} store @param {Session} session the first model's
 * @returns {Second}
 */
export function openSecond(main, id, store, session) {
  const comparing = new Comparing(store, id);
  const zone = buildZone();
  main.append(zone);
  const drawMeter = mountSecond(zone, store, comparing);
  translatePage(zone);
  comparing.store.watch(
    (s) => [s.query, s.pointer, s.pinned, s.layer],
    () => comparing.lead((layer) => void session.looking.setLayer(layer)),
  );
  comparing.store.watch(
    (s) => [s.result === null],
    () => comparing.follow(),
  );
  void comparing.start();
  return { comparing, zone, drawMeter };
}

/** The views of the first half once more. @param {HTMLElement} zone @param {Store} first @param {Comparing} comparing */
function mountSecond(zone, first, { store, session }) {
  mountStage(zone, store, session);
  mountCaption(zone, store);
  mountSight(zone, store);
  mountTokens(zone, store, session);
  mountHeads(zone, store, session);
  mountPredictions(zone, store);
  mountCompareStatus(zone, store);
  return mountMeter(zone, first, store);
}
