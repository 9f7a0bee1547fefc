// The glass as its tests use it: through the rail step by step, and the numbers of one row.

import { expect } from "./test.js";
import { appears } from "./vitrine.js";

/** @import {Tensor} from "./safetensors.js" */
/** @import {Vitrine} from "./vitrine.js" */

/** A step of the description. @typedef {{site: string, kind: string, sites: string[], shape: number[], steps?: Step[]}} Step */

/** @param {Step[]} steps @returns {Step[]} */
export const leaves = (steps) =>
  steps.flatMap((step) => (step.steps ? leaves(step.steps) : [step]));

/** Waits until the glass shows a step with its numbers. @param {Vitrine} vitrine @param {string} site */
export async function shows({ page }, site) {
  const ready = `.exhibit[data-row="ready"]`;
  await appears(page, `${ready}[data-step="${site}"]`);
  const exhibit = page.locator(ready);
  await expect(exhibit).toHaveAttribute("data-step", site);
}

/** Chooses a step on the rail, in the block that lies open or outside of blocks. @param {Vitrine} vitrine @param {string} site */
export async function chooseStep(vitrine, site) {
  await vitrine.rail.locator(`[data-site="${site}"]`).first().click();
  await shows(vitrine, site);
}

/**
 * Walks along the rail by keyboard, from the first step to the last.
 * @param {Vitrine} vitrine @param {(step: Step) => Promise<void>} look
 */
export async function walk(vitrine, look) {
  const steps = leaves((await vitrine.describe()).steps);
  await vitrine.rail.locator('[aria-current="step"]').focus();
  await vitrine.page.keyboard.press("Home");
  for (const [i, step] of steps.entries()) {
    if (i > 0) await vitrine.page.keyboard.press("ArrowRight");
    await shows(vitrine, step.site);
    await look(step);
  }
  return steps;
}

/** Everything that the glass says, seen or only told. @param {Vitrine} vitrine */
export async function readGlass({ page }) {
  return page.locator(".exhibit").evaluate((box) => {
    const text = (/** @type {string} */ selector) =>
      box.querySelector(selector)?.textContent ?? "";
    const told = [...box.querySelectorAll("*")].flatMap((element) =>
      ["aria-label", "aria-valuetext", "title"].map(
        (name) => element.getAttribute(name) ?? "",
      ),
    );
    const now = (/** @type {string} */ panel) =>
      box.querySelectorAll(`[data-testid=lens-${panel}] .line.now`).length;
    return {
      site: text(".site"),
      heading: text("h2"),
      about: text(".about"),
      did: text(".did"),
      formula: text("math"),
      shapes: [...box.querySelectorAll(".chips li")].map(
        (chip) => chip.textContent,
      ),
      rows: [...box.querySelectorAll(".strip")].map((strip) => ({
        name: strip.getAttribute("data-row") ?? "",
        value: Number(strip.getAttribute("data-value")),
        isNow: strip.classList.contains("now"),
      })),
      pytorch: now("pytorch"),
      rust: now("rust"),
      all: [box.textContent, ...told].join("\n"),
    };
  });
}

/** The numbers under the cursors of the strips, by name. @param {Vitrine} vitrine @returns {Promise<Record<string, {value: number, place: number, shown: string}>>} */
export async function readRow({ page }) {
  return page.locator(".strips").evaluate((box) =>
    Object.fromEntries(
      [...box.querySelectorAll(".strip")].map((strip) => [
        strip.getAttribute("data-row"),
        {
          value: Number(strip.getAttribute("data-value")),
          place: Number(strip.getAttribute("data-place")),
          shown: strip.querySelector(".value")?.textContent ?? "",
        },
      ]),
    ),
  );
}

/** The terms of the one weight that is worked out. @param {Vitrine} vitrine @returns {Promise<Record<string, {value: number, shown: string}>>} */
export async function readWorked({ page }) {
  return page.getByTestId("worked").evaluate((box) =>
    Object.fromEntries(
      [...box.querySelectorAll("[data-term]")].map((term) => [
        term.getAttribute("data-term"),
        {
          value: Number(term.getAttribute("data-value")),
          shown: term.querySelector("b")?.textContent ?? "",
        },
      ]),
    ),
  );
}

/** Moves the cursor of a strip to a place, by keyboard. @param {Vitrine} vitrine @param {string} row @param {number} place */
export async function moveTo({ page }, row, place) {
  const slider = page.locator(`.strip[data-row="${row}"] canvas`);
  await slider.focus();
  await slider.press("Home");
  for (let i = 0; i < place; i++) await page.keyboard.press("ArrowRight");
  await expect(slider).toHaveAttribute("aria-valuenow", String(place));
}

/** A row of the last dimension, at an index of each dimension before it. @param {Tensor} tensor @param {number[]} at */
export function rowAt({ shape, data }, at) {
  const width = shape[shape.length - 1];
  const row = at.reduce((sum, index, i) => sum * shape[i] + index, 0);
  return Array.from(data.subarray(row * width, (row + 1) * width));
}
