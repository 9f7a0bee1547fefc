// Which chapters there are behind the tabs, for which family of models, and where their panels come from.

import { later } from "./later.js";
import { keepHistory } from "./whatif/history.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

/**
 * A tab and what lies behind it: its words are `{prefix}.tab-{name}`. Models of both families may have a chapter of
 * one name.
 * @typedef {object} Chapter
 * @property {string} name
 * @property {string[]} families
 * @property {string} prefix
 * @property {() => Promise<HTMLElement[]>} build fetches what makes the panels, and makes them
 */

/**
 * In the order of the tabs; a family begins with its first.
 * @param {Store} store @param {Session} session
 * @returns {Chapter[]}
 */
export function chaptersOf(store, session) {
  // What is changed before anyone has opened what-if can be undone there, too.
  const history = keepHistory(store, session);
  /**
   * @template T
   * @param {Omit<Chapter, "build">} facts
   * @param {() => Promise<T>} fetch @param {(module: T) => HTMLElement[]} panelsOf
   * @returns {Chapter}
   */
  const chapter = (facts, fetch, panelsOf) => {
    const get = later(fetch);
    return { ...facts, build: async () => panelsOf(await get()) };
  };
  const swin = (/** @type {string} */ name) => ({
    name,
    prefix: "swin",
    families: ["swin"],
  });
  const both = (/** @type {string} */ name) => ({
    name,
    prefix: "explain",
    families: ["vit", "swin"],
  });
  return [
    chapter(
      swin("windows"),
      () => Promise.all([import("./swin/roll.js"), import("./swin/mask.js")]),
      ([roll, mask]) => [roll.buildRoll(store, session), mask.buildMask(store)],
    ),
    chapter(
      swin("reach"),
      () => import("./swin/reach.js"),
      (reach) => [reach.buildReach(store, session)],
    ),
    chapter(
      swin("bias"),
      () => import("./swin/bias.js"),
      (bias) => [bias.buildBias(store, session)],
    ),
    chapter(
      swin("cost"),
      () => import("./swin/cost.js"),
      (cost) => [cost.buildCost(store)],
    ),
    chapter(
      swin("merge"),
      () => import("./swin/merge.js"),
      (merge) => [merge.buildMerge(store)],
    ),
    chapter(
      both("heads"),
      () => import("./explain/all-heads.js"),
      (heads) => [heads.buildAllHeads(store, session)],
    ),
    chapter(
      both("rollout"),
      () => import("./explain/rollout.js"),
      (rollout) => [rollout.buildRollout(store, session)],
    ),
    chapter(
      both("distance"),
      () => import("./explain/distance.js"),
      (distance) => [distance.buildDistance(store, session)],
    ),
    chapter(
      { ...both("positions"), families: ["vit"] },
      () => import("./explain/positions.js"),
      (positions) => [positions.buildPositions(store, session)],
    ),
    chapter(
      both("filters"),
      () => import("./explain/filters.js"),
      (filters) => [filters.buildFilters(store, session)],
    ),
    chapter(
      both("lens"),
      () => import("./explain/lens.js"),
      (lens) => [lens.buildLens(store, session)],
    ),
    chapter(
      both("whatif"),
      () => import("./whatif/panel.js"),
      (whatif) => [whatif.buildWhatif(store, session, history)],
    ),
  ];
}
