// The heat map and the strips can be gone through by hand and keyboard; the pane fits the screen; symbols can be read.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/paths.js";
import { expect, test } from "../support/test.js";
import { chooseStep, readRow, rowAt, shows } from "../support/glass.js";
import { clickPatch } from "../support/stage.js";

/** @import {Vitrine} from "../support/vitrine.js" */

/** As the page writes a value. @param {number} value */
const text = (value) =>
  Math.abs(value) < 0.0001 && value !== 0
    ? value.toExponential(2)
    : String(Number(value.toPrecision(3)));

/** Row, column, rows and columns that are seen. @param {Vitrine} vitrine */
async function viewOf({ page }) {
  const view = await page.getByTestId("heatmap").getAttribute("data-view");
  return (view ?? "").split(" ").map(Number);
}

test("the heat map names the number under pointer and keyboard, near and far", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?query=3,4&layer=4&head=1");
  await clickPatch(vitrine, 3, 4);
  await shows(vitrine, "blocks.4.attn.pattern");
  await page.getByTestId("lens-tab-values").click();
  const map = page.getByTestId("heatmap");
  const reading = page.getByTestId("heatmap-reading");
  const pattern = await vitrine.tensor("blocks.4.attn.pattern");
  const { prefix, grid } = await vitrine.describe();
  const all = pattern.shape[1];
  const name = (/** @type {number} */ token) => {
    const patch = token - prefix.length;
    return patch < 0
      ? "class token"
      : `patch ${Math.floor(patch / grid.columns)}, ${patch % grid.columns}`;
  };
  const said = (/** @type {number} */ row, /** @type {number} */ column) =>
    `query ${name(row)}, key ${name(column)}: ${text(rowAt(pattern, [1, row])[column])}`;
  expect(await viewOf(vitrine)).toEqual([0, 0, all, all]);
  await expect(page.getByTestId("slice-select")).toHaveValue("1");

  await map.scrollIntoViewIfNeeded();
  const box = await map.boundingBox();
  if (!box) throw new Error("the heat map cannot be seen");
  const cell = { row: 30, column: 12 };
  const position = {
    x: ((cell.column + 0.5) * box.width) / all,
    y: ((cell.row + 0.5) * box.height) / all,
  };
  await map.hover({ position });
  await expect(reading).toHaveText(said(cell.row, cell.column));

  // The wheel goes into the cell under it, which stays where it is.
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -100);
  await expect.poll(async () => (await viewOf(vitrine))[2]).toBeLessThan(30);
  await expect(reading).toHaveText(said(cell.row, cell.column));
  const [top, left, rows, columns] = await viewOf(vitrine);
  expect(rows).toBeCloseTo(all / 1.25 ** 5, 2);

  // Dragging moves the picture along with the pointer.
  await page.mouse.down();
  await page.mouse.move(
    box.x + position.x - box.width / 4,
    box.y + position.y - box.height / 4,
    { steps: 4 },
  );
  await page.mouse.up();
  const moved = await viewOf(vitrine);
  expect(moved[0]).toBeCloseTo(top + rows / 4, 1);
  expect(moved[1]).toBeCloseTo(left + columns / 4, 1);

  // The keyboard goes from cell to cell, and the view with it.
  await page.getByTestId("zoom-whole").click();
  expect(await viewOf(vitrine)).toEqual([0, 0, all, all]);
  const token = prefix.length + 3 * grid.columns + 4;
  await map.focus();
  await page.keyboard.press("ArrowRight");
  await expect(reading).toHaveText(said(token, 0));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await expect(reading).toHaveText(said(token - 1, 1));
  await page.keyboard.press("+");
  await page.keyboard.press("End");
  await expect(reading).toHaveText(said(token - 1, all - 1));
  const [, from, , width] = await viewOf(vitrine);
  expect(from + width).toBeCloseTo(all, 2);
  await page.keyboard.press("0");
  expect(await viewOf(vitrine)).toEqual([0, 0, all, all]);
});

test("what is near is drawn as the numbers say", async ({ vitrine, page }) => {
  await vitrine.open("/?query=3,4&layer=4");
  await chooseStep(vitrine, "blocks.4.attn.q");
  await page.getByTestId("lens-tab-values").click();
  const map = page.getByTestId("heatmap");
  await map.focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 8; i++) await page.keyboard.press("+");
  const [top, left, rows, columns] = await viewOf(vitrine);
  expect(rows).toBeLessThanOrEqual(8);
  await page.keyboard.press("Tab");
  const q = await vitrine.tensor("blocks.4.attn.q");
  // Green above zero, purple below: the sign of each whole cell can be seen.
  const cells = [];
  for (let row = Math.ceil(top); row < Math.floor(top + rows); row++) {
    for (let column = Math.ceil(left); column < left + columns - 1; column++) {
      const value = rowAt(q, [0, row])[column];
      if (Math.abs(value) > 0.5) cells.push({ row, column, value });
    }
  }
  expect(cells.length).toBeGreaterThan(5);
  const signs = await map.evaluate(
    (element, { wanted, view }) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = canvas.getContext("2d");
      return wanted.map(({ row, column }) => {
        const x = ((column + 0.5 - view[1]) / view[3]) * canvas.width;
        const y = ((row + 0.5 - view[0]) / view[2]) * canvas.height;
        const [red, green] = /** @type {CanvasRenderingContext2D} */ (
          context
        ).getImageData(x, y, 1, 1).data;
        return Math.sign(green - red);
      });
    },
    { wanted: cells, view: [top, left, rows, columns] },
  );
  expect(signs).toEqual(cells.map(({ value }) => Math.sign(value)));
});

test("tabs go by keyboard, and code stands where it is quoted from", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?model=vitrine-swin&layer=1&query=3,4");
  await chooseStep(vitrine, "layers.0.blocks.1.attn.mask");
  const tab = (/** @type {string} */ name) =>
    page.getByTestId(`lens-tab-${name}`);
  await tab("pytorch").focus();
  await expect(page.getByTestId("lens-pytorch")).toContainText("mask[:, None]");
  await page.keyboard.press("ArrowRight");
  await expect(tab("rust")).toBeFocused();
  await expect(tab("rust")).toHaveAttribute("aria-selected", "true");
  const rust = page.getByTestId("lens-rust");
  await expect(rust).toBeVisible();
  await expect(rust).toContainText("src/nn/window_attention.rs");
  await expect(rust.locator(".line.now").first()).toContainText("mask");
  await expect(page.getByTestId("lens-pytorch")).toBeHidden();
});

test("the pane scrolls in itself: the page does not, and the model's card stays at hand", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?model=vitrine-swin&layer=1&query=3,4");
  await chooseStep(vitrine, "layers.0.blocks.1.attn.scores");
  const overflow = () =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return [scrollWidth - innerWidth, scrollHeight - innerHeight];
    });
  expect(await overflow()).toEqual([0, 0]);
  const size = page.getByTestId("size-input");
  await expect(size).toBeHidden();
  await page.getByTestId("model-card").locator("summary").click();
  await expect(size).toBeInViewport();
  expect(await overflow()).toEqual([0, 0]);

  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(async () => (await overflow())[0]).toBeLessThanOrEqual(0);
  const exhibit = page.locator(".exhibit");
  const width = await exhibit.evaluate(
    (box) => box.scrollWidth - box.clientWidth,
  );
  expect(width).toBeLessThanOrEqual(0);
});

test("the strips follow pointer and keyboard, and say what they are", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?query=3,4&layer=4");
  await shows(vitrine, "blocks.4.attn.pattern");
  const { prefix, grid } = await vitrine.describe();
  const count = prefix.length + grid.rows * grid.columns;
  const strip = (/** @type {string} */ name) =>
    page.locator(`.strip[data-row="${name}"] canvas`);
  // One tab stop for all strips; up and down go from one to the next.
  await expect(page.locator(".strips canvas[tabindex='0']")).toHaveCount(1);
  await strip("q").focus();
  await page.keyboard.press("ArrowDown");
  await expect(strip("k")).toBeFocused();
  await strip("dot").focus();
  await page.keyboard.press("End");
  const last = `patch ${grid.rows - 1}, ${grid.columns - 1}`;
  await expect(strip("dot")).toHaveAttribute(
    "aria-valuetext",
    new RegExp(`^key ${last}: `),
  );
  await expect(strip("pattern")).toHaveAttribute(
    "aria-valuenow",
    String(count - 1),
  );
  await expect(page.getByTestId("worked")).toContainText(
    `patch 3, 4 → ${last}`,
  );

  // Pointing previews a key and leaves the chosen one as it was; a click keeps it.
  const box = await strip("pattern").boundingBox();
  if (!box) throw new Error("the strip cannot be seen");
  const key = 20;
  const position = { x: ((key + 0.5) * box.width) / count, y: 5 };
  await strip("pattern").hover({ position });
  expect((await readRow(vitrine))["qk"].place).toBe(key);
  await page.mouse.move(5, 5);
  expect((await readRow(vitrine))["qk"].place).toBe(count - 1);
  await strip("pattern").click({ position });
  await page.mouse.move(5, 5);
  expect((await readRow(vitrine))["qk"].place).toBe(key);
});

for (const theme of /** @type {const} */ (["light", "dark"])) {
  test(`symbols can be read, ${theme}`, async ({ vitrine, page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await vitrine.open("/?query=3,4&layer=4");
    await shows(vitrine, "blocks.4.attn.pattern");
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    const ratios = await page.locator(".formula").evaluate((formula) => {
      /** @param {string} colour "rgb(1, 2, 3)" */
      const luminance = (colour) => {
        const [r, g, b] = (colour.match(/\d+/g) ?? []).map((part) => {
          const share = Number(part) / 255;
          return share <= 0.04045
            ? share / 12.92
            : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const grounds = [
        formula,
        formula.closest(".glass"),
        document.querySelector(".strip.now"),
      ].map(
        (element) =>
          getComputedStyle(/** @type {Element} */ (element)).backgroundColor,
      );
      const symbols =
        "q k v a bias mask stream window-1 window-2 window-3 window-4 red green blue";
      return symbols.split(" ").flatMap((name) => {
        const one = document.createElement("span");
        one.className = `sym ${name}`;
        formula.append(one);
        const ink = getComputedStyle(one).color;
        one.remove();
        return grounds.map((ground) => {
          const [a, b] = [luminance(ink), luminance(ground)];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          return { name, ink, ground, ratio };
        });
      });
    });
    expect(ratios.length).toBe(42);
    expect(new Set(ratios.map(({ ink }) => ink)).size).toBeGreaterThan(8);
    for (const { name, ink, ground, ratio } of ratios) {
      expect.soft(ratio, `${name}: ${ink} on ${ground}`).toBeGreaterThan(4.5);
    }
  });
}

test("where a kernel runs in place of the quoted lines, its file is named", async ({
  vitrine,
  page,
}) => {
  const kernel = page.getByTestId("lens-rust").locator(".instead .file");
  const opened = async (/** @type {string} */ view) => {
    await vitrine.open(`/?glass=rust&${view}`);
    await expect(page.getByTestId("lens-rust").locator("code")).toContainText(
      "pattern",
    );
  };
  await opened("model=vitrine-vit&layer=0&step=blocks.0.attn.pattern");
  await expect(kernel).toHaveCount(1);
  const file = (await kernel.textContent()) ?? "";
  expect(existsSync(join(ROOT, file)), file).toBe(true);
  // Rows of 48 numbers do not fill blocks of 32: the first stage is in f16, and its attention in f32.
  const swin = "model=vitrine-swin&step=layers";
  await opened(`${swin}.0.blocks.1.attn.pattern&layer=1`);
  await expect(kernel).toHaveCount(0);
  await opened(`${swin}.1.blocks.0.attn.pattern&layer=2`);
  await expect(kernel).toHaveCount(1);
});
