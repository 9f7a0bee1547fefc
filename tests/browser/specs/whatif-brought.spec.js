// What-ifs that come from elsewhere: several at once from an address, with another model or family, from a lesson.

import { asFile } from "../support/lesson-parts.js";
import { SWIN, chooseLayer, openSwin, pinPatch } from "../support/swin.js";
import { expect, test } from "../support/test.js";
import { openVit, thereAndBack, whatif } from "../support/whatif.js";

test("changes add up, step back one by one, and an address brings all of them", async ({
  vitrine,
  page,
}) => {
  await openVit(vitrine, "&layer=8&head=1&query=2,2");
  const whole = await vitrine.top();
  await vitrine.change(() => page.getByTestId("whatif-head").check());
  const once = await vitrine.top();
  await vitrine.change(() => page.getByTestId("whatif-positions").fill("0.75"));
  await vitrine.change(() => page.getByTestId("whatif-shuffle").check());
  await vitrine.stage.focus();
  await vitrine.change(() => page.keyboard.press("v"));
  const all = await vitrine.top();
  const changes = await whatif(vitrine);
  expect(changes).toMatchObject({
    heads: [[8, 1]],
    shuffle: 1,
    positions: 0.75,
  });
  expect(changes.hidden).toHaveLength(1);
  const rows = await page
    .getByTestId("whatif-classes")
    .locator("[data-class]")
    .evaluateAll((cells) =>
      cells.map(({ dataset }) =>
        [dataset["class"], dataset["before"], dataset["after"]].map(Number),
      ),
    );
  for (const [i, { index, probability }] of all.entries()) {
    expect(rows[i][0]).toBe(index);
    expect(rows[i][2]).toBe(probability);
  }
  for (const { index, probability } of whole) {
    expect(rows.find((row) => row[0] === index)?.[1]).toBe(probability);
  }
  const address = page.url();
  expect(address).toContain("off=8.1");

  const other = await page.context().newPage();
  await other.goto(address);
  await expect(other.getByTestId("status")).toHaveAttribute(
    "data-state",
    "done",
  );
  const again = await other
    .getByTestId("predictions")
    .locator("[data-class]")
    .evaluateAll((items) =>
      items.map((item) => Number(item.getAttribute("data-probability"))),
    );
  expect(again).toEqual(all.map(({ probability }) => probability));
  await expect(other.getByTestId("whatif-head")).toBeChecked();
  await expect(other.getByTestId("whatif-shuffle")).toBeChecked();
  await other.close();

  const undo = page.getByTestId("whatif-undo");
  for (let i = 0; i < 3; i++) await vitrine.change(() => undo.click());
  expect(await vitrine.top()).toEqual(once);
  await vitrine.change(() => undo.click());
  expect(await vitrine.top()).toEqual(whole);
  await expect(undo).toBeDisabled();
  expect(page.url()).not.toContain("off=");
});

test("a Swin's heads, hidden tokens and shuffle work as a ViT's, and positions are not offered", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine, SWIN);
  await page.getByTestId("tab-whatif").click();
  await expect(page.getByTestId("whatif-positions")).toBeHidden();
  const pixels = await vitrine.tensor("input");
  // Stage 2: a token there covers 2 x 2 patches.
  await chooseLayer(vitrine, 2);
  await pinPatch(vitrine, 4, 6);
  await vitrine.stage.focus();
  await thereAndBack(
    vitrine,
    () => page.keyboard.press("v"),
    async () => {
      const { hidden } = await whatif(vitrine);
      expect(hidden).toEqual([4 * 16 + 6, 4 * 16 + 7, 5 * 16 + 6, 5 * 16 + 7]);
    },
  );
  await thereAndBack(
    vitrine,
    () => page.getByTestId("whatif-shuffle").check(),
    async () => {
      const { data } = await vitrine.tensor("input");
      expect(data.slice().sort()).toEqual(pixels.data.slice().sort());
    },
  );
  await thereAndBack(
    vitrine,
    () => page.getByTestId("whatif-layer").check(),
    async () => {
      const { data } = await vitrine.tensor("layers.1.blocks.0.attn.mix");
      expect(data.every((value) => value === 0)).toBe(true);
    },
  );
});

test("another model keeps of the changes what it can have", async ({
  vitrine,
}) => {
  await openVit(vitrine, "&off=8.1&hidden=3&shuffle=2&positions=0");
  expect(await whatif(vitrine)).toMatchObject({
    heads: [[8, 1]],
    hidden: [3],
    shuffle: 2,
    positions: 0,
  });
  await vitrine.change(() => vitrine.modelSelect.selectOption("vitrine-swin"));
  expect(await whatif(vitrine)).toMatchObject({
    heads: [],
    hidden: [],
    shuffle: 2,
    positions: 1,
  });
});

test("a lesson can hide patches, switch heads off and take the positions away", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const step = (/** @type {string[]} */ changes) => ({
    title: "One",
    text: "Any text.",
    set: { whatif: changes },
  });
  const lesson = {
    vitrine_lesson: 1,
    id: "my-own",
    title: "My own lesson",
    set: { model: "vitrine-vit", panel: "whatif" },
    steps: [
      step(["head 9.2", "patches 1,2-2,3", "patch 7,7", "position", "shuffle"]),
      step(["heads 1", "head 99.1"]),
    ],
  };
  const give = (/** @type {unknown} */ value) => vitrine.give([asFile(value)]);
  await give(lesson);
  await expect
    .poll(() => whatif(vitrine))
    .toEqual({
      noShift: false,
      noMask: false,
      noBias: false,
      heads: [[8, 1]],
      hidden: [10, 11, 18, 19, 63],
      positions: 0,
      shuffle: 1,
    });
  await page.getByTestId("lesson-next").click();
  await expect
    .poll(async () => (await whatif(vitrine)).heads)
    .toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  expect((await whatif(vitrine)).hidden).toEqual([]);
  await page.getByTestId("lesson-leave").click();
  await expect.poll(async () => (await whatif(vitrine)).heads).toEqual([]);
  await give({ ...lesson, steps: [step(["head 3"])] });
  await expect(vitrine.error).toContainText("“head 3”");
});
