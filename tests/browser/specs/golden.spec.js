// Numbers on the page against those that timm computed for the same weights and photo.

import { join } from "node:path";
import { readSafetensors } from "../support/safetensors.js";
import { centreOf, clickPatch, layoutOf } from "../support/stage.js";
import { expect, needShared, test } from "../support/test.js";

/** Agreed for attention patterns in f32. */
const TOLERANCE = 1e-4;

test("the page shows timm's own attention of DeiT-Tiny on chelsea.png", async ({
  vitrine,
}) => {
  const shared = needShared();
  const golden = readSafetensors(
    join(shared, "golden/deit_tiny_chelsea.safetensors"),
  );
  const weights = join(shared, "weights/deit_tiny_patch16_224");
  await vitrine.open();
  await vitrine.openCard();
  await vitrine.dtypeSelect.selectOption("f32");
  await vitrine.change(() =>
    vitrine.give([
      join(weights, "model.safetensors"),
      join(weights, "config.json"),
    ]),
  );
  await vitrine.look(join(shared, "photos/chelsea.png"));

  await test.step("every pattern", async () => {
    for (const layer of [0, 5, 8, 11]) {
      const site = `blocks.${layer}.attn.pattern`;
      const expected = golden.get(site);
      const found = await vitrine.tensor(site);
      expect(found.shape).toEqual(expected?.shape.slice(1));
      let off = 0;
      for (let i = 0; i < found.data.length; i++) {
        off = Math.max(off, Math.abs(found.data[i] - (expected?.data[i] ?? 0)));
      }
      expect(off, site).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  await test.step("the number under the pointer", async () => {
    const [layer, head, row, column] = [8, 1, 6, 5];
    await vitrine.layerSelect.selectOption(String(layer));
    await vitrine.headGrid.locator(`[data-head="${head}"]`).click();
    await clickPatch(vitrine, row, column);
    await expect(vitrine.query).toHaveText(`patch ${row}, ${column}`);
    const pattern = golden.get(`blocks.${layer}.attn.pattern`);
    const tokens = 197;
    const start = (head * tokens + (1 + row * 14 + column)) * tokens;
    const layout = await layoutOf(vitrine);
    for (const [keyRow, keyColumn] of [
      [12, 7],
      [9, 9],
      [0, 13],
    ]) {
      const position = centreOf(layout, keyRow, keyColumn);
      await vitrine.stage.hover({ position });
      await expect(vitrine.readout).toContainText(
        `patch ${keyRow}, ${keyColumn}`,
      );
      const exact = pattern?.data[start + 1 + keyRow * 14 + keyColumn] ?? NaN;
      const shown = Number(await vitrine.readout.getAttribute("data-value"));
      expect(Math.abs(shown - exact)).toBeLessThanOrEqual(TOLERANCE);
      // What a visitor reads is that number too, to three digits.
      const text = /: *([\d.e-]+)/.exec(
        (await vitrine.readout.textContent()) ?? "",
      );
      expect(Math.abs(Number(text?.[1]) - exact)).toBeLessThanOrEqual(
        TOLERANCE + exact * 0.005,
      );
    }
  });
});
