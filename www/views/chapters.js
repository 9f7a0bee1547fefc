// Which chapters there are behind the tabs, for which family of models, and where their panels come from.

import { later } from "./later.js";
import { keepHistory } from "./whatif/history.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */
/** @import {History} from "./whatif/history.js" */

/**
 * A tab and what lies behind it: its words are `{prefix}.tab-{name}`. Models of both families may have a chapter of
 * one name.
 * @typedef {object} Chapter
 * @property {string} name
 * @property {string[]} families
 * @property {string} prefix
 * @property {() => Promise<HTMLElement[]>} build fetches what makes the panels, and makes them
 */

/** Makes a panel. @typedef {(store: Store, session: Session, history: History) => HTMLElement} Build */

/** @typedef {Omit<Chapter, "build"> & {from: () => Promise<Build>[]}} Source a chapter, and the modules of its panels */

const ofSwin = { prefix: "swin", families: ["swin"] };
const ofVit = { prefix: "explain", families: ["vit"] };
const ofBoth = { prefix: "explain", families: ["vit", "swin"] };

/** In the order of the tabs; a family begins with its first. @type {Source[]} */
const CHAPTERS = [
  {
    ...ofSwin,
    name: "windows",
    from: () => [
      import("./swin/roll.js").then((m) => m.buildRoll),
      import("./swin/mask.js").then((m) => m.buildMask),
    ],
  },
  {
    ...ofSwin,
    name: "reach",
    from: () => [import("./swin/reach.js").then((m) => m.buildReach)],
  },
  {
    ...ofSwin,
    name: "bias",
    from: () => [import("./swin/bias.js").then((m) => m.buildBias)],
  },
  {
    ...ofSwin,
    name: "cost",
    from: () => [import("./swin/cost.js").then((m) => m.buildCost)],
  },
  {
    ...ofSwin,
    name: "merge",
    from: () => [import("./swin/merge.js").then((m) => m.buildMerge)],
  },
  {
    ...ofBoth,
    name: "heads",
    from: () => [import("./explain/all-heads.js").then((m) => m.buildAllHeads)],
  },
  {
    ...ofBoth,
    name: "rollout",
    from: () => [import("./explain/rollout.js").then((m) => m.buildRollout)],
  },
  {
    ...ofBoth,
    name: "distance",
    from: () => [import("./explain/distance.js").then((m) => m.buildDistance)],
  },
  {
    ...ofVit,
    name: "positions",
    from: () => [
      import("./explain/positions.js").then((m) => m.buildPositions),
    ],
  },
  {
    ...ofBoth,
    name: "filters",
    from: () => [import("./explain/filters.js").then((m) => m.buildFilters)],
  },
  {
    ...ofBoth,
    name: "lens",
    from: () => [import("./explain/lens.js").then((m) => m.buildLens)],
  },
  {
    ...ofBoth,
    name: "whatif",
    from: () => [import("./whatif/panel.js").then((m) => m.buildWhatif)],
  },
];

/** @param {Store} store @param {Session} session @returns {Chapter[]} */
export function chaptersOf(store, session) {
  // What is changed before anyone has opened what-if can be undone there, too.
  const history = keepHistory(store, session);
  return CHAPTERS.map(({ from, ...facts }) => {
    const get = later(() => Promise.all(from()));
    const panels = async () =>
      (await get()).map((build) => build(store, session, history));
    return { ...facts, build: panels };
  });
}
