// The whole view is in the address: a link reproduces it, and the back button goes back to it.

import { HUB_FIXTURE } from "../support/site-server.js";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

/** What a visitor sees of the view, told by the page's own state. @param {Page} page */
const viewOf = (page) =>
  page.evaluate(() => {
    const state = /** @type {any} */ (window).vitrine.state.get();
    return {
      model: state.model?.source.id,
      photo: state.photo?.sample,
      layer: state.layer,
      head: state.head,
      query: state.query,
      pinned: state.pinned,
      direction: state.direction,
      scale: state.scale,
      smooth: state.smooth,
      opacity: state.opacity,
      framing: state.framing,
      step: state.step,
      site: state.site,
      slice: state.slice,
      look: state.look,
      roll: state.roll,
      grown: state.grown,
      zoomed: state.zoomed,
      input: state.model?.description.input,
      tint: state.tint,
      panel: state.panel,
      whatif: state.whatif,
      language: state.language,
      theme: state.theme,
      presenter: state.presenter,
      controls: state.controls,
      lesson: state.lesson?.lesson.id ?? null,
    };
  });

/** Pixels of stage and heads, and the words around them. @param {Page} page */
const pictureOf = (page) =>
  page.evaluate(() => ({
    stage: /** @type {HTMLCanvasElement} */ (
      document.querySelector("[data-testid=stage]")
    ).toDataURL(),
    heads: [...document.querySelectorAll("[data-head] canvas")].map((canvas) =>
      /** @type {HTMLCanvasElement} */ (canvas).toDataURL(),
    ),
    says: document.querySelector("[data-testid=predictions]")?.textContent,
    caption: document.querySelector(".caption")?.textContent,
    values: document.querySelector(".heatmap")?.getAttribute("data-view"),
    row: document.querySelector(".exhibit .strips")?.textContent,
  }));

test("a view with everything set is reproduced by its address", async ({
  vitrine,
  page,
  context,
}) => {
  await vitrine.open("/?model=vitrine-swin");
  await page.locator("[data-sample='rocket.jpg']").click();
  await vitrine.settled();
  const own = await vitrine.describe();
  await vitrine.setSize(String(2 * own.input.height));
  await vitrine.change(() => vitrine.layerSelect.selectOption("3"));
  await page.locator('[data-head="2"]').click();
  await vitrine.stage.focus();
  for (const key of ["ArrowUp", "ArrowUp", "ArrowLeft"]) {
    await page.keyboard.press(key);
  }
  await vitrine.directionSelect.selectOption("column");
  await vitrine.scaleSelect.selectOption("layer");
  await page.locator('[name="opacity"]').fill("0.6");
  await page.locator('[value="smooth"]').check({ force: true });
  await page.locator('[value="crop"]').check({ force: true });
  await page.locator('[data-site="layers.1.blocks.1.attn.q"]').click();
  await page.getByTestId("lens-tab-values").click();
  await page.locator('.sites [value$=".attn.k"]').check({ force: true });
  await page.getByTestId("tab-distance").click();
  await vitrine.change(() =>
    page.evaluate(() =>
      /** @type {any} */ (window).vitrine.setWhatif({ noBias: true }),
    ),
  );
  await page.getByTestId("slice-select").selectOption("1");
  await page.getByTestId("zoom-in").click();
  await page.getByTestId("swin-tab-cost").click();
  await page.getByTestId("cost-side").fill("2");
  await page.getByTestId("swin-tab-windows").click();
  await page.getByTestId("roll-slider").fill("0.5");
  await page.getByTestId("tab-distance").click();
  await page.keyboard.press("w");
  await page.locator(".theme").click();
  await vitrine.languageSelect.selectOption("zh");
  // A menu that has the focus would take the letters.
  await vitrine.stage.focus();
  await page.keyboard.press("h");
  await page.keyboard.press("p");
  await page.mouse.move(2, 2);
  await expect(page).toHaveURL(/presenter=on/);
  await vitrine.settled();

  const before = await viewOf(page);
  expect(before).toMatchObject({
    model: "vitrine-swin",
    photo: "rocket.jpg",
    layer: 3,
    head: 2,
    direction: "column",
    scale: "layer",
    smooth: true,
    opacity: 0.6,
    framing: "crop",
    step: "layers.1.blocks.1.attn.q",
    site: "layers.1.blocks.1.attn.k",
    panel: "distance",
    language: "zh",
    theme: "dark",
    presenter: true,
    controls: false,
    pinned: true,
    slice: 1,
    look: "values",
    roll: 0.5,
    grown: 2,
    input: { height: 2 * own.input.height, width: 2 * own.input.width },
  });
  expect(before.zoomed?.zoom).toBe(2);
  expect(before.whatif.noBias).toBe(true);
  expect(before.tint).not.toBeNull();
  await expect(page.locator(".exhibit")).toHaveAttribute("data-row", "ready");
  const picture = await pictureOf(page);

  // Another visitor: nothing remembered but the address.
  const url = page.url();
  const other = await context.newPage();
  await page.evaluate(() => localStorage.clear());
  await other.goto(url);
  await expect(other.getByTestId("status")).toHaveAttribute(
    "data-state",
    "done",
  );
  await expect(other.locator(".exhibit")).toHaveAttribute("data-row", "ready");
  await expect.poll(() => viewOf(other)).toEqual(before);
  await expect.poll(() => pictureOf(other)).toEqual(picture);
  expect(other.url()).toBe(url);
});

test("the back button gives the view back, looks and all", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?layer=4&head=2&query=3,4&patches=smooth&scale=layer");
  const before = await viewOf(page);
  const address = page.url();
  await vitrine.change(() => vitrine.modelSelect.selectOption("vitrine-swin"));
  await page.keyboard.press("s");
  await vitrine.scaleSelect.selectOption("head");
  await page.getByTestId("lens-tab-rust").click();
  await expect(page).not.toHaveURL(/patches=smooth/);
  await expect(page).toHaveURL(/glass=rust/);
  const after = await viewOf(page);
  const later = page.url();

  await page.goBack();
  await expect.poll(() => viewOf(page)).toEqual(before);
  await vitrine.settled();
  await expect(page).toHaveURL(address);

  await page.goForward();
  await expect.poll(() => viewOf(page)).toEqual(after);
  await vitrine.settled();
  await expect(page).toHaveURL(later);
});

test("an address brings the input size, the slice and the look of the glass", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?step=patch_embed&glass=values");
  const own = await vitrine.describe();
  const size = `${own.input.height + own.patch.height}x${own.input.width}`;
  await vitrine.setSize(size);
  await expect(page).toHaveURL(new RegExp(`size=${size}`));
  const top = await vitrine.top();
  await vitrine.open(`/?size=${size}&step=input&slice=2&glass=values`);
  const { input } = await vitrine.describe();
  expect(input).toEqual({
    height: own.input.height + own.patch.height,
    width: own.input.width,
  });
  expect(await vitrine.top()).toEqual(top);
  await expect(page.getByTestId("slice-select")).toHaveValue("2");
  await expect(page.getByTestId("lens-values")).toBeVisible();
  await expect(page.getByTestId("heatmap")).toBeVisible();

  // The model's own size is not written, and what it cannot have is passed over.
  await vitrine.setSize("");
  await expect(page).not.toHaveURL(/size=/);
  await vitrine.open("/?size=7x9999");
  expect((await vitrine.describe()).input).toEqual(own.input);
  await expect(page).not.toHaveURL(/size=/);
});

test("a lesson's address keeps theme, language and presenter mode", async ({
  vitrine,
  page,
}) => {
  await vitrine.open("/?lesson=mask&at=2&theme=dark&presenter=on&language=zh");
  await expect(page.getByTestId("lesson")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(await viewOf(page)).toMatchObject({
    lesson: "mask",
    language: "zh",
    theme: "dark",
    presenter: true,
  });
  await page.keyboard.press("PageDown");
  await expect(page).toHaveURL(
    /lesson=mask&at=3&theme=dark&presenter=on&language=zh$/,
  );
  await page.goBack();
  await expect(page).toHaveURL(/at=2/);
});

test("the link is copied, with the theme even where the system would give it", async ({
  vitrine,
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await vitrine.open("/?layer=4&head=1&query=3,4");
  await page.getByTestId("more").click();
  await page.getByTestId("more-link").click();
  await expect(page.getByTestId("toast")).toHaveText("Link copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const link = new URL(copied);
  expect(link.origin).toBe(vitrine.origin);
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    model: "vitrine-vit",
    photo: "coffee.png",
    layer: "4",
    head: "1",
    query: "3,4",
    theme: "light",
    language: "en",
  });
});

test("an address says as what a hub model is loaded", async ({
  vitrine,
  page,
}) => {
  await vitrine.open();
  await vitrine.change(() => vitrine.modelSelect.selectOption(HUB_FIXTURE));
  await expect(page).toHaveURL(/weights=q8_0/);
  await vitrine.openCard();
  await vitrine.change(() => vitrine.dtypeSelect.selectOption("f32"));
  await expect(page).toHaveURL(/weights=f32/);
  const logits = (await vitrine.tensor("logits")).data;

  const address = new URL(page.url()).search;
  await vitrine.open(`/${address}`);
  expect((await vitrine.describe()).dtype).toBe("f32");
  expect((await vitrine.tensor("logits")).data).toEqual(logits);
  await vitrine.openCard();
  await expect(vitrine.dtypeSelect).toHaveValue("f32");

  await vitrine.change(() => vitrine.modelSelect.selectOption("vitrine-vit"));
  await expect(page).not.toHaveURL(/weights=/);
  await vitrine.dtypeSelect.selectOption("q4_0");
  await vitrine.change(() => page.goBack());
  expect((await vitrine.describe()).dtype).toBe("f32");
});

test("what an address cannot mean is passed over", async ({
  vitrine,
  page,
}) => {
  await vitrine.open(
    "/?layer=999&head=77&query=400,400&scale=x&opacity=7&theme=pink&framing=y&step=nonsense&tensor=none&panel=none&controls=maybe&size=big&slice=x&glass=assembly&roll=7",
  );
  expect(await viewOf(page)).toMatchObject({
    layer: 8,
    head: 2,
    scale: "head",
    opacity: 0.85,
    framing: "whole",
    theme: "light",
    controls: true,
    slice: 2,
    look: "pytorch",
    roll: 0,
    step: "blocks.8.attn.pattern",
  });
});
