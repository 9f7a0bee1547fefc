// How the page tests run: two headless Chromiums side by side, generous waits for slow shared machines; what measures
// time comes after all else, with the machine to itself.

import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";

/** They hold the page to milliseconds. */
const TIMED = "speed.spec.js";

/**
 * Each new window would start two pages of the address bar's own beside the one under test, in a process that costs a third
 * of the time to open Vitrine (3.5 s of processor time with them, 2.4 without). The last list given to Chromium counts, so
 * Playwright's own is in it.
 */
const WITHOUT = [
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"],
  ...["AvoidUnnecessaryBeforeUnloadCheckSync", "AutoDeElevate"],
  ...["BoundaryEventDispatchTracksNodeRemoval", "DialMediaRouteProvider"],
  ...["DestroyProfileOnBrowserClose", "GlobalMediaControls", "HttpsUpgrades"],
  ...["LensOverlay", "MediaRouter", "OptimizationHints", "PaintHolding"],
  ...["RenderDocument", "ThirdPartyStoragePartitioning", "Translate"],
];

const { args = [], ...launch } = launchOptions();

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
    launchOptions: {
      ...launch,
      args: [...args, `--disable-features=${WITHOUT.join()}`],
    },
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    screenshot: "only-on-failure",
    trace: "off",
    // It would answer for the network that the tests break; offline.spec.js allows it.
    serviceWorkers: "block",
  },
});
