// What all panels share: their frame, redrawing only what is in sight, and the tensors and answers that they draw.

import { CRASHED, asVitrineError, isQuiet } from "../errors.js";
import { Latest } from "../latest.js";
import { build } from "./dom.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Question, Tensor} from "../types.js" */

/**
 * A title, a remark beside it, and what the panel shows.
 * @param {string} name its title is the text `{prefix}.{name}` @param {string} prefix
 */
export function buildPanel(name, prefix) {
  const aside = build("p", { class: "aside" });
  const title = build("h2", { "data-i18n": `${prefix}.${name}` });
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
    // By the width that was last heard of: to ask for it would lay out the page, for each panel at each move.
    isStale = box.closest("[hidden]") !== null || width === 0;
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

/** Several changes in one frame are drawn once, and a hidden page draws nothing. @param {() => void} draw */
export function onceAFrame(draw) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      draw();
    });
  };
}

/**
 * Says what went wrong with a question about a result. Where another model or photo has come meanwhile, the question has
 * no answer and nobody waits for one; a crash is always said.
 * @param {Session} session @param {State["result"]} asked @param {unknown} error
 */
export async function failFor(session, asked, error) {
  const isOver = session.store.get().result !== asked;
  const isCrash = asVitrineError(error).code === CRASHED;
  if (isQuiet(error) || (isOver && !isCrash)) return;
  await session.fail(error, "app");
}

/**
 * Hands over what `fetch` finds for the things asked for, whenever those are others or the model has run again;
 * null while nothing is to be asked for.
 * @template T, U
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {Session} session
 * @param {{select: (state: State) => readonly unknown[], wish: (state: State) => T | null, fetch: (wish: T) => Promise<U>, take: (found: U | null, wish: T | null) => void}} job
 */
function askInSight(box, store, session, { select, wish, fetch, take }) {
  const lane = new Latest();
  let asked = "";
  /** @type {State["result"]} */
  let computed = null;
  watchInSight(
    box,
    store,
    (s) => [s.result, s.model?.description, ...select(s)],
    async (state) => {
      const wanted = state.result ? wish(state) : null;
      const key = JSON.stringify(wanted);
      if (key === asked && state.result === computed) return;
      asked = key;
      computed = state.result;
      if (wanted === null) {
        lane.abandon();
        take(null, null);
        return;
      }
      try {
        take(await lane.submit(() => fetch(wanted)), wanted);
      } catch (error) {
        await failFor(session, state.result, error);
      }
    },
  );
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
  const { tensors } = session.looking;
  askInSight(box, store, session, {
    select: (s) => [s.layer, s.step],
    wish: (state) => {
      const sites = sitesOf(state);
      return sites.length > 0 ? sites : null;
    },
    fetch: (sites) => Promise.all(sites.map((site) => tensors.get(site))),
    take: (found, sites) =>
      take(
        Object.fromEntries(
          (sites ?? []).map((site, i) => [site, (found ?? [])[i]]),
        ),
      ),
  });
}

/**
 * Hands over all these tensors together, by one pass of the model.
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {Session} session
 * @param {(state: State) => string[] | null} sitesOf
 * @param {(tensors: Tensor[] | null) => void} take
 */
export function fetchTogether(box, store, session, sitesOf, take) {
  askInSight(box, store, session, {
    select: () => [],
    wish: sitesOf,
    fetch: (sites) => session.engine.tensors(sites),
    take,
  });
}

/**
 * Hands over the engine's answer to the question that the state raises.
 * @template {Question} T
 * @param {HTMLElement} box
 * @param {Store} store
 * @param {Session} session
 * @param {(state: State) => readonly unknown[]} select what the question follows from
 * @param {(state: State) => T | null} questionOf
 * @param {(answer: import("../types.js").Answer<T> | null, question: T | null) => void} take
 */
export function deriveInSight(box, store, session, select, questionOf, take) {
  askInSight(box, store, session, {
    select,
    wish: questionOf,
    fetch: (question) => session.engine.derive(question),
    take,
  });
}
