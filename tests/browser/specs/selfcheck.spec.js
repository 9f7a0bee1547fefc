// The self-check: the engine in the page against what PyTorch and timm computed for the same weights and photo.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedModels } from "../support/models.js";
import { WWW } from "../support/paths.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

/** @typedef {{photo: string, made_with: string, models: {id: string, sha256: string, checks: {site: string, shape: number[], parts: {start: number, values: number[]}[]}[]}[]}} Reference */

/** @returns {Reference} */
const reference = () =>
  JSON.parse(readFileSync(join(WWW, "models/selfcheck.json"), "utf8"));

/** Has the page find another reference. @param {Page} page @param {Reference} other */
const giveReference = (page, other) =>
  page.route("**/models/selfcheck.json", (route) =>
    route.fulfill({ json: other }),
  );

/** Opens About and waits until the check is over. @param {Page} page @param {"passed" | "failed" | "error"} end */
async function check(page, end) {
  await page.getByTestId("more").click();
  await page.getByTestId("more-about").click();
  const box = page.getByTestId("selfcheck");
  await expect(box).toHaveAttribute("data-state", end, { timeout: 60_000 });
  return box;
}

test("both embedded models agree with timm, and the view stays as it is", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?photo=rocket.jpg&layer=3&head=1&query=2,5");
  const before = await vitrine.top();
  const box = await check(page, "passed");
  const rows = await box.locator("tbody tr").evaluateAll((all) =>
    all.map((row) => ({
      model: row.getAttribute("data-model"),
      kind: row.getAttribute("data-kind"),
      isPassed: row.getAttribute("data-passed") === "true",
      difference: Number(row.getAttribute("data-difference")),
    })),
  );
  expect(rows).toHaveLength(3 * embeddedModels().length);
  for (const { isPassed, kind, difference } of rows) {
    expect(isPassed).toBe(true);
    // Q8_0 is not f32: agreement to the last digit would mean that nothing was compared.
    if (kind !== "input") expect(difference).toBeGreaterThan(1e-7);
  }
  const bundle = await vitrine.bundle.textContent();
  await expect(page.getByTestId("selfcheck-says")).toContainText(
    bundle?.trim() ?? "",
  );
  await expect(page.getByTestId("selfcheck-says")).toContainText("timm");
  await page.getByTestId("selfcheck-run").click();
  await expect(box).toHaveAttribute("data-state", "running");
  await expect(box).toHaveAttribute("data-state", "passed");
  await page.keyboard.press("Escape");
  expect(await vitrine.top()).toEqual(before);
  await expect(vitrine.query).toHaveText("patch 2, 5");
});

test("a falsified reference fails, number by number", async ({
  vitrine,
  page,
}) => {
  await test.step("one logit", async () => {
    const other = reference();
    const logits = other.models[1].checks.find(({ site }) => site === "logits");
    if (!logits) throw new Error("no logits");
    logits.parts[0].values[17] += 0.4;
    await giveReference(page, other);
    await vitrine.open();
    const box = await check(page, "failed");
    await expect(box.locator('[data-passed="false"]')).toHaveCount(1);
    await expect(box.locator('[data-passed="false"]')).toHaveAttribute(
      "data-kind",
      "logits",
    );
  });
  await test.step("one row of attention, the input, and another file", async () => {
    await page.unrouteAll();
    const other = reference();
    const [input, pattern] = other.models[0].checks;
    input.parts[3].values[1] += 0.00001;
    pattern.parts[0].values[5] += 0.03;
    other.models[1].sha256 = "0".repeat(64);
    await giveReference(page, other);
    await page.getByTestId("selfcheck-run").click();
    const box = page.getByTestId("selfcheck");
    await expect(box).toHaveAttribute("data-state", "running");
    await expect(box).toHaveAttribute("data-state", "failed");
    // Of the first model only the logits are left.
    await expect(box.locator('[data-passed="true"]')).toHaveCount(1);
  });
  await test.step("a reference that cannot be had", async () => {
    await page.unrouteAll();
    await page.route("**/models/selfcheck.json", (route) => route.abort());
    await page.getByTestId("selfcheck-run").click();
    await expect(page.getByTestId("selfcheck")).toHaveAttribute(
      "data-state",
      "error",
    );
    await expect(page.getByTestId("selfcheck-says")).toContainText("reached");
  });
});
