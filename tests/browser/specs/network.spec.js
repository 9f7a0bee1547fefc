// Models on their way: progress, cancel, faults of the network, and what is kept for the next visit.

import { statSync } from "node:fs";
import { DEFAULT_MODEL, fixture } from "../support/models.js";
import { expectGoesOn, expectSentence } from "../support/refused.js";
import { HUB_FIXTURE } from "../support/site-server.js";
import { expect, test } from "../support/test.js";
import { expectSame } from "../support/vitrine.js";
import { withoutSimd } from "../support/wasm.js";

/** @import {Servers} from "../support/site-server.js" */
/** @import {Vitrine} from "../support/vitrine.js" */

const EMBEDDED_BYTES = statSync(DEFAULT_MODEL.path).size;
const HUB_BYTES = statSync(fixture("vit_avg").weights).size;
const HUB_FILE = "model.safetensors";

/** With a model and a photo on the page, chooses the hub's model and meets a fault. @param {Vitrine} vitrine @param {RegExp} says */
async function meetFault(vitrine, says) {
  const top = await vitrine.top();
  await vitrine.change(
    () => vitrine.modelSelect.selectOption(HUB_FIXTURE),
    "error",
  );
  await expectSentence(vitrine, says);
  expect(await vitrine.top(), "the predictions of before").toEqual(top);
}

/** @param {Vitrine} vitrine */
const retry = (vitrine) =>
  vitrine.change(() => vitrine.error.locator(".retry").click());

test("a hub model comes over a redirect to another host, and is quantized", async ({
  vitrine,
  servers,
}) => {
  await vitrine.open();
  const before = await vitrine.top();
  await vitrine.change(() => vitrine.modelSelect.selectOption(HUB_FIXTURE));
  expect(await vitrine.top()).not.toEqual(before);
  expect(servers.hub.requestsOf(HUB_FILE)[0].status).toBe(302);
  expect(servers.store.bytesOf(HUB_FILE)).toBe(HUB_BYTES);
});

for (const status of [404, 500]) {
  test(`HTTP ${status} gets a sentence, and everything stays`, async ({
    vitrine,
    servers,
  }) => {
    await vitrine.open();
    servers.hub.fail({ path: "config.json", status });
    await meetFault(vitrine, status === 404 ? /404|not found|no / : /500/);
    await expectGoesOn(vitrine);

    servers.reset();
    servers.store.fail({ path: HUB_FILE, status, times: 1 });
    await meetFault(vitrine, status === 404 ? /404|not found|no / : /500/);
    await retry(vitrine);
    await expect(vitrine.error).toBeHidden();
  });
}

test("a connection lost half-way is resumed where it broke", async ({
  vitrine,
  servers,
}) => {
  await vitrine.open();
  await vitrine.change(() => vitrine.modelSelect.selectOption(HUB_FIXTURE));
  const unbroken = await vitrine.top();
  await vitrine.forgetModels();
  await vitrine.open();
  servers.reset();

  const half = HUB_BYTES >> 1;
  servers.store.fail({ path: HUB_FILE, cutAfter: half, times: 1 });
  await meetFault(vitrine, /connection/i);
  await retry(vitrine);
  expectSame(await vitrine.top(), unbroken, 1e-9);
  const [first, second, ...more] = servers.store.requestsOf(HUB_FILE);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ range: null, status: 200, bytes: half });
  // What had arrived when the line broke is not asked for again.
  const kept = Number(/^bytes=(\d+)-$/.exec(second.range ?? "")?.[1]);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(half);
  expect(second).toMatchObject({ status: 206, bytes: HUB_BYTES - kept });
});

test("the embedded model is resumed too, also by a server that knows no ranges", async ({
  vitrine,
  servers,
}) => {
  const half = EMBEDDED_BYTES >> 1;
  const path = DEFAULT_MODEL.file;
  servers.site.fail({ path, cutAfter: half, times: 1 });
  await vitrine.page.goto(vitrine.origin);
  await vitrine.settled("error");
  await expectSentence(vitrine, /connection/i);
  servers.site.fail({ path, noRange: true });
  await retry(vitrine);
  const top = await vitrine.top();
  const second = servers.site.requestsOf(path)[1];
  expect(second).toMatchObject({ status: 200, bytes: EMBEDDED_BYTES });

  await vitrine.forgetModels();
  servers.reset();
  await vitrine.open();
  expectSame(top, await vitrine.top(), 1e-9);
});

test("a file with a wrong hash is refused, and comes whole when asked again", async ({
  vitrine,
  servers,
}) => {
  const path = DEFAULT_MODEL.file;
  servers.site.fail({ path, flipByte: EMBEDDED_BYTES - 1000, times: 1 });
  await vitrine.page.goto(vitrine.origin);
  await vitrine.settled("error");
  await expectSentence(vitrine, /SHA-256/);
  expect(await vitrine.top()).toEqual([]);
  await retry(vitrine);
  expect((await vitrine.top()).length).toBeGreaterThanOrEqual(5);
  await expectGoesOn(vitrine);
});

test("progress is exact to the byte, and can be cancelled", async ({
  vitrine,
  servers,
}) => {
  await vitrine.open();
  const top = await vitrine.top();
  servers.store.fail({ path: HUB_FILE, stallAfter: 30_000, times: 1 });
  await vitrine.modelSelect.selectOption(HUB_FIXTURE);
  await expect(vitrine.status).toHaveAttribute("data-state", "loading");
  await expect(vitrine.progress).toBeVisible();
  await expect(vitrine.progress).toHaveJSProperty("value", 30_000);
  await expect(vitrine.progress).toHaveJSProperty("max", HUB_BYTES);

  await vitrine.page.getByRole("button", { name: "Cancel" }).click();
  await vitrine.settled("done");
  await expect(vitrine.error).toBeHidden();
  await expect(vitrine.progress).toBeHidden();
  expect(await vitrine.top()).toEqual(top);
  await expectGoesOn(vitrine);
  await vitrine.change(() => vitrine.modelSelect.selectOption(HUB_FIXTURE));
});

test("the second visit loads no model bytes", async ({ vitrine, servers }) => {
  const visit = async () => {
    servers.reset();
    await vitrine.open();
    const embedded = await vitrine.top();
    await vitrine.change(() => vitrine.modelSelect.selectOption(HUB_FIXTURE));
    return [embedded, await vitrine.top()];
  };
  const first = await visit();
  expect(servers.site.bytesOf(DEFAULT_MODEL.file)).toBe(EMBEDDED_BYTES);
  expect(servers.store.bytesOf(HUB_FILE)).toBe(HUB_BYTES);

  const second = await visit();
  // Not even asked for: an answer of "unchanged" would need a connection.
  expect(servers.site.requestsOf(DEFAULT_MODEL.file)).toEqual([]);
  expect(servers.hub.log).toEqual([]);
  expect(servers.store.log).toEqual([]);
  expectSame(second[0], first[0], 1e-9);
  expectSame(second[1], first[1], 1e-9);
});

test("a browser without SIMD gets a sentence, not a blank page", async ({
  vitrine,
  page,
}) => {
  await page.addInitScript(withoutSimd);
  await page.goto(vitrine.origin);
  await vitrine.settled("error");
  await expectSentence(vitrine, /SIMD/);
  await expect(vitrine.stage).toBeVisible();
});
