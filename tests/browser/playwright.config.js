// How the page tests run: two headless Chromiums side by side, generous waits for slow shared machines; what measures
// time comes after all else, with the machine to itself.

import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";

/** They hold the page to milliseconds. */
const TIMED = "speed.spec.js";

export default defineConfig({
  testDir: "specs",
  outputDir: "results",
  // Half of a test's time is waiting for the page to say that it is done: two fill two cores.
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: "page", testIgnore: TIMED },
    // `--no-deps` runs it without the others.
    { name: "timed", testMatch: TIMED, dependencies: ["page"], workers: 1 },
  ],
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
