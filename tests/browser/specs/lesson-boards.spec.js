// The boards of the lessons against formulas written out here: attention by hand, √d, kernel regression, RNN, LSTM,
// encoder and decoder. Numbers are typed into the page; what it answers is compared in full precision.

import { LessonPage } from "../support/lessons.js";
import { expect, test } from "../support/test.js";

/** @import {Vitrine} from "../support/vitrine.js" */

/** Both sides count in f64; only the order of sums can differ. */
const EXACT = 1e-12;

/** @param {number} found @param {number} expected @param {string} what @param {number} [tolerance] */
function near(found, expected, what, tolerance = EXACT) {
  expect(
    Math.abs(found - expected),
    `${what}: ${found} for ${expected}`,
  ).toBeLessThanOrEqual(tolerance);
}

/** @param {number[][]} found @param {number[][]} expected @param {string} what */
function nearAll(found, expected, what) {
  for (const [i, row] of expected.entries()) {
    for (const [j, value] of row.entries()) {
      near(found[i][j], value, `${what} ${i}, ${j}`);
    }
  }
}

/** @param {Vitrine} vitrine @param {string} id @param {number} at from 0 */
async function openBoard(vitrine, id, at) {
  await vitrine.open(`/?lesson=${id}&at=${at + 1}`);
  const lesson = new LessonPage(vitrine);
  await lesson.settled(at);
  return lesson;
}

/** @param {LessonPage} lesson @param {number} at */
async function goTo(lesson, at) {
  await lesson.page
    .getByTestId("lesson-dots")
    .locator("button")
    .nth(at)
    .click();
  await lesson.settled(at);
}

test("attention by hand: every table follows from the numbers that are typed", async ({
  vitrine,
  page,
}) => {
  const lesson = await openBoard(vitrine, "attention", 1);
  await page.getByTestId("toy-x-1-0").fill("-2.25");
  await page.getByTestId("toy-wk-0-1").fill("0,75");
  const x = await lesson.table("x", 4, 2);
  expect(x[1][0]).toBe(-2.25);
  /** @type {Record<string, number[][]>} */
  const maps = {};
  for (const name of ["q", "k", "v"]) {
    const w = await lesson.table(`w${name}`, 2, 2);
    if (name === "k") expect(w[0][1]).toBe(0.75);
    maps[name] = x.map(([a, b]) => [
      a * w[0][0] + b * w[1][0],
      a * w[0][1] + b * w[1][1],
    ]);
    nearAll(await lesson.table(name, 4, 2), maps[name], name);
  }
  // A key typed over counts from here on.
  await page.getByTestId("toy-k-3-1").fill("1.5");
  maps.k[3][1] = 1.5;

  await goTo(lesson, 2);
  await page.getByTestId("lesson-show").click();
  const { q, k, v } = maps;
  const dots = q.map(([a, b]) => k.map(([c, d]) => a * c + b * d));
  nearAll(await lesson.table("dots", 4, 4), dots, "q · k");

  await goTo(lesson, 4);
  const scaled = dots.map((row) => row.map((one) => one * Math.SQRT1_2));
  nearAll(await lesson.table("scaled", 4, 4), scaled, "scaled");

  /** Each weight by itself: 1 / Σ exp(other − own). @param {number[]} row @param {boolean[]} hidden */
  const weigh = (row, hidden) =>
    row.map((own, j) =>
      hidden[j]
        ? 0
        : 1 /
          row.reduce(
            (sum, other, m) => (hidden[m] ? sum : sum + Math.exp(other - own)),
            0,
          ),
    );
  await goTo(lesson, 5);
  const open = [false, false, false, false];
  nearAll(
    await lesson.table("weights", 4, 4),
    scaled.map((row) => weigh(row, open)),
    "weights",
  );

  await goTo(lesson, 6);
  await page.getByTestId("toy-causal").click();
  await page.getByTestId("toy-hidden-3-0").click();
  await page.getByTestId("toy-hidden-2-2").click(); // itself: stays
  const hidden = [0, 1, 2, 3].map((i) =>
    [0, 1, 2, 3].map((j) => j > i || (i === 3 && j === 0)),
  );
  const weights = scaled.map((row, i) => weigh(row, hidden[i]));
  nearAll(await lesson.table("weights", 4, 4), weights, "masked weights");
  await expect(page.getByTestId("toy-masked-0-3")).toHaveText("−∞");
  near(
    Number(await lesson.fact("toy.weight")),
    weights[2][2],
    "in the text",
    0.005,
  );

  await goTo(lesson, 7);
  const out = weights.map((row) =>
    [0, 1].map((c) => row.reduce((sum, one, j) => sum + one * v[j][c], 0)),
  );
  nearAll(await lesson.table("out", 4, 2), out, "out");

  await goTo(lesson, 8);
  await page.getByTestId("toy-va-0-1").fill("0.5");
  const [wa, ua, va] = [
    await lesson.table("wa", 2, 2),
    await lesson.table("ua", 2, 2),
    await lesson.table("va", 1, 2),
  ];
  const additive = q.map((query) =>
    k.map((key) => {
      let sum = 0;
      for (const h of [0, 1]) {
        const inside =
          wa[h][0] * query[0] +
          wa[h][1] * query[1] +
          ua[h][0] * key[0] +
          ua[h][1] * key[1];
        const power = Math.exp(2 * inside);
        sum += (va[0][h] * (power - 1)) / (power + 1);
      }
      return sum;
    }),
  );
  nearAll(await lesson.table("additive", 4, 4), additive, "additive");
  nearAll(
    await lesson.table("additiveWeights", 4, 4),
    additive.map((row) => weigh(row, open)),
    "additive weights",
  );

  // What is no number is marked, and nothing changes.
  await page.getByTestId("toy-va-0-0").fill("abc");
  await expect(page.getByTestId("toy-va-0-0")).toHaveAttribute(
    "aria-invalid",
    /.*/,
  );
  nearAll(await lesson.table("additive", 4, 4), additive, "additive, still");
  await page.getByTestId("toy-reset").click();
  expect(await lesson.cell("va-0-1")).toBe(-1);
});

test("the line of arithmetic is that of the chosen cell", async ({
  vitrine,
  page,
}) => {
  const lesson = await openBoard(vitrine, "attention", 2);
  await expect(page.getByTestId("toy-line")).toBeHidden();
  await expect(page.getByTestId("toy-dots-2-3")).toBeHidden();
  const dot = await lesson.cell("dots-1-0");
  await page.getByTestId("lesson-number").fill(dot.toFixed(2));
  await page.getByTestId("lesson-answer").click();
  await expect(lesson.reveal).toHaveAttribute("data-right", "true");
  await page.getByTestId("toy-dots-2-3").click();
  const value = await lesson.cell("dots-2-3");
  await expect(page.getByTestId("toy-result")).toHaveAttribute(
    "data-value",
    String(value),
  );
  await expect(page.getByTestId("toy-line")).toContainText("drinks → milk");
});

test("the variance of q · k grows as d, and the division takes it back to 1", async ({
  vitrine,
  page,
}) => {
  const lesson = await openBoard(vitrine, "attention", 3);
  await page.getByTestId("lesson-show").click();
  const slider = page.getByTestId("toy-d");
  const read = async (/** @type {string} */ name) =>
    Number(await page.getByTestId(`toy-${name}`).getAttribute("data-value"));
  /** @type {number[]} */
  const slopes = [];
  for (const power of [0, 3, 6, 9]) {
    await slider.fill(String(power));
    const d = 2 ** power;
    // Of 4,000 samples the variance is known to a few per cent; for d = 1 products have heavier tails.
    const off = d === 1 ? 0.2 : 0.1;
    near((await read("variance-0")) / d, 1, `variance for d = ${d}`, off);
    near(
      await read("variance-1"),
      (await read("variance-0")) / d,
      "scaled variance",
      1e-9,
    );
    slopes.push(await read("slope-0"));
    expect(await lesson.fact("toy.d")).toBe(String(d));
  }
  expect(slopes[3]).toBeLessThan(0.25 * slopes[0]);
  expect(await read("slope-1")).toBeGreaterThan(4 * slopes[3]);
});

test("kernel regression: weights and estimate", async ({ vitrine, page }) => {
  const lesson = await openBoard(vitrine, "attention", 9);
  const plot = page.getByTestId("toy-kernel-plot");
  for (const [at, width] of [
    [2.5, 0.4],
    [4, 1.5],
    [0.5, 0.05],
  ]) {
    await page.getByTestId("toy-at").fill(String(at));
    await page.getByTestId("toy-width").fill(String(width));
    const points = await page.evaluate(async () => {
      const url = new URL("lessons/toys/kernel.js", location.href).href;
      return (await import(url)).initialPoints();
    });
    const kernel = points.map((/** @type {{x: number}} */ { x }) =>
      Math.exp(-0.5 * ((at - x) / width) ** 2),
    );
    const total = kernel.reduce(
      (/** @type {number} */ a, /** @type {number} */ b) => a + b,
      0,
    );
    const expected = points.reduce(
      (
        /** @type {number} */ sum,
        /** @type {{y: number}} */ { y },
        /** @type {number} */ i,
      ) => sum + (kernel[i] / total) * y,
      0,
    );
    near(
      Number(await plot.getAttribute("data-estimate")),
      expected,
      `at ${at}`,
      1e-9,
    );
    near(
      (await lesson.series("toy-kernel-plot", "weights")).reduce(
        (a, b) => a + b,
        0,
      ),
      1,
      "sum of weights",
    );
  }
});

const sigma = (/** @type {number} */ z) => 0.5 * (1 + Math.tanh(z / 2));

test("RNN: states, and what is left of the first input", async ({
  vitrine,
  page,
}) => {
  const lesson = await openBoard(vitrine, "recurrence", 0);
  await page.getByTestId("toy-x-2").fill("-1.25");
  await page.getByTestId("toy-shared-1").fill("-0.8");
  const x = [1, -0.5, -1.25, 0.2, -1, 0.6];
  const run = (/** @type {number[]} */ inputs) => {
    const states = [0];
    for (const one of inputs) {
      const z = Math.exp(-2 * (0.9 * one - 0.8 * states[states.length - 1]));
      states.push((1 - z) / (1 + z));
    }
    return states.slice(1);
  };
  const found = await lesson.series("toy-network", "h");
  nearAll([found], [run(x)], "h");

  await goTo(lesson, 1);
  await expect(page.locator(".lesson-board .bars").first()).toBeHidden();
  await page.getByTestId("lesson-show").click();
  await expect(page.locator(".lesson-board .bars").first()).toBeVisible();
  const moved = run([1.1, ...x.slice(1)]);
  const changes = run(x).map((one, t) => Math.abs(moved[t] - one));
  const echo = await lesson.series("toy-network", "echo");
  for (const [t, change] of changes.entries()) {
    near(echo[t], change / changes[0], `left at ${t}`, 1e-9);
  }
});

test("LSTM: cell and hidden state", async ({ vitrine, page }) => {
  const lesson = await openBoard(vitrine, "recurrence", 2);
  await page.getByTestId("toy-forget-2").fill("-1");
  const read = async (/** @type {string} */ gate) => {
    const values = [];
    for (const i of [0, 1, 2]) {
      values.push(
        Number(
          (await page.getByTestId(`toy-${gate}-${i}`).inputValue()).replace(
            "−",
            "-",
          ),
        ),
      );
    }
    return values;
  };
  const [f, i, g, o] = [
    await read("forget"),
    await read("input"),
    await read("candidate"),
    await read("output"),
  ];
  expect(f[2]).toBe(-1);
  let [c, h] = [0, 0];
  const [cells, states] = [
    await lesson.series("toy-network", "c"),
    await lesson.series("toy-network", "h"),
  ];
  for (const [t, x] of [1, -0.5, 0.8, 0.2, -1, 0.6].entries()) {
    const at = (/** @type {number[]} */ gate) =>
      gate[0] * x + gate[1] * h + gate[2];
    c = sigma(at(f)) * c + sigma(at(i)) * Math.tanh(at(g));
    h = sigma(at(o)) * Math.tanh(c);
    near(cells[t], c, `c ${t}`);
    near(states[t], h, `h ${t}`);
  }
});

test("one code against a code for each output", async ({ vitrine, page }) => {
  const lesson = await openBoard(vitrine, "recurrence", 4);
  await page.getByTestId("toy-x-0").fill("0.3");
  const [u, w, z, r] = [1.2, 0.6, 1.5, -0.9];
  /** @param {number[]} x @param {number | null} b null for one code */
  const run = (x, b) => {
    /** @type {number[]} */
    const h = [];
    for (const one of x) {
      h.push(Math.tanh(u * one + w * (h[h.length - 1] ?? 0)));
    }
    let s = h[h.length - 1];
    const codes = [];
    const states = [];
    for (let t = 0; t < 3; t++) {
      let code = h[h.length - 1];
      if (b !== null) {
        const powers = h.map((one) => Math.exp(b * s * one));
        code =
          h.reduce((sum, one, j) => sum + one * powers[j], 0) /
          powers.reduce((p, one) => p + one, 0);
      }
      s = Math.tanh(z * code + r * s);
      codes.push(code);
      states.push(s);
    }
    return { codes, states };
  };
  const x = [0.3, -0.7, 0.4, -0.2, 0.7];
  for (const [at, b] of /** @type {[number, number | null][]} */ ([
    [4, null],
    [5, 6],
  ])) {
    await goTo(lesson, at);
    if (at === 4) await page.getByTestId("lesson-show").click();
    const { codes, states } = run(x, b);
    nearAll([await lesson.series("toy-network", "codes")], [codes], "codes");
    nearAll([await lesson.series("toy-network", "s")], [states], "s");
    const table = await lesson.table("influence", 3, 5);
    for (let j = 0; j < 5; j++) {
      const moved = run(
        x.map((one, i) => (i === j ? one + 0.01 : one)),
        b,
      ).states;
      for (let t = 0; t < 3; t++) {
        near(
          table[t][j],
          Math.abs(moved[t] - states[t]) * 100,
          `influence ${t}, ${j}`,
          1e-9,
        );
      }
    }
  }
  await goTo(lesson, 6);
  const weights = await lesson.table("self", 5, 5);
  const expected = x.map((query) =>
    x.map(
      (own) =>
        1 / x.reduce((sum, key) => sum + Math.exp(query * (key - own)), 0),
    ),
  );
  nearAll(weights, expected, "self-attention");
});
