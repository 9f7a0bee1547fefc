// A teacher's own lesson: dropped or chosen, refused in one sentence where it is malformed, never markup of the page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NOTHING, SHIFTED, asFile, patch } from "../support/lesson-parts.js";
import { LessonPage } from "../support/lessons.js";
import { ROOT } from "../support/paths.js";
import { clickPatch } from "../support/stage.js";
import { expect, test } from "../support/test.js";

const OWN = {
  vitrine_lesson: 1,
  id: "my-own",
  title: "My own lesson",
  set: { model: "vitrine-swin", layer: "shifted" },
  steps: [
    {
      title: "One",
      text: "A map of {map}, *seen* in {window}: $A = softmax(s_{ij} // √d)$.",
      set: { query: [0, 0], step: "mask" },
      light: ["stage"],
    },
    {
      title: "Two",
      text: ["First.", "Second."],
      keep: ["query"],
      set: { whatif: ["bias"] },
    },
    {
      title: "Three",
      text: "Any text.",
      question: {
        kind: "patch",
        ask: "Which?",
        answer: "masked",
        reveal: { text: "{picked}." },
      },
      keep: ["query"],
    },
  ],
};

test("a teacher's own lesson runs when dropped, or chosen with the button", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const lesson = new LessonPage(vitrine);
  await vitrine.give([asFile(OWN)]);
  await lesson.settled(0);
  await expect(lesson.text).toContainText("A map of 16 × 16, seen in 4 × 4");
  await expect(lesson.text.locator("math mfrac msqrt")).toHaveCount(1);
  expect(await lesson.state()).toMatchObject({
    model: "vitrine-swin",
    layer: 1,
    query: patch(0, 0),
    step: `${SHIFTED}.mask`,
  });
  await lesson.next.click();
  await lesson.settled(1);
  // What is not kept is undone: the query stays, the step goes.
  expect(await lesson.state()).toMatchObject({
    query: patch(0, 0),
    step: `${SHIFTED}.pattern`,
    whatif: { ...NOTHING, noBias: true },
  });
  await lesson.next.click();
  await lesson.settled(2);
  expect(await lesson.state()).toMatchObject({
    query: patch(0, 0),
    whatif: NOTHING,
  });
  await clickPatch(vitrine, 15, 15);
  await page.getByTestId("lesson-answer").click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");
  await expect(lesson.reveal).toContainText("patch 15, 15.");
  await expect(page).not.toHaveURL(/lesson=/);
  await lesson.leave.click();
  await expect(lesson.panel).toBeHidden();
  await expect
    .poll(async () => (await lesson.state()).model)
    .toBe("vitrine-vit");

  await lesson.openButton.click();
  await page.getByTestId("lesson-input").setInputFiles([asFile(OWN)]);
  await lesson.settled(0);
});

test("the example of the documentation is a lesson", async ({ vitrine }) => {
  const text = readFileSync(join(ROOT, "docs/lessons.md"), "utf8");
  const [, example] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  expect(example).toContain("vitrine_lesson");
  await vitrine.open();
  await vitrine.give([asFile(example)]);
  const lesson = new LessonPage(vitrine);
  const { steps } = JSON.parse(example);
  for (let i = 0; i < steps.length; i++) {
    await lesson.settled(i);
    await lesson.next.click();
  }
  await expect(lesson.panel).toBeHidden();
});

/** @param {(lesson: any) => void} change */
function broken(change) {
  const copy = structuredClone(OWN);
  change(copy);
  return copy;
}

/** Files that are no good lesson, and what the page must say of each. @type {[string, unknown, RegExp][]} */
const MALFORMED = [
  [
    "no JSON",
    '{"vitrine_lesson": 1, "id": ',
    /^mine\.json is not a lesson: it is not valid JSON/,
  ],
  [
    "another version",
    broken((l) => (l.vitrine_lesson = 2)),
    /“vitrine_lesson” is “2”, which is none of: 1/,
  ],
  ["no steps", broken((l) => delete l.steps), /mine\.json, “steps” is missing/],
  [
    "empty steps",
    broken((l) => (l.steps = [])),
    /“steps” must be a list that is not empty/,
  ],
  [
    "no title",
    broken((l) => delete l.steps[1].title),
    /mine\.json, step 2, “title” is missing/,
  ],
  [
    "a field of another kind",
    broken((l) => (l.steps[1].text = 5)),
    /step 2, “text” must be a text, but is 5/,
  ],
  [
    "an unknown field",
    broken((l) => (l.steps[0].colour = "red")),
    /step 1, “colour” is no field of a lesson/,
  ],
  [
    "an unknown setting",
    broken((l) => (l.steps[0].set.zoom = 2)),
    /step 1, “set\.zoom” is no field/,
  ],
  [
    "an unknown part",
    broken((l) => (l.steps[0].light = ["moon"])),
    /step 1, “light\.1” is “moon”, which is none of: model, photos/,
  ],
  [
    "an unknown what-if",
    broken((l) => (l.steps[1].set.whatif = ["head"])),
    /step 2, “set\.whatif\.1” is “head”/,
  ],
  [
    "a head 0",
    broken((l) => (l.steps[0].set.head = 0)),
    /step 1, “set\.head” must lie between 1 and/,
  ],
  [
    "half a patch",
    broken((l) => (l.steps[0].set.query = [1])),
    /step 1, “set\.query” must be a patch as \[row, column\]/,
  ],
  [
    "an unknown model",
    broken((l) => (l.set.model = "nothing")),
    /step 1, “set\.model” is “nothing”, which is none of: vitrine-vit/,
  ],
  [
    "an unknown number",
    broken((l) => (l.steps[2].text = "{nonsense}")),
    /step 3, “text” names a live number that there is not: \{nonsense\}/,
  ],
  [
    "an open mark",
    broken((l) => (l.steps[2].text = "so *bold")),
    /step 3, “text” opens \* and never closes it/,
  ],
  [
    "a colour that there is not",
    broken((l) => (l.steps[2].text = "[pink|so]")),
    /step 3, “text” colours words/,
  ],
  [
    "half a formula",
    broken((l) => (l.steps[2].text = "$a_$")),
    /step 3, “text” has a formula that ends too early/,
  ],
  [
    "no right option",
    broken(
      (l) =>
        (l.steps[2].question = {
          kind: "choose",
          ask: "?",
          options: [{ text: "a" }, { text: "b" }],
          reveal: { text: "!" },
        }),
    ),
    /step 3, “question\.options” must hold at least two options/,
  ],
  [
    "no answer",
    broken((l) => delete l.steps[2].question.answer),
    /step 3, “question\.answer” is missing/,
  ],
];

test("malformed lessons are refused in one sentence, and the page stays as it was", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const lesson = new LessonPage(vitrine);
  const before = await vitrine.top();
  const sentence = vitrine.error.locator("p");
  for (const [what, value, says] of MALFORMED) {
    await vitrine.give([asFile(value)]);
    await expect(sentence, what).toHaveText(says);
    expect(
      (await sentence.textContent())?.match(/[.:] /g)?.length ?? 0,
      what,
    ).toBeLessThan(3);
    await expect(lesson.panel, what).toBeHidden();
    await vitrine.error.locator(".close").click();
    await expect(vitrine.error, what).toBeHidden();
  }
  expect(await vitrine.top()).toEqual(before);
  // While a lesson runs, a bad file leaves it where it is.
  await lesson.open("heads");
  await vitrine.languageSelect.selectOption("zh");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await vitrine.give([asFile(broken((l) => delete l.steps[1].title))]);
  await expect(sentence).toHaveText(
    "mine.json，第 2 步，“title” 缺失：需要一个值。",
  );
  await expect(lesson.place).toHaveText("1 / 6");
  await lesson.next.click();
  await lesson.settled(1);
  expect(
    await page.evaluate(
      () => /** @type {any} */ (window).vitrine.state.get().trouble,
    ),
  ).not.toBeNull();
});

test("texts of a lesson never become markup of the page", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const lesson = new LessonPage(vitrine);
  const text =
    '<img src=x onerror="document.title=1"> **<b>x</b>** `<i>` $<script>$';
  await vitrine.give([asFile(broken((l) => (l.steps[0].text = text)))]);
  await lesson.settled(0);
  await expect(lesson.text.locator("img, b, i, script")).toHaveCount(0);
  await expect(lesson.text).toContainText("<img src=x");
  await expect(page).toHaveTitle("Vitrine");
});
