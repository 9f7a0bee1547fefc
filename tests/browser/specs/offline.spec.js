// After the first visit the page works without a network, by its service worker.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedModels } from "../support/models.js";
import { predict } from "../support/native.js";
import { WWW } from "../support/paths.js";
import { startServers } from "../support/site-server.js";
import { expect, test } from "../support/test.js";
import { Vitrine } from "../support/vitrine.js";

/** @import {Page} from "@playwright/test" */
/** @import {Servers} from "../support/site-server.js" */

test.use({ serviceWorkers: "allow" });

/** Until all is kept; from servers of its own, to be switched off. @param {Page} page */
async function firstVisit(page) {
  const servers = await startServers();
  const vitrine = new Vitrine(page, servers.site.origin);
  await vitrine.open();
  await expect(page.locator("html")).toHaveAttribute("data-offline", "ready", {
    timeout: 60_000,
  });
  return { servers, vitrine };
}

/** @param {Page} page @param {Servers} servers @param {Vitrine} vitrine */
async function backWithoutNetwork(page, servers, vitrine) {
  servers.stop();
  await page.reload();
  await vitrine.settled();
}

test("both embedded models work with the network off after the first visit", async ({
  page,
}) => {
  const { servers, vitrine } = await firstVisit(page);
  await backWithoutNetwork(page, servers, vitrine);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const photo = readFileSync(join(WWW, "samples/chelsea.png"));
  for (const { id, path } of embeddedModels()) {
    await vitrine.modelSelect.selectOption(id);
    await page.locator("[data-sample='chelsea.png']").click();
    await expect
      .poll(async () => (await vitrine.top())[0]?.index)
      .toBe(predict(path, photo)[0].index);
    await vitrine.settled();
  }
});

test("lessons, glass and self-check work with the network off", async ({
  page,
}) => {
  const { servers, vitrine } = await firstVisit(page);
  await test.step("whatever the page asked for is in the list", async () => {
    const list = await listOf(page);
    const asked = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => new URL(name).pathname.slice(1)),
    );
    const missing = asked.filter((path) => path && !(path in list));
    expect(missing.filter((path) => path !== "pkg/site.json")).toEqual([]);
  });
  await backWithoutNetwork(page, servers, vitrine);
  await test.step("a lesson", async () => {
    await page.getByTestId("lesson-open").click();
    await page.getByTestId("lesson-mask").click();
    await expect(page.locator("body")).toHaveAttribute("data-lesson", "mask");
    await expect(page.getByTestId("lesson-text")).not.toBeEmpty();
    await page.keyboard.press("PageDown");
    await vitrine.settled();
    await expect(page).toHaveURL(/lesson=mask&at=2/);
    await page.getByTestId("lesson-leave").click();
  });
  await test.step("the glass, in the other language", async () => {
    await vitrine.languageSelect.selectOption("zh");
    await expect(page.locator(".exhibit")).toHaveAttribute("data-row", "ready");
    await expect(page.getByTestId("glass-about")).toContainText("。");
  });
  await test.step("the self-check", async () => {
    await page.getByTestId("more").click();
    await page.getByTestId("more-about").click();
    await expect(page.getByTestId("selfcheck")).toHaveAttribute(
      "data-state",
      "passed",
    );
  });
});

/** @param {Page} page @returns {Promise<Record<string, string>>} */
const listOf = (page) =>
  page.evaluate(async () => (await fetch("pkg/site.json")).json());

test("the page can be installed: manifest and icons say what they are", async ({
  page,
}) => {
  const servers = await startServers();
  try {
    await page.goto(servers.site.origin);
    const link = page.locator('link[rel="manifest"]');
    const href = (await link.getAttribute("href")) ?? "";
    const answer = await page.request.get(`${servers.site.origin}/${href}`);
    expect(answer.headers()["content-type"]).toContain("manifest+json");
    /** @type {{display: string, start_url: string, icons: {src: string, sizes: string, type: string, purpose: string}[]}} */
    const manifest = await answer.json();
    expect(manifest.display).toBe("standalone");
    const list = await listOf(page);
    expect(list).toHaveProperty([href]);
    const purposes = manifest.icons.map(({ purpose }) => purpose);
    expect(purposes).toContain("maskable");
    for (const { src, sizes, type } of manifest.icons) {
      expect(list).toHaveProperty([src]);
      if (type !== "image/png") continue;
      const icon = await page.request.get(`${servers.site.origin}/${src}`);
      const bytes = await icon.body();
      const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
      expect(`${width}x${height}`).toBe(sizes);
    }
    // What Chromium itself has against installing it.
    const client = await page.context().newCDPSession(page);
    const { errors } = await client.send("Page.getAppManifest");
    expect(errors).toEqual([]);
  } finally {
    servers.stop();
  }
});
