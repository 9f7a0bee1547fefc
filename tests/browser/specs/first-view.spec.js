// The first view waits for nothing that it does not need, and what comes later comes all the same.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { firstModules, graphOf, preloadsOf } from "../support/modules.js";
import { WWW } from "../support/paths.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

const html = readFileSync(join(WWW, "index.html"), "utf8");

/** What the glass and the first tab of a ViT bring, once the model is known. */
const SECOND = graphOf(["views/exhibit.js", "views/explain/all-heads.js"]);

/** Every module that some other imports when it is wanted. */
function lateModules() {
  const all = readdirSync(join(WWW, "views"), {
    recursive: true,
    encoding: "utf8",
  });
  return all
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => {
      const source = readFileSync(join(WWW, "views", file), "utf8");
      const text = source.replace(/\/\*.*?\*\//gs, ""); // types are imported in comments
      return [...text.matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(
        ([, path]) => new URL(path, `http://x/views/${file}`).pathname,
      );
    });
}

/** The modules asked for so far, and when. @param {Page} page */
const askedFor = (page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter(({ name }) => name.endsWith(".js"))
      .map(({ name, startTime }) => ({
        path: new URL(name).pathname.slice(1),
        startTime,
      })),
  );

test("the page preloads exactly the modules of its first view", () => {
  expect(preloadsOf(html), "`npm run preload` writes them").toEqual(
    firstModules(html),
  );
});

test("the patches lie over the photo before the model has spoken, and nothing else is fetched by then", async ({
  vitrine,
  page,
}) => {
  await page.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    new MutationObserver(() => {
      const of = (/** @type {string} */ id) =>
        /** @type {HTMLElement | null} */ (
          document.querySelector(`[data-testid="${id}"]`)
        );
      if (of("stage")?.dataset["grid"] && !seen.atGrid) {
        const classes = of("predictions")?.childElementCount;
        seen.atGrid = { state: of("status")?.dataset["state"], classes };
      }
      if (of("status")?.dataset["state"] === "done") {
        seen.doneAt ??= performance.now();
      }
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await vitrine.open();
  const { atGrid, doneAt } = await page.evaluate(() => {
    const { atGrid: grid, doneAt: done } = /** @type {any} */ (window);
    return { atGrid: grid, doneAt: done };
  });
  expect(atGrid).toEqual({ state: "running", classes: 0 });

  const allowed = new Set([
    ...["theme.js", ...firstModules(html)],
    ...[...graphOf(["worker.js"]), ...SECOND],
  ]);
  const early = (await askedFor(page)).filter(
    ({ path, startTime }) => startTime < doneAt && !path.startsWith("pkg/"),
  );
  expect(early.length).toBeGreaterThan(30);
  expect(early.filter(({ path }) => !allowed.has(path))).toEqual([]);
});

test("once the result is there all else is fetched, and works without a network", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const late = lateModules();
  expect(late.length).toBeGreaterThan(15);
  // Its own dialog fetches this one, as few ask for it. Of the others all that they import must be there, too.
  const wanted = graphOf(
    late
      .filter((path) => path !== "/selfcheck.js")
      .map((path) => path.slice(1)),
  );
  await expect
    .poll(async () => {
      const asked = (await askedFor(page)).map(({ path }) => path);
      return wanted.filter((path) => !asked.includes(path));
    })
    .toEqual([]);
  await page.route("**/*.js", (route) => route.abort());
  await page.getByTestId("tab-rollout").click();
  await expect(page.getByTestId("rollout-reading")).toBeVisible();
  await page.getByTestId("lesson-open").click();
  await expect(page.getByTestId("lesson-mask")).toBeVisible();
});

test("a part that does not come says so, and comes when asked again", async ({
  vitrine,
  page,
}) => {
  await page.route("**/explain/rollout.js", (route) => route.abort());
  await vitrine.open();
  // What nobody has asked for fails in silence.
  await expect
    .poll(async () =>
      (await askedFor(page)).some(({ path }) => path.endsWith("saving.js")),
    )
    .toBe(true);
  await expect(vitrine.error).toBeHidden();
  await page.getByTestId("tab-rollout").click();
  await expect(vitrine.error).toHaveAttribute("data-code", "part-missing");
  await expect(page.getByTestId("rollout-reading")).toHaveCount(0);
  // All else goes on.
  await vitrine.headGrid.locator('[data-head="1"]').click();
  await page.unroute("**/explain/rollout.js");
  await vitrine.error.getByRole("button", { name: "Retry" }).click();
  await expect(page.getByTestId("rollout-reading")).toBeVisible();
  await expect(vitrine.error).toBeHidden();
  await vitrine.settled();
});

test("an address leads to a panel that comes late, in its language", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?panel=lens&language=zh");
  await expect(page.getByTestId("lens-table")).toBeVisible();
  await expect(page.locator("[id=panel-lens] h2").first()).toHaveText(
    /\p{Script=Han}/u,
  );
  await vitrine.languageSelect.selectOption("en");
  await expect(page.locator("[id=panel-lens] h2").first()).toHaveText(/[a-z]/);
});
