// How fast the page is, by its own measure: each move over the photo until all is drawn, and the first visit.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeSwinTiny } from "../support/swin-tiny.js";
import { layoutOf } from "../support/stage.js";
import { expect, test } from "../support/test.js";
import { writeVitTiny } from "../support/vit-tiny.js";

/** @import {Vitrine} from "../support/vitrine.js" */

/** A frame of a screen with 60 of them a second, and what is still felt as at once; in milliseconds. */
const MEDIAN = 16;
const WORST = 50;

/** Moves per view. */
const MOVES = 80;

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/**
 * Moves the pointer over the photo, from token to token, and returns what the page measured, a number a move; none where
 * a move redrew nothing.
 * @param {Vitrine} vitrine @param {number} moves
 * @returns {Promise<(number | undefined)[]>}
 */
async function hover(vitrine, moves) {
  const { page, stage } = vitrine;
  await stage.scrollIntoViewIfNeeded();
  const box = await stage.boundingBox();
  const { x, y, width, height, rows, columns } = await layoutOf(vitrine);
  if (!box) throw new Error("no stage");
  /** @type {(number | undefined)[]} */
  const found = [];
  await page.evaluate(() => performance.clearMeasures());
  for (let i = 0; i < moves; i++) {
    // Far and near, as a hand does; never the same patch twice in a row.
    const row = (i * 7 + (i >> 3)) % rows;
    const column = (i * 5 + (i >> 2)) % columns;
    await page.mouse.move(
      box.x + x + ((column + 0.5) * width) / columns,
      box.y + y + ((row + 0.5) * height) / rows,
    );
    found.push(
      await page.evaluate(async () => {
        await new Promise(requestAnimationFrame);
        const measured = performance.getEntriesByName("vitrine:redraw");
        performance.clearMeasures();
        return measured.at(-1)?.duration;
      }),
    );
  }
  await page.mouse.move(2, 2);
  return found;
}

/**
 * Rounds that a view gets, the same moves in each: a machine that does something else meanwhile spoils one move here,
 * one there; what is slow in the page is slow in most rounds, and a move counts with the median of its rounds.
 */
const ROUNDS = 5;

/**
 * Milliseconds of the work below on the machine that the bars are meant for: two quiet cores of a Xeon took 2.0 to 2.3 for
 * it, and 9.2 to 15.1 for the median move. The bars grow with what it takes more than the least, at most so many times.
 */
const NOMINAL_WORK = 2;
const MOST_SLOWNESS = 3;

/**
 * Milliseconds of a fixed piece of a browser's work, the best of some: pixels made and drawn, numbers written. In a page
 * with nothing else in it, so that it does not count what the page under test does.
 * @param {Vitrine} vitrine @returns {Promise<number>}
 */
async function pieceOfWork(vitrine) {
  const page = await vitrine.page.context().newPage();
  const work = await page.evaluate(() => {
    const canvas = new OffscreenCanvas(512, 512);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    let best = Infinity;
    for (let round = 0; context && round < 12; round++) {
      const begin = performance.now();
      const image = context.createImageData(512, 512);
      for (let i = 0; i < image.data.length; i++) image.data[i] = i * round;
      context.putImageData(image, 0, 0);
      for (let i = 0; i < 400; i++) {
        context.fillText((i * 0.37).toFixed(3), i, (i * 7) % 512);
      }
      context.getImageData(0, 0, 1, 1);
      best = Math.min(best, performance.now() - begin);
    }
    return best;
  });
  await page.close();
  await vitrine.page.bringToFront();
  return work;
}

/** @param {string} name @param {Vitrine} vitrine */
async function expectFast(name, vitrine) {
  const work = await pieceOfWork(vitrine);
  const slowness = Math.min(Math.max(1, work / NOMINAL_WORK), MOST_SLOWNESS);
  /** @type {(number | undefined)[][]} */
  const rounds = [];
  while (rounds.length < ROUNDS) rounds.push(await hover(vitrine, MOVES));
  const found = Array.from({ length: MOVES }, (_, move) =>
    rounds.flatMap((round) => round[move] ?? []),
  )
    .filter((durations) => durations.length > ROUNDS / 2)
    .map(median);
  const worst = Math.max(...found);
  const text = `${name}: ${found.length} moves, median ${median(found).toFixed(1)} ms, worst ${worst.toFixed(1)} ms; a piece of work ${work.toFixed(2)} ms, bars x ${slowness.toFixed(2)}`;
  test.info().annotations.push({ type: "measured", description: text });
  if (process.env["VITRINE_SHOW_SPEED"]) console.error(text);
  expect(found.length, `${name}: moves that redrew`).toBeGreaterThan(
    0.7 * MOVES,
  );
  expect(median(found), text).toBeLessThanOrEqual(MEDIAN * slowness);
  expect(worst, text).toBeLessThanOrEqual(WORST * slowness);
}

/** The folder that a checkpoint was written into, gone after the test. @param {(folder: string) => string} write @param {(files: string[]) => Promise<void>} use */
async function withCheckpoint(write, use) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  try {
    const weights = write(folder);
    await use([weights, join(dirname(weights), "config.json")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a move over the photo redraws within a frame: ViT, 197 tokens", async ({
  vitrine,
}) => {
  await vitrine.open();
  await withCheckpoint(writeVitTiny, async (files) => {
    await vitrine.change(() => vitrine.modelInput.setInputFiles(files));
  });
  const pattern = await vitrine.tensor("blocks.11.attn.pattern");
  expect(pattern.shape).toEqual([3, 197, 197]);
  await hover(vitrine, 20); // the first frames compile and allocate
  for (const panel of ["heads", "rollout", "positions"]) {
    await vitrine.page.getByTestId(`tab-${panel}`).click();
    await vitrine.settled();
    await hover(vitrine, 10);
    await expectFast(`ViT, ${panel}`, vitrine);
  }
});

test("a move over the photo redraws within a frame: Swin, stage 1, 3136 tokens", async ({
  vitrine,
}) => {
  await vitrine.open();
  await withCheckpoint(writeSwinTiny, async (files) => {
    await vitrine.change(() => vitrine.modelInput.setInputFiles(files));
  });
  await vitrine.layerSelect.selectOption("1");
  await vitrine.settled();
  const index = await vitrine.tensor("layers.0.blocks.1.attn.index");
  expect(index.shape[0] * index.shape[1]).toBe(3136);
  await hover(vitrine, 20);
  for (const panel of ["swin-tab-windows", "swin-tab-reach", "tab-heads"]) {
    await vitrine.page.getByTestId(panel).click();
    await vitrine.settled();
    await hover(vitrine, 10);
    await expectFast(`Swin, ${panel}`, vitrine);
  }
});

/** What the page promises on this machine, in milliseconds; a loaded one takes its time. */
const PATCHES_BY = 1000;
const RESULT_BY = 2000;
const MARGIN = 4;

test("the first visit: photo and patches, then the first real result", async ({
  browser,
  servers,
}) => {
  /** @type {Record<string, number[]>} */
  const times = { shell: [], photo: [], grid: [], result: [] };
  for (let visit = 0; visit < 3; visit++) {
    // Nothing is cached for a visitor who was never here.
    const context = await browser.newContext({ serviceWorkers: "allow" });
    const page = await context.newPage();
    await page.goto(servers.site.origin);
    await expect(page.getByTestId("status")).toHaveAttribute(
      "data-state",
      "done",
      { timeout: 60_000 },
    );
    await page.waitForFunction(
      () => performance.getEntriesByName("vitrine:result").length > 0,
    );
    for (const name of Object.keys(times)) {
      times[name].push(
        await page.evaluate(
          (mark) =>
            performance.getEntriesByName(`vitrine:${mark}`)[0].startTime,
          name,
        ),
      );
    }
    await context.close();
  }
  const text = Object.entries(times)
    .map(([name, all]) => `${name} ${median(all).toFixed(0)} ms`)
    .join(", ");
  test.info().annotations.push({ type: "measured", description: text });
  if (process.env["VITRINE_SHOW_SPEED"]) console.error(text);
  expect(median(times["photo"]), text).toBeLessThan(MARGIN * PATCHES_BY);
  expect(median(times["grid"]), text).toBeLessThan(MARGIN * PATCHES_BY);
  expect(median(times["result"]), text).toBeLessThan(MARGIN * RESULT_BY);
});
