// The panels beside the heads: their tabs, and what their pictures show and say.

import { fixture } from "./models.js";
import { readSafetensors } from "./safetensors.js";
import { expect } from "./test.js";

/** @import {Locator} from "@playwright/test" */
/** @import {Vitrine} from "./vitrine.js" */

/** @typedef {{x: number, y: number, width: number, height: number}} Rect */

/** @param {Vitrine} vitrine @param {string} name */
export async function showTab({ page }, name) {
  await page.getByTestId(`tab-${name}`).click();
}

/** Opens a fixture as it is, without quantizing. @param {Vitrine} vitrine @param {string} name */
export async function openExact(vitrine, name) {
  await vitrine.open();
  await vitrine.openCard();
  await vitrine.dtypeSelect.selectOption("f32");
  const { weights, config } = fixture(name);
  await vitrine.change(() =>
    vitrine.modelInput.setInputFiles([weights, config]),
  );
  return readSafetensors(weights);
}

/** @param {Vitrine} vitrine @param {object} question */
export const derive = ({ page }, question) =>
  page.evaluate(async (asked) => {
    const { engine } = /** @type {any} */ (window).vitrine;
    const answer = await engine.derive(asked);
    if (!answer.data) return answer;
    const { shape, data, shares = [] } = answer;
    return { shape, data: [...data], shares: [...shares] };
  }, question);

/** @param {Vitrine} vitrine */
export const chosen = ({ page }) =>
  page.evaluate(() => {
    const { layer, head } = /** @type {any} */ (window).vitrine.state.get();
    return [layer, head];
  });

/** @param {Locator} locator */
export const valueOf = async (locator) =>
  Number(await locator.getAttribute("data-value"));

/** @param {number} found @param {number} expected @param {number} [within] */
export function near(found, expected, within = 1e-4) {
  expect(
    Math.abs(found - expected),
    `${found} is not ${expected}`,
  ).toBeLessThan(within);
}

/** @param {Locator} canvas @returns {Promise<Rect[][]>} */
export async function cellsOf(canvas) {
  await expect(canvas).toHaveAttribute("data-cells", /\[\[/);
  return JSON.parse((await canvas.getAttribute("data-cells")) ?? "[]");
}

/** @param {Rect} rect @param {number} [across] @param {number} [down] */
export const within = ({ x, y, width, height }, across = 0.5, down = 0.5) => ({
  position: { x: x + across * width, y: y + down * height },
});

/** Colours in the middle of each token of a cell, and what the page's colours are for given shares. @param {Locator} canvas @param {Rect} cell @param {{rows: number, columns: number}} grid @param {number[]} shares */
export function coloursOf(canvas, cell, grid, shares) {
  return canvas.evaluate(
    async (element, { at, size, values }) => {
      const image = /** @type {HTMLCanvasElement} */ (element);
      const copy = new OffscreenCanvas(image.width, image.height);
      const context = copy.getContext("2d");
      if (!context) throw new Error("no canvas");
      context.drawImage(image, 0, 0);
      const ratio = devicePixelRatio;
      const address = new URL("draw/colormap.js", location.href).href;
      const { VIRIDIS, tableIndex } = await import(address);
      return values.map((value, token) => {
        const x = ((token % size.columns) + 0.5) / size.columns;
        const y = (Math.floor(token / size.columns) + 0.5) / size.rows;
        const { data } = context.getImageData(
          Math.floor((at.x + x * at.width) * ratio),
          Math.floor((at.y + y * at.height) * ratio),
          1,
          1,
        );
        const start = tableIndex(value);
        return {
          found: [...data.subarray(0, 3)],
          expected: [...VIRIDIS.subarray(start, start + 3)],
        };
      });
    },
    { at: cell, size: grid, values: shares },
  );
}
