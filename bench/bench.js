// Measures Vitrine and its peers in headless Chromium, in turn; prints one JSON object on stdout. `cargo xtask bench`
// makes what it needs and runs it:
//
//   node bench.js --models FOLDER [--model deit_tiny ...] [--engine vitrine ...] [--runs 11] [--quick]

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { launchOptions } from "../tests/browser/support/chromium.js";
import { PKG } from "../tests/browser/support/paths.js";
import { loaders } from "./contestants.js";
import { measureKernels } from "./kernels.js";
import { Laboratory } from "./laboratory.js";
import { measureLoads } from "./load.js";
import { describeMachine, loadAverage } from "./machine.js";
import { measureModel } from "./measure.js";
import { startServer } from "./server.js";

const { values } = parseArgs({
  options: {
    models: { type: "string" },
    model: { type: "string", multiple: true, default: [] },
    engine: { type: "string", multiple: true, default: [] },
    runs: { type: "string", default: "11" },
    quick: { type: "boolean", default: false },
  },
});
const folder = values.models;
if (!folder) throw new Error("--models names no folder");
const bundles = ["simd", "relaxed", "threads"].filter((name) =>
  existsSync(join(PKG, name, "vitrine_bg.wasm")),
);
if (bundles.length === 0) throw new Error("there is no bundle in pkg/");

const before = loadAverage();
const server = await startServer(folder);
const browser = await chromium.launch(launchOptions());
const machine = describeMachine(browser.version());
/** @type {import("./types.js").Effort} */
const effort = values.quick
  ? { runs: 3, warmUps: 2, warmUpMs: 0 }
  : { runs: Number(values.runs), warmUps: 2, warmUpMs: 1500 };
const engines = values.engine ?? [];
const laboratory = new Laboratory(browser, server.origin);

/** @type {import("./measure.js").Measured} */
const measured = { rows: [], recording: [], skipped: [] };
const models = values.model ?? [];
for (const model of models) {
  const plan = { model, engines, bundles, cores: machine.cores };
  await measureModel(laboratory, plan, effort, measured);
}
const whom = loaders(models, engines, bundles);
const load = await measureLoads(laboratory, whom, bundles, effort);
const kernels = engines.includes("vitrine")
  ? await measureKernels(laboratory, models[0], bundles, effort)
  : [];
await browser.close();
server.stop();

const load_average = { before, after: loadAverage() };
const report = {
  ...measured,
  load,
  kernels,
  machine: { ...machine, load_average, quick: values.quick },
};
process.stdout.write(`${JSON.stringify(report)}\n`);
