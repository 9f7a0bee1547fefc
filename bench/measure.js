// Forward passes that record nothing: within a model all engines take turns, so that what slows the machine slows all.

import { contestants, preparer, records } from "./contestants.js";
import { measureRecording } from "./recording.js";
import { median, quantile, relativeError } from "./statistics.js";

/** @import {Contestant, Effort, Finished, Started} from "./types.js" */
/** @import {Plan} from "./contestants.js" */
/** @import {Laboratory} from "./laboratory.js" */

/** @typedef {{rows: object[], recording: object[], skipped: string[]}} Measured */

/**
 * One that runs: how it started, what it gave after its warm-up, how long it took each time.
 * @typedef {object} Entrant
 * @property {Contestant} contestant
 * @property {Started} started
 * @property {Finished} finished
 * @property {number[]} times
 */

/**
 * @param {Laboratory} laboratory
 * @param {Plan} plan
 * @param {Effort} effort
 * @param {Measured} to
 */
export async function measureModel(laboratory, plan, effort, to) {
  const { model } = plan;
  await laboratory.open();
  const by = preparer(model, plan.bundles);
  const { sites, operations } = await laboratory.prepare(by);
  /** @type {Entrant[]} */
  const entrants = [];
  for (const contestant of contestants(plan)) {
    const name = `${model} · ${contestant.id}`;
    console.error(`   ${name}: load and warm-up`);
    const started = await laboratory.start(contestant);
    if (started.missing) {
      console.error(`   skipped: ${started.missing}`);
      to.skipped.push(`${name}: ${started.missing}`);
      await laboratory.stop(contestant.id);
      continue;
    }
    await warmUp(laboratory, contestant.id, effort);
    const finished = await laboratory.finish(contestant.id);
    entrants.push({ contestant, started, finished, times: [] });
  }
  for (let round = 1; round <= effort.runs; round++) {
    console.error(`   ${model} · round ${round} of ${effort.runs}`);
    for (const { contestant, times } of entrants) {
      times.push(await laboratory.run(contestant.id));
    }
  }
  to.rows.push(...rowsOf(entrants, operations));
  for (const { contestant } of entrants.filter(records)) {
    console.error(`   ${model} · ${contestant.id}: recording`);
    const measured = await measureRecording(
      laboratory,
      contestant,
      sites,
      effort,
    );
    to.recording.push(...measured);
  }
}

/** Long enough for the browser to have compiled the wasm for good. @param {Laboratory} laboratory @param {string} id @param {Effort} effort */
async function warmUp(laboratory, id, { warmUps, warmUpMs }) {
  let spent = 0;
  for (let i = 0; i < warmUps || spent < warmUpMs; i++) {
    spent += await laboratory.run(id);
  }
}

/** @param {Entrant[]} entrants @param {number} operations multiplications and additions of one pass */
function rowsOf(entrants, operations) {
  const exact = entrants.filter(({ contestant }) => contestant.dtype === "f32");
  const reference =
    exact.find(({ contestant }) => contestant.engine === "ort") ?? exact[0];
  const expected = reference?.finished.logits;
  return entrants.map(({ contestant, started, finished, times }) => {
    const { model, engine, bundle, dtype, threads } = contestant;
    return {
      model,
      engine,
      bundle,
      dtype,
      threads,
      median_ms: median(times),
      quartiles_ms: [quantile(times, 0.25), quantile(times, 0.75)],
      runs: times.length,
      giga_ops_per_s: operations / median(times) / 1e6,
      logits_error: expected ? relativeError(finished.logits, expected) : null,
      memory_loaded_bytes: started.memory,
      memory_peak_bytes: finished.memory,
    };
  });
}
