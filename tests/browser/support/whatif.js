// What the specs of what-if do alike.

import { expect } from "./test.js";

/** @import {Vitrine} from "./vitrine.js" */

/** Opens the embedded ViT with its what-ifs. @param {Vitrine} vitrine @param {string} [more] */
export const openVit = (vitrine, more = "") =>
  vitrine.open(`/?model=vitrine-vit&photo=chelsea.png&panel=whatif${more}`);

/** @param {Vitrine} vitrine */
export const whatif = ({ page }) =>
  page.evaluate(() => /** @type {any} */ (window).vitrine.state.get().whatif);

/** Does something, expects other numbers, takes it back and expects the very same. @param {Vitrine} vitrine @param {() => Promise<unknown>} action @param {() => Promise<unknown>} check */
export async function thereAndBack(vitrine, action, check) {
  const whole = await vitrine.top();
  await vitrine.change(action);
  expect(await vitrine.top()).not.toEqual(whole);
  await check();
  await vitrine.change(() => vitrine.page.getByTestId("whatif-undo").click());
  expect(await vitrine.top()).toEqual(whole);
  await expect(vitrine.page.getByTestId("whatif-reset")).toBeDisabled();
}
