// A lesson and the page around it: addresses and the back button, leaving, the visitor's own photo, room on screens.

import { patch } from "../support/lesson-parts.js";
import { LessonPage, lessonFile } from "../support/lessons.js";
import { expect, test } from "../support/test.js";

/** @import {Vitrine} from "../support/vitrine.js" */

test("an address opens a lesson at its step, and the back button goes from step to step", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?lesson=mask&at=3&language=zh");
  const lesson = new LessonPage(vitrine);
  await lesson.settled(2);
  await expect(lesson.title).toHaveText(lessonFile("mask").steps[2].title.zh);
  await lesson.next.click();
  await lesson.settled(3);
  await expect(page).toHaveURL(/\?lesson=mask&at=4&language=zh$/);
  await page.goBack();
  await lesson.settled(2);
  expect((await lesson.state()).query).toEqual(patch(3, 3));
  await page.goForward();
  await lesson.settled(3);
  expect((await lesson.state()).query).toEqual(patch(15, 15));

  // A step beyond the end is the last; a lesson that there is not leaves the page as it is.
  await page.goto(`${vitrine.origin}/?lesson=cost&at=99`);
  await lesson.settled(lessonFile("cost").steps.length - 1);
  await page.goto(`${vitrine.origin}/?lesson=no-such&at=1`);
  await expect(vitrine.error).toContainText("no-such.json");
  await expect(lesson.panel).toBeHidden();
  await expect(
    vitrine.predictions.locator("[data-class]").first(),
  ).toBeVisible();
});

test("leaving gives the page back as it was", async ({ vitrine, page }) => {
  await vitrine.open(
    "/?model=vitrine-vit&photo=rocket.jpg&layer=4&head=2&query=2,6&direction=column",
  );
  const before = await lessonState(vitrine);
  const said = await vitrine.top();
  const lesson = new LessonPage(vitrine);
  await lesson.open("mask");
  await expect(page.locator("body")).toHaveAttribute("data-lesson", "mask");
  await expect(page.locator("aside.glass")).toBeHidden();
  await page.getByTestId("lesson-dots").locator("button").nth(5).click();
  await lesson.settled(5);
  await page.getByTestId("lesson-show").click();
  await lesson.settled(5);
  expect((await lesson.state()).whatif.noMask).toBe(true);
  await lesson.leave.click();
  await vitrine.settled();
  await expect.poll(() => lessonState(vitrine)).toEqual(before);
  expect(await vitrine.top()).toEqual(said);
  await expect(page.locator("aside.glass")).toBeVisible();
  await expect(page.locator("body")).not.toHaveAttribute("data-lit");
  await expect(page).not.toHaveURL(/lesson/);

  // Escape in the lesson leaves as well.
  await lesson.open("heads");
  await lesson.next.focus();
  await page.keyboard.press("Escape");
  await expect(lesson.panel).toBeHidden();
});

/** @param {Vitrine} vitrine */
const lessonState = (vitrine) => new LessonPage(vitrine).state();

test("a visitor's own photo stays through the steps, and the next keys do not change the layer", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const lesson = new LessonPage(vitrine);
  await lesson.open("heads");
  await page.locator('[data-sample="rocket.jpg"]').click();
  await vitrine.settled();
  await page.keyboard.press("n");
  await lesson.settled(1);
  expect(await lesson.state()).toMatchObject({ photo: "rocket.jpg", layer: 0 });
  await page.keyboard.press("PageUp");
  await lesson.settled(0);
  expect((await lesson.state()).layer).toBe(0);
});

test("boards fill the screen without scrolling, and a phone does not scroll sideways", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const lesson = new LessonPage(vitrine);
  const hasBoard = (/** @type {any} */ step) => Boolean(step.board);
  /** @returns {Promise<Record<string, number>>} */
  const overflow = () =>
    page.evaluate(() => {
      const root = document.documentElement;
      const board = /** @type {HTMLElement} */ (
        document.querySelector(".lesson-board")
      );
      return {
        across: root.scrollWidth - innerWidth,
        down: root.scrollHeight - innerHeight,
        board: board.scrollHeight - board.clientHeight,
      };
    });
  for (const id of ["attention", "recurrence"]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await lesson.open(id);
    const { steps } = lessonFile(id);
    for (const [i, step] of steps.entries()) {
      await page.getByTestId("lesson-dots").locator("button").nth(i).click();
      await lesson.settled(i);
      await page.setViewportSize({ width: 1440, height: 900 });
      // What follows the page's size comes a frame after it.
      const wide = hasBoard(step)
        ? ["across", "down", "board"]
        : ["across", "down"];
      for (const side of wide) {
        await expect
          .poll(async () => (await overflow())[side], `${id} ${i}: ${side}`)
          .toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      await expect
        .poll(async () => (await overflow()).across, `${id} ${i}, phone`)
        .toBeLessThanOrEqual(0);
    }
    await lesson.leave.click();
  }
});
