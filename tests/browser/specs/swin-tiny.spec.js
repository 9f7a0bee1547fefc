// A Swin of Swin-Tiny's size: it loads and runs in the page, and loading takes little more memory than the file.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantized } from "../support/native.js";
import { writeSwinTiny } from "../support/swin-tiny.js";
import { expect, test } from "../support/test.js";

/** Of the file's size; the project's own bar. */
const MEMORY_BAR = 2.2;

/** @type {string} */
let model = "";

// One after the other, so that the model is made once.
test.describe.configure({ mode: "default" });

test.beforeAll(() => {
  test.setTimeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  try {
    model = quantized(writeSwinTiny(folder), "q8_0");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a Swin of 28 million parameters runs in the page", async ({
  vitrine,
}) => {
  await vitrine.open();
  await vitrine.modelInput.setInputFiles(model);
  await vitrine.settled();
  expect((await vitrine.top()).length).toBeGreaterThanOrEqual(5);
  await expect(
    vitrine.rail.locator("[data-site='layers.3.downsample']"),
  ).toHaveCount(1);
  const pattern = await vitrine.page.evaluate(async () => {
    const page = /** @type {any} */ (window).vitrine;
    const { shape, data } = await page.tensor("layers.0.blocks.1.attn.pattern");
    const row = data.slice(0, 49);
    return {
      shape,
      sum: row.reduce(
        (/** @type {number} */ a, /** @type {number} */ b) => a + b,
        0,
      ),
    };
  });
  expect(pattern.shape).toEqual([64, 3, 49, 49]);
  expect(pattern.sum).toBeCloseTo(1, 4);
});

test("loading takes at most 2.2 times the file in wasm memory", async ({
  page,
  servers,
}) => {
  await page.goto(`${servers.site.origin}/models/manifest.json`);
  const bytes = readFileSync(model);
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    document.body.append(input);
  });
  await page.locator("input").setInputFiles(model);
  const peak = await page.evaluate(async () => {
    const folder = new URL("/pkg/simd/", location.href);
    const wasm = await import(new URL("vitrine.js", folder).href);
    const { memory } = await wasm.default({
      module_or_path: new URL("vitrine_bg.wasm", folder),
    });
    const file = document.querySelector("input")?.files?.[0];
    if (!file) throw new Error("no file");
    const checkpoint = new wasm.Checkpoint(
      JSON.stringify({ format: "gguf", total: file.size, name: "Swin-Tiny" }),
    );
    const reader = file.stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      checkpoint.push(value);
    }
    const engine = checkpoint.finish(undefined);
    const description = JSON.parse(engine.describe());
    return {
      bytes: memory.buffer.byteLength,
      parameters: description.parameters,
    };
  });
  expect(peak.parameters).toBeGreaterThan(28_000_000);
  const share = peak.bytes / bytes.length;
  test.info().annotations.push({
    type: "wasm memory",
    description: `${share.toFixed(2)} times the file`,
  });
  expect(share).toBeLessThanOrEqual(MEMORY_BAR);
});
