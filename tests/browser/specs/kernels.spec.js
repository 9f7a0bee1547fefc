// Every fast kernel against its twin inside each wasm bundle: the checks of `src/kernels/checks`, as the native tests run them.

import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

/** @typedef {{kernel: string, cases: number, worst: number, allowed: number}} Check */

const BUNDLES = ["simd", "relaxed", "threads"];

const SEEDS = [1, 2, 77, 4_000_000_000];

/** What must be among them; those that end in a number's every bit, and those that a bound is given for. */
const EXACT = [
  "product q8_0",
  "product q8_0, gelu",
  "product q8_0, onto",
  "products q8_0 with gelu between",
  "product q4_0",
  "product q4_0, gelu",
  "product q4_0, onto",
  "product f32, batched",
  "attention, nothing kept",
  "four numbers",
  "four numbers as integers",
  "rescaled and transposed",
];
const NEAR = [
  "attention, q k / √d",
  "attention, pattern",
  "attention, mix",
  "gelu",
  "softmax",
  "layer norm",
];

/**
 * The checks in a worker, where a bundle with threads may wait for them.
 * @param {Page} page @param {string} bundle
 */
function checksIn(page, bundle) {
  return page.evaluate(
    ({ name, seeds }) => {
      const { origin } = location;
      const folder = `${origin}/pkg/${name}/`;
      const script = `
        import { Threads } from "${origin}/threads.js";
        const wasm = await import("${folder}vitrine.js");
        const { memory } = await wasm.default({ module_or_path: "${folder}vitrine_bg.wasm" });
        if (wasm.openPool) {
          // More than there are cores here: each kernel is cut into as many parts.
          await new Threads(3, "${folder}vitrine.js").join(wasm, memory);
        }
        for (const seed of ${JSON.stringify(seeds)}) {
          const start = performance.now();
          const checks = JSON.parse(wasm.kernelChecks(seed));
          postMessage({ seed, checks, milliseconds: performance.now() - start });
        }`;
      const blob = new Blob([script], { type: "text/javascript" });
      const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
      /** @type {{seed: number, checks: Check[], milliseconds: number}[]} */
      const found = [];
      return new Promise((resolve, reject) => {
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          if (found.push(data) < seeds.length) return;
          worker.terminate();
          resolve(found);
        };
      });
    },
    { name: bundle, seeds: SEEDS },
  );
}

for (const bundle of BUNDLES) {
  test(`every kernel of bundle ${bundle} keeps to its twin`, async ({
    page,
    servers,
  }) => {
    await page.goto(`${servers.site.origin}/models/manifest.json`);
    const found =
      /** @type {{seed: number, checks: Check[], milliseconds: number}[]} */ (
        await checksIn(page, bundle)
      );
    expect(found.map(({ seed }) => seed)).toEqual(SEEDS);
    for (const { seed, checks } of found) {
      const names = checks.map(({ kernel }) => kernel);
      expect(names.sort()).toEqual([...EXACT, ...NEAR].sort());
      for (const { kernel, cases, worst, allowed } of checks) {
        const what = `${kernel}, seed ${seed}`;
        expect(cases, what).toBeGreaterThan(4);
        // NaN has no place in JSON: it would come as null.
        expect(Number.isFinite(worst), what).toBe(true);
        expect(worst, what).toBeLessThanOrEqual(allowed);
        if (EXACT.includes(kernel)) expect(allowed, what).toBe(0);
        // A bound that is never touched by rounding would say that nothing was computed.
        else expect(worst, what).toBeGreaterThan(allowed / 1000);
      }
    }
    // Other seeds, other shapes and values.
    const errors = found.map(({ checks }) =>
      JSON.stringify(checks.map(({ worst }) => worst)),
    );
    expect(new Set(errors).size).toBe(SEEDS.length);
    test.info().annotations.push({
      type: "milliseconds",
      description: found.map((one) => one.milliseconds.toFixed(0)).join(", "),
    });
  });
}
