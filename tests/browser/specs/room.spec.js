// What must be seen without scrolling: photo, grid and answer on every screen, what a change did beside it on a
// projector; and nothing is wider than a phone.

import { expect, test } from "../support/test.js";

/** @import {Locator, Page} from "@playwright/test" */

const PROJECTOR = { width: 1440, height: 900 };
const LAPTOP = { width: 1024, height: 768 };
const PHONE = { width: 390, height: 844 };

/** Whether all of it lies in the window, and in every box that it could be scrolled out of. @param {Locator} locator */
const inSight = (locator) =>
  locator.evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const boxes = [];
    for (let box = element.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowY === "auto") {
        boxes.push(box.getBoundingClientRect());
      }
    }
    const within = [
      ...boxes,
      { top: 0, bottom: innerHeight, left: 0, right: innerWidth },
    ];
    return (
      bottom > top &&
      within.every(
        (box) =>
          top >= box.top - 1 &&
          bottom <= box.bottom + 1 &&
          left >= box.left - 1 &&
          right <= box.right + 1,
      )
    );
  });

/** @param {Page} page */
const excess = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const [name, size] of Object.entries({ PROJECTOR, LAPTOP, PHONE })) {
  for (const language of ["en", "zh"]) {
    test(`photo and answer are in the first view: ${name}, ${language}`, async ({
      page,
      vitrine,
    }) => {
      await page.setViewportSize(size);
      await vitrine.open(`/?language=${language}`);
      const last = vitrine.predictions.locator("li").last();
      for (const part of [vitrine.stage, vitrine.query, last]) {
        await expect.poll(() => inSight(part)).toBe(true);
      }
      expect(await excess(page)).toBeLessThanOrEqual(0);
    });
  }
}

for (const [model, change] of [
  ["vitrine-vit", "shuffle"],
  ["vitrine-swin", "mask"],
]) {
  test(`what a change did is seen beside it: ${model}`, async ({
    page,
    vitrine,
  }) => {
    await page.setViewportSize(PROJECTOR);
    await vitrine.open(`/?model=${model}&panel=whatif`);
    await page.getByTestId(`whatif-${change}`).click();
    const panel = page.getByTestId("whatif-panel");
    await expect(panel.locator("[data-when] canvas")).toHaveCount(2);
    for (const part of [
      page.getByTestId("whatif-classes"),
      panel.locator("[data-when=before] canvas"),
      panel.locator("[data-when=after-change] canvas"),
      page.getByTestId("whatif-undo"),
    ]) {
      await expect.poll(() => inSight(part)).toBe(true);
    }
  });

  test(`no panel is wider than a phone or a laptop: ${model}`, async ({
    page,
    vitrine,
  }) => {
    await page.setViewportSize(PHONE);
    await vitrine.open(`/?model=${model}`);
    const tabs = page.getByRole("tablist").first().getByRole("tab");
    for (const size of [PHONE, LAPTOP]) {
      await page.setViewportSize(size);
      for (const tab of await tabs.filter({ visible: true }).all()) {
        await tab.click();
        const sheet = page.locator(
          `#${await tab.getAttribute("aria-controls")}`,
        );
        await expect(sheet.locator(".panel").first()).toBeVisible();
        await expect(sheet.locator("[aria-busy=true]")).toHaveCount(0);
        expect(await excess(page)).toBeLessThanOrEqual(0);
      }
    }
  });
}

test("the way to the code is in sight in the longest step, and a click brings the code", async ({
  page,
  vitrine,
}) => {
  await page.setViewportSize(PROJECTOR);
  await vitrine.open("/?model=vitrine-swin&layer=1&query=5,5");
  await expect(page.locator(".exhibit")).toHaveAttribute("data-row", "ready");
  for (const look of ["pytorch", "rust"]) {
    const tab = page.getByTestId(`lens-tab-${look}`);
    await page.locator(".exhibit").evaluate((pane) => pane.scrollTo(0, 0));
    const code = page.getByTestId(`lens-${look}`).locator("pre");
    expect(await inSight(tab)).toBe(true);
    expect(await inSight(code)).toBe(false);
    await tab.click();
    await expect.poll(() => inSight(code)).toBe(true);
    // The tabs may lie over what has gone by, but not over the code.
    const [above, below] = await Promise.all(
      [tab, code].map((element) => element.boundingBox()),
    );
    expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(
      below?.y ?? 0,
    );
  }
});

test("tabs that do not fit into one row are parted by what they are about", async ({
  page,
  vitrine,
}) => {
  await page.setViewportSize(PROJECTOR);
  await vitrine.open("/?model=vitrine-swin");
  const windows = ["windows", "reach", "bias", "cost", "merge"];
  const rows = () =>
    page.locator(".tabs [role=tab]:not([hidden])").evaluateAll((tabs) => {
      /** @type {Map<number, string[]>} */
      const found = new Map();
      for (const tab of /** @type {HTMLElement[]} */ (tabs)) {
        const row = found.get(tab.offsetTop) ?? [];
        found.set(tab.offsetTop, [...row, tab.dataset["tab"] ?? ""]);
      }
      return [...found.values()];
    });
  const letters = (/** @type {number} */ size) =>
    page.evaluate((pixels) => {
      const [sheet] = [...document.styleSheets].slice(-1);
      const rule = `.tabs button { font-size: ${pixels}px }`;
      sheet.insertRule(rule, sheet.cssRules.length);
    }, size);
  // What fits follows from the system's font, so here are wide letters, then narrow ones.
  await letters(15);
  await expect.poll(async () => (await rows())[0]).toEqual(windows);
  expect(await rows()).toHaveLength(2);
  await letters(8);
  await expect.poll(rows).toHaveLength(1);
  await letters(15);
  await expect.poll(rows).toHaveLength(2);
  await page.setViewportSize(PHONE);
  await expect.poll(rows).toHaveLength(1);
});
