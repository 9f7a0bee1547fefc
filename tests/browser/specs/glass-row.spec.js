// One row, number by number: every figure that the glass shows is worked out again here, in f64, from the tensors that
// the engine recorded.

import { expect, test } from "../support/test.js";
import {
  chooseStep,
  moveTo,
  readRow,
  readWorked,
  rowAt,
  shows,
} from "../support/glass.js";
import { clickPatch } from "../support/stage.js";
import { chooseLayer, openSwin, pinPatch } from "../support/swin.js";
import { makeWindows } from "../support/windows.js";

/** @import {Vitrine} from "../support/vitrine.js" */

/** The engine works in f32, and scales q before it multiplies. @param {number} found @param {number} expected @param {string} what */
function near(found, expected, what) {
  const off = Math.abs(found - expected);
  expect(off, `${what}: ${found} for ${expected}`).toBeLessThanOrEqual(
    // A quantized model multiplies q and k, and the pattern and v, in some 12 and 15 bits.
    5e-4 * Math.max(1, Math.abs(expected)),
  );
}

/** What is written is the number to three digits. @param {string} shown @param {number} expected @param {string} what */
function written(shown, expected, what) {
  const off = Math.abs(Number(shown) - expected);
  expect(off, `${what}: ${shown} for ${expected}`).toBeLessThanOrEqual(
    0.0051 * Math.abs(expected) + 2e-5,
  );
}

/**
 * A row of attention from q, k, v, bias and mask.
 * @param {{q: number[], k: number[][], v: number[][], bias?: number[], mask?: number[]}} parts
 */
function attend({ q, k, v, bias, mask }) {
  const dots = k.map((key) => q.reduce((sum, x, i) => sum + x * key[i], 0));
  const scaled = dots.map((value) => value / Math.sqrt(q.length));
  const scores = scaled.map(
    (value, i) => value + (bias?.[i] ?? 0) + (mask?.[i] ?? 0),
  );
  const powers = scores.map(Math.exp);
  const all = powers.reduce((sum, value) => sum + value, 0);
  const weights = powers.map((value) => value / all);
  const mix = q.map((_, i) =>
    weights.reduce((sum, weight, j) => sum + weight * v[j][i], 0),
  );
  return { dots, scaled, scores, powers, all, weights, mix };
}

/**
 * Compares what the glass shows at a key with what was worked out.
 * @param {Vitrine} vitrine @param {number} key @param {ReturnType<typeof attend>} own
 * @param {{bias?: number[], mask?: number[]}} added
 */
async function compareKey(vitrine, key, own, { bias, mask } = {}) {
  await moveTo(vitrine, "pattern", key);
  const row = await readRow(vitrine);
  /** @type {[string, number][]} */
  const figures = [
    ["dot", own.dots[key]],
    ["qk", own.scaled[key]],
    ["pattern", own.weights[key]],
  ];
  if (bias) figures.push(["bias", bias[key]], ["scores", own.scores[key]]);
  if (mask) figures.push(["mask", mask[key]]);
  for (const [name, expected] of figures) {
    expect(row[name].place, name).toBe(key);
    near(row[name].value, expected, `${name} of key ${key}`);
    written(row[name].shown, expected, `${name} of key ${key}`);
  }
  expect("bias" in row).toBe(bias !== undefined);
  expect("mask" in row).toBe(mask !== undefined);

  const worked = await readWorked(vitrine);
  near(worked["dot"].value, own.dots[key], "worked q · k");
  near(worked["score"].value, own.scores[key], "worked score");
  near(worked["weight"].value, own.weights[key], "worked weight");
  near(
    worked["power"].value / worked["all"].value,
    own.weights[key],
    "e to the score over the sum",
  );
  written(worked["power"].shown, own.powers[key], "written power");
  written(worked["all"].shown, own.all, "written sum");
  written(worked["weight"].shown, own.weights[key], "written weight");
}

test("a ViT's weight can be followed from q·k to softmax, and on to the projection", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?query=3,4&head=1");
  await clickPatch(vitrine, 3, 4);
  const layer = 4;
  await chooseLayer(vitrine, layer);
  const block = `blocks.${layer}.attn`;
  await shows(vitrine, `${block}.pattern`);
  const { prefix, grid } = await vitrine.describe();
  const token = prefix.length + 3 * grid.columns + 4;
  const head = 1;
  const [q, k, v, out] = await Promise.all(
    ["q", "k", "v", "out"].map((name) => vitrine.tensor(`${block}.${name}`)),
  );
  const all = q.shape[1];
  const rows = (/** @type {typeof k} */ tensor) =>
    Array.from({ length: all }, (_, i) => rowAt(tensor, [head, i]));
  const own = attend({ q: rowAt(q, [head, token]), k: rows(k), v: rows(v) });
  await expect(page.getByTestId("row")).toContainText("patch 3, 4 · head 2");

  // Without a choice it is the key with the greatest weight that is worked out.
  const best = own.weights.indexOf(Math.max(...own.weights));
  expect((await readRow(vitrine))["pattern"].place).toBe(best);
  for (const key of [0, 1, 17, all - 1]) {
    await test.step(`key ${key}`, () => compareKey(vitrine, key, own));
  }
  // The last key's own vectors stand in the strips of k and v.
  await moveTo(vitrine, "k", 5);
  let row = await readRow(vitrine);
  near(row["q"].value, rowAt(q, [head, token])[5], "q");
  near(row["k"].value, rowAt(k, [head, all - 1])[5], "k");
  near(row["v"].value, rowAt(v, [head, all - 1])[5], "v");
  near(
    row["product"].value,
    rowAt(q, [head, token])[5] * rowAt(k, [head, all - 1])[5],
    "q × k",
  );
  near(row["mix"].value, own.mix[5], "the sum of the values");
  await moveTo(vitrine, "concat", head * own.mix.length + 5);
  row = await readRow(vitrine);
  near(row["concat"].value, own.mix[5], "the heads side by side");
  expect(row["project"].value).toBe(rowAt(out, [token])[row["project"].place]);
});

test("the sentence on softmax names the keys that get most", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?query=3,4&layer=4&head=1");
  await shows(vitrine, "blocks.4.attn.pattern");
  const pattern = await vitrine.tensor("blocks.4.attn.pattern");
  const { prefix, grid } = await vitrine.describe();
  const token = prefix.length + 3 * grid.columns + 4;
  const weights = rowAt(pattern, [1, token]);
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a]);
  const name = (/** @type {number} */ key) => {
    const patch = key - prefix.length;
    return patch < 0
      ? "the class token"
      : `patch ${Math.floor(patch / grid.columns)}, ${patch % grid.columns}`;
  };
  const said = page.getByTestId("glass-did");
  const percent = (/** @type {number} */ key) =>
    `${(100 * weights[key]).toFixed(1)}%`;
  const [a, b, c] = order;
  await expect(said).toContainText(
    `Head 2 gives most of what patch 3, 4 has to ${name(a)} (${percent(a)}), ${name(b)} (${percent(b)}) and ${name(c)} (${percent(c)})`,
  );
  let [sum, half] = [0, 0];
  while (sum < 0.5) sum += weights[order[half++]];
  await expect(said).toContainText(`${half} of ${weights.length} keys`);
  const about = page.getByTestId("glass-about");
  await expect(about).toContainText(`Each of the ${weights.length} tokens`);
});

test("in a shifted window bias and mask are added, and what is masked is hatched", async ({
  vitrine,
  page,
}) => {
  const shifted = makeWindows({
    rows: 16,
    columns: 16,
    window: 4,
    isShifted: true,
  });
  // The last patch of the photo: its window holds pieces of all four corners.
  await vitrine.open("/?model=vitrine-swin&layer=1&head=1&query=15,15");
  const block = "layers.0.blocks.1.attn";
  await chooseStep(vitrine, `${block}.mask`);
  const place = shifted.placeOf(15 * 16 + 15);
  const tensors = await Promise.all(
    ["q", "k", "v", "bias", "out"].map((name) =>
      vitrine.tensor(`${block}.${name}`),
    ),
  );
  const [q, k, v, biases] = tensors;
  const area = q.shape[2];
  const head = 1;
  const rows = (/** @type {typeof k} */ tensor) =>
    Array.from({ length: area }, (_, i) =>
      rowAt(tensor, [place.window, head, i]),
    );
  const bias = rowAt(biases, [0, head, place.within]);
  const masks = shifted.mask;
  if (!masks) throw new Error("a shifted window has a mask");
  const mask = rowAt(masks, [place.window, 0, place.within]);
  const own = attend({
    q: rowAt(q, [place.window, head, place.within]),
    k: rows(k),
    v: rows(v),
    bias,
    mask,
  });
  const masked = mask.flatMap((value, i) => (value < 0 ? [i] : []));
  const free = mask.flatMap((value, i) => (value < 0 ? [] : [i]));
  expect(masked.length).toBeGreaterThan(0);
  for (const key of [free[0], free[free.length - 1], masked[0], masked[1]]) {
    await test.step(`slot ${key}`, () =>
      compareKey(vitrine, key, own, { bias, mask }));
    const named = shifted.index.data[place.window * area + key];
    await expect(page.getByTestId("row-cursor")).toContainText(
      `patch ${Math.floor(named / 16)}, ${named % 16}`,
    );
  }
  await expect(page.getByTestId("row-cursor")).toContainText("masked, −100");
  await expect(page.getByTestId("glass-did")).toContainText(
    `sees ${free.length}; ${masked.length} are masked`,
  );

  // Hatched: stripes of two greys; what is seen: one colour.
  const colours = await page
    .locator('.strip[data-row="mask"] canvas')
    .evaluate((element, count) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = canvas.getContext("2d");
      const cell = canvas.width / count;
      return Array.from({ length: count }, (_, i) => {
        const { data } = /** @type {CanvasRenderingContext2D} */ (
          context
        ).getImageData(i * cell, 0, cell, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
    }, area);
  expect(colours).toEqual(mask.map((value) => (value < 0 ? 2 : 1)));
});

test("padding in a window is named, and has its share as in timm", async ({
  vitrine,
  page,
}) => {
  // 10 x 14 tokens, windows of 4: padded to 12 x 16.
  const windows = makeWindows({
    rows: 10,
    columns: 14,
    window: 4,
    isShifted: false,
  });
  await openSwin(vitrine, "swin_padded");
  await chooseLayer(vitrine, 0);
  await pinPatch(vitrine, 9, 13);
  const block = "layers.0.blocks.0.attn";
  await shows(vitrine, `${block}.pattern`);
  const place = windows.placeOf(9 * 14 + 13);
  const [q, k, v, biases] = await Promise.all(
    ["q", "k", "v", "bias"].map((name) => vitrine.tensor(`${block}.${name}`)),
  );
  const area = q.shape[2];
  const rows = (/** @type {typeof k} */ tensor) =>
    Array.from({ length: area }, (_, i) => rowAt(tensor, [place.window, 0, i]));
  const bias = rowAt(biases, [0, 0, place.within]);
  const own = attend({
    q: rowAt(q, [place.window, 0, place.within]),
    k: rows(k),
    v: rows(v),
    bias,
  });
  const first = place.window * area;
  const padding = windows.index.data.subarray(first, first + area).indexOf(-1);
  expect(padding).toBeGreaterThan(0);
  await compareKey(vitrine, padding, own, { bias });
  await expect(page.getByTestId("row-cursor")).toContainText("padding");
  expect(own.weights[padding]).toBeGreaterThan(0);
});

test("other steps show their row too: stream, norm, MLP, merge", async ({
  vitrine,
}) => {
  await vitrine.open("/?query=3,4&layer=2");
  await clickPatch(vitrine, 3, 4);
  const { prefix, grid } = await vitrine.describe();
  const token = prefix.length + 3 * grid.columns + 4;
  const at = async (/** @type {string} */ site) =>
    rowAt(await vitrine.tensor(site), [token]);

  await chooseStep(vitrine, "blocks.2.mid");
  const [before, added, mid] = [
    await at("blocks.1.out"),
    await at("blocks.2.attn.out"),
    await at("blocks.2.mid"),
  ];
  await moveTo(vitrine, "sum-stream", 3);
  let row = await readRow(vitrine);
  near(row["stream"].value, before[3], "stream");
  near(row["attended"].value, added[3], "attention");
  near(row["sum-stream"].value, before[3] + added[3], "their sum");

  await chooseStep(vitrine, "blocks.2.norm2");
  await moveTo(vitrine, "standard", 4);
  row = await readRow(vitrine);
  const mean = mid.reduce((sum, x) => sum + x, 0) / mid.length;
  const variance =
    mid.reduce((sum, x) => sum + (x - mean) ** 2, 0) / mid.length;
  near(row["stream"].value, mid[4], "stream");
  near(row["standard"].value, (mid[4] - mean) / Math.sqrt(variance), "normed");
  near(row["normed"].value, (await at("blocks.2.norm2"))[4], "with γ and β");

  await chooseStep(vitrine, "blocks.2.mlp.out");
  await moveTo(vitrine, "hidden", 7);
  row = await readRow(vitrine);
  near(row["hidden"].value, (await at("blocks.2.mlp.hidden"))[7], "hidden");

  await openSwin(vitrine);
  await pinPatch(vitrine, 6, 9);
  await chooseStep(vitrine, "layers.1.downsample");
  const fine = await vitrine.tensor("layers.0.out");
  await moveTo(vitrine, "merge-0", 2);
  row = await readRow(vitrine);
  // Top left, below left, top right, below right of the token 3, 4 of the new map.
  const four = [6 * 16 + 8, 7 * 16 + 8, 6 * 16 + 9, 7 * 16 + 9];
  for (const [i, index] of four.entries()) {
    near(row[`merge-${i}`].value, rowAt(fine, [index])[2], `part ${i}`);
  }
});

test("what is left out of the model is left out of the row", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?model=vitrine-swin&layer=1&head=1&query=15,15");
  const block = "layers.0.blocks.1.attn";
  await chooseStep(vitrine, `${block}.bias`);
  const before = await readRow(vitrine);
  expect(before["bias"].value).not.toBe(0);
  const leaveOut = (/** @type {Record<string, boolean>} */ change) =>
    vitrine.change(() =>
      page.evaluate(
        (what) => /** @type {any} */ (window).vitrine.setWhatif(what),
        change,
      ),
    );
  await leaveOut({ noBias: true, noMask: true });
  await shows(vitrine, `${block}.bias`);
  await expect(page.getByTestId("glass-did")).toContainText("bias is off");
  for (const key of [0, 7, 15]) {
    await moveTo(vitrine, "qk", key);
    const row = await readRow(vitrine);
    expect(row["bias"].value).toBe(0);
    expect(row["mask"].value).toBe(0);
    near(row["scores"].value, row["qk"].value, `slot ${key}`);
  }
  await leaveOut({ noBias: false, noMask: false });
  await shows(vitrine, `${block}.bias`);
  await moveTo(vitrine, "qk", before["qk"].place);
  const after = await readRow(vitrine);
  expect(after["scores"].value).toBe(before["scores"].value);

  await chooseStep(vitrine, `${block}.index`);
  await expect(page.getByTestId("glass-about")).toContainText("rolled up by 2");
  await leaveOut({ noShift: true });
  await expect(page.getByTestId("glass-about")).toContainText("no shift");
});
