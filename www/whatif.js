// What if: what the visitor changes about a pass, as the page keeps it, as the engine is told, as an address says it.

import { uniform } from "./random.js";
import { hasWindows } from "./windows.js";

/** @import {Description, Grid, Whatif} from "./types.js" */

/** @type {Whatif} */
export const NOTHING_LEFT_OUT = Object.freeze({
  noShift: false,
  noMask: false,
  noBias: false,
  heads: Object.freeze([]),
  hidden: Object.freeze([]),
  shuffle: 0,
  positions: 1,
});

/** The most that a position embedding is multiplied by. */
export const MOST_POSITIONS = 2;

/** @param {Whatif} a @param {Whatif} b */
export function isSameWhatif(a, b) {
  return (
    a === b ||
    (a.noShift === b.noShift &&
      a.noMask === b.noMask &&
      a.noBias === b.noBias &&
      a.shuffle === b.shuffle &&
      a.positions === b.positions &&
      String(a.heads) === String(b.heads) &&
      String(a.hidden) === String(b.hidden))
  );
}

/** Whether anything is changed. @param {Whatif} whatif */
export function isChanged(whatif) {
  return !isSameWhatif(whatif, NOTHING_LEFT_OUT);
}

/** @param {Grid} grid */
export const patchCount = ({ rows, columns }) => rows * columns;

/** Whether a model adds position embeddings. @param {Description} description */
export const hasPositions = ({ family }) => family === "vit";

/** @param {Whatif} whatif @param {number} layer @param {number} head */
export function isHeadOff({ heads }, layer, head) {
  return heads.some(([one, other]) => one === layer && other === head);
}

/**
 * The heads, some of a layer switched off or on again; in order, so that one choice has one address.
 * @param {Whatif} whatif @param {number} layer @param {number[]} chosen @param {boolean} isOff
 */
export function withHeads({ heads }, layer, chosen, isOff) {
  const rest = heads.filter(
    ([one, head]) => one !== layer || !chosen.includes(head),
  );
  const added = chosen.map((head) => /** @type {const} */ ([layer, head]));
  return [...rest, ...(isOff ? added : [])].sort(
    ([a, b], [c, d]) => a - c || b - d,
  );
}

/** Some patches hidden, or shown again. @param {readonly number[]} hidden @param {number[]} patches @param {boolean} isHidden */
export function withHidden(hidden, patches, isHidden) {
  const all = new Set(hidden);
  for (const patch of patches) {
    if (isHidden) all.add(patch);
    else all.delete(patch);
  }
  return [...all].sort((a, b) => a - b);
}

/**
 * What of it can hold in a model: what was chosen for another model's heads and patches says nothing here.
 * @param {Whatif} whatif @param {Description | null} from the model it was chosen for, if there was one @param {Description} to
 * @returns {Whatif}
 */
export function carryWhatif(whatif, from, to) {
  const { layers, grid } = to;
  const shapeOf = (/** @type {Description} */ one) =>
    one.layers.map(({ heads }) => heads).join();
  const isAlike = from === null || shapeOf(from) === shapeOf(to);
  const isSameGrid = from === null || String(sides(from)) === String(sides(to));
  const isWindowed = hasWindows(to);
  const carried = {
    noShift: isWindowed && whatif.noShift,
    noMask: isWindowed && whatif.noMask,
    noBias: isWindowed && whatif.noBias,
    heads: isAlike
      ? whatif.heads.filter(([layer, head]) => head < layers[layer]?.heads)
      : [],
    hidden: isSameGrid
      ? whatif.hidden.filter((patch) => patch < patchCount(grid))
      : [],
    shuffle: whatif.shuffle,
    positions: hasPositions(to) ? whatif.positions : 1,
  };
  return isSameWhatif(carried, whatif) ? whatif : carried;
}

/** @param {Description} description */
const sides = ({ grid }) => [grid.rows, grid.columns];

/**
 * Which patch stands in each place once they are shuffled: the same for the same seed (Fisher and Yates's shuffle).
 * @param {number} count @param {number} seed
 */
export function shuffled(count, seed) {
  const order = Array.from({ length: count }, (_, i) => i);
  const next = uniform(seed);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** `explain::Changes` as JSON; empty for the model as it is. @param {Whatif} whatif @param {Grid} grid */
export function changesOf(whatif, grid) {
  if (!isChanged(whatif)) return "";
  const { noShift, noMask, noBias, heads, hidden, shuffle, positions } = whatif;
  return JSON.stringify({
    no_shift: noShift,
    no_mask: noMask,
    no_bias: noBias,
    heads,
    hidden,
    order: shuffle ? shuffled(patchCount(grid), shuffle) : [],
    positions,
  });
}

// ---- in an address, counted from 0 as all there

/** "without=shift,bias&off=3.1&hidden=0-13,20&shuffle=1&positions=0" @param {URLSearchParams} fields @param {Whatif} whatif */
export function writeWhatif(fields, whatif) {
  const { noShift, noMask, noBias, heads, hidden, shuffle, positions } = whatif;
  const words = [noShift && "shift", noMask && "mask", noBias && "bias"];
  const without = words.filter(Boolean).join(",");
  if (without) fields.set("without", without);
  if (heads.length > 0) {
    fields.set("off", heads.map((one) => one.join(".")).join(","));
  }
  if (hidden.length > 0) fields.set("hidden", runsOf(hidden));
  if (shuffle) fields.set("shuffle", String(shuffle));
  if (positions !== 1) fields.set("positions", String(positions));
}

/** Null where an address changes nothing. @param {URLSearchParams} fields @returns {Whatif | null} */
export function readWhatif(fields) {
  const words = (fields.get("without") ?? "").split(",");
  const positions = Number(fields.get("positions") ?? 1);
  const shuffle = fields.get("shuffle") ?? "";
  const whatif = {
    noShift: words.includes("shift"),
    noMask: words.includes("mask"),
    noBias: words.includes("bias"),
    heads: headsIn(fields.get("off") ?? ""),
    hidden: patchesIn(fields.get("hidden") ?? ""),
    shuffle: /^\d{1,9}$/.test(shuffle) ? Number(shuffle) : 0,
    positions: positions >= 0 && positions <= MOST_POSITIONS ? positions : 1,
  };
  return isChanged(whatif) ? whatif : null;
}

/** @param {string} text */
function headsIn(text) {
  /** @type {Whatif["heads"]} */
  let heads = [];
  for (const [, layer, head] of text.matchAll(/\b(\d{1,3})\.(\d{1,3})\b/g)) {
    const whatif = { ...NOTHING_LEFT_OUT, heads };
    heads = withHeads(whatif, Number(layer), [Number(head)], true);
  }
  return heads;
}

/** "0-2,7" @param {readonly number[]} numbers in order */
function runsOf(numbers) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))
    .join(",");
}

/** The most patches that are read from an address: those of Swin-Tiny at 1024 x 1024, half as many again. */
const MOST_PATCHES = 100_000;

/** @param {string} text */
function patchesIn(text) {
  /** @type {Set<number>} */
  const patches = new Set();
  let read = 0;
  for (const [, from, to] of text.matchAll(/\b(\d{1,5})(?:-(\d{1,5}))?\b/g)) {
    for (let patch = Number(from); patch <= Number(to ?? from); patch++) {
      if (++read > MOST_PATCHES) return [...patches].sort((a, b) => a - b);
      patches.add(patch);
    }
  }
  return [...patches].sort((a, b) => a - b);
}
