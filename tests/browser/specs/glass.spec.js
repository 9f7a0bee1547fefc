// The glass has words, formula, shapes, numbers and code for every step of every model, in both languages.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "../support/test.js";
import { readGlass, shows, walk } from "../support/glass.js";
import { embeddedModels, fixture } from "../support/models.js";
import { ROOT, WWW } from "../support/paths.js";

/** Fixtures with parts that the site's own models do not have. */
const OTHERS = [
  "deit_distilled", // two tokens in front, two heads
  "vit_reg_ls", // registers, LayerScale
  "vit_clsless_avg", // no class token, mean of the patches
  "vit_nohead", // no classes
  "swin_padded", // padding in windows
  "swin_head_dim", // heads wider than dim / heads
  "swin_no_head",
];

/** A key that has no words is shown as itself; a figure that is missing leaves its braces. */
const MISSING =
  /\b(glass|heading|step|stage|heads|sight)\.[a-z]|\{\w+\}|undefined|NaN|Infinity|null/;

/** The step that is lit. @param {import("../support/vitrine.js").Vitrine} vitrine */
const stepOf = ({ rail }) =>
  rail.locator('[aria-current="step"]').getAttribute("data-site");

/** @param {import("../support/vitrine.js").Vitrine} vitrine @param {RegExp} words what words of the language have in them */
async function walkAndRead(vitrine, words) {
  await walk(vitrine, async ({ site, kind }) => {
    const said = await readGlass(vitrine);
    expect.soft(said.site, site).toBe(site);
    expect.soft(said.heading, site).toMatch(words);
    expect.soft(said.about, site).toMatch(words);
    expect.soft(said.formula.length, `${site}: formula`).toBeGreaterThan(2);
    expect.soft(said.shapes.join(), site).toMatch(/\d/);
    expect.soft(said.rows.length, `${site}: rows`).toBeGreaterThan(0);
    const made = said.rows.filter(({ isNow }) => isNow);
    expect.soft(made.length, `${site}: what it makes`).toBeGreaterThan(0);
    expect.soft(said.pytorch, `${site}: PyTorch`).toBeGreaterThan(0);
    expect.soft(said.rust, `${site}: Rust`).toBeGreaterThan(0);
    // What a step did for the query; these are about no token of the query's.
    const isGeneral = ["patch-embed", "pool", "head"].includes(kind);
    if (!isGeneral) expect.soft(said.did, site).toMatch(words);
    expect.soft(said.all, site).not.toMatch(MISSING);
    for (const { name, value } of said.rows) {
      expect.soft(Number.isFinite(value), `${site}: ${name}`).toBe(true);
    }
  });
}

for (const { id } of embeddedModels()) {
  for (const [language, words] of /** @type {const} */ ([
    ["en", /[a-z]{3}/],
    ["zh", /\p{Script=Han}{2}/u],
  ])) {
    test(`every step of ${id} has all of it, ${language}`, async ({
      vitrine,
    }) => {
      await vitrine.open(`/?model=${id}&language=${language}&query=3,4`);
      await walkAndRead(vitrine, words);
    });
  }
}

test("so do models with registers, two heads, LayerScale, padding, no class token, no classes", async ({
  vitrine,
}) => {
  await vitrine.open("/?query=3,4");
  for (const name of OTHERS) {
    await test.step(name, async () => {
      const { weights, config } = fixture(name);
      await vitrine.change(() =>
        vitrine.modelInput.setInputFiles([weights, config]),
      );
      await walkAndRead(vitrine, /[a-z]{3}/);
    });
  }
});

test("what the glass still asks of a model that goes is nobody's trouble", async ({
  vitrine,
}) => {
  await vitrine.open("/?query=3,4");
  await shows(vitrine, (await stepOf(vitrine)) ?? "");
  await vitrine.change(() =>
    vitrine.page.evaluate(() => {
      const page = /** @type {any} */ (window).vitrine;
      const select = /** @type {HTMLSelectElement} */ (
        document.querySelector('[data-testid="model-select"]')
      );
      select.value = "vitrine-swin";
      select.dispatchEvent(new Event("change"));
      // The worker has changed models before the page can hear of it.
      const end = performance.now() + 2000;
      while (performance.now() < end);
      page.state.set({ step: "blocks.2.attn.pattern", layer: 2 });
    }),
  );
  await expect(vitrine.error).toBeHidden();
  await expect(vitrine.modelSelect).toHaveValue("vitrine-swin");
});

test("both languages have the same words to fill in", () => {
  const [en, zh] = ["en", "zh"].map(
    (language) =>
      /** @type {Record<string, string>} */ (
        JSON.parse(readFileSync(join(WWW, `i18n/${language}.json`), "utf8"))
      ),
  );
  const mine = (/** @type {string} */ key) => /^(glass|heading)\./.test(key);
  expect(Object.keys(zh).filter(mine)).toEqual(Object.keys(en).filter(mine));
  for (const key of Object.keys(en).filter(mine)) {
    const figures = (/** @type {string} */ text) =>
      [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    expect(figures(zh[key]), key).toEqual(figures(en[key]));
  }
});

test("every quoted line of Rust stands in the file that it is said to be from", async () => {
  const source = readFileSync(join(WWW, "glass/quotes.js"));
  /** @type {{QUOTES: Record<string, {file: string, lines: string[]}>}} */
  const { QUOTES } = await import(
    `data:text/javascript;base64,${source.toString("base64")}`
  );
  expect(Object.keys(QUOTES).length).toBeGreaterThan(20);
  for (const [name, { file, lines }] of Object.entries(QUOTES)) {
    const code = readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .map((line) => line.trim());
    // Stretches between what was left out, each whole and in the file's order but for what is said first.
    let stretch = /** @type {string[]} */ ([]);
    const stretches = [stretch];
    for (const line of lines) {
      expect(line, name).toMatch(/^(> | {2})/);
      const text = line.slice(2).trim();
      if (text === "…") stretches.push((stretch = []));
      else stretch.push(text);
    }
    for (const wanted of stretches) {
      expect(wanted.length, name).toBeGreaterThan(0);
      const at = code.findIndex((_, i) =>
        wanted.every((line, j) => code[i + j] === line),
      );
      expect(at, `${name}, ${file}: ${wanted[0]}`).toBeGreaterThanOrEqual(0);
    }
  }
});
