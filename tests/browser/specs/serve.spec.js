// `cargo xtask serve` itself: the page works from it, isolated, and its ranges are what resuming needs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DEFAULT_MODEL } from "../support/models.js";
import { ROOT, XTASK } from "../support/paths.js";
import { expect, test } from "../support/test.js";
import { Vitrine } from "../support/vitrine.js";

test("cargo xtask serve gives the working page", async ({ page }) => {
  const server = spawn(XTASK, ["serve", "--port", "0"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: server.stdout });
    const [line] = await once(lines, "line");
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? "";
    expect(origin, line).not.toBe("");

    const vitrine = new Vitrine(page, origin);
    await vitrine.open();
    expect((await vitrine.top()).length).toBeGreaterThanOrEqual(5);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

    const model = `${origin}/models/${DEFAULT_MODEL.file}`;
    const whole = await fetch(model);
    const etag = whole.headers.get("etag") ?? "";
    const length = Number(whole.headers.get("content-length"));
    const bytes = new Uint8Array(await whole.arrayBuffer());
    expect(bytes.length).toBe(length);

    const part = await fetch(model, {
      headers: { Range: "bytes=1000-1999", "If-Range": etag },
    });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes 1000-1999/${length}`);
    const slice = new Uint8Array(await part.arrayBuffer());
    expect(slice).toEqual(bytes.slice(1000, 2000));

    const head = await fetch(model, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(length));
    const wasm = await fetch(`${origin}/pkg/simd/vitrine_bg.wasm`);
    expect(wasm.headers.get("content-type")).toBe("application/wasm");
    await wasm.arrayBuffer();
    const outside = await fetch(`${origin}/%2e%2e/Cargo.toml`);
    expect(outside.status).toBe(404);
  } finally {
    server.kill();
  }
});
