// `test` with the servers running and the page at hand: what every spec begins with.

import { expect, test as base } from "@playwright/test";
import { Vitrine } from "./vitrine.js";
import { NO_SHARED, SHARED } from "./paths.js";
import { startServers } from "./site-server.js";

export { expect };

/** @import {Page, TestType} from "@playwright/test" */
/** @import {PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs, PlaywrightWorkerOptions} from "@playwright/test" */
/** @import {Servers} from "./site-server.js" */

/** @typedef {{vitrine: Vitrine, servers: Servers}} TestFixtures */
/** @typedef {{allServers: Servers}} WorkerFixtures */

/** @type {TestType<PlaywrightTestArgs & PlaywrightTestOptions & TestFixtures, PlaywrightWorkerArgs & PlaywrightWorkerOptions & WorkerFixtures>} */
export const test = base.extend({
  allServers: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names from the pattern
    async ({}, /** @type {(servers: Servers) => Promise<void>} */ use) => {
      const servers = await startServers();
      await use(servers);
      servers.stop();
    },
    { scope: "worker" },
  ],

  servers: async (
    /** @type {WorkerFixtures} */ { allServers },
    /** @type {(servers: Servers) => Promise<void>} */ use,
  ) => {
    allServers.reset();
    await use(allServers);
    allServers.reset();
  },

  /** The page, not yet opened. A script error in it fails the test, and so does a breach of its policy. */
  vitrine: async (
    /** @type {{page: Page, servers: Servers}} */ { page, servers },
    /** @type {(vitrine: Vitrine) => Promise<void>} */ use,
  ) => {
    /** @type {string[]} */
    const broken = [];
    page.on("pageerror", (error) => broken.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) {
        broken.push(message.text());
      }
    });
    await use(new Vitrine(page, servers.site.origin));
    expect(broken, "errors in the page").toEqual([]);
  },
});

/** The folder of weights and reference values beside the project; skips the test, and says so, where there is none. */
export function needShared() {
  if (!SHARED) console.error(NO_SHARED);
  test.skip(!SHARED, NO_SHARED);
  return SHARED ?? "";
}
