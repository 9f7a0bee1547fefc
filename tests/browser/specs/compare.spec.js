// Compare: a second model on the same photo, linked in query and depth, from the menu or from an address, and gone
// with its worker when it is left.

import { HUB_FIXTURE } from "../support/site-server.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */
/** @import {Vitrine} from "../support/vitrine.js" */

const VIT = "/?model=vitrine-vit&photo=chelsea.png";

/** @param {Page} page */
function halves(page) {
  const zone = page.getByTestId("compare-zone");
  return {
    first: page.locator("main > .stage-zone"),
    heads: page.locator("main > .heads-zone"),
    second: zone,
  };
}

/** Waits until the second model has looked. @param {Page} page @param {number} [count] */
async function looked(page, count = 5) {
  const { second } = halves(page);
  await expect(second.locator("[data-class]")).toHaveCount(count);
  await expect(page.getByTestId("compare-status")).toHaveAttribute(
    "data-state",
    "done",
  );
}

/** @param {import("@playwright/test").Locator} half */
const answers = (half) =>
  half
    .locator("[data-class]")
    .evaluateAll((items) =>
      items.map(({ dataset }) => [dataset["class"], dataset["probability"]]),
    );

/** @param {Vitrine} vitrine */
const layerOf = (vitrine) =>
  vitrine.page.evaluate(
    () => /** @type {any} */ (window).vitrine.state.get().layer,
  );

test("the second model says what it says alone, and its worker goes with it", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?model=vitrine-swin&photo=chelsea.png");
  const alone = await answers(halves(page).first);
  await vitrine.open(VIT);
  const own = await answers(halves(page).first);
  expect(await vitrine.engines()).toBe(1);
  await page.getByTestId("compare-select").selectOption("vitrine-swin");
  await looked(page);
  const { first, second } = halves(page);
  expect(await answers(second)).toEqual(alone);
  expect(await answers(first)).toEqual(own);
  expect(await vitrine.engines()).toBe(2);
  expect(page.url()).toContain("compare=vitrine-swin");
  const size = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.scrollHeight,
  ]);
  expect(size).toEqual([1440, 900]);

  await page.getByTestId("compare-select").selectOption("");
  await expect(second).toHaveCount(0);
  await expect.poll(() => vitrine.engines()).toBe(1);
  expect(page.url()).not.toContain("compare=");
  await expect(page.locator(".glass")).toBeVisible();
});

test("both look at the same place and as deep, whichever is asked", async ({
  vitrine,
  page,
}) => {
  await vitrine.open(`${VIT}&compare=vitrine-swin&query=3,5&layer=8`);
  await looked(page);
  const { first, heads, second } = halves(page);
  await expect(first.getByTestId("query")).toHaveText("patch 3, 5");
  const layers = second.getByTestId("layer-select");
  const last = (await layers.locator("option").count()) - 1;
  expect(await layers.inputValue()).toBe(String(last));
  // Patch 3, 5 of 8 x 8 lies in token 1, 2 of the last stage's 4 x 4.
  await expect(second.getByTestId("query")).toHaveText("patch 1, 2");

  await heads.getByTestId("layer-select").selectOption("0");
  await expect(layers).toHaveValue("0");
  await expect(second.getByTestId("query")).toHaveText("patch 7, 11");

  // The other way round: the second one leads, on its own map.
  await second.getByTestId("stage").focus();
  await page.keyboard.press("ArrowUp");
  await expect(second.getByTestId("query")).toHaveText("patch 6, 11");
  await page.keyboard.press("ArrowUp");
  await expect(second.getByTestId("query")).toHaveText("patch 5, 11");
  await expect(first.getByTestId("query")).toHaveText("patch 2, 5");
  await layers.selectOption(String(last));
  await expect(heads.getByTestId("layer-select")).toHaveValue("8");
  await expect(layers).toHaveValue(String(last));
  expect(await layerOf(vitrine)).toBe(8);
});

test("a second model that did not come is asked for again, and then linked", async ({
  vitrine,
  servers,
  page,
}) => {
  await vitrine.open(`${VIT}&layer=0`);
  const { second } = halves(page);
  const file = "model.safetensors";
  servers.store.fail({ path: file, status: 500, times: 1 });
  await page.getByTestId("compare-select").selectOption(HUB_FIXTURE);
  const status = page.getByTestId("compare-status");
  await expect(status).toHaveAttribute("data-state", "error");
  await expect(status).toContainText("500");
  await status.getByRole("button").click();
  await looked(page);
  expect(servers.store.requestsOf(file)).toHaveLength(2);
  await expect(status).toBeHidden();
  // A model that nothing has linked is seen in its last layer.
  await expect(second.getByTestId("layer-select")).toHaveValue("0");
});

test("the meter has both models' own numbers", async ({ vitrine, page }) => {
  await vitrine.open("/?model=vitrine-swin&photo=chelsea.png");
  const swin = await vitrine.describe();
  await vitrine.open(`${VIT}&compare=vitrine-swin&layer=0`);
  await looked(page);
  const vit = await vitrine.describe();
  const meter = page.getByTestId("compare-meter");
  const row = (/** @type {string} */ name) =>
    meter
      .locator(`[data-fact="${name}"] td`)
      .evaluateAll((cells) =>
        cells.map(({ dataset }) => Number(dataset["value"])),
      );
  expect(await row("parameters")).toEqual([vit.parameters, swin.parameters]);
  expect(await row("operations")).toEqual([vit.operations, swin.operations]);
  const { windows } = swin.layers[0];
  await expect
    .poll(() => row("sees"))
    .toEqual([
      vit.prefix.length + vit.grid.rows * vit.grid.columns,
      windows.rows * windows.columns,
    ]);
  // q · k and attention times v in every layer: 2 N² D each.
  const tokens = vit.prefix.length + vit.grid.rows * vit.grid.columns;
  const [pairs] = await row("pairs");
  expect(pairs).toBe(
    vit.layers.reduce(
      (/** @type {number} */ sum, /** @type {{dim: number}} */ { dim }) =>
        sum + 4 * tokens ** 2 * dim,
      0,
    ),
  );
});

test("another photo goes to both, and a what-if to the first alone", async ({
  vitrine,
  page,
}) => {
  await vitrine.open(`${VIT}&compare=vitrine-vit`);
  await looked(page);
  const { first, second } = halves(page);
  // The same model twice: one whole, one changed.
  const whole = await answers(first);
  expect(await answers(second)).toEqual(whole);
  await vitrine.stage.first().focus();
  await page.keyboard.press("x");
  await expect.poll(() => answers(first)).not.toEqual(whole);
  expect(await answers(second)).toEqual(whole);
  await page.keyboard.press("x");
  await expect.poll(() => answers(first)).toEqual(whole);

  await page.locator("[data-sample='coffee.png']").click();
  await expect.poll(() => answers(second)).not.toEqual(whole);
  await expect.poll(() => answers(first)).toEqual(await answers(second));
});

test("a model that is not on the menu is no second one", async ({
  vitrine,
  page,
}) => {
  await vitrine.open(`${VIT}&compare=nothing`);
  await expect(page.getByTestId("compare-zone")).toHaveCount(0);
  await expect(page.getByTestId("compare-select")).toHaveValue("");
  expect(page.url()).not.toContain("compare=");
});

test("on a phone the second model stands below the first, without scrolling sideways", async ({
  vitrine,
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await vitrine.open(`${VIT}&compare=vitrine-swin`);
  await looked(page);
  const { first, second } = halves(page);
  const above = await first.getByTestId("stage").boundingBox();
  const below = await second.getByTestId("stage").boundingBox();
  expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(
    390,
  );
});
