// What it costs to record: passes of one engine that record more and less, in turn. Apart from the race of all engines,
// because a pass that follows one of the same worker finds its weights in the caches.

import { median } from "./statistics.js";

/** @import {Contestant, Effort} from "./types.js" */
/** @import {Laboratory} from "./laboratory.js" */

/**
 * What is recorded, by name. `everything` also holds what attention and MLP add to the residual stream.
 * @param {string[]} sites all that the model has
 * @returns {Record<string, string[]>}
 */
const recordings = (sites) => ({
  nothing: [],
  patterns_and_blocks: [
    "*.attn.pattern",
    ...sites.filter((site) => /(^|\.)blocks\.\d+\.out$/.test(site)),
  ],
  everything: ["*.attn.pattern", "*.out"],
});

/**
 * @param {Laboratory} laboratory
 * @param {Contestant} contestant that has started
 * @param {string[]} sites
 * @param {Effort} effort
 */
export async function measureRecording(laboratory, contestant, sites, effort) {
  const { id, model, bundle, dtype } = contestant;
  const turns = Object.entries(recordings(sites)).map(([name, wanted]) => ({
    name,
    wanted,
    /** @type {number[]} */
    times: [],
  }));
  for (let round = -effort.warmUps; round < effort.runs; round++) {
    for (const { wanted, times } of turns) {
      const time = await laboratory.run(id, wanted);
      if (round >= 0) times.push(time);
    }
  }
  const [plain, ...recording] = turns;
  const nothing_ms = median(plain.times);
  return recording.map(({ name, times }) => {
    const median_ms = median(times);
    const ratio = median_ms / nothing_ms;
    return { model, bundle, dtype, sites: name, nothing_ms, median_ms, ratio };
  });
}
