// What is saved: pictures are what the page shows, tensors are the engine's own numbers.

import { readFileSync } from "node:fs";
import { headerOf, readSafetensors } from "../support/safetensors.js";
import { clickPatch, layoutOf } from "../support/stage.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */
/** @import {Vitrine} from "../support/vitrine.js" */

/** Saves by a menu. @param {Page} page @param {string} menu @param {string} choice */
async function save(page, menu, choice) {
  await page.getByTestId(`save-${menu}`).click();
  const coming = page.waitForEvent("download");
  await page.getByTestId(`save-${menu}-${choice}`).click();
  const download = await coming;
  const path = await download.path();
  return { name: download.suggestedFilename(), path };
}

/** An SVG as the browser parses and draws it. @param {Page} page @param {string} path */
function readSvg(page, path) {
  return page.evaluate(
    async (text) => {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      const count = (/** @type {string} */ tag) =>
        parsed.querySelectorAll(tag).length;
      const image = new Image();
      image.src = URL.createObjectURL(
        new Blob([text], { type: "image/svg+xml" }),
      );
      await image.decode();
      return {
        isBroken: count("parsererror") > 0,
        width: image.naturalWidth,
        height: image.naturalHeight,
        images: count("image"),
        paths: count("path"),
        texts: [...parsed.querySelectorAll("text")].map(
          (one) => one.textContent,
        ),
        rects: count("rect"),
        circles: count("circle"),
        title: parsed.querySelector("title")?.textContent ?? "",
      };
    },
    readFileSync(path, "utf8"),
  );
}

/** The mean colour of the middle of some patches, in a picture of the frame alone. @param {Page} page @param {string} text base64 @param {string} type @param {number[][]} places in shares of the picture */
function coloursAt(page, text, type, places) {
  return page.evaluate(
    async ({ base64, mime, at }) => {
      const image = new Image();
      image.src = `data:${mime};base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(
        image.naturalWidth,
        image.naturalHeight,
      );
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no 2d context");
      context.drawImage(image, 0, 0);
      const { width, height } = canvas;
      const size = Math.max(1, Math.round(width / 160));
      return at.map(([x, y]) => {
        const { data } = context.getImageData(
          Math.round(x * width - size / 2),
          Math.round(y * height - size / 2),
          size,
          size,
        );
        const sum = [0, 0, 0];
        for (let i = 0; i < data.length; i++) {
          if (i % 4 < 3) sum[i % 4] += data[i] / (data.length / 4);
        }
        return sum;
      });
    },
    { base64: text, mime: type, at: places },
  );
}

/** The same places on the page's own stage. @param {Vitrine} vitrine @param {number[][]} places */
async function coloursOnStage(vitrine, places) {
  return vitrine.stage.evaluate((stage, at) => {
    const canvas = /** @type {HTMLCanvasElement} */ (stage);
    const state = /** @type {any} */ (window).vitrine.state.get();
    const aspect = state.photo.width / state.photo.height;
    const width = Math.min(canvas.clientWidth, canvas.clientHeight * aspect);
    const height = width / aspect;
    const left = (canvas.clientWidth - width) / 2;
    const top = (canvas.clientHeight - height) / 2;
    const ratio = canvas.width / canvas.clientWidth;
    const context = canvas.getContext("2d");
    const size = Math.max(1, Math.round((width * ratio) / 160));
    return at.map(([x, y]) => {
      const data = context?.getImageData(
        Math.round((left + x * width) * ratio - size / 2),
        Math.round((top + y * height) * ratio - size / 2),
        size,
        size,
      ).data;
      const sum = [0, 0, 0];
      const count = (data?.length ?? 4) / 4;
      data?.forEach((value, i) => {
        if (i % 4 < 3) sum[i % 4] += value / count;
      });
      return sum;
    });
  }, places);
}

/** Middles of patches spread over the picture, in shares of it. @param {Vitrine} vitrine */
async function samplePlaces(vitrine) {
  const layout = await layoutOf(vitrine);
  const { width, height } = await vitrine.stage.evaluate((stage) => {
    const { photo } = /** @type {any} */ (window).vitrine.state.get();
    const aspect = photo.width / photo.height;
    const across = Math.min(stage.clientWidth, stage.clientHeight * aspect);
    return { width: across, height: across / aspect };
  });
  const [left, top] = await vitrine.stage.evaluate(
    (stage, size) => [
      (stage.clientWidth - size.width) / 2,
      (stage.clientHeight - size.height) / 2,
    ],
    { width, height },
  );
  const places = [];
  for (const [row, column] of [
    [0, 1],
    [2, 5],
    [4, 4],
    [6, 2],
    [7, 6],
  ]) {
    places.push([
      (layout.x + ((column + 0.5) * layout.width) / layout.columns - left) /
        width,
      (layout.y + ((row + 0.5) * layout.height) / layout.rows - top) / height,
    ]);
  }
  return places;
}

test("the stage is saved as it is shown, at the photo's own sharpness", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?layer=8&head=0");
  await clickPatch(vitrine, 3, 4);
  await page.mouse.move(2, 2);
  const places = await samplePlaces(vitrine);
  const shown = await coloursOnStage(vitrine, places);
  const spread = Math.max(...shown.flat()) - Math.min(...shown.flat());
  expect(spread, "places that can be told apart").toBeGreaterThan(40);

  for (const [choice, type] of [
    ["png", "image/png"],
    ["svg", "image/svg+xml"],
  ]) {
    await test.step(choice, async () => {
      const { name, path } = await save(page, "stage", choice);
      expect(name).toBe(
        `vitrine-vit_coffee_stage_blocks.8_head-1_patch-3-4.${choice}`,
      );
      const file = readFileSync(path);
      const found = await coloursAt(
        page,
        file.toString("base64"),
        type,
        places,
      );
      for (const [i, colour] of found.entries()) {
        const off = colour.map((value, c) => Math.abs(value - shown[i][c]));
        expect(Math.max(...off), `place ${i}`).toBeLessThanOrEqual(8);
      }
      if (choice === "png") {
        // Not fewer pixels than the photo, nor than the screen.
        expect(file.readUInt32BE(16)).toBeGreaterThanOrEqual(600);
      } else {
        const svg = await readSvg(page, path);
        expect(svg.isBroken).toBe(false);
        // The photo and the attention over it; lines and the query as shapes.
        expect(svg.images).toBe(2);
        expect(svg.paths).toBeGreaterThanOrEqual(1);
        expect(svg.rects).toBeGreaterThanOrEqual(4);
        expect(svg.title).toContain("patch 3, 4");
      }
    });
  }

  await test.step("a photo larger than the screen", async () => {
    const large = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(2600, 1300);
      const context = canvas.getContext("2d");
      for (let x = 0; context && x < 26; x++) {
        context.fillStyle = x % 2 ? "#c33" : "#3c3";
        context.fillRect(x * 100, 0, 100, 1300);
      }
      const blob = await canvas.convertToBlob();
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(String.fromCharCode(...bytes));
    });
    const buffer = Buffer.from(large, "base64");
    await vitrine.look({ name: "large.png", mimeType: "image/png", buffer });
    const { name, path } = await save(page, "stage", "png");
    expect(name).toContain("_large_");
    const file = readFileSync(path);
    expect(file.readUInt32BE(16)).toBe(2600);
    expect(file.readUInt32BE(20)).toBe(1300);
  });
});

test("windows and mask are saved as shapes", async ({ vitrine, page }) => {
  await vitrine.open(
    "/?model=vitrine-swin&layer=1&query=0,0&step=layers.0.blocks.1.attn.mask",
  );
  const { path } = await save(page, "stage", "svg");
  const svg = await readSvg(page, path);
  expect(svg.isBroken).toBe(false);
  // The numbers of the pieces are words, not pixels.
  expect(svg.texts).toContain("0");
  expect(svg.paths).toBeGreaterThan(3);
});

test("heads, bird's-eye, charts, strips and heat maps are saved with their words", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?layer=8&head=0&query=3,4");
  await test.step("heads", async () => {
    const { name, path } = await save(page, "heads", "svg");
    expect(name).toMatch(/^vitrine-vit_coffee_heads_blocks.8.*\.svg$/);
    const svg = await readSvg(page, path);
    expect(svg.isBroken).toBe(false);
    expect(svg.images).toBe(3);
    expect(svg.texts).toContain("head 1");
  });
  await test.step("bird's-eye", async () => {
    await page.getByTestId("tab-heads").click();
    await expect(page.getByTestId("all-heads")).toHaveAttribute(
      "data-cells",
      /./,
    );
    const { path } = await save(page, "all-heads", "png");
    const file = readFileSync(path);
    expect(file.readUInt32BE(16)).toBeGreaterThan(400);
  });
  await test.step("chart", async () => {
    await page.getByTestId("tab-distance").click();
    const chart = page.getByTestId("distances").locator("circle");
    await expect(chart).not.toHaveCount(0);
    const { path } = await save(page, "distance", "svg");
    const svg = await readSvg(page, path);
    expect(svg.isBroken).toBe(false);
    expect(svg.circles).toBeGreaterThanOrEqual(await chart.count());
  });
  await test.step("strips", async () => {
    await expect(page.locator(".exhibit")).toHaveAttribute("data-row", "ready");
    const { path } = await save(page, "row", "svg");
    const svg = await readSvg(page, path);
    const strips = await page.locator(".strips canvas").count();
    expect(strips).toBeGreaterThan(3);
    expect(svg.images).toBeGreaterThanOrEqual(strips);
  });
  await test.step("heat map", async () => {
    await page.getByTestId("lens-tab-values").click();
    const { name, path } = await save(page, "tensor", "png");
    expect(name).toContain("blocks.8.attn.pattern");
    expect(readFileSync(path).readUInt32BE(16)).toBeGreaterThan(300);
  });
});

test("tensors are saved number by number", async ({ vitrine, page }) => {
  await vitrine.open("/?layer=4&head=2&query=3,4&step=blocks.4.attn.q");
  const site = await page.evaluate(
    () => /** @type {any} */ (window).vitrine.state.get().site,
  );
  const own = await vitrine.tensor(site);

  await test.step("safetensors", async () => {
    const { name, path } = await save(page, "stage", "safetensors");
    expect(name).toBe(`vitrine-vit_coffee_${site}.safetensors`);
    const found = readSafetensors(path);
    expect([...found.keys()]).toEqual([site]);
    expect(found.get(site)?.shape).toEqual(own.shape);
    expect(found.get(site)?.data).toEqual(own.data);
    const { start } = headerOf(readFileSync(path));
    expect(start % 8).toBe(0);
  });

  await test.step("JSON", async () => {
    const { path } = await save(page, "stage", "json");
    const found = JSON.parse(readFileSync(path, "utf8"));
    expect(found.shape).toEqual(own.shape);
    expect(found.site).toBe(site);
    expect(found.photo).toBe("coffee.png");
    expect(Float32Array.from(found.data)).toEqual(own.data);
  });

  await test.step("all patterns", async () => {
    const { name, path } = await save(page, "stage", "patterns");
    expect(name).toBe("vitrine-vit_coffee_patterns.safetensors");
    const found = readSafetensors(path);
    expect(found.size).toBe(9);
    for (const layer of [0, 8]) {
      const pattern = `blocks.${layer}.attn.pattern`;
      const tensor = await vitrine.tensor(pattern);
      expect(found.get(pattern)?.data).toEqual(tensor.data);
    }
  });
});

test("the menu works by keys alone", async ({ vitrine, page }) => {
  await vitrine.open();
  await page.keyboard.press("e");
  await expect(page.getByTestId("save-stage-png")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("save-stage-svg")).toBeFocused();
  await page.keyboard.press("End");
  await expect(page.getByTestId("save-stage-patterns")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(page.getByTestId("save-stage")).toBeFocused();
  await page.keyboard.press("Enter");
  const coming = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await coming).suggestedFilename()).toMatch(/\.png$/);
});
