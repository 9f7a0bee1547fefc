// The page around the pictures: rail, size, language, address, and life below any path.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_MODEL } from "../support/models.js";
import { predict } from "../support/native.js";
import { WWW } from "../support/paths.js";
import { gradient } from "../support/photos.js";
import { NESTED } from "../support/site-server.js";
import { expectRefused } from "../support/refused.js";
import { layoutOf } from "../support/stage.js";
import { expect, test } from "../support/test.js";
import { expectSame, file } from "../support/vitrine.js";

test("the page works below any path, and asks no one else for anything", async ({
  vitrine,
  page,
}) => {
  /** @type {string[]} */
  const strangers = [];
  page.on("request", (request) => {
    const url = request.url();
    const isOwn =
      url.startsWith(`${vitrine.origin}${NESTED}/`) ||
      url.startsWith(`blob:${vitrine.origin}/`) ||
      url.startsWith("data:");
    if (!isOwn) strangers.push(url);
  });
  await vitrine.open(`${NESTED}/`);
  expect((await vitrine.top()).length).toBeGreaterThanOrEqual(5);
  expect(strangers).toEqual([]);
});

test("the policy is strict", async ({ vitrine, page }) => {
  await page.goto(vitrine.origin);
  const policy = await page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).not.toContain("unsafe-inline");
  expect(policy).not.toMatch(/'unsafe-eval'/);
});

test("the rail is drawn from the model's own description", async ({
  vitrine,
}) => {
  await vitrine.open();
  const description = await vitrine.describe();
  const sites = await vitrine.rail
    .locator("[data-site]")
    .evaluateAll((steps) =>
      steps.map((step) => step.getAttribute("data-site")),
    );
  const isOpen = (/** @type {string} */ site) =>
    sites.includes(site.replace(/\.out$/, ".attn.pattern"));
  for (const { site, steps } of description.steps) {
    expect(sites).toContain(site);
    if (!steps) continue;
    for (const step of steps) {
      if (isOpen(site)) expect(sites).toContain(step.site);
    }
  }
  await vitrine.rail.locator('[data-site="blocks.0.out"]').click();
  await vitrine.rail.locator('[data-site="blocks.0.attn.qk"]').click();
  await expect(vitrine.layerSelect).toHaveValue("0");
  await expect(
    vitrine.rail.locator('[data-site="blocks.0.attn.qk"]'),
  ).toHaveAttribute("aria-current", "step");
});

test("another input size gives what the native engine gives for it", async ({
  vitrine,
}) => {
  await vitrine.open();
  const { input, patch } = await vitrine.describe();
  const photo = gradient(240, 180);
  await vitrine.look(file("gradient.png", photo));
  const own = await vitrine.top();

  const height = input.height + 2 * patch.height;
  const width = input.width + 4 * patch.width;
  await vitrine.setSize(`${height}x${width}`);
  const { rows, columns } = await layoutOf(vitrine);
  expect([rows, columns]).toEqual([height / patch.height, width / patch.width]);
  expectSame(
    await vitrine.top(),
    predict(DEFAULT_MODEL.path, photo, ["--size", `${height}x${width}`]),
    1e-6,
  );

  await expectRefused(
    vitrine,
    async () => {
      await vitrine.sizeInput.fill("1x1");
      await vitrine.sizeInput.press("Enter");
    },
    /1/,
  );
  await vitrine.setSize("");
  await vitrine.look(file("gradient.png", photo));
  expectSame(await vitrine.top(), own, 1e-9);
});

test("the page speaks English and Chinese", async ({ vitrine, page }) => {
  await vitrine.open();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  const query = (await vitrine.query.textContent()) ?? "";
  expect(query).toBe("class token");
  await vitrine.languageSelect.selectOption("zh");
  await expect(page.locator("html")).toHaveAttribute("lang", /^zh/);
  await expect(vitrine.query).toHaveText(/\p{Script=Han}/u);
  await expect(page.locator("h2").first()).toHaveText(/\p{Script=Han}/u);

  await vitrine.change(
    () =>
      vitrine.give([file("notes.txt", Buffer.from("no photo"), "text/plain")]),
    "error",
  );
  await expect(vitrine.error).toContainText(/\p{Script=Han}/u);
  await vitrine.languageSelect.selectOption("en");
  await expect(vitrine.query).toHaveText(query);
});

test("the embedded models' classes have Chinese names", async ({
  vitrine,
  page,
}) => {
  const rows = readFileSync(join(WWW, "labels/tiny-imagenet.tsv"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(new Set(rows.map(([, , chinese]) => chinese)).size).toBe(200);
  for (const [language, column] of /** @type {const} */ ([
    ["zh", 2],
    ["en", 1],
  ])) {
    await vitrine.open(`/?language=${language}`);
    const shown = await page
      .locator('[data-testid="predictions"] [data-class]')
      .evaluateAll((items) =>
        items.map((item) => ({
          index: Number(item.getAttribute("data-class")),
          name: item.querySelector(".label")?.textContent,
        })),
      );
    expect(shown.length).toBe(5);
    for (const { index, name } of shown) {
      expect(name).toBe(rows[index][column]);
    }
  }
});

test("the address reproduces the view", async ({ vitrine, page }) => {
  await vitrine.open();
  await vitrine.layerSelect.selectOption("1");
  await vitrine.headGrid.locator('[data-head="2"]').click();
  await vitrine.directionSelect.selectOption("column");
  await expect.poll(() => page.url()).toContain("direction=column");
  const { pathname, search } = new URL(page.url());
  await page.goto("about:blank");
  await vitrine.open(pathname + search);
  await expect(vitrine.layerSelect).toHaveValue("1");
  await expect(
    vitrine.headGrid.locator('[aria-pressed="true"]'),
  ).toHaveAttribute("data-head", "2");
  await expect(vitrine.directionSelect).toHaveValue("column");
});

test("window.vitrine runs a bitmap and gives any tensor", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const result = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(90, 70);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no 2d context");
    context.fillStyle = "#3a8";
    context.fillRect(0, 0, 50, 70);
    const bitmap = canvas.transferToImageBitmap();
    return /** @type {any} */ (window).vitrine.run(bitmap);
  });
  expect(result.milliseconds).toBeGreaterThan(0);
  expectSame(await vitrine.top(), result.predictions, 1e-6);
  const { input, prefix, grid } = await vitrine.describe();
  const tokens = prefix.length + grid.rows * grid.columns;
  const pattern = await vitrine.tensor("blocks.0.attn.pattern");
  expect(pattern.shape.slice(1)).toEqual([tokens, tokens]);
  for (let row = 0; row < tokens; row++) {
    const values = pattern.data.subarray(row * tokens, (row + 1) * tokens);
    const sum = values.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-4);
  }
  const { shape } = await vitrine.tensor("input");
  expect(shape).toEqual([1, 3, input.height, input.width]);
});
