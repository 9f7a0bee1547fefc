// The chosen head's attention lies over the photo where the model computed it.

import { attentionOf } from "../support/attention.js";
import {
  clickPatch,
  colourDistance,
  correlation,
  layoutOf,
  patchColours,
} from "../support/stage.js";
import { waves } from "../support/photos.js";
import { expect, test } from "../support/test.js";
import { file } from "../support/vitrine.js";

/** @import {Tensor} from "../support/safetensors.js" */
/** @import {Vitrine} from "../support/vitrine.js" */

/** Levels of 255 that rounding and scaling may cost. */
const TOLERANCE = 4;

/**
 * What the page should show: every patch's share of the brightest colour.
 * @param {Vitrine} vitrine
 * @param {{layer: number, head: number, token: number, direction?: "row" | "column", scale?: "head" | "layer" | "absolute"}} choice
 */
async function computed(vitrine, choice) {
  const { layer, token, direction = "row", scale = "head" } = choice;
  const pattern = await vitrine.tensor(`blocks.${layer}.attn.pattern`);
  const { prefix } = await vitrine.describe();
  const heads = Array.from({ length: pattern.shape[0] }, (_, head) =>
    attentionOf(pattern, head, token, direction).slice(prefix.length),
  );
  const map = heads[choice.head];
  const top = { head: Math.max(...map), layer: Math.max(...heads.flat()) };
  const brightest = scale === "absolute" ? 1 : top[scale];
  return map.map((value) => value / brightest);
}

/** The colours of the patches without any attention over them. @param {Vitrine} vitrine */
async function bareColours(vitrine) {
  const opacity = vitrine.page.locator('input[name="opacity"]');
  const before = await opacity.inputValue();
  await opacity.fill("0");
  const bare = await patchColours(vitrine);
  await opacity.fill(before);
  return bare;
}

/** What each patch must look like under a map. @param {Vitrine} vitrine @param {number[][]} bare @param {number[]} map */
async function covered(vitrine, bare, map) {
  const opacity = vitrine.page.locator('input[name="opacity"]');
  const pixels = await vitrine.page.evaluate(
    async ({ values, strength }) => {
      const address = new URL("draw/overlay.js", location.href).href;
      const { overlayPixels } = await import(address);
      return [...overlayPixels(Float32Array.from(values), 1, strength)];
    },
    { values: map, strength: Number(await opacity.inputValue()) },
  );
  return bare.map((colour, patch) => {
    const alpha = pixels[4 * patch + 3] / 255;
    return colour.map(
      (value, channel) =>
        value * (1 - alpha) + pixels[4 * patch + channel] * alpha,
    );
  });
}

/**
 * The stage shows this map and nothing else. With `not`, a map that it must not be mistaken for; else the bare photo.
 * @param {Vitrine} vitrine @param {number[][]} bare @param {number[]} map @param {number[]} [not]
 */
async function expectShows(vitrine, bare, map, not) {
  const expected = await covered(vitrine, bare, map);
  const other = not ? await covered(vitrine, bare, not) : bare;
  const apart = expected.map((colour, i) => colourDistance(colour, other[i]));
  expect(Math.max(...apart), "the two differ").toBeGreaterThan(2 * TOLERANCE);
  await expect
    .poll(async () => {
      const colours = await patchColours(vitrine);
      return colours.flatMap((colour, patch) =>
        colourDistance(colour, expected[patch]) > TOLERANCE ? [patch] : [],
      );
    })
    .toEqual([]);
}

/** The mean of a channel of the model's input inside each patch, away from its edges. @param {Tensor} input @param {number} channel @param {{rows: number, columns: number}} grid */
function patchMeans({ shape, data }, channel, { rows, columns }) {
  const [, , height, width] = shape;
  const [high, wide] = [height / rows, width / columns];
  return Array.from({ length: rows * columns }, (_, patch) => {
    const top = Math.floor(patch / columns) * high;
    const left = (patch % columns) * wide;
    let sum = 0;
    for (let y = high / 4; y < (3 * high) / 4; y++) {
      for (let x = wide / 4; x < (3 * wide) / 4; x++) {
        sum += data[(channel * height + top + y) * width + left + x];
      }
    }
    return sum;
  });
}

test("the overlay lies on the part of the photo that the model sees", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  for (const [width, height] of [
    [400, 150],
    [120, 300],
  ]) {
    await vitrine.look(file("long.png", waves(width, height)));
    await page.locator('input[name="opacity"]').fill("0");
    const shown = await patchColours(vitrine);
    const input = await vitrine.tensor("input");
    for (let channel = 0; channel < 3; channel++) {
      const seen = patchMeans(input, channel, await layoutOf(vitrine));
      const drawn = shown.map((colour) => colour[channel]);
      expect(correlation(seen, drawn)).toBeGreaterThan(0.99);
    }
  }
});

test("colour covers a patch the more, the more attention it gets", async ({
  vitrine,
}) => {
  await vitrine.open();
  const shares = Array.from({ length: 101 }, (_, i) => i / 100);
  const pixels = await vitrine.page.evaluate(async (values) => {
    const address = new URL("draw/overlay.js", location.href).href;
    const { overlayPixels } = await import(address);
    return [...overlayPixels(Float32Array.from(values), 1, 1)];
  }, shares);
  const covers = shares.map((_, i) => pixels[4 * i + 3]);
  expect(covers[0]).toBe(0);
  expect(covers[100]).toBe(255);
  for (let i = 1; i <= 100; i++) {
    expect(covers[i]).toBeGreaterThan(covers[i - 1]);
  }
});

test("layer, head and query change the stage where the stored attention says", async ({
  vitrine,
}) => {
  await vitrine.open();
  const bare = await bareColours(vitrine);
  const { columns } = await layoutOf(vitrine);
  const tokenOf = (/** @type {number} */ row, /** @type {number} */ column) =>
    1 + row * columns + column;
  const last = Number(await vitrine.layerSelect.inputValue());

  await clickPatch(vitrine, 2, 2);
  await expect(vitrine.query).toHaveText("patch 2, 2");
  await vitrine.headGrid.locator('[data-head="0"]').click();
  const token = tokenOf(2, 2);
  const first = await computed(vitrine, { layer: last, head: 0, token });
  await expectShows(vitrine, bare, first);

  await vitrine.headGrid.locator('[data-head="1"]').click();
  const head = await computed(vitrine, { layer: last, head: 1, token });
  await expectShows(vitrine, bare, head, first);

  await vitrine.layerSelect.selectOption("0");
  const layer = await computed(vitrine, { layer: 0, head: 1, token });
  await expectShows(vitrine, bare, layer, head);

  await clickPatch(vitrine, 5, 6);
  await expect(vitrine.query).toHaveText("patch 5, 6");
  const moved = { layer: 0, head: 1, token: tokenOf(5, 6) };
  const query = await computed(vitrine, moved);
  await expectShows(vitrine, bare, query, layer);
});

test("both directions are drawn, and a prefix token can be the query", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  const bare = await bareColours(vitrine);
  const { columns } = await layoutOf(vitrine);
  const layer = Number(await vitrine.layerSelect.inputValue());
  const patch = { layer, head: 0, token: 1 + 3 * columns + 4 };
  const token = { layer, head: 0, token: 0 };

  await clickPatch(vitrine, 3, 4);
  const looksAt = await computed(vitrine, patch);
  await expectShows(vitrine, bare, looksAt);

  await vitrine.directionSelect.selectOption("column");
  const lookedAt = await computed(vitrine, { ...patch, direction: "column" });
  await expectShows(vitrine, bare, lookedAt, looksAt);

  await page.locator('[data-token="0"]').click();
  await expect(vitrine.query).toHaveText("class token");
  const gives = await computed(vitrine, { ...token, direction: "column" });
  await expectShows(vitrine, bare, gives, lookedAt);

  await vitrine.directionSelect.selectOption("row");
  const takes = await computed(vitrine, token);
  await expectShows(vitrine, bare, takes, gives);
});

test("the scale is the head's, the layer's or absolute", async ({
  vitrine,
}) => {
  await vitrine.open();
  const bare = await bareColours(vitrine);
  const layer = Number(await vitrine.layerSelect.inputValue());
  await clickPatch(vitrine, 1, 1);
  const { columns } = await layoutOf(vitrine);
  const choice = { layer, head: 0, token: 1 + columns + 1 };
  const own = await computed(vitrine, choice);
  await expectShows(vitrine, bare, own);
  await vitrine.scaleSelect.selectOption("absolute");
  const absolute = await computed(vitrine, { ...choice, scale: "absolute" });
  await expectShows(vitrine, bare, absolute, own);
  await vitrine.scaleSelect.selectOption("layer");
  const layerWide = await computed(vitrine, { ...choice, scale: "layer" });
  await expectShows(vitrine, bare, layerWide, absolute);
  await vitrine.scaleSelect.selectOption("head");
  await expectShows(vitrine, bare, own, absolute);
});

test("layer, head and query go by keyboard", async ({ vitrine, page }) => {
  await vitrine.open();
  const layers = await vitrine.layerSelect.locator("option").count();
  await vitrine.layerSelect.selectOption("0");
  await vitrine.layerSelect.focus();
  await page.keyboard.press("ArrowDown");
  await expect(vitrine.layerSelect).toHaveValue("1");
  expect(layers).toBeGreaterThan(1);

  const pressed = vitrine.headGrid.locator('[aria-pressed="true"]');
  await vitrine.headGrid.locator('[data-head="1"]').focus();
  await page.keyboard.press("Enter");
  await expect(pressed).toHaveAttribute("data-head", "1");

  await clickPatch(vitrine, 0, 0);
  await vitrine.stage.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(vitrine.query).toHaveText("patch 2, 1");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(vitrine.query).toHaveText("patch 2, 0");
});
