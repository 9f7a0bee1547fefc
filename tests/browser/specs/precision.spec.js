// "How far from f32?": the error that the card shows is that of two passes, and the second engine goes again.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_MODEL, embeddedModels, fixture } from "../support/models.js";
import { ROOT, WWW } from "../support/paths.js";
import { HUB_FIXTURE } from "../support/site-server.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */
/** @import {Vitrine} from "../support/vitrine.js" */

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function relativeError(a, b) {
  expect(a.length).toBe(b.length);
  const norm = (/** @type {number[]} */ x) => Math.hypot(...x);
  const off = Array.from(b, (value, i) => a[i] - value);
  return norm(off) / norm(Array.from(b));
}

/** The indices of the five largest. @param {ArrayLike<number>} logits */
const firstFive = (logits) =>
  Array.from(logits, (value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 5)
    .map(({ index }) => index);

/** Asks, and gives what the card answers. @param {Vitrine} vitrine */
async function ask(vitrine) {
  const { page } = vitrine;
  await vitrine.openCard();
  await page.getByTestId("precision-start").click();
  const box = page.getByTestId("precision");
  await expect(box).toHaveAttribute("data-state", "done", { timeout: 60_000 });
  const agreement = page.getByTestId("precision-agrees");
  return {
    error: Number(
      await page.getByTestId("precision-error").getAttribute("data-value"),
    ),
    agrees: (await agreement.getAttribute("data-agrees")) === "true",
    shared: Number(await agreement.getAttribute("data-shared")),
    ours: await listed(page, "precision-ours"),
    exact: await listed(page, "precision-f32"),
  };
}

/** @param {Page} page @param {string} id */
const listed = (page, id) =>
  page
    .getByTestId(id)
    .locator("li")
    .evaluateAll((items) =>
      items.map((item) => ({
        index: Number(item.getAttribute("data-class")),
        probability: Number(item.getAttribute("data-probability")),
      })),
    );

for (const [dtype, least, most] of /** @type {const} */ ([
  ["q8_0", 1e-5, 0.05],
  ["q4_0", 1e-3, 0.5],
])) {
  test(`a dropped checkpoint as ${dtype}: the error is that of two runs`, async ({
    vitrine,
    page,
  }) => {
    await vitrine.open();
    await vitrine.openCard();
    await vitrine.dtypeSelect.selectOption(dtype);
    const { weights, config } = fixture("vit_avg");
    await vitrine.change(() => vitrine.give([weights, config]));
    const rounded = (await vitrine.tensor("logits")).data;
    const before = await vitrine.top();
    const found = await ask(vitrine);
    await expect
      .poll(() => vitrine.engines(), "the second engine has ended")
      .toBe(1);
    expect(await vitrine.top(), "the page goes on as it was").toEqual(before);
    expect(found.ours.map(({ index }) => index)).toEqual(
      before.map(({ index }) => index),
    );

    // The same in the page's own engine, one after the other.
    await vitrine.change(() => vitrine.dtypeSelect.selectOption("f32"));
    await expect(page.getByTestId("precision-error")).toHaveCount(0);
    await expect(page.getByTestId("precision-start")).toBeHidden();
    const exact = (await vitrine.tensor("logits")).data;
    const top = await vitrine.top();
    const expected = relativeError(rounded, exact);
    expect(expected).toBeGreaterThan(least);
    expect(expected).toBeLessThan(most);
    expect(Math.abs(found.error / expected - 1)).toBeLessThan(1e-6);
    expect(found.exact.map(({ index }) => index)).toEqual(
      top.map(({ index }) => index),
    );
    found.exact.forEach(({ probability }, i) =>
      expect(probability).toBeCloseTo(top[i].probability, 6),
    );
    const [first, second] = [firstFive(rounded), firstFive(exact)];
    expect(found.agrees).toBe(first[0] === second[0]);
    expect(found.shared).toBe(first.filter((i) => second.includes(i)).length);
  });
}

test("an embedded model: the error is the distance from what timm computes with the same weights", async ({
  vitrine,
  page,
}) => {
  /** @type {{photo: string, models: {id: string, checks: {site: string, parts: {start: number, values: number[]}[]}[]}[]}} */
  const reference = JSON.parse(
    readFileSync(join(WWW, "models/selfcheck.json"), "utf8"),
  );
  for (const { id } of embeddedModels()) {
    const checks = reference.models.find((model) => model.id === id)?.checks;
    const parts = checks?.find(({ site }) => site === "logits")?.parts ?? [];
    const exact = parts.flatMap(({ values }) => values);
    expect(exact.length, "all logits").toBe(200);

    await vitrine.open(`/?photo=${reference.photo}&model=${id}`);
    const expected = relativeError(
      (await vitrine.tensor("logits")).data,
      exact,
    );
    const about = page.getByTestId("precision-about");
    await vitrine.openCard();
    await expect(about).toContainText("same weights");
    const found = await ask(vitrine);
    expect(found.error).toBeGreaterThan(1e-5);
    // Attention's own products are in integers in both passes, unlike timm's: a little of the whole.
    expect(Math.abs(found.error / expected - 1)).toBeLessThan(0.1);
    expect(found.exact.map(({ index }) => index)).toEqual(firstFive(exact));
    await expect(page.getByTestId("precision")).toContainText(
      "not the rounding of the weights",
    );
    await expect.poll(() => vitrine.engines()).toBe(1);
  }
});

test("what the rounding costs is what the model's card says", () => {
  /** @type {{models: {id: string, top1?: {photos: number, f32: number, q8_0: number}}[]}} */
  const { models } = JSON.parse(
    readFileSync(join(WWW, "models/manifest.json"), "utf8"),
  );
  for (const { id } of embeddedModels()) {
    const top1 = models.find((model) => model.id === id)?.top1;
    const file = `train/cards/${id.replace("vitrine-", "")}.md`;
    const card = readFileSync(join(ROOT, file), "utf8");
    const stated = (/** @type {string} */ dtype) =>
      Number(
        new RegExp(
          `^\\| ${dtype} \\| ([\\d.]+) %.*\`vitrine evaluate\``,
          "m",
        ).exec(card)?.[1],
      ) / 100;
    expect(top1?.f32).toBeCloseTo(stated("f32"), 6);
    expect(top1?.q8_0).toBeCloseTo(stated("Q8_0"), 6);
    expect(card).toContain(`${top1?.photos.toLocaleString("en")} photos`);
  }
});

test("a hub model says its download first, and keeps nothing of it", async ({
  vitrine,
  page,
  servers,
}) => {
  await vitrine.open();
  await vitrine.change(() => vitrine.modelSelect.selectOption(HUB_FIXTURE));
  const file = "model.safetensors";
  const bytes = statSync(fixture("vit_avg").weights).size;
  const kilobytes = (bytes / 1000).toFixed(1).replace(/\.0$/, "");
  await vitrine.openCard();
  await expect(page.getByTestId("precision-about")).toContainText(
    `(${kilobytes} kB, not kept)`,
  );
  const kept = () =>
    page.evaluate(async () => {
      const names = await caches.keys();
      const all = names.map(async (name) =>
        (await (await caches.open(name)).keys()).map(({ url }) => url),
      );
      return (await Promise.all(all)).flat().sort();
    });
  const before = await kept();

  servers.store.fail({ path: file, status: 404, times: 1 });
  await page.getByTestId("precision-start").click();
  const box = page.getByTestId("precision");
  await expect(box).toHaveAttribute("data-state", "error");
  await expect(page.getByTestId("precision-says")).toContainText("404");
  await expect.poll(() => vitrine.engines()).toBe(1);

  servers.reset();
  const found = await ask(vitrine);
  expect(found.error).toBeGreaterThan(1e-5);
  expect(servers.store.bytesOf(file)).toBe(bytes);
  expect(await kept()).toEqual(before);
});

test("an answer holds for one photo; who stops it gets none", async ({
  vitrine,
  page,
}) => {
  await vitrine.open(`/?model=${DEFAULT_MODEL.id}`);
  await ask(vitrine);
  const box = page.getByTestId("precision");
  await vitrine.change(() =>
    page.evaluate(() => {
      const canvas = new OffscreenCanvas(64, 64);
      canvas.getContext("2d")?.fillRect(0, 0, 32, 64);
      return /** @type {any} */ (window).vitrine.run(
        canvas.transferToImageBitmap(),
      );
    }),
  );
  await expect(box).toHaveAttribute("data-state", "idle");
  await expect(page.getByTestId("precision-error")).toHaveCount(0);
  // Both clicks in one task: the first engine message is still on its way.
  await page.getByTestId("precision-start").evaluate((button) => {
    /** @type {HTMLElement} */ (button).click();
    /** @type {HTMLElement} */ (button).click();
  });
  await expect(box).toHaveAttribute("data-state", "idle");
  await page.waitForTimeout(1500);
  await expect(box).toHaveAttribute("data-state", "idle");
  await expect.poll(() => vitrine.engines()).toBe(1);
});
