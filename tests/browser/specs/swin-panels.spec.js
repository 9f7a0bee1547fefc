// The Swin panels say what the engine computed: cost, bias, mask, reach, merging, what-if.

import { chooseLayer, openSwin, pinPatch, showPanel } from "../support/swin.js";
import { expect, test } from "../support/test.js";

/** @import {Locator} from "@playwright/test" */

/** Layers of the fixture: W and SW of its first stage, of 16 x 16 tokens. */
const W = 0;
const SW = 1;

/** @param {Locator} panel @param {string[]} names @returns {Promise<number[]>} */
async function numbers(panel, names) {
  const texts = await Promise.all(
    names.map((name) => panel.getAttribute(`data-${name}`)),
  );
  return texts.map(Number);
}

/** Where a cell of a matrix on a canvas is. @param {Locator} canvas @param {number} cell @param {{rows: number, columns: number}} grid */
async function hoverCell(canvas, cell, { rows, columns }) {
  const box = await canvas.boundingBox();
  if (!box) throw new Error("the canvas cannot be seen");
  const position = {
    x: (((cell % columns) + 0.5) * box.width) / columns,
    y: ((Math.floor(cell / columns) + 0.5) * box.height) / rows,
  };
  await canvas.hover({ position });
}

test("the cost meter counts as the paper does, and follows the photo's side", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "cost");
  const panel = page.getByTestId("cost-panel");
  const [hw, dim, area] = [16 * 16, 8, 4 * 4];
  const costs = ["side", "msa", "wmsa", "attention-msa", "attention-wmsa"];
  expect(await numbers(panel, costs)).toEqual([
    64,
    4 * hw * dim ** 2 + 2 * hw ** 2 * dim,
    4 * hw * dim ** 2 + 2 * area * hw * dim,
    2 * hw ** 2 * dim,
    2 * area * hw * dim,
  ]);

  await page.getByTestId("cost-side").fill("2");
  const four = 4 * hw;
  expect(await numbers(panel, costs)).toEqual([
    128,
    4 * four * dim ** 2 + 2 * four ** 2 * dim,
    4 * four * dim ** 2 + 2 * area * four * dim,
    16 * 2 * hw ** 2 * dim,
    4 * 2 * area * hw * dim,
  ]);
});

test("a padded map costs what its padding costs", async ({ vitrine, page }) => {
  await openSwin(vitrine, "swin_padded");
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "cost");
  const panel = page.getByTestId("cost-panel");
  // 10 x 14 tokens of 6, padded to 12 x 16.
  const [hw, slots, dim, area] = [10 * 14, 12 * 16, 6, 16];
  expect(await numbers(panel, ["msa", "wmsa"])).toEqual([
    4 * hw * dim ** 2 + 2 * hw ** 2 * dim,
    4 * hw * dim ** 2 + 2 * area * slots * dim,
  ]);
  await expect(panel).toContainText("12 × 16");
});

test("a bias in the table lights its cells in the matrix, and the other way round", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "bias");
  const table = page.getByTestId("bias-table");
  const matrix = page.getByTestId("bias-matrix");
  const reading = page.getByTestId("bias-reading");
  const { data } = await vitrine.tensor("layers.0.blocks.1.attn.bias");

  // One up and two left of the middle of the 7 x 7 table.
  await hoverCell(table, 2 * 7 + 1, { rows: 7, columns: 7 });
  await expect(reading).toContainText("1 up, 2 left");
  const lit = (await matrix.getAttribute("data-lit"))?.split(" ").map(Number);
  const expected = [];
  for (let query = 0; query < 16; query++) {
    for (let key = 0; key < 16; key++) {
      const down = (key >> 2) - (query >> 2);
      const right = (key & 3) - (query & 3);
      if (down === -1 && right === -2) expected.push(query * 16 + key);
    }
  }
  expect(lit).toEqual(expected);
  const value = Number(await reading.getAttribute("data-value"));
  for (const cell of expected) expect(data[cell]).toBe(value);

  const cell = 9 * 16 + 3; // from row 2, column 1 to row 0, column 3
  await hoverCell(matrix, cell, { rows: 16, columns: 16 });
  await expect(reading).toContainText("2 up, 2 right");
  await expect(table).toHaveAttribute("data-cell", String(1 * 7 + 5));
  await expect(reading).toHaveAttribute("data-value", String(data[cell]));

  await table.focus();
  await page.mouse.move(0, 0);
  for (const key of ["ArrowDown", "ArrowLeft"]) await page.keyboard.press(key);
  await expect(reading).toHaveAttribute("data-offset", "-1,1");
});

test("reach is the engine's, block by block", async ({ vitrine, page }) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await pinPatch(vitrine, 1, 14);
  await showPanel(vitrine, "reach");
  const panel = page.getByTestId("reach-panel");
  const counts = await page.evaluate(async () => {
    const { engine, describe } = /** @type {any} */ (window).vitrine;
    const { layers, grid } = describe();
    /** @type {Uint8Array} */
    const bytes = await engine.reach(1, 14);
    const size = grid.rows * grid.columns;
    return layers.map((/** @type {unknown} */ _, /** @type {number} */ i) =>
      bytes
        .subarray(i * size, (i + 1) * size)
        .reduce((sum, byte) => sum + byte, 0),
    );
  });
  expect(counts[W]).toBe(16);
  const tiles = panel.locator("[data-block]");
  await expect(tiles.first()).toHaveAttribute("data-count", "16");
  const shown = await tiles.evaluateAll((all) =>
    all.map(({ dataset }) => [dataset["block"], dataset["count"]].map(Number)),
  );
  expect(shown.length).toBeGreaterThan(1);
  for (const [block, count] of shown) expect(count).toBe(counts[block]);
  await expect(panel.locator(".vit")).toHaveAttribute("data-count", "256");
});

test("the mask's picture has the pieces of the query's window, and a W block says why it has none", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "windows");
  const panel = page.getByTestId("mask-panel");
  await pinPatch(vitrine, 0, 15);
  const index = await vitrine.tensor("layers.0.blocks.1.attn.index");
  const { data } = await vitrine.tensor("layers.0.blocks.1.attn.mask");
  const window = Math.floor(index.data.indexOf(15) / 16);
  await expect(panel).toHaveAttribute("data-window", String(window));
  const rows = Array.from({ length: 16 }, (_, slot) =>
    data.subarray((window * 16 + slot) * 16, (window * 16 + slot + 1) * 16),
  );
  const pieces = new Set(rows.map((row) => row.join()));
  expect(pieces.size).toBe(4);
  await expect(panel).toHaveAttribute("data-pieces", "4");

  await pinPatch(vitrine, 6, 6);
  await expect(panel).toHaveAttribute("data-pieces", "1");
  await chooseLayer(vitrine, W);
  await expect(panel).toContainText("has no mask");
  await expect(page.getByTestId("mask-matrix")).toBeHidden();
});

test("the slider rolls the photo on the stage", async ({ vitrine, page }) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "windows");
  await expect(page.getByTestId("roll-panel")).toContainText("25 pieces");
  const slider = page.getByTestId("roll-slider");
  const still = await vitrine.stagePixels();
  await slider.fill("1");
  const roll = () =>
    page.evaluate(() => /** @type {any} */ (window).vitrine.state.get().roll);
  expect(await roll()).toBe(1);
  const rolled = await vitrine.stagePixels();
  expect(Buffer.compare(still.rgba, rolled.rgba)).not.toBe(0);
  await slider.fill("0");
  expect(await roll()).toBe(0);
  await chooseLayer(vitrine, W);
  await expect(slider).toBeHidden();
});

test("merging shows the maps and widths of the model", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "merge");
  const panel = page.getByTestId("merge-panel");
  await expect(panel).toHaveAttribute("data-from", "16 16 8");
  await expect(panel).toHaveAttribute("data-to", "8 8 16");
  await expect(panel).toContainText("4 × 8 = 32");
  await vitrine.rail.locator('[data-site="layers.2.downsample"]').click();
  await expect(panel).toBeVisible();
  await expect(panel).toHaveAttribute("data-from", "8 8 16");
  await expect(panel).toHaveAttribute("data-to", "4 4 32");
});

test("what-if changes what the model says, and its reset gives it back", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await showPanel(vitrine, "whatif");
  const whole = await vitrine.top();
  const bias = page.getByTestId("whatif-bias");
  await vitrine.change(() => bias.check());
  const without = await vitrine.top();
  expect(without).not.toEqual(whole);
  const classes = page.getByTestId("whatif-classes").locator("[data-class]");
  await expect(classes.first()).toHaveAttribute(
    "data-class",
    String(without[0].index),
  );
  const rows = await classes.evaluateAll((all) =>
    all.map(({ dataset }) => [
      Number(dataset["class"]),
      dataset["before"],
      dataset["after"],
    ]),
  );
  for (const [index, before, after] of rows) {
    const had = whole.find((one) => one.index === index);
    const has = without.find((one) => one.index === index);
    if (had) expect(Number(before)).toBe(had.probability);
    if (has) expect(Number(after)).toBe(has.probability);
  }
  const { data } = await vitrine.tensor("layers.0.blocks.1.attn.bias");
  expect(data.every((value) => value === 0)).toBe(true);

  await vitrine.change(() => page.getByTestId("whatif-reset").click());
  await expect(bias).not.toBeChecked();
  expect(await vitrine.top()).toEqual(whole);
});

test("without a shift there is nothing to mask: the page says that nothing more changed", async ({
  vitrine,
  page,
}) => {
  // One block a stage: this model never shifts.
  await openSwin(vitrine, "swin_resized");
  await chooseLayer(vitrine, 2);
  await showPanel(vitrine, "whatif");
  const whole = await vitrine.top();
  await vitrine.change(() => page.getByTestId("whatif-shift").check());
  await expect(page.getByTestId("whatif-remark")).toContainText(
    "Nothing changed",
  );
  expect(await vitrine.top()).toEqual(whole);
});
