// The questions of lessons: judged by the running model, and the numbers of their answers are its own.

import { SHIFTED } from "../support/lesson-parts.js";
import { LessonPage } from "../support/lessons.js";
import { clickPatch } from "../support/stage.js";
import { expect, test } from "../support/test.js";

test("without its mask a corner patch looks across the photo, by as much as the lesson says", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?lesson=mask&at=6");
  const lesson = new LessonPage(vitrine);
  await lesson.settled(5);
  const whole = await vitrine.top();
  await page.getByTestId("lesson-option-2").click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");
  await lesson.settled(5);
  // The window of the last patch: of its 4 x 4 slots the lower and the right ones came round.
  const { shape, data } = await vitrine.tensor(`${SHIFTED}.pattern`);
  const index = await vitrine.tensor(`${SHIFTED}.index`);
  const [, heads, area] = shape;
  const slot = index.data.indexOf(255);
  const window = Math.floor(slot / area);
  const row = (window * heads * area + (slot % area)) * area;
  let leaked = 0;
  for (let other = 0; other < area; other++) {
    const token = index.data[window * area + other];
    const isTogether = token >> 4 >= 2 && (token & 15) >= 2;
    if (!isTogether) leaked += data[row + other];
  }
  expect(leaked).toBeGreaterThan(0.01);
  expect(parseFloat(await lesson.fact("leaked"))).toBeCloseTo(100 * leaked, 0);
  const after = await vitrine.top();
  expect(after).not.toEqual(whole);
  expect(await lesson.fact("before")).toBe(
    await page.evaluate(
      () => /** @type {any} */ (window).vitrine.state.get().baseline[0].label,
    ),
  );
  await lesson.next.click();
  await lesson.settled(6);
  expect(await vitrine.top()).toEqual(whole);
});

test("questions are judged by the running model", async ({ vitrine, page }) => {
  await vitrine.open("/?lesson=vit&at=7");
  const lesson = new LessonPage(vitrine);
  await lesson.settled(6);
  await expect(vitrine.headGrid.locator("canvas").first()).toBeHidden();
  const { data } = await vitrine.tensor("blocks.8.attn.pattern");
  const row = [...data.subarray(1, 65)]; // head 1, class token, the patches
  const best = row.indexOf(Math.max(...row));
  await clickPatch(vitrine, best >> 3, best & 7);
  await expect(page.getByTestId("lesson-picked")).toHaveText(
    `patch ${best >> 3}, ${best & 7}`,
  );
  await page.getByTestId("lesson-answer").click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");
  await lesson.settled(6);
  expect(await lesson.fact("most")).toBe(`patch ${best >> 3}, ${best & 7}`);
  expect(Number(await lesson.fact("most_value"))).toBeCloseTo(row[best], 3);
  await page.getByTestId("lesson-again").click();
  await lesson.settled(6);
  await clickPatch(vitrine, (best >> 3) ^ 1, best & 7);
  await page.getByTestId("lesson-answer").click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "false");

  // The stage's arrow keys pick as well.
  await page.getByTestId("lesson-again").click();
  await lesson.settled(6);
  await vitrine.stage.focus();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByTestId("lesson-answer")).toBeEnabled();

  await page.goto(`${vitrine.origin}/?lesson=vit&at=2`);
  await lesson.settled(1);
  await page.getByTestId("lesson-number").fill("sixty");
  await page.getByTestId("lesson-answer").click();
  await expect(lesson.reveal).toHaveCount(0);
  await page.getByTestId("lesson-number").fill("64");
  await page.keyboard.press("Enter");
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");

  await page.goto(`${vitrine.origin}/?lesson=cost&at=3`);
  await lesson.settled(2);
  await page.getByTestId("lesson-number").fill(String((16 * 16) / (4 * 4)));
  await page.keyboard.press("Enter");
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");
});

test("the distance of heads that the lesson names is the pattern's", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?lesson=heads&at=2");
  const lesson = new LessonPage(vitrine);
  await lesson.settled(1);
  const { shape, data } = await vitrine.tensor("blocks.0.attn.pattern");
  const [heads, n] = shape;
  const distances = Array.from({ length: heads }, (_, head) => {
    let sum = 0;
    for (let from = 0; from < 64; from++) {
      const row = data.subarray(
        (head * n + from + 1) * n + 1,
        (head * n + from + 2) * n,
      );
      const weight = row.reduce((a, b) => a + b, 0);
      for (const [to, value] of row.entries()) {
        const [down, right] = [(to >> 3) - (from >> 3), (to & 7) - (from & 7)];
        sum += (value / weight) * Math.sqrt(down ** 2 + right ** 2);
      }
    }
    return sum / 64;
  });
  const farthest = distances.indexOf(Math.max(...distances)) + 1;
  const other = (farthest % heads) + 1;
  await page.getByTestId(`lesson-option-${other}`).click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "false");
  await lesson.settled(1);
  expect(await lesson.fact("farthest_head")).toBe(String(farthest));
  expect(Number(await lesson.fact("distance_farthest"))).toBeCloseTo(
    Math.max(...distances),
    1,
  );
  await page.getByTestId("lesson-again").click();
  await page.getByTestId(`lesson-option-${farthest}`).click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");
});
