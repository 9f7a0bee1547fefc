// Presenting, and keys: large type without chrome, a list of keys that is true, focus that can be seen, a voice.

import { clickPatch } from "../support/stage.js";
import { expect, test } from "../support/test.js";

test("presenter mode: large type, no chrome, by key, button and address", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?query=3,4");
  const letters = () =>
    page.getByTestId("glass-about").evaluate((element) => {
      const { fontSize } = getComputedStyle(element);
      const { body } = document;
      const scale = body.getBoundingClientRect().width / body.offsetWidth;
      return parseFloat(fontSize) * scale;
    });
  const before = await letters();
  const chrome = page.locator(
    ".bar select, .bar button, .bar label, .settings, .model-card, .save-button",
  );
  const seen = async () =>
    chrome.evaluateAll(
      (all) => all.filter((one) => one.checkVisibility()).length,
    );
  expect(await seen()).toBeGreaterThan(8);

  await page.keyboard.press("p");
  await expect(page).toHaveURL(/presenter=on/);
  expect(await seen()).toBe(0);
  expect(await letters()).toBeGreaterThan(1.2 * before);
  await expect(vitrine.stage).toBeVisible();
  await expect(vitrine.rail).toBeVisible();
  await expect
    .poll(() =>
      page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return [scrollWidth - innerWidth, scrollHeight - innerHeight];
      }),
    )
    .toEqual([0, 0]);
  // The photo is drawn with as many pixels as it takes on the screen, and can be pointed at.
  const sharp = await vitrine.stage.evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    return (
      canvas.width / (canvas.getBoundingClientRect().width * devicePixelRatio)
    );
  });
  expect(sharp).toBeCloseTo(1, 1);
  const zoom = await page.evaluate(
    () =>
      document.body.getBoundingClientRect().width / document.body.offsetWidth,
  );
  const [x, y, width, height] = (
    (await vitrine.stage.getAttribute("data-crop")) ?? ""
  )
    .split(" ")
    .map((text) => Number(text) * zoom);
  const box = await vitrine.stage.boundingBox();
  await page.mouse.click(
    (box?.x ?? 0) + x + (5.5 / 8) * width,
    (box?.y ?? 0) + y + (2.5 / 8) * height,
  );
  await expect(vitrine.query).toHaveText("patch 2, 5");

  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/presenter/);
  // Escape has left the presentation and nothing else.
  await expect(vitrine.query).toHaveText("patch 2, 5");
  expect(await seen()).toBeGreaterThan(8);

  await page.getByTestId("more").click();
  await page.getByTestId("more-presenter").click();
  await expect(page.locator("html")).toHaveAttribute("data-presenter", "on");
  await page.reload();
  await vitrine.settled();
  expect(await seen()).toBe(0);
  await page.getByTestId("leave-presenter").click();
  await expect(page.locator("html")).toHaveAttribute("data-presenter", "off");
  await page.keyboard.press("h");
  await expect(page).toHaveURL(/controls=off/);
  expect(await seen()).toBe(0);
  await page.keyboard.press("h");
  await expect(page).not.toHaveURL(/controls/);
});

test("every key that the list names does what it says", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?layer=4&head=1&query=3,4");
  /** @param {string} name */
  const value = (name) =>
    page.evaluate(
      (key) =>
        JSON.stringify(/** @type {any} */ (window).vitrine.state.get()[key]),
      name,
    );
  for (const [key, field, result] of [
    ["]", "head", "2"],
    ["[", "head", "1"],
    ["3", "head", "2"],
    [".", "layer", "5"],
    [",", "layer", "4"],
    ["PageDown", "layer", "5"],
    ["PageUp", "layer", "4"],
    ["d", "direction", '"column"'],
    ["s", "smooth", "true"],
    ["Escape", "pinned", "false"],
    ["h", "controls", "false"],
    ["Escape", "controls", "true"],
    ["p", "presenter", "true"],
    ["Escape", "presenter", "false"],
  ]) {
    await page.keyboard.press(key);
    await expect.poll(() => value(field), key).toBe(result);
  }
  for (const [key, id] of [
    ["i", "about"],
    ["?", ""],
  ]) {
    await page.keyboard.press(key);
    const dialog = id ? page.getByTestId(id) : page.locator(".help[open]");
    await expect(dialog).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.locator("dialog[open]")).toHaveCount(0);
  }
  for (const language of ["en", "zh"]) {
    await vitrine.languageSelect.selectOption(language);
    await vitrine.stage.focus();
    await page.keyboard.press("?");
    const rows = await page.locator("dialog.help[open] tr").allTextContents();
    const list = rows.join("\n");
    for (const key of [
      "[",
      ".",
      "Esc",
      "d",
      "s",
      "w",
      "r",
      "e",
      "l",
      "p",
      "h",
      "i",
      "?",
    ]) {
      expect(
        await page
          .locator("dialog.help[open] kbd")
          .filter({ hasText: key })
          .count(),
        key,
      ).toBeGreaterThan(0);
    }
    // A key without words would show its key in the dictionary.
    expect(list).not.toMatch(/(help|habits|glass|whatif)\.[a-z-]+/);
    await page.keyboard.press("Escape");
  }
});

test("focus is seen wherever Tab goes, and every stop has a name", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?query=3,4");
  await page.locator("body").click({ position: { x: 1, y: 1 } });
  /** @type {string[]} */
  const bad = [];
  let stops = 0;
  for (let i = 0; i < 70; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      // A file input is invisible itself, and so is a switch's button: their label shows the focus.
      const shown = [
        element,
        element.closest(".file"),
        element.nextElementSibling,
      ];
      const isOutlined = shown.some((one) => {
        if (!one) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
      });
      return { html: element.outerHTML.slice(0, 120), isOutlined };
    });
    if (!stop) continue;
    stops++;
    if (!stop.isOutlined) bad.push(stop.html);
  }
  expect(stops).toBeGreaterThan(40);
  expect(bad).toEqual([]);
});

test("what is chosen is said, once, when it stays", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  await clickPatch(vitrine, 3, 4);
  const voice = page.getByTestId("voice");
  await expect(voice).toContainText("patch 3, 4");
  await expect(voice).toContainText("block 9");
  await expect(voice).toHaveAttribute("aria-live", "polite");
  const said = await voice.evaluate((element) => {
    const heard = /** @type {string[]} */ ([]);
    new MutationObserver(() => heard.push(element.textContent ?? "")).observe(
      element,
      { childList: true, characterData: true, subtree: true },
    );
    Object.assign(window, { heard });
    return heard.length;
  });
  expect(said).toBe(0);
  await vitrine.stage.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await expect(voice).toContainText("patch 3, 7");
  const heard = await page.evaluate(
    () => /** @type {any} */ (window).heard.length,
  );
  expect(heard).toBe(1);
});
