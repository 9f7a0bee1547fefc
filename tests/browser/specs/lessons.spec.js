// Lessons: walked to their ends in both languages by hand and by keyboard, with what they set on the page; questions;
// addresses; a teacher's own file; leaving.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LESSONS, LessonPage, lessonFile } from "../support/lessons.js";
import { ROOT } from "../support/paths.js";
import { clickPatch } from "../support/stage.js";
import { expect, test } from "../support/test.js";

/** @import {Vitrine} from "../support/vitrine.js" */

const SHIFTED = "layers.0.blocks.1.attn";
const FIRST = "layers.0.blocks.0.attn";
const NOTHING = {
  noShift: false,
  noMask: false,
  noBias: false,
  heads: [],
  hidden: [],
  shuffle: 0,
  positions: 1,
};
const patch = (/** @type {number} */ row, /** @type {number} */ column) => ({
  kind: "patch",
  row,
  column,
});
const CLASS = { kind: "prefix", index: 0 };

/** What the page shows at some steps, from 0, and after their reveals ("3r"). @type {Record<string, Record<string, Record<string, unknown>>>} */
const EXPECTED = {
  attention: {
    10: {
      model: "vitrine-vit",
      layer: 8,
      query: patch(3, 3),
      step: "blocks.8.attn.pattern",
    },
  },
  recurrence: {},
  vit: {
    0: { model: "vitrine-vit", photo: "chelsea.png", step: "input" },
    2: { step: "patch_embed", panel: "filters", query: patch(3, 3) },
    3: { step: "pos_embed", panel: "positions", query: CLASS },
    4: { step: "blocks.0.attn.pattern", layer: 0 },
    5: { step: "blocks.0.mlp.out" },
    6: { layer: 8, query: CLASS, opacity: 0 },
    "6r": { layer: 8, query: CLASS, opacity: 0.85 },
    7: { step: "logits" },
  },
  heads: {
    0: { layer: 0, query: patch(3, 3), direction: "row" },
    "1r": { panel: "distance" },
    3: { layer: 8, direction: "column" },
    4: { layer: 8, direction: "row" },
    5: { query: CLASS, panel: "heads" },
  },
  windows: {
    0: { model: "vitrine-swin", step: "patch_embed" },
    1: { layer: 0, step: `${FIRST}.index`, query: patch(5, 5), tint: true },
    2: { query: patch(5, 3), tint: null },
    3: { step: `${FIRST}.bias`, panel: "bias" },
    4: { step: "layers.1.downsample", panel: "merge" },
    5: { layer: 5 },
  },
  mask: {
    0: { model: "vitrine-swin", layer: 0, query: patch(3, 3), whatif: NOTHING },
    1: { layer: 1, step: `${SHIFTED}.index` },
    3: { layer: 1, query: patch(15, 15), roll: 1 },
    "3r": { step: `${SHIFTED}.mask`, roll: 0, query: patch(15, 15) },
    4: { panel: "windows" },
    5: { panel: "whatif", whatif: NOTHING },
    "5r": { panel: "whatif", whatif: { ...NOTHING, noMask: true } },
    6: { panel: "reach", query: patch(3, 3), whatif: NOTHING },
  },
  cost: {
    0: { model: "vitrine-vit", step: "blocks.0.attn.qk", layer: 0 },
    1: { model: "vitrine-swin", layer: 0, panel: "cost" },
    4: { panel: "reach" },
  },
};

/** @param {any} words @param {string} language @returns {string} */
function plain(words, language) {
  return [words[language]]
    .flat()
    .join(" ")
    .replace(/[*`$]|\{[^}]*\}/g, "");
}

/**
 * Answers the question of a step, if there is one: with what the file calls right, or with what the test knows.
 * @param {LessonPage} lesson @param {any} step
 */
async function answer(lesson, { question }) {
  if (!question) return;
  const { page, reveal } = lesson;
  await expect(reveal).toHaveCount(0);
  if (question.kind === "choose") {
    const right = question.options.findIndex(
      (/** @type {any} */ one) => one.right,
    );
    await page.getByTestId(`lesson-option-${Math.max(0, right) + 1}`).click();
    // Where the model decides, the first option may be wrong.
    const verdict = right < 0 ? /true|false/ : "true";
    await expect(reveal).toHaveAttribute("data-right", verdict);
  } else if (question.kind === "number") {
    await page.getByTestId("lesson-number").fill("123456");
    await page.getByTestId("lesson-answer").click();
    await expect(reveal).toHaveAttribute("data-right", "false");
  } else {
    await clickPatch(lesson.vitrine, 0, 0);
    await page.getByTestId("lesson-answer").click();
    await expect(reveal).toHaveAttribute("data-right", /true|false/);
  }
}

/**
 * @param {LessonPage} lesson @param {string} id @param {string} language
 * @param {() => Promise<void>} goOn
 */
async function walk(lesson, id, language, goOn) {
  const { steps } = lessonFile(id);
  for (const [i, step] of steps.entries()) {
    await lesson.settled(i);
    await expect(lesson.title).toContainText(
      plain(step.title, language).slice(0, 6),
    );
    expect((await lesson.text.innerText()).length).toBeGreaterThan(40);
    await expect(lesson.live).toContainText(String(steps.length));
    await expect(lesson.board).toBeVisible({ visible: Boolean(step.board) });
    const expected = EXPECTED[id][i];
    if (expected) {
      expect(await lesson.state(), `${id} ${i}`).toMatchObject(expected);
    }
    await answer(lesson, step);
    await lesson.settled(i);
    const revealed = EXPECTED[id][`${i}r`];
    if (revealed) {
      expect(await lesson.state(), `${id} ${i}, revealed`).toMatchObject(
        revealed,
      );
    }
    await goOn();
  }
  await expect(lesson.panel).toBeHidden();
}

for (const id of LESSONS) {
  test(`${id} is walked to its end in English, by clicking`, async ({
    vitrine,
  }) => {
    await vitrine.open();
    const lesson = new LessonPage(vitrine);
    await lesson.open(id);
    await walk(lesson, id, "en", () => lesson.next.click());
    await expect(lesson.openButton).toBeFocused();
  });

  test(`${id} is walked to its end in Chinese, by keyboard`, async ({
    vitrine,
    page,
  }) => {
    await vitrine.open("/?language=zh");
    const lesson = new LessonPage(vitrine);
    await lesson.openButton.focus();
    await page.keyboard.press("Enter");
    await page.getByTestId(`lesson-${id}`).focus();
    await page.keyboard.press("Enter");
    const last = lessonFile(id).steps.length - 1;
    let at = 0;
    await walk(lesson, id, "zh", async () => {
      // A remote sends these; the last step ends with its button.
      if (at++ < last) await page.keyboard.press("PageDown");
      else {
        await lesson.next.focus();
        await page.keyboard.press("Enter");
      }
    });
  });
}

test("every lesson asks, and says everything in both languages", () => {
  const HAN = /\p{Script=Han}/u;
  const facts = (/** @type {string} */ text) =>
    (text.match(/\{[a-z][\w.]*\}/g) ?? []).sort();
  const check = (/** @type {any} */ value, /** @type {string} */ path) => {
    if (typeof value !== "object" || value === null) return;
    const isText = "en" in value || "zh" in value;
    if (!isText) {
      for (const key of Object.keys(value)) check(value[key], `${path}.${key}`);
      return;
    }
    const [en, zh] = [value.en, value.zh].map((one) => [one ?? []].flat());
    expect(en.length, `${path}: paragraphs`).toBeGreaterThan(0);
    expect(zh.length, `${path}: paragraphs`).toBe(en.length);
    expect(HAN.test(en.join("")), `${path}: English`).toBe(false);
    const words = plain({ zh }, "zh");
    if (/[a-z]{4}/i.test(words)) expect(words, path).toMatch(HAN);
    expect(new Set(facts(zh.join(" "))), `${path}: live numbers`).toEqual(
      new Set(facts(en.join(" "))),
    );
  };
  expect(LESSONS).toHaveLength(7);
  for (const id of LESSONS) {
    const file = lessonFile(id);
    expect(file.id).toBe(id);
    for (const name of ["title", "about", "steps"]) {
      check(file[name], `${id}.${name}`);
    }
    for (const step of file.steps) {
      for (const words of [step.title, step.text]) {
        expect(Object.keys(words)).toEqual(["en", "zh"]);
      }
    }
    const asked = file.steps.filter((/** @type {any} */ step) => step.question);
    expect(asked.length, `${id}: questions`).toBeGreaterThan(0);
  }
});

test("the list names all lessons in the page's language and takes the keyboard", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const lesson = new LessonPage(vitrine);
  for (const language of ["en", "zh"]) {
    await vitrine.languageSelect.selectOption(language);
    await lesson.openButton.click();
    for (const id of LESSONS) {
      const { title, steps } = lessonFile(id);
      const item = page.getByTestId(`lesson-${id}`);
      await expect(item).toContainText(title[language]);
      await expect(item).toContainText(String(steps.length));
    }
    await page.keyboard.press("Escape");
    await expect(lesson.list).toBeHidden();
  }
});

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
    "/?model=vitrine-vit&photo=coffee.png&layer=4&head=2&query=2,6&direction=column",
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
      const wide = await overflow();
      expect(wide.across, `${id} ${i}`).toBeLessThanOrEqual(0);
      expect(wide.down, `${id} ${i}`).toBeLessThanOrEqual(0);
      if (hasBoard(step)) {
        expect(wide.board, `${id} ${i}: the board`).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      expect(
        (await overflow()).across,
        `${id} ${i}, phone`,
      ).toBeLessThanOrEqual(0);
    }
    await lesson.leave.click();
  }
});

// ---- a teacher's own

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

/** @param {unknown} value @param {string} [name] */
const asFile = (value, name = "mine.json") => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(
    typeof value === "string" ? value : JSON.stringify(value),
  ),
});

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
