// A shifted block on the stage: what a corner patch cannot see is hatched, and the roll goes there and back.

import { colourDistance, correlation, patchColours } from "../support/stage.js";
import { chooseLayer, openSwin, pinPatch } from "../support/swin.js";
import { expect, test } from "../support/test.js";

/** @import {Vitrine} from "../support/vitrine.js" */

const SHIFTED = 1;
const SITE = "layers.0.blocks.1";

/**
 * By the model's own gather and mask: the tokens in the query's window that it sees, and those it does not.
 * @param {Vitrine} vitrine @param {number} token
 */
async function byTheModel(vitrine, token) {
  const index = await vitrine.tensor(`${SITE}.attn.index`);
  const mask = await vitrine.tensor(`${SITE}.attn.mask`);
  const [, area] = index.shape;
  const slot = index.data.indexOf(token);
  const first = slot - (slot % area);
  /** @type {{seen: number[], masked: number[]}} */
  const found = { seen: [], masked: [] };
  for (let key = 0; key < area; key++) {
    const added = mask.data[slot * area + key];
    expect([0, -100]).toContain(added);
    found[added === 0 ? "seen" : "masked"].push(index.data[first + key]);
  }
  const ascending = (/** @type {number} */ a, /** @type {number} */ b) => a - b;
  return {
    seen: found.seen.sort(ascending),
    masked: found.masked.sort(ascending),
  };
}

/** @param {Vitrine} vitrine */
const onThePage = (vitrine) =>
  vitrine.page.evaluate(() => /** @type {any} */ (window).vitrine.sight());

/** Goes to an inner step of the block. @param {Vitrine} vitrine @param {string} step */
async function goTo(vitrine, step) {
  await vitrine.rail.locator(`[data-site="${SITE}.${step}"]`).click();
  await vitrine.settled();
}

test("the hatched patches of a corner are the masked ones", async ({
  vitrine,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SHIFTED);
  await goTo(vitrine, "attn.mask");
  const { grid } = await vitrine.describe();
  const last = { row: grid.rows - 1, column: grid.columns - 1 };
  for (const { row, column } of [{ row: 0, column: 0 }, last]) {
    await pinPatch(vitrine, row, column);
    const token = row * grid.columns + column;
    const expected = await byTheModel(vitrine, token);
    expect(expected.masked.length).toBeGreaterThan(0);
    await expect.poll(() => onThePage(vitrine)).toEqual(expected);
    await expect(vitrine.stage).toHaveAttribute(
      "data-masked",
      String(expected.masked.length),
    );
    await expect(vitrine.stage).toHaveAttribute(
      "data-seen",
      String(expected.seen.length),
    );
  }

  // The hatching itself: from one query to another, a patch looks other just where its kind has changed.
  const lower = await byTheModel(vitrine, grid.rows * grid.columns - 1);
  const before = await patchColours(vitrine);
  await pinPatch(vitrine, 5, 5); // in the middle, where nothing is masked
  await expect(vitrine.stage).toHaveAttribute("data-masked", "0");
  const after = await patchColours(vitrine);
  for (const token of lower.masked) {
    expect(colourDistance(before[token], after[token])).toBeGreaterThan(8);
  }
  const middle = await byTheModel(vitrine, 5 * grid.columns + 5);
  const mine = [...lower.seen, ...lower.masked, ...middle.seen];
  const elsewhere = [...before.keys()].filter((token) => !mine.includes(token));
  expect(elsewhere.length).toBeGreaterThan(before.length / 2);
  for (const token of elsewhere) {
    expect(colourDistance(before[token], after[token])).toBeLessThan(1);
  }
});

/** Mean colours of the tokens when the photo is rolled by `shift`. @param {number[][]} colours @param {{rows: number, columns: number}} grid @param {{rows: number, columns: number}} shift */
function rolled(colours, grid, shift) {
  return colours.map((_, token) => {
    const row = (Math.floor(token / grid.columns) + shift.rows) % grid.rows;
    const column = ((token % grid.columns) + shift.columns) % grid.columns;
    return colours[row * grid.columns + column];
  });
}

/** @param {number[][]} colours */
const brightness = (colours) => colours.map(([r, g, b]) => r + g + b);

test("the roll moves the photo's own pixels, and comes back", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await chooseLayer(vitrine, SHIFTED);
  await goTo(vitrine, "attn.index");
  await pinPatch(vitrine, 5, 5);
  const { layers } = await vitrine.describe();
  const { grid, windows } = layers[SHIFTED];
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
    correlation(brightness(there), brightness(rolled(photo, grid, shift))),
  );
  expect(shifts[similar.indexOf(Math.max(...similar))]).toEqual(windows.shift);

  await expect(vitrine.stage).toHaveAttribute("data-roll", "0");
  const back = await patchColours(vitrine);
  back.forEach((colour, token) =>
    expect(colourDistance(colour, photo[token])).toBeLessThan(1),
  );
});

test("with reduced motion the roll jumps", async ({ vitrine, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openSwin(vitrine);
  await chooseLayer(vitrine, SHIFTED);
  await goTo(vitrine, "attn.index");
  const seen = await page.evaluate(async () => {
    const stage = document.querySelector("[data-testid='stage']");
    const play = document.querySelector("[data-testid='roll-play']");
    if (!(stage instanceof HTMLElement) || !(play instanceof HTMLElement)) {
      throw new Error("no stage, or nothing to roll");
    }
    const values = new Set();
    const watching = new MutationObserver(() =>
      values.add(stage.dataset["roll"]),
    );
    watching.observe(stage, { attributes: true });
    play.click();
    await new Promise((resolve) => setTimeout(resolve, 800));
    watching.disconnect();
    return [...values].filter((value) => value !== "0");
  });
  expect(seen).toEqual(["1"]);
});
