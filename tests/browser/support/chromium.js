// Which browser the tests and measurements use, and how it is started.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "chrome",
];

/** The browser named in the variable CHROMIUM (`cargo xtask` sets it), or the first on the PATH. */
export function findChromium() {
  if (process.env["CHROMIUM"]) return process.env["CHROMIUM"];
  for (const name of NAMES) {
    for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error(
    "no Chromium: install it so that it is on the PATH, or name it in the variable CHROMIUM",
  );
}

/** @returns {import("@playwright/test").LaunchOptions} */
export const launchOptions = () => ({
  executablePath: findChromium(),
  args: [
    "--headless",
    "--no-sandbox", // tests also run as root, in containers
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
