// From a model's bytes in memory to the engine that is ready, and to its first result: each time in a new worker, as for
// a visitor who has just come, and by turns.

import { preparer } from "./contestants.js";
import { median, quantile } from "./statistics.js";

/** @import {Contestant, Effort, Started} from "./types.js" */
/** @import {Laboratory} from "./laboratory.js" */

/** @typedef {{started: Started, first: number}} Load */

/**
 * @param {Laboratory} laboratory
 * @param {Contestant[]} whom
 * @param {string[]} bundles
 * @param {Effort} effort
 */
export async function measureLoads(laboratory, whom, bundles, { runs }) {
  if (whom.length === 0) return [];
  await laboratory.open();
  await laboratory.prepare(preparer(whom[0].model, bundles));
  /** @type {Map<Contestant, Load[]>} */
  const seen = new Map(whom.map((contestant) => [contestant, []]));
  // Round 0 only fills the browser's cache of compiled code.
  for (let round = 0; round <= runs; round++) {
    console.error(`   load · round ${round} of ${runs}`);
    for (const [contestant, loads] of seen) {
      const started = await laboratory.start(contestant);
      if (!started.missing) {
        const first = await laboratory.run(contestant.id);
        if (round > 0) loads.push({ started, first });
      }
      await laboratory.stop(contestant.id);
    }
  }
  return [...seen].filter(([, loads]) => loads.length > 0).map(report);
}

/** @param {[Contestant, Load[]]} seen */
function report([{ model, engine, bundle, dtype }, loads]) {
  const ready = loads.map(({ started }) => started.ready_ms);
  const result = loads.map(
    ({ started, first }) => started.ready_ms + started.input_ms + first,
  );
  const all = loads.map(({ started }, i) => started.start_ms + result[i]);
  return {
    model,
    engine,
    bundle,
    dtype,
    bytes: loads[0].started.bytes,
    start_ms: median(loads.map(({ started }) => started.start_ms)),
    ready_ms: median(ready),
    ready_quartiles_ms: [quantile(ready, 0.25), quantile(ready, 0.75)],
    first_result_ms: median(result),
    all_ms: median(all),
    runs: loads.length,
  };
}
