// The bundle whose forward pass threads share: when the page takes it, that its numbers are the others', and what
// happens when its threads cannot start or die.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { embeddedModels } from "../support/models.js";
import { gradient } from "../support/photos.js";
import { expectGoesOn, expectSentence } from "../support/refused.js";
import { NOT_ISOLATED, startServers } from "../support/site-server.js";
import { writeSwinTiny } from "../support/swin-tiny.js";
import { expect, test } from "../support/test.js";
import { writeVitTiny } from "../support/vit-tiny.js";
import { Vitrine, file } from "../support/vitrine.js";
import { CORES, withOneCore } from "../support/wasm.js";

/** @import {Fault} from "../support/faulty-server.js" */

test.skip(CORES < 2, "skipped: one core, for which the page takes no threads");

/** What the page has at most. */
const THREADS = Math.min(CORES, 4);

/** @param {Vitrine} vitrine @param {string} bundle @param {number} threads */
async function expectRuns(vitrine, bundle, threads) {
  const { page } = vitrine;
  await expect(vitrine.bundle).toHaveText(bundle);
  await expect(vitrine.bundle).toHaveAttribute("data-threads", String(threads));
  // The engine's own worker is the first of them.
  await expect.poll(() => page.workers().length).toBe(threads);
}

/** Tensors of the second layer, from a pass and from another, and what the model says, bit for bit. @param {Vitrine} vitrine */
async function bitsOf(vitrine) {
  /** @type {{layers: {site: string}[]}} */
  const { layers } = await vitrine.describe();
  const [first, second] = layers.map(({ site }) => site);
  const names = ["input", `${first}.attn.pattern`, `${second}.attn.pattern`];
  /** @type {Record<string, string>} */
  const bits = {};
  for (const site of [...names, `${second}.mlp.hidden`, "logits"]) {
    const { data } = await vitrine.tensor(site);
    expect(data.some((value) => value !== 0)).toBe(true);
    bits[site] = Buffer.from(data.buffer).toString("base64");
  }
  return bits;
}

test("threads give the very bits of one thread", async ({
  vitrine,
  browser,
}) => {
  const alone = await browser.newContext({ serviceWorkers: "block" });
  await alone.addInitScript(withOneCore);
  const one = new Vitrine(await alone.newPage(), vitrine.origin);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  try {
    await Promise.all([vitrine.open(), one.open()]);
    await expectRuns(vitrine, "threads", THREADS);
    await expectRuns(one, "relaxed", 1);
    /** @param {string} what @param {(page: Vitrine) => Promise<unknown>} change */
    const compare = (what, change) =>
      test.step(what, async () => {
        for (const page of [vitrine, one]) {
          await page.change(() => change(page));
        }
        expect(await vitrine.top()).toEqual(await one.top());
        expect(await bitsOf(vitrine)).toEqual(await bitsOf(one));
      });
    const photo = gradient(300, 200);
    await compare("another photo", (page) => page.give([file("a.png", photo)]));
    for (const { id } of embeddedModels().reverse()) {
      await compare(id, ({ modelSelect }) => modelSelect.selectOption(id));
    }
    await compare("a head off", ({ page }) =>
      page.evaluate(() =>
        /** @type {any} */ (window).vitrine.setWhatif({ heads: [[1, 0]] }),
      ),
    );
    for (const write of [writeVitTiny, writeSwinTiny]) {
      const weights = write(folder);
      const files = [weights, join(dirname(weights), "config.json")];
      await compare(write.name, ({ modelInput }) =>
        modelInput.setInputFiles(files),
      );
    }
    await test.step("the model as a file", async () => {
      const [shared, own] = await Promise.all(
        [vitrine, one].map(({ page }) =>
          page.evaluate(async () => {
            const { engine } = /** @type {any} */ (window).vitrine;
            const bytes = await engine.toGguf();
            const hash = await crypto.subtle.digest("SHA-256", bytes);
            return [bytes.length, ...new Uint8Array(hash)];
          }),
        ),
      );
      expect(shared).toEqual(own);
    });
    for (const page of [vitrine, one]) await page.openCard();
    await compare("in f32", ({ dtypeSelect }) =>
      dtypeSelect.selectOption("f32"),
    );
  } finally {
    rmSync(folder, { recursive: true });
    await alone.close();
  }
});

test("About says how many threads run", async ({ vitrine, page }) => {
  await vitrine.open();
  await page.getByTestId("more").click();
  await page.getByTestId("more-about").click();
  const said = page.getByTestId("about").locator(".engine");
  await expect(said).toContainText("threads");
  await expect(said).toContainText(String(THREADS));
  await expect(page.getByTestId("selfcheck")).toHaveAttribute(
    "data-state",
    "passed",
  );
});

/** @type {{what: string, fault: Fault}[]} */
const REFUSALS = [
  { what: "is not there", fault: { path: "/thread.js", status: 404 } },
  { what: "never comes", fault: { path: "/thread.js", stallAfter: 0 } },
  {
    what: "breaks",
    fault: { path: "/thread.js", edit: (text) => `${text}\nthrow 1;` },
  },
  {
    what: "gets more memory than there can be",
    fault: {
      path: "/pkg/threads/vitrine.js",
      edit: (text) => text.replace(/(?<=maximum:)\d+(?=,shared)/, "65537"),
    },
  },
];

for (const { what, fault } of REFUSALS) {
  test(`without threads where their script ${what}`, async ({
    vitrine,
    servers,
    page,
  }) => {
    servers.site.fail(fault);
    await vitrine.open();
    expect(servers.site.requestsOf(fault.path).length).toBeGreaterThan(0);
    await expectRuns(vitrine, "relaxed", 1);
    await expect(vitrine.error).toBeHidden();
    await expectGoesOn(vitrine);
    await test.step("and a second engine", async () => {
      await page.getByTestId("compare-select").selectOption("vitrine-swin");
      const second = page.getByTestId("compare-zone");
      await expect(second.locator("[data-class]")).toHaveCount(5);
      await expect(second.getByTestId("bundle")).toHaveText("relaxed");
      expect(page.workers()).toHaveLength(2);
    });
  });
}

test("a thread that dies in a pass is a crash, and the page recovers", async ({
  vitrine,
  servers,
}) => {
  // What aborts is wasm; that it does so is the worker's doing, at a photo of this width.
  const edit = (/** @type {string} */ text) => {
    const edited = text.replace(
      'case "photo":',
      'case "photo": if (message.bitmap.width === 161) loader.wasm.abortElsewhere();',
    );
    expect(edited).not.toBe(text);
    return edited;
  };
  servers.site.fail({ path: "/worker.js", edit });
  await vitrine.open();
  const top = await vitrine.top();
  const { page } = vitrine;
  await vitrine.give([file("next.png", gradient(161, 120))]);
  await expectSentence(vitrine, /started anew/);
  await vitrine.settled("error");
  expect(await vitrine.top()).toEqual(top);
  await expectRuns(vitrine, "threads", THREADS);
  expect(page.workers()).toHaveLength(THREADS);
});

test.describe("on a host that sends no headers", () => {
  test.use({ serviceWorkers: "allow" });

  test("threads run from the second visit on, and nobody is made to reload", async ({
    page,
  }) => {
    const servers = await startServers(NOT_ISOLATED);
    let loads = 0;
    page.on("load", () => loads++);
    try {
      const vitrine = new Vitrine(page, servers.site.origin);
      const isIsolated = () => page.evaluate(() => crossOriginIsolated);
      await vitrine.open();
      expect(await isIsolated()).toBe(false);
      await expectRuns(vitrine, "relaxed", 1);
      const top = await vitrine.top();
      await expect(page.locator("html")).toHaveAttribute(
        "data-offline",
        "ready",
        { timeout: 60_000 },
      );
      expect(loads).toBe(1);

      await vitrine.open();
      expect(await isIsolated()).toBe(true);
      await expectRuns(vitrine, "threads", THREADS);
      expect(await vitrine.top()).toEqual(top);
      expect(loads).toBe(2);
    } finally {
      servers.stop();
    }
  });
});
