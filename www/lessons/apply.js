// Puts the page as a lesson's step wants it: model, photo, what-if, step of the rail, head, query and the rest.

import { findStep, layerOfSite, leafSteps } from "../state.js";
import { playRoll, setRoll } from "../views/roll.js";
import { wordOf } from "../views/words.js";
import { carryWhatif, isSameWhatif } from "../whatif.js";
import { whatifOf } from "./whatif-words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Description, Query} from "../types.js" */
/** @import {Settings} from "./settings.js" */

/**
 * @param {Store} store @param {Session} session
 * @param {Settings} settings
 * @param {{withPhoto: boolean, isCurrent: () => boolean}} how without the photo the visitor's own stays; what is no
 *   longer current stops where it is
 */
export async function applySettings(store, session, settings, how) {
  const { looking } = session;
  const { model, photo, whatif } = settings;
  if (model && model !== store.get().model?.source.id) {
    await session.choosing.entry(model);
    if (!how.isCurrent()) return;
  }
  if (how.withPhoto && photo && photo !== store.get().photo?.sample) {
    await session.openSample(photo);
    if (!how.isCurrent()) return;
  }
  const description = store.get().model?.description;
  if (!description) return;
  const asked = whatifOf(whatif ?? [], description);
  const changed = carryWhatif(asked, null, description);
  if (!isSameWhatif(changed, store.get().whatif)) {
    await session.setWhatif(changed);
    if (!how.isCurrent()) return;
  }
  const layer = layerIndex(description, settings.layer);
  const site = siteOf(description, layer, settings.step ?? "softmax");
  if (site) await looking.chooseStep(site);
  // A step outside all blocks leaves the layer as it is: the heads follow the lesson all the same.
  if (store.get().layer !== layer && layerOfSite(description, site ?? "") < 0) {
    store.set({ layer });
    await looking.fetchPattern();
  }
  if (!how.isCurrent()) return;
  looking.setHead(
    Math.min(settings.head ?? 1, headsOf(description, layer)) - 1,
  );
  looking.pin(queryOf(description, settings.query));
  const { direction, scale, smooth, opacity, framing, panel } = settings;
  /** @type {Partial<State>} */
  const rest = { direction, scale, smooth, opacity, framing, grown: 1 };
  store.set({ ...rest, tint: settings.windows ?? null });
  // After the step, which turns to a panel of its own.
  await Promise.resolve();
  if (panel) store.set({ panel });
  // Whoever watches the step puts the roll back first.
  await Promise.resolve();
  if (settings.roll === "play") playRoll(store);
  else setRoll(store, settings.roll ?? 0);
}

/** @param {Description} description @param {number} layer */
const headsOf = (description, layer) => description.layers[layer]?.heads ?? 1;

/** @param {Description} description @param {Settings["layer"]} wanted */
function layerIndex({ layers }, wanted) {
  const last = layers.length - 1;
  const shifted = layers.findIndex(
    ({ windows }) => (windows?.shift.rows ?? 0) + (windows?.shift.columns ?? 0),
  );
  if (wanted === "first") return 0;
  if (wanted === "last") return last;
  // As a fresh page: the first that shifts its windows, else the last.
  if (wanted === "shifted" || wanted === undefined) {
    return shifted < 0 ? last : shifted;
  }
  return Math.min(wanted - 1, last);
}

/** A site by its name or by its word: in the layer where it is there, else anywhere. @param {Description} description @param {number} layer @param {string} step */
function siteOf(description, layer, step) {
  if (findStep(description, step)) return step;
  const all = leafSteps(description.steps);
  const own = all.filter(
    ({ site }) => layerOfSite(description, site) === layer,
  );
  const outer = all.filter(({ site }) => layerOfSite(description, site) < 0);
  const found = [...own, ...outer].find((one) => wordOf(one) === step);
  // A block without a mask: its windows tell why.
  const instead = step === "mask" ? "windows" : "softmax";
  return (found ?? own.find((one) => wordOf(one) === instead))?.site ?? null;
}

/** @param {Description} description @param {Settings["query"]} wanted @returns {Query} */
function queryOf({ grid, prefix }, wanted) {
  const { rows, columns } = grid;
  if (Array.isArray(wanted)) {
    return {
      kind: "patch",
      row: within(wanted[0], rows),
      column: within(wanted[1], columns),
    };
  }
  if (wanted !== "middle" && prefix.length > 0) {
    return { kind: "prefix", index: 0 };
  }
  return { kind: "patch", row: rows >> 1, column: columns >> 1 };
}

/** -1 is the last one. @param {number} at @param {number} count */
function within(at, count) {
  const place = at < 0 ? count + at : at;
  return Math.min(count - 1, Math.max(0, place));
}
