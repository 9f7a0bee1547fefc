// What the Swin panels share: their frame, redrawing only what is in sight, and the tensors they draw.

import { isQuiet } from "../../errors.js";
import { Latest } from "../../latest.js";
import { build } from "../dom.js";

/** @import {Session} from "../../session.js" */
/** @import {Pattern, State, Store} from "../../state.js" */
/** @import {Layer, Tensor} from "../../types.js" */

/** A title, a remark beside it, and what the panel shows. @param {string} name its title is the text `swin.{name}` */
export function buildPanel(name) {
  const aside = build("p", { class: "aside" });
  const title = build("h2", { "data-i18n": `swin.${name}` });
  const body = build("div", { class: "panel-body" });
  const box = build(
    "section",
    { class: `panel ${name}`, "data-testid": `${name}-panel` },
    build("header", {}, title, aside),
    body,
  );
  return { box, aside, body };
}

/**
 * Calls `draw` when one of the selected values or the width has changed, but only while the panel can be seen.
 * @template {readonly unknown[]} T
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {(state: State) => T} select
 * @param {(state: State) => void} draw
 */
export function watchInSight(box, store, select, draw) {
  let isStale = true;
  let width = 0;
  store.watch(select, (state) => {
    isStale = box.clientWidth === 0;
    if (!isStale) draw(state);
  });
  new ResizeObserver(() => {
    const isResized = box.clientWidth !== width;
    width = box.clientWidth;
    if (width === 0 || !(isResized || isStale)) return;
    isStale = false;
    draw(store.get());
  }).observe(box);
}

/**
 * Hands over the tensors at the sites that the state asks for, by site, whenever those are others or were computed
 * anew; what is drawn before they come finds none at its site.
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {Session} session
 * @param {(state: State) => string[]} sitesOf
 * @param {(tensors: Record<string, Tensor>) => void} take
 */
export function fetchInSight(box, store, session, sitesOf, take) {
  const lane = new Latest();
  let asked = "";
  /** @type {State["result"]} */
  let computed = null;
  watchInSight(
    box,
    store,
    (s) => [s.result, s.model?.description, s.layer, s.step],
    async (state) => {
      const sites = state.result ? sitesOf(state) : [];
      const isSame = sites.join() === asked && state.result === computed;
      if (isSame) return;
      asked = sites.join();
      computed = state.result;
      if (sites.length === 0) {
        lane.abandon();
        take({});
        return;
      }
      try {
        const { tensors } = session.looking;
        const job = () => Promise.all(sites.map((site) => tensors.get(site)));
        const found = await lane.submit(job);
        take(Object.fromEntries(sites.map((site, i) => [site, found[i]])));
      } catch (error) {
        asked = "";
        if (!isQuiet(error)) await session.fail(error, "app");
      }
    },
  );
}

/** The chosen layer, where it attends in windows. @param {State} state */
export function windowedLayer({ model, layer }) {
  const chosen = model?.description.layers[layer];
  return chosen?.windows ? { ...chosen, windows: chosen.windows } : null;
}

/** The chosen layer's attention and windows, once they are there. @param {State} state @returns {Partial<Pattern>} */
export function patternOf({ pattern, layer }) {
  return pattern?.layer === layer ? pattern : {};
}

/** Whether the model shifts the layer's windows, whatever a what-if makes of it. @param {Pick<Layer, "windows">} layer */
export const shifts = ({ windows }) =>
  windows !== null && windows.shift.rows + windows.shift.columns > 0;
