// How the page tests run: one headless Chromium at a time, generous waits for slow shared machines.

import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";

export default defineConfig({
  testDir: "specs",
  outputDir: "results",
  // The tests measure nothing, but each runs a model: more at once would only wait for each other.
  workers: 1,
  forbidOnly: Boolean(process.env["CI"]),
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  use: {
    launchOptions: launchOptions(),
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    screenshot: "only-on-failure",
    trace: "off",
    // It would answer for the network that the tests break; offline.spec.js allows it.
    serviceWorkers: "block",
  },
});
