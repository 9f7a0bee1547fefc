// What must hold whenever the page refuses something: one sentence, nothing lost, and it goes on.

import { gradient } from "./photos.js";
import { expect } from "./test.js";
import { file } from "./vitrine.js";

/** @import {Vitrine} from "./vitrine.js" */

/**
 * @param {Vitrine} vitrine with a result on the page
 * @param {() => Promise<unknown>} action gives the page something bad
 * @param {RegExp} says what the sentence must say
 */
export async function expectRefused(vitrine, action, says) {
  const top = await vitrine.top();
  const stage = await vitrine.stagePixels();
  const query = await vitrine.query.textContent();
  expect(top.length).toBeGreaterThan(0);

  await vitrine.change(action, "error");
  await expectSentence(vitrine, says);

  expect(await vitrine.top(), "the predictions of before").toEqual(top);
  await expect(vitrine.query).toHaveText(query ?? "");
  const after = await vitrine.stagePixels();
  expect([after.width, after.height]).toEqual([stage.width, stage.height]);
  const same = Buffer.compare(after.rgba, stage.rgba) === 0;
  expect(same, "the stage of before").toBe(true);

  await expectGoesOn(vitrine);
}

/** One sentence, in the one place for it. @param {Vitrine} vitrine @param {RegExp} says */
export async function expectSentence(vitrine, says) {
  await expect(vitrine.error).toHaveCount(1);
  await expect(vitrine.error).toBeVisible();
  const sentence = vitrine.error.locator("p");
  await expect(sentence).toHaveText(says);
  await expect(sentence).toHaveText(/^\S.*[.?!]$/);
}

/** A further photo works, and the sentence is gone. @param {Vitrine} vitrine */
export async function expectGoesOn(vitrine) {
  const top = await vitrine.top();
  await vitrine.look(file("next.png", gradient(160, 120)));
  await expect(vitrine.error).toBeHidden();
  const next = await vitrine.top();
  expect(next.length).toBeGreaterThan(0);
  expect(next, "the next photo's predictions").not.toEqual(top);
  // Back, so that the next bad thing meets another ground.
  await vitrine.look(file("back.png", gradient(120, 160)));
}
