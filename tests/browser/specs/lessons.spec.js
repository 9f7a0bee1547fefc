// Lessons: walked to their ends in both languages by hand and by keyboard, with what they set on the page; the list of
// them.

import { NOTHING, SHIFTED, patch } from "../support/lesson-parts.js";
import { LESSONS, LessonPage, lessonFile } from "../support/lessons.js";
import { clickPatch } from "../support/stage.js";
import { expect, test } from "../support/test.js";

const FIRST = "layers.0.blocks.0.attn";
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
    0: { model: "vitrine-vit", photo: "coffee.png", step: "input" },
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
