// The kernels on their own, in each bundle of one thread.

import { preparer } from "./contestants.js";
import { median } from "./statistics.js";

/** @import {Effort, Kernel} from "./types.js" */
/** @import {Laboratory} from "./laboratory.js" */

/** Milliseconds that a kernel runs each time. */
const SPAN = 100;

/**
 * What is measured, at the shapes of ViT-Small and of Swin-Tiny's first stage: rows, numbers a row, outputs; for
 * attention tokens, numbers a head, heads. `tile` is the inner loop of the integer product alone, its peak.
 * @type {Kernel[]}
 */
const KERNELS = [
  { kernel: "tile", shape: [1, 384, 1] },
  { kernel: "product", shape: [197, 384, 1536] },
  { kernel: "product", shape: [197, 1536, 384] },
  { kernel: "product", shape: [3136, 96, 384] },
  { kernel: "attention", shape: [197, 64, 6] },
  { kernel: "gelu", shape: [197, 1, 1536] },
  { kernel: "softmax", shape: [197, 1, 197] },
  { kernel: "layer_norm", shape: [197, 1, 384] },
];

/**
 * Operations a second, medians by turns: multiplications and additions of products, numbers of all else.
 * @param {Laboratory} laboratory
 * @param {string} model any: only the engine that it starts is asked
 * @param {string[]} bundles
 * @param {Effort} effort
 */
export async function measureKernels(laboratory, model, bundles, { runs }) {
  await laboratory.open();
  await laboratory.prepare(preparer(model, bundles));
  const rows = [];
  for (const bundle of bundles.filter((name) => name !== "threads")) {
    const contestant = preparer(model, [bundle]);
    const { id } = contestant;
    await laboratory.start(contestant);
    /** @type {number[][]} */
    const found = KERNELS.map(() => []);
    for (let round = 1; round <= runs; round++) {
      console.error(`   kernels · ${bundle} · round ${round} of ${runs}`);
      for (const [i, kernel] of KERNELS.entries()) {
        found[i].push(await laboratory.kernel(id, kernel, SPAN));
      }
    }
    await laboratory.stop(id);
    for (const [i, kernel] of KERNELS.entries()) {
      rows.push({ bundle, ...kernel, per_s: median(found[i]) });
    }
  }
  return rows;
}
