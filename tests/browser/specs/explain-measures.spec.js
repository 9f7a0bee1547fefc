// Distance, positions, filters, lens: what is shown is what recorded tensors and the checkpoint's own numbers say.

import {
  headsOf,
  meanDistances,
  readOut,
  rowsOf,
  softmax,
  total,
} from "../support/explain.js";
import {
  chosen,
  derive,
  near,
  openExact,
  showTab,
  valueOf,
} from "../support/panels.js";
import { openSwin, showPanel } from "../support/swin.js";
import { expect, test } from "../support/test.js";

/** @import {Layer} from "../support/explain.js" */
/** @import {Vitrine} from "../support/vitrine.js" */

/** What the chart must show: layer, head, distance. @param {Vitrine} vitrine */
async function distances(vitrine) {
  const { layers, patch, prefix } = await vitrine.describe();
  const all = [];
  for (const [i, layer] of /** @type {Layer[]} */ (layers).entries()) {
    const side = 2 ** layer.stage;
    const means = meanDistances(await headsOf(vitrine, layer), {
      prefix: prefix.length,
      columns: layer.grid.columns,
      height: patch.height * side,
      width: patch.width * side,
    });
    all.push(...means.map((mean, head) => ({ layer: i, head, mean })));
  }
  return all;
}

/** @param {Vitrine} vitrine */
async function expectDots(vitrine) {
  const expected = await distances(vitrine);
  const dots = vitrine.page.getByTestId("distances").locator("circle");
  await expect(dots).toHaveCount(expected.length);
  const shown = await dots.evaluateAll((all) =>
    all.map((dot) =>
      ["layer", "head", "value"].map((name) =>
        Number(dot.getAttribute(`data-${name}`)),
      ),
    ),
  );
  for (const { layer, head, mean } of expected) {
    const dot = shown.find(([l, h]) => l === layer && h === head);
    near(dot?.[2] ?? NaN, mean, 1e-3);
  }
  return expected;
}

test("distance: a dot a head, at the distance that its weights say; a click chooses the head", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  await showTab(vitrine, "distance");
  const expected = await expectDots(vitrine);
  const chart = page.getByTestId("distances");
  const reading = page.getByTestId("distance-reading");
  const dot = chart.locator('[data-layer="3"][data-head="2"]');
  await dot.hover();
  const { mean } = expected.find(
    (one) => one.layer === 3 && one.head === 2,
  ) ?? {
    mean: NaN,
  };
  await expect(reading).toContainText("block 4, head 3");
  near(await valueOf(reading), mean, 1e-3);
  await dot.click();
  await vitrine.settled();
  expect(await chosen(vitrine)).toEqual([3, 2]);
});

test("distance: a Swin's windows, and what a what-if makes of them", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await showTab(vitrine, "distance");
  const before = await expectDots(vitrine);
  await showPanel(vitrine, "whatif");
  await vitrine.change(() => page.getByTestId("whatif-bias").check());
  await showTab(vitrine, "distance");
  await expect
    .poll(async () =>
      valueOf(page.locator('circle[data-layer="0"][data-head="0"]')),
    )
    .not.toBeCloseTo(before[0].mean, 4);
  await expectDots(vitrine);
});

test("positions: the cosine of the checkpoint's own embeddings", async ({
  vitrine,
  page,
}) => {
  const weights = await openExact(vitrine, "vit_nonsquare");
  await showTab(vitrine, "positions");
  const table = weights.get("pos_embed");
  if (!table) throw new Error("no pos_embed");
  const { grid, prefix } = await vitrine.describe();
  const rows = rowsOf(table).slice(prefix.length);
  const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
    total(a.map((value, i) => value * b[i]));
  const canvas = page.getByTestId("positions");
  await expect(page.getByTestId("positions-panel")).toHaveAttribute(
    "aria-busy",
    "false",
  );
  const box = await canvas.boundingBox();
  if (!box) throw new Error("no picture");
  const reading = page.getByTestId("positions-reading");
  for (const [one, other] of [
    [0, 0],
    [1, 9],
    [grid.columns + 2, 3],
  ]) {
    const place = (/** @type {number} */ patch) => ({
      row: Math.floor(patch / grid.columns),
      column: patch % grid.columns,
    });
    const [map, at] = [place(one), place(other)];
    const share = (
      /** @type {number} */ outer,
      /** @type {number} */ inner,
      /** @type {number} */ count,
    ) => (outer + (inner + 0.5) / count) / count;
    await canvas.hover({
      position: {
        x: share(map.column, at.column, grid.columns) * box.width,
        y: share(map.row, at.row, grid.rows) * box.height,
      },
    });
    await expect(reading).toContainText(`patch ${at.row}, ${at.column}:`);
    const [a, b] = [rows[one], rows[other]];
    const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    near(await valueOf(reading), cosine, 1e-5);
  }
  await canvas.click({ position: { x: box.width - 3, y: 3 } });
  await expect(vitrine.query).toHaveText(`patch 0, ${grid.columns - 1}`);
});

test("filters: eigenvectors of the filters' covariance, as they are drawn", async ({
  vitrine,
  page,
}) => {
  const weights = await openExact(vitrine, "vit_nonsquare");
  await showTab(vitrine, "filters");
  const tiles = page.getByTestId("filters-panel").locator("figure");
  await expect(tiles).toHaveCount(28);
  const conv = weights.get("patch_embed.proj.weight");
  if (!conv) throw new Error("no projection");
  const [dim, channels, rows, columns] = conv.shape;
  const size = rows * columns;
  // Row, column, channel.
  const filters = Array.from({ length: dim }, (_, d) =>
    Array.from({ length: size * channels }, (__, i) => {
      const channel = i % channels;
      const pixel = Math.floor(i / channels);
      return conv.data[(d * channels + channel) * size + pixel];
    }),
  );
  const mean = filters[0].map(
    (_, i) => total(filters.map((filter) => filter[i])) / dim,
  );
  const centred = filters.map((filter) => filter.map((v, i) => v - mean[i]));
  const variance = total(centred.flat().map((value) => value ** 2));
  const { shape, data, shares } = await derive(vitrine, {
    kind: "filters",
    count: 28,
  });
  expect(shape).toEqual([28, rows, columns, 3]);
  const length = size * channels;
  let before = Infinity;
  for (let i = 0; i < 28; i++) {
    const vector = data.slice(i * length, (i + 1) * length);
    near(total(vector.map((/** @type {number} */ v) => v * v)), 1);
    const along = centred.map((filter) =>
      total(filter.map((value, j) => value * vector[j])),
    );
    near(total(along.map((value) => value ** 2)) / variance, shares[i]);
    expect(shares[i]).toBeLessThanOrEqual(before);
    before = shares[i];
    const image = vector.map(
      (/** @type {number} */ v, /** @type {number} */ j) =>
        total(centred.map((filter, d) => filter[j] * along[d])) -
        shares[i] * variance * v,
    );
    const left = Math.sqrt(
      total(image.map((/** @type {number} */ v) => v * v)),
    );
    expect(left / variance).toBeLessThan(1e-3);
  }
  const first = data.slice(0, length);
  const top = Math.max(...first.map(Math.abs));
  const pixels = await tiles
    .first()
    .locator("canvas")
    .evaluate((element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = canvas.getContext("2d");
      const { width, height } = canvas;
      return [...(context?.getImageData(0, 0, width, height).data ?? [])];
    });
  for (let i = 0; i < length; i++) {
    const found = pixels[Math.floor(i / 3) * 4 + (i % 3)];
    near(found, 127.5 + (127.5 * first[i]) / top, 1.01);
  }
});

test("lens: the checkpoint's norm and head on the stream after each block", async ({
  vitrine,
  page,
}) => {
  const weights = await openExact(vitrine, "vit_lucid");
  await showTab(vitrine, "lens");
  const rows = page.getByTestId("lens-table").locator("[data-layer]");
  const { layers } = await vitrine.describe();
  await expect(rows).toHaveCount(layers.length);
  const [last] = await vitrine.top();
  for (const [i, { site }] of /** @type {Layer[]} */ (layers).entries()) {
    const [token] = rowsOf(await vitrine.tensor(`${site}.out`));
    const chances = softmax(readOut(weights, token));
    const row = rows.nth(i);
    const numbers = await Promise.all(
      ["class", "probability", "of-last"].map((name) =>
        row.getAttribute(`data-${name}`),
      ),
    );
    const [index, probability, ofLast] = numbers.map(Number);
    expect(index).toBe(chances.indexOf(Math.max(...chances)));
    near(probability, chances[index]);
    near(ofLast, chances[last.index]);
  }
  const end = rows.last();
  await expect(end).toHaveAttribute("data-class", String(last.index));
});

test("lens: of a Swin only the last stage can be read, and the page says why", async ({
  vitrine,
  page,
}) => {
  await openSwin(vitrine);
  await showTab(vitrine, "lens");
  const panel = page.getByTestId("lens-panel");
  const rows = panel.locator("[data-layer]");
  const { layers } = await vitrine.describe();
  const stage = layers.at(-1).stage;
  const readable = layers.filter(
    (/** @type {Layer} */ layer) => layer.stage === stage,
  );
  await expect(rows).toHaveCount(readable.length);
  await expect(panel).toContainText("fewer numbers than the head reads");
  const [last] = await vitrine.top();
  await expect(rows.last()).toHaveAttribute("data-class", String(last.index));
  near(
    Number(await rows.last().getAttribute("data-probability")),
    last.probability,
  );
});
