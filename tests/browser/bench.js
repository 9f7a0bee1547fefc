// Measures Vitrine's forward pass in headless Chromium; prints {"rows": [...]} on stdout. `cargo xtask bench` runs it.
//
//   node bench.js --bundle simd [--bundle ...] [--model FILE.gguf] [--model FILE.safetensors] ...

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";
import { FaultyServer } from "./support/faulty-server.js";
import { embeddedModels } from "./support/models.js";
import { startServers } from "./support/site-server.js";

/**
 * One model in one dtype.
 * @typedef {object} Job
 * @property {string} model its name in the table
 * @property {string} path
 * @property {object} options for `Checkpoint`, without `total`
 */

/**
 * @typedef {object} Measured
 * @property {string} dtype
 * @property {number} median_ms
 * @property {number} record_all_ms
 * @property {number} load_ms
 */

/** A file from disk, in each dtype that it is to be measured in. @param {string} path @returns {Job[]} */
function jobsOfFile(path) {
  const gguf = path.endsWith(".gguf");
  const folder = dirname(path);
  const model = gguf
    ? basename(path, ".gguf")
    : `${basename(folder)}/${basename(path)}`;
  const textOf = (/** @type {string} */ name) =>
    existsSync(join(folder, name))
      ? readFileSync(join(folder, name), "utf8")
      : null;
  const dtypes = gguf ? ["q8_0"] : ["q8_0", "f32"];
  return dtypes.map((dtype) => ({
    model,
    path,
    options: {
      format: gguf ? "gguf" : "safetensors",
      config: gguf ? null : textOf("config.json"),
      preprocessor: gguf ? null : textOf("preprocessor_config.json"),
      dtype,
      sha256: null,
      name: model,
    },
  }));
}

/**
 * Runs in the page: loads the model, gives it a picture of its own size, and takes medians.
 * @param {{bundle: string, address: string, options: object}} job
 * @returns {Promise<Measured>}
 */
async function measureInPage({ bundle, address, options }) {
  const RUNS = 15;
  const LOADS = 3;
  /** Long enough for the browser to have compiled the wasm for good. */
  const WARM_UP_MS = 2000;

  const folder = new URL(`/pkg/${bundle}/`, location.href);
  const wasm = await import(new URL("vitrine.js", folder).href);
  await wasm.default({ module_or_path: new URL("vitrine_bg.wasm", folder) });
  const response = await fetch(address);
  const bytes = new Uint8Array(await response.arrayBuffer());

  const load = () => {
    const total = bytes.length;
    const text = JSON.stringify({ ...options, total });
    const checkpoint = new wasm.Checkpoint(text);
    for (let at = 0; at < total; at += 1 << 18) {
      checkpoint.push(bytes.subarray(at, at + (1 << 18)));
    }
    return checkpoint.finish(undefined);
  };
  const timed = (/** @type {() => unknown} */ work) => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const median = (/** @type {number[]} */ times) =>
    times.sort((a, b) => a - b)[times.length >> 1];

  let engine = load();
  const loads = [];
  for (let i = 0; i < LOADS; i++) {
    engine.free();
    loads.push(timed(() => (engine = load())));
  }
  const description = JSON.parse(engine.describe());
  const { width, height } = description.input;
  const pixels = new Uint8Array(4 * width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 2654435761) >>> 24;
  engine.photoBegin(width, height);
  engine.photoRows(pixels);
  engine.photoEnd();

  const medianOf = (/** @type {string[]} */ sites) => {
    const begin = performance.now();
    while (performance.now() - begin < WARM_UP_MS) engine.run(sites);
    const times = Array.from({ length: RUNS }, () =>
      timed(() => engine.run(sites)),
    );
    return median(times);
  };
  const measured = {
    dtype: description.dtype,
    median_ms: medianOf([]),
    record_all_ms: medianOf(["*.attn.pattern"]),
    load_ms: median(loads),
  };
  engine.free();
  return measured;
}

const { values } = parseArgs({
  options: {
    bundle: { type: "string", multiple: true, default: ["simd"] },
    model: { type: "string", multiple: true, default: [] },
  },
});
const paths = [
  ...embeddedModels().map(({ path }) => path),
  ...(values.model ?? []),
];
const jobs = paths.flatMap(jobsOfFile);
const servers = await startServers();
const files = await new FaultyServer(
  (path) => {
    const job = jobs[Number(path.slice(1))];
    return job ? { body: readFileSync(job.path) } : null;
  },
  { "Access-Control-Allow-Origin": "*" },
).start();
const browser = await chromium.launch(launchOptions());
const rows = [];
for (const [index, { model, options }] of jobs.entries()) {
  for (const bundle of values.bundle ?? []) {
    console.error(`   ${model} · ${bundle}`);
    const page = await browser.newPage();
    // Any document of the site does: what is measured is the engine, not the page.
    await page.goto(`${servers.site.origin}/models/manifest.json`);
    const address = `${files.origin}/${index}`;
    const job = { bundle, address, options };
    const measured = await page.evaluate(measureInPage, job);
    rows.push({ model, engine: "vitrine", bundle, threads: 1, ...measured });
    await page.close();
  }
}
await browser.close();
files.stop();
servers.stop();
process.stdout.write(`${JSON.stringify({ rows })}\n`);
