// Photos in, classes out: every way to give a photo, and the same answers as the native engine.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_MODEL } from "../support/models.js";
import { predict, quantized } from "../support/native.js";
import { WWW } from "../support/paths.js";
import {
  gradient,
  pngOf,
  turnedClockwise,
  withOrientation,
} from "../support/photos.js";
import { expect, needShared, test } from "../support/test.js";
import { expectSame, file } from "../support/vitrine.js";
import { BUNDLE } from "../support/wasm.js";

test("the page comes up with a photo and its top five", async ({ vitrine }) => {
  await vitrine.open();
  const top = await vitrine.top();
  expect(top.length).toBeGreaterThanOrEqual(5);
  for (let i = 1; i < top.length; i++) {
    expect(top[i].probability).toBeLessThanOrEqual(top[i - 1].probability);
  }
  await expect(vitrine.bundle).toHaveText(BUNDLE);
  await expect(vitrine.error).toBeHidden();
});

test("each sample gets the classes that the native engine gives", async ({
  vitrine,
}) => {
  await vitrine.open();
  const samples = readdirSync(join(WWW, "samples")).filter((name) =>
    /\.(jpe?g|png|webp)$/i.test(name),
  );
  expect(samples.length).toBeGreaterThanOrEqual(3);
  for (const sample of samples) {
    await test.step(sample, async () => {
      // As PNG, because JPEG decoders differ in the last bit.
      const photo = pngOf(
        await vitrine.decoded(readFileSync(join(WWW, "samples", sample))),
      );
      await vitrine.look(file(`${sample}.png`, photo));
      expectSame(await vitrine.top(), predict(DEFAULT_MODEL.path, photo));
    });
  }
});

test("a photo comes in by picker, drop and paste alike", async ({
  vitrine,
}) => {
  await vitrine.open();
  const photo = file("gradient.png", gradient(300, 200));
  const expected = predict(DEFAULT_MODEL.path, photo.buffer);

  await vitrine.change(() => vitrine.fileInput.setInputFiles(photo));
  expectSame(await vitrine.top(), expected);

  for (const how of /** @type {const} */ (["paste", "drop"])) {
    await vitrine.look(file("other.png", gradient(20, 90)), how);
    const other = await vitrine.top();
    expect(other[0].probability).not.toBe(expected[0].probability);
    await vitrine.look(photo, how);
    expectSame(await vitrine.top(), expected);
  }
});

test("a photo that lies on its side by EXIF is turned upright", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const encoded = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(320, 200);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no 2d context");
    const fade = context.createLinearGradient(0, 0, 320, 120);
    fade.addColorStop(0, "#206030");
    fade.addColorStop(1, "#f0c0e0");
    context.fillStyle = fade;
    context.fillRect(0, 0, 320, 200);
    context.fillStyle = "#d02010";
    context.fillRect(10, 20, 90, 40);
    const blob = await canvas.convertToBlob({ type: "image/jpeg" });
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  });
  const lying = Buffer.from(encoded);
  const stored = await vitrine.decoded(lying);
  const upright = predict(DEFAULT_MODEL.path, pngOf(turnedClockwise(stored)));
  const notTurned = predict(DEFAULT_MODEL.path, pngOf(stored));
  expect(notTurned).not.toEqual(upright);

  await vitrine.look(file("phone.jpg", withOrientation(lying, 6)));
  expectSame(await vitrine.top(), upright);
  await vitrine.look(file("phone.jpg", lying));
  expectSame(await vitrine.top(), notTurned);
});

test("a photo of one pixel works", async ({ vitrine }) => {
  await vitrine.open();
  const photo = gradient(1, 1);
  await vitrine.look(file("pixel.png", photo));
  expectSame(await vitrine.top(), predict(DEFAULT_MODEL.path, photo));
  await expect(vitrine.error).toBeHidden();
});

test("a photo of 50 megapixels works", async ({ vitrine }) => {
  test.slow();
  await vitrine.open();
  const photo = gradient(8660, 5774);
  await vitrine.look(file("large.png", photo));
  expectSame(await vitrine.top(), predict(DEFAULT_MODEL.path, photo));
  await expect(vitrine.error).toBeHidden();
});

test("DeiT-Tiny, dropped with its config, sees in chelsea.png what it sees natively", async ({
  vitrine,
}) => {
  const shared = needShared();
  const weights = join(shared, "weights/deit_tiny_patch16_224");
  const model = join(weights, "model.safetensors");
  const photo = readFileSync(join(shared, "photos/chelsea.png"));
  await vitrine.open();
  await vitrine.look(file("chelsea.png", photo));
  await vitrine.openCard();
  for (const dtype of ["f32", "q8_0"]) {
    await test.step(dtype, async () => {
      await vitrine.dtypeSelect.selectOption(dtype);
      await vitrine.change(() =>
        vitrine.give([model, join(weights, "config.json")]),
      );
      const expected = predict(quantized(model, dtype), photo);
      expectSame(await vitrine.top(), expected);
    });
  }
});

test("DeiT-Tiny is quantized in the page to the same bytes as natively", async ({
  vitrine,
  page,
}) => {
  const shared = needShared();
  const weights = join(shared, "weights/deit_tiny_patch16_224");
  const model = join(weights, "model.safetensors");
  await vitrine.open();
  await vitrine.change(() =>
    vitrine.give([model, join(weights, "config.json")]),
  );
  await vitrine.openCard();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByTestId("save-gguf").click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/q8_0\.gguf$/);
  const saved = readFileSync(await download.path());
  const native = readFileSync(quantized(model, "q8_0"));
  expect(Buffer.compare(saved, native)).toBe(0);
});
