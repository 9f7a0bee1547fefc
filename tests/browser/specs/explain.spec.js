// All heads and rollout: what is shown is what the recorded attention says; and the tabs that panels lie behind.

import { attentionOf } from "../support/attention.js";
import { headsOf, mergingOf, mixed, times, total } from "../support/explain.js";
import {
  cellsOf,
  chosen,
  coloursOf,
  derive,
  near,
  showTab,
  valueOf,
  within,
} from "../support/panels.js";
import { clickPatch } from "../support/stage.js";
import { chooseLayer, openSwin } from "../support/swin.js";
import { expect, test } from "../support/test.js";

/** @import {Layer, Matrix} from "../support/explain.js" */
/** @import {Vitrine} from "../support/vitrine.js" */

/** @param {number[]} row */
const entropy = (row) => -total(row.map((p) => (p > 0 ? p * Math.log2(p) : 0)));

test("all heads: each cell has the colours of its head's attention", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  await clickPatch(vitrine, 2, 5);
  await page.mouse.move(2, 2);
  const canvas = page.getByTestId("all-heads");
  const { grid, prefix, layers } = await vitrine.describe();
  const token = prefix.length + 2 * grid.columns + 5;
  for (const direction of /** @type {const} */ (["row", "column"])) {
    await vitrine.directionSelect.selectOption(direction);
    const cells = await cellsOf(canvas);
    expect(cells.length).toBe(layers.length);
    for (const [layer, head] of [
      [0, 0],
      [3, 1],
      [layers.length - 1, 2],
    ]) {
      const pattern = await vitrine.tensor(
        `${layers[layer].site}.attn.pattern`,
      );
      const values = attentionOf(pattern, head, token, direction);
      const map = values.slice(prefix.length);
      const shares = map.map((value) => value / Math.max(...map));
      // A map of one colour would show nothing.
      expect(Math.min(...shares)).toBeLessThan(0.75);
      await expect
        .poll(async () => {
          const cell = cells[layer][head];
          const colours = await coloursOf(canvas, cell, grid, shares);
          const apart = colours.map(({ found, expected }) =>
            Math.max(...found.map((c, i) => Math.abs(c - expected[i]))),
          );
          return Math.max(...apart);
        })
        .toBeLessThanOrEqual(3);
    }
  }
});

test("all heads: a cell is chosen by click and keys, and says its entropy", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const canvas = page.getByTestId("all-heads");
  const reading = page.getByTestId("all-heads-reading");
  const cells = await cellsOf(canvas);
  await canvas.hover(within(cells[2][1]));
  const pattern = await vitrine.tensor("blocks.2.attn.pattern");
  await expect(reading).toContainText("block 3, head 2");
  near(await valueOf(reading), entropy(attentionOf(pattern, 1, 0, "row")));
  await canvas.click(within(cells[2][1]));
  await vitrine.settled();
  expect(await chosen(vitrine)).toEqual([2, 1]);
  await canvas.focus();
  for (const key of ["ArrowRight", "ArrowUp"]) await page.keyboard.press(key);
  await vitrine.settled();
  expect(await chosen(vitrine)).toEqual([3, 0]);
});

test("each head of the grid wears its entropy, also where there is little room", async ({
  vitrine,
}) => {
  await vitrine.open();
  const pattern = await vitrine.tensor("blocks.8.attn.pattern");
  const badges = vitrine.headGrid.locator(".measure");
  for (let head = 0; head < pattern.shape[0]; head++) {
    const bits = entropy(attentionOf(pattern, head, 0, "row"));
    near(await valueOf(badges.nth(head)), bits);
    await expect(badges.nth(head)).toHaveText(`${bits.toFixed(1)} bit`);
  }
  // Twelve heads side by side: room for the number alone.
  await vitrine.open("/?model=vitrine-swin&layer=5");
  await expect(badges).toHaveCount(12);
  for (const badge of await badges.all()) {
    const bits = await valueOf(badge);
    expect(bits).toBeGreaterThan(0);
    await expect(badge).toHaveText(bits.toFixed(1));
    await expect(badge).toBeInViewport();
  }
});

/** The product of all layers up to each. @param {Vitrine} vitrine @returns {Promise<Matrix[]>} */
async function rollouts(vitrine) {
  const { layers, grid, prefix } = await vitrine.describe();
  const size = prefix.length + grid.rows * grid.columns;
  let product = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => Number(i === j)),
  );
  let map = grid;
  const products = [];
  for (const layer of /** @type {Layer[]} */ (layers)) {
    if (layer.grid.rows !== map.rows || layer.grid.columns !== map.columns) {
      product = times(mergingOf(map), product);
      map = layer.grid;
    }
    product = times(mixed(await headsOf(vitrine, layer)), product);
    products.push(product);
  }
  return products;
}

test("rollout: the page reads the product of all layers", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  await showTab(vitrine, "rollout");
  await clickPatch(vitrine, 3, 2);
  const { grid, prefix } = await vitrine.describe();
  const token = prefix.length + 3 * grid.columns + 2;
  const products = await rollouts(vitrine);
  const reading = page.getByTestId("rollout-reading");
  const picture = page.getByTestId("rollout-through");
  for (const layer of [8, 4]) {
    await chooseLayer(vitrine, layer);
    const box = await picture.boundingBox();
    if (!box) throw new Error("no picture");
    for (const [row, column] of [
      [0, 0],
      [3, 2],
      [6, 7],
    ]) {
      const position = {
        x: ((column + 0.5) * box.width) / grid.columns,
        y: ((row + 0.5) * box.height) / grid.rows,
      };
      await picture.hover({ position });
      await expect(reading).toContainText(`patch ${row}, ${column}:`);
      const key = prefix.length + row * grid.columns + column;
      near(await valueOf(reading), products[layer][token][key], 1e-5);
    }
  }
  // Who looks at it instead: the column of the same product.
  await vitrine.directionSelect.selectOption("column");
  await picture.hover({ position: { x: 3, y: 3 } });
  const first = products[4][prefix.length][token];
  await expect
    .poll(async () => Math.abs((await valueOf(reading)) - first))
    .toBeLessThan(1e-5);
});

test("rollout goes through a Swin's windows, padding and merging", async ({
  vitrine,
}) => {
  await openSwin(vitrine, "swin_padded");
  const { grid, layers } = await vitrine.describe();
  const products = await rollouts(vitrine);
  const token = 7 * grid.columns + 13;
  const { shape, data } = await derive(vitrine, {
    kind: "rollout",
    token,
    direction: "row",
  });
  const size = grid.rows * grid.columns;
  expect(shape).toEqual([layers.length, size]);
  for (const [i, layer] of /** @type {Layer[]} */ (layers).entries()) {
    const side = 2 ** layer.stage;
    const own =
      Math.floor(7 / side) * layer.grid.columns + Math.floor(13 / side);
    const found = data.slice(i * size, (i + 1) * size);
    near(total(found), 1);
    for (const [patch, value] of products[i][own].entries()) {
      near(found[patch], value, 1e-5);
    }
  }
});

test("the tab is in the address, follows the family, and asks only when it is shown", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?panel=distance");
  const tab = (/** @type {string} */ id) => page.getByTestId(id);
  await expect(tab("tab-distance")).toHaveAttribute("aria-selected", "true");
  await expect(tab("distance-panel")).toBeVisible();
  await expect(tab("swin-tab-bias")).toBeHidden();
  await page.evaluate(() => {
    const { engine } = /** @type {any} */ (window).vitrine;
    const asked = /** @type {string[]} */ ([]);
    const plain = engine.derive.bind(engine);
    engine.derive = (/** @type {{kind: string}} */ question) => {
      asked.push(question.kind);
      return plain(question);
    };
    Object.assign(window, { asked });
  });
  const asked = () => page.evaluate(() => /** @type {any} */ (window).asked);
  await clickPatch(vitrine, 1, 1);
  await clickPatch(vitrine, 4, 4);
  expect(await asked()).toEqual([]);
  await tab("tab-distance").press("ArrowRight");
  await expect(tab("positions-panel")).toBeVisible();
  await expect.poll(asked).toEqual(["similarity"]);
  await expect.poll(() => page.url()).toContain("panel=positions");
  await openSwin(vitrine);
  // It has no positions: its first chapter instead.
  await expect(tab("roll-panel")).toBeVisible();
  await expect(tab("tab-positions")).toBeHidden();
});
