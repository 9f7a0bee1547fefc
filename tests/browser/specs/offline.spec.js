// After the first visit the page works without a network, by its service worker.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedModels } from "../support/models.js";
import { predict } from "../support/native.js";
import { WWW } from "../support/paths.js";
import { startServers } from "../support/site-server.js";
import { expect, test } from "../support/test.js";
import { Vitrine } from "../support/vitrine.js";

test.use({ serviceWorkers: "allow" });

test("both embedded models work with the network off after the first visit", async ({
  page,
}) => {
  // Servers of its own, to be switched off.
  const servers = await startServers();
  const vitrine = new Vitrine(page, servers.site.origin);
  await vitrine.open();
  await expect(page.locator("html")).toHaveAttribute("data-offline", "ready", {
    timeout: 60_000,
  });
  servers.stop();
  await page.reload();
  await vitrine.settled();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const photo = readFileSync(join(WWW, "samples/coffee.png"));
  for (const { id, path } of embeddedModels()) {
    await vitrine.modelSelect.selectOption(id);
    await page.locator("[data-sample='coffee.png']").click();
    await expect
      .poll(async () => (await vitrine.top())[0]?.index)
      .toBe(predict(path, photo)[0].index);
    await vitrine.settled();
  }
});
