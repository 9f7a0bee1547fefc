// The rail plays: space goes from step to step until someone takes over.

import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

/** @typedef {{site: string, steps?: Step[]}} Step */

/** The lit step. @param {Page} page */
const lit = (page) => page.locator('.rail [aria-current="step"]');

/** Longer than a step stays. */
const A_WHILE = 2600;

/** All steps that can be lit, in the model's order. @param {import("../support/vitrine.js").Vitrine} vitrine @returns {Promise<string[]>} */
async function sitesOf(vitrine) {
  const { steps } = await vitrine.describe();
  /** @param {Step[]} all @returns {string[]} */
  const leaves = (all) =>
    all.flatMap(({ site, steps: inner }) => (inner ? leaves(inner) : [site]));
  return leaves(steps);
}

test("space plays the steps in their order, and any key stops", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const sites = await sitesOf(vitrine);
  const first = sites.indexOf(
    (await lit(page).getAttribute("data-site")) ?? "",
  );
  await page.keyboard.press(" ");
  const button = page.getByTestId("rail-play");
  await expect(button).toHaveAccessibleName("Stop");
  for (const next of [1, 2, 3]) {
    await expect(lit(page)).toHaveAttribute("data-site", sites[first + next]);
  }
  // A key keeps its meaning.
  await page.keyboard.press("d");
  await expect(vitrine.directionSelect).toHaveValue("column");
  await expect(button).toHaveAccessibleName(
    "Play the steps one after the other",
  );
  await page.waitForTimeout(A_WHILE);
  await expect(lit(page)).toHaveAttribute("data-site", sites[first + 3]);

  await page.keyboard.press(" ");
  await expect(lit(page)).toHaveAttribute("data-site", sites[first + 4]);
  await page.keyboard.press(" ");
  await page.waitForTimeout(A_WHILE);
  await expect(lit(page)).toHaveAttribute("data-site", sites[first + 4]);
});

test("the button plays and stops, a click elsewhere stops, and the end is followed by the beginning", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?model=vitrine-swin&step=logits");
  const sites = await sitesOf(vitrine);
  await expect(lit(page)).toHaveAttribute("data-site", sites[sites.length - 1]);
  await page.getByTestId("rail-play").click();
  await expect(lit(page)).toHaveAttribute("data-site", sites[0]);
  await expect(lit(page)).toHaveAttribute("data-site", sites[1]);
  await page.getByTestId("rail-play").click();
  await page.waitForTimeout(A_WHILE);
  await expect(lit(page)).toHaveAttribute("data-site", sites[1]);

  await page.getByTestId("rail-play").click();
  await expect(lit(page)).toHaveAttribute("data-site", sites[2]);
  await page.locator(".brand").click();
  await page.waitForTimeout(A_WHILE);
  await expect(lit(page)).toHaveAttribute("data-site", sites[2]);
});

test("space on a button presses it, and the list of keys names what space does", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const site = await lit(page).getAttribute("data-site");
  await vitrine.headGrid.locator('[data-head="1"]').focus();
  await page.keyboard.press(" ");
  await expect(
    vitrine.headGrid.locator('[aria-pressed="true"]'),
  ).toHaveAttribute("data-head", "1");
  await page.waitForTimeout(A_WHILE);
  await expect(lit(page)).toHaveAttribute("data-site", site ?? "");

  await page.keyboard.press("?");
  const row = page.locator("dialog.help").getByText("play the steps");
  await expect(row).toBeVisible();
  await expect(
    page.locator("dialog.help kbd", { hasText: "Space" }),
  ).toBeVisible();
  await page.keyboard.press("Escape");
  await vitrine.languageSelect.selectOption("zh");
  await expect(page.getByTestId("rail-play")).toHaveAccessibleName(
    /\p{Script=Han}/u,
  );
});

test("who wants no motion sees the same steps, each at its end at once", async ({
  vitrine,
  page,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await vitrine.open("/?model=vitrine-swin");
  const sites = await sitesOf(vitrine);
  const merge = sites.find((site) => site.endsWith(".downsample")) ?? "";
  const before = sites[sites.indexOf(merge) - 1];
  await page.evaluate((site) => {
    const { state } = /** @type {any} */ (window).vitrine;
    /** @type {any} */ (window).partly = 0;
    state.watch(
      (/** @type {any} */ s) => [s.merged],
      (/** @type {any} */ { merged }) => {
        if (merged > 0 && merged < 1) /** @type {any} */ (window).partly++;
      },
    );
    state.set({ step: site, site });
  }, before);
  await page.locator(".brand").click();
  await page.keyboard.press(" ");
  await expect(lit(page)).toHaveAttribute("data-site", merge);
  await expect(lit(page)).not.toHaveAttribute("data-site", merge);
  await page.keyboard.press(" ");
  expect(await page.evaluate(() => /** @type {any} */ (window).partly)).toBe(0);
});
