// Windows on the photo: what a patch cannot see, attention laid back at its true place, the roll, merging, what-ifs.

import { png } from "../support/photos.js";
import {
  centreOf,
  clickPatch,
  correlation,
  layoutOf,
  patchColours,
} from "../support/stage.js";
import { SWIN, chooseLayer, openSwin } from "../support/swin.js";
import { expect, test } from "../support/test.js";
import { file } from "../support/vitrine.js";

/** @import {Vitrine} from "../support/vitrine.js" */

/** A shifted block of the fixture: 16 x 16 tokens in windows of 4. */
const SW = 1;
const SITE = "layers.0.blocks.1";
const CORNER = { row: 15, column: 15, token: 255 };

/** One grey, so that whatever stands out was drawn. */
const GREY = png(120, 120, (_, row) => row.fill(128));

/** What the model's own gather and mask say of a token. @param {Vitrine} vitrine @param {number} token */
async function truth(vitrine, token) {
  const index = await vitrine.tensor(`${SITE}.attn.index`);
  const mask = await vitrine.tensor(`${SITE}.attn.mask`);
  const slot = index.data.indexOf(token);
  const area = index.shape[1];
  const window = Math.floor(slot / area);
  /** @type {{seen: number[], masked: number[]}} */
  const found = { seen: [], masked: [] };
  for (let other = 0; other < area; other++) {
    const isMasked = mask.data[slot * area + other] < 0;
    const key = isMasked ? "masked" : "seen";
    found[key].push(index.data[window * area + other]);
  }
  found.seen.sort((a, b) => a - b);
  found.masked.sort((a, b) => a - b);
  return { ...found, window, slot, area };
}

/** The mean and the spread of the grey inside each patch of the stage. @param {Vitrine} vitrine */
async function greys(vitrine) {
  const layout = await layoutOf(vitrine);
  const { width, rgba } = await vitrine.stagePixels();
  const reach = 0.3 * (layout.width / layout.columns);
  return Array.from({ length: layout.rows * layout.columns }, (_, token) => {
    const row = Math.floor(token / layout.columns);
    const { x, y } = centreOf(layout, row, token % layout.columns);
    const values = [];
    for (let v = Math.ceil(y - reach); v <= y + reach; v++) {
      for (let u = Math.ceil(x - reach); u <= x + reach; u++) {
        values.push(rgba[4 * (v * width + u)]);
      }
    }
    const mean = values.reduce((a, b) => a + b) / values.length;
    return { mean, spread: Math.max(...values) - Math.min(...values) };
  });
}

const sight = (/** @type {Vitrine} */ { page }) =>
  page.evaluate(() => /** @type {any} */ (window).vitrine.sight());

test("a corner of a shifted block: what is hatched is what the model masks", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await vitrine.look(file("grey.png", GREY));
  await chooseLayer(vitrine, SW);
  await page.locator('input[name="opacity"]').fill("0");
  await clickPatch(vitrine, CORNER.row, CORNER.column);
  await page.mouse.move(2, 2);
  await expect(vitrine.query).toHaveText("patch 15, 15");
  const { seen, masked, window } = await truth(vitrine, CORNER.token);
  expect([seen.length, masked.length]).toEqual([4, 12]);
  expect(await sight(vitrine)).toEqual({ seen, masked });
  await expect(vitrine.stage).toHaveAttribute("data-window", String(window));
  await expect(vitrine.stage).toHaveAttribute("data-seen", "4");
  await expect(vitrine.stage).toHaveAttribute("data-masked", "12");
  const legend = page.getByTestId("sight");
  await expect(legend.locator('[data-kind="masked"] .number')).toHaveText("12");

  const drawn = await greys(vitrine);
  const tokens = drawn.map((_, token) => token);
  // The hatching alone has stripes; what is seen keeps its colour, what is elsewhere is darker.
  expect(tokens.filter((token) => drawn[token].spread > 60)).toEqual(masked);
  const isBare = (/** @type {number} */ token) =>
    Math.abs(drawn[token].mean - 128) < 3;
  expect(tokens.filter(isBare)).toEqual(
    seen.filter((token) => token !== CORNER.token || isBare(token)),
  );
  const isDark = (/** @type {number} */ token) =>
    drawn[token].spread < 10 && drawn[token].mean < 100;
  const inWindow = new Set([...seen, ...masked]);
  expect(tokens.filter(isDark)).toEqual(
    tokens.filter((token) => !inWindow.has(token)),
  );
});

test("attention of a shifted window lies where its patches are", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await vitrine.look(file("grey.png", GREY));
  await chooseLayer(vitrine, SW);
  await page.locator('input[name="opacity"]').fill("1");
  for (const direction of ["row", "column"]) {
    await vitrine.directionSelect.selectOption(direction);
    await clickPatch(vitrine, 0, 0);
    const { slot, area, window, seen } = await truth(vitrine, 0);
    const index = await vitrine.tensor(`${SITE}.attn.index`);
    const { data } = await vitrine.tensor(`${SITE}.attn.pattern`);
    const within = slot % area;
    const size = area * area;
    // One head: (windows, 1, area, area).
    const given = Array.from({ length: area }, (_, other) => {
      const at =
        direction === "row" ? within * area + other : other * area + within;
      return {
        token: index.data[window * area + other],
        value: data[window * size + at],
      };
    });
    const top = given.reduce((a, b) => (b.value > a.value ? b : a));
    const [row, column] = [Math.floor(top.token / 16), top.token % 16];
    await page.mouse.move(2, 2);
    await expect(vitrine.readout).toContainText(`patch ${row}, ${column}`);
    for (const { token, value } of given) {
      if (!seen.includes(token)) continue;
      const layout = await layoutOf(vitrine);
      await vitrine.stage.hover({
        position: centreOf(layout, Math.floor(token / 16), token % 16),
      });
      const shown = await vitrine.readout.getAttribute("data-value");
      expect(Number(shown)).toBeCloseTo(value, 6);
    }
    await clickPatch(vitrine, 0, 0); // lets go
  }
});

test("a deeper stage has its own map: query, keys and merging", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, 3);
  await expect(vitrine.stage).toHaveAttribute("data-grid", "8 8");
  await clickPatch(vitrine, 7, 6);
  await expect(vitrine.query).toHaveText("patch 7, 6");
  await vitrine.stage.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(vitrine.query).toHaveText("patch 7, 7");
  await chooseLayer(vitrine, SW);
  await expect(vitrine.query).toHaveText(/^patch 1[45], 1[45]$/);
  await vitrine.rail.locator('[data-site="layers.2.downsample"]').click();
  await expect(vitrine.stage).toHaveAttribute("data-grid", "4 4");
  await expect(vitrine.query).toHaveText("patch 3, 3");
});

test("the roll goes there and back, and can be stopped", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  const play = page.getByTestId("roll-play");
  await expect(play).toBeHidden();
  await vitrine.rail.locator(`[data-site="${SITE}.attn.index"]`).click();
  await vitrine.settled();
  const toggle = page.getByTestId("windows-toggle");
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
  const before = await greysOfRow(vitrine);
  await play.click();
  await expect(vitrine.stage).toHaveAttribute("data-roll", "1");
  const rolled = await greysOfRow(vitrine);
  expect(rolled).not.toEqual(before);
  await expect(vitrine.stage).toHaveAttribute("data-roll", "0");
  expect(await greysOfRow(vitrine)).toEqual(before);

  await play.click();
  await expect(vitrine.stage).toHaveAttribute("data-roll", "1");
  await play.click();
  await expect(vitrine.stage).toHaveAttribute("data-roll", "1");
  await chooseLayer(vitrine, 0);
  await expect(vitrine.stage).toHaveAttribute("data-roll", "0");
  await expect(play).toBeHidden();
});

/** @param {Vitrine} vitrine */
async function greysOfRow(vitrine) {
  return (await greys(vitrine)).slice(64, 80).map(({ mean }) => mean);
}

/** Mean colours of the tokens when the photo is rolled by `shift`. @param {number[][]} colours @param {{rows: number, columns: number}} grid @param {{rows: number, columns: number}} shift */
function rolledBy(colours, grid, shift) {
  return colours.map((_, token) => {
    const row = (Math.floor(token / grid.columns) + shift.rows) % grid.rows;
    const column = ((token % grid.columns) + shift.columns) % grid.columns;
    return colours[row * grid.columns + column];
  });
}

/** @param {number[][]} colours */
const brightness = (colours) => colours.map(([r, g, b]) => r + g + b);

test("the roll moves the photo's own pixels by the block's own shift", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await vitrine.rail.locator(`[data-site="${SITE}.attn.index"]`).click();
  await vitrine.settled();
  await clickPatch(vitrine, 5, 5);
  const { layers } = await vitrine.describe();
  const { grid, windows } = layers[SW];
  const tint = page.getByTestId("windows-toggle");
  if ((await tint.getAttribute("aria-pressed")) === "true") await tint.click();
  const photo = await patchColours(vitrine);
  await expect(vitrine.stage).toHaveAttribute("data-roll", "0");

  const play = page.getByTestId("roll-play");
  await play.click();
  await expect(vitrine.stage).toHaveAttribute("data-roll", "1");
  const there = await patchColours(vitrine);
  // Windows are coloured, so brightness is compared by its pattern: of all rolls it fits the block's own best.
  const shifts = photo.map((_, token) => ({
    rows: Math.floor(token / grid.columns),
    columns: token % grid.columns,
  }));
  const similar = shifts.map((shift) =>
    correlation(brightness(there), brightness(rolledBy(photo, grid, shift))),
  );
  expect(shifts[similar.indexOf(Math.max(...similar))]).toEqual(windows.shift);
});

test("where motion is not wanted, the roll jumps", async ({
  vitrine,
  page,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openSwin(vitrine);
  await chooseLayer(vitrine, SW);
  await vitrine.rail.locator(`[data-site="${SITE}.attn.index"]`).click();
  await vitrine.settled();
  await vitrine.stage.evaluate((stage) => {
    const seen = new MutationObserver(() => {
      const { roll } = stage.dataset;
      stage.dataset["rolls"] = `${stage.dataset["rolls"] ?? ""} ${roll}`;
    });
    seen.observe(stage, { attributeFilter: ["data-roll"] });
  });
  await page.getByTestId("roll-play").click();
  await expect(vitrine.stage).toHaveAttribute("data-roll", "1");
  await expect(vitrine.stage).toHaveAttribute("data-roll", "0");
  const rolls = await vitrine.stage.getAttribute("data-rolls");
  expect(new Set(rolls?.trim().split(" "))).toEqual(new Set(["0", "1"]));
});

test("without mask or shift the model runs anew, and all else stays", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine, SWIN);
  await chooseLayer(vitrine, SW);
  await clickPatch(vitrine, CORNER.row, CORNER.column);
  const before = await vitrine.top();
  const state = () =>
    page.evaluate(() => {
      const { baseline, whatif } = /** @type {any} */ (
        window
      ).vitrine.state.get();
      return { whatif, baseline };
    });
  const set = (/** @type {object} */ change) =>
    vitrine.change(() =>
      page.evaluate(
        (part) => /** @type {any} */ (window).vitrine.setWhatif(part),
        change,
      ),
    );

  await set({ noMask: true });
  await expect(vitrine.stage).toHaveAttribute("data-masked", "0");
  await expect(vitrine.stage).toHaveAttribute("data-seen", "16");
  await expect(vitrine.query).toHaveText("patch 15, 15");
  const { baseline } = await state();
  expect(baseline[0].index).toBe(before[0].index);
  expect(page.url()).toContain("without=mask");

  await set({ noMask: false, noShift: true });
  const last = [...Array(16).keys()].map(
    (i) => 16 * (12 + Math.floor(i / 4)) + 12 + (i % 4),
  );
  expect(await sight(vitrine)).toEqual({ seen: last, masked: [] });

  await set({ noShift: false });
  expect((await state()).baseline).toBeNull();
  expect(await vitrine.top()).toEqual(before);
  await expect(vitrine.stage).toHaveAttribute("data-masked", "12");
});
