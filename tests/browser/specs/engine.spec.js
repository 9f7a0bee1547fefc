// The wasm engine alone, without the page: what the native engine computes for every fixture, it computes too.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIXTURE_NAMES, fixture } from "../support/models.js";
import { VITRINE } from "../support/paths.js";
import { gradient } from "../support/photos.js";
import { readSafetensors } from "../support/safetensors.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

/** With threads it is one thread here: the page's own may not wait for others. */
const BUNDLES = ["simd", "relaxed", "threads"];

/** @param {string} name @param {Buffer} photo */
function traced(name, photo) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  try {
    const [image, out] = [join(folder, "photo.png"), join(folder, "t.st")];
    writeFileSync(image, photo);
    execFileSync(VITRINE, [
      ...["trace", "--model", fixture(name).weights, "--image", image],
      ...["--out", out, "--sites", "*.attn.pattern,logits"],
    ]);
    return readSafetensors(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Loads a checkpoint in the page and runs it on a photo.
 * @param {Page} page
 * @param {{bundle: string, weights: string, config: string, preprocessor: string | null, photo: string, sites: string[]}} job weights and photo in base64
 */
function runInPage(page, job) {
  return page.evaluate(async (given) => {
    const { bundle, weights, config, preprocessor, photo, sites } = given;
    const folder = new URL(`/pkg/${bundle}/`, location.href);
    const wasm = await import(new URL("vitrine.js", folder).href);
    await wasm.default({ module_or_path: new URL("vitrine_bg.wasm", folder) });
    const bytesOf = (/** @type {string} */ text) =>
      Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const bytes = bytesOf(weights);
    const checkpoint = new wasm.Checkpoint(
      JSON.stringify({
        ...{ format: "safetensors", total: bytes.length, config },
        ...{ preprocessor, dtype: "f32", sha256: null, name: "fixture" },
      }),
    );
    // In odd pieces, so that tensors are cut anywhere.
    for (let at = 0; at < bytes.length; at += 7919) {
      checkpoint.push(bytes.subarray(at, at + 7919));
    }
    const engine = checkpoint.finish(undefined);
    const bitmap = await createImageBitmap(new Blob([bytesOf(photo)]), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) throw new Error("no 2d context");
    context.drawImage(bitmap, 0, 0);
    engine.photoBegin(width, height);
    for (let y = 0; y < height; y++) {
      const { data } = context.getImageData(0, y, width, 1);
      engine.photoRows(new Uint8Array(data.buffer));
    }
    engine.photoEnd();
    engine.run(sites.slice(1)); // the first is computed by another pass
    return sites.map((site) => Array.from(engine.tensor(site).data));
  }, job);
}

for (const bundle of BUNDLES) {
  test(`bundle ${bundle} computes what the native engine does`, async ({
    page,
    servers,
  }) => {
    expect(FIXTURE_NAMES.length).toBeGreaterThan(5);
    const photo = gradient(97, 61);
    await page.goto(`${servers.site.origin}/models/manifest.json`);
    for (const name of FIXTURE_NAMES) {
      await test.step(name, async () => {
        const expected = traced(name, photo);
        const sites = [...expected.keys()].sort();
        expect(sites).toContain("logits");
        const { weights, config, preprocessor } = fixture(name);
        const found = await runInPage(page, {
          bundle,
          weights: readFileSync(weights, "base64"),
          config: readFileSync(config, "utf8"),
          preprocessor: preprocessor && readFileSync(preprocessor, "utf8"),
          photo: photo.toString("base64"),
          sites,
        });
        sites.forEach((site, index) => {
          const { data } = expected.get(site) ?? { data: [] };
          expect(found[index].length).toBe(data.length);
          const off = found[index].reduce(
            (most, value, i) => Math.max(most, Math.abs(value - data[i])),
            0,
          );
          expect(off, site).toBeLessThanOrEqual(1e-4);
        });
      });
    }
  });
}
