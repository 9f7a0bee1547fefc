// Accessibility as axe-core sees it: no violation in any view, panel, lesson or dialog, light and dark, both languages.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../support/test.js";

/** @import {Page} from "@playwright/test" */

/** A view by its address, and what is done there before axe looks. @typedef {{name: string, address: string, act?: (page: Page) => Promise<unknown>}} View */

/** @param {string} id */
const tab = (id) => (/** @type {Page} */ page) =>
  page.getByTestId(id).dispatchEvent("click");

/** @param {string} id */
const open = (id) => async (/** @type {Page} */ page) => {
  await page.getByTestId("more").click();
  await page.getByTestId(`more-${id}`).click();
};

/** @type {View[]} */
const VIEWS = [
  { name: "ViT", address: "layer=8&head=1&query=3,4" },
  ...["heads", "rollout", "distance", "positions", "filters", "lens"].map(
    (panel) => ({
      name: `ViT, ${panel}`,
      address: `layer=4&head=1&query=3,4&panel=${panel}`,
    }),
  ),
  {
    name: "code",
    address: "layer=4&query=3,4",
    act: tab("lens-tab-rust"),
  },
  {
    name: "values",
    address: "step=blocks.2.attn.q&query=3,4",
    act: tab("lens-tab-values"),
  },
  ...["windows", "reach", "bias", "cost", "merge", "whatif"].map((panel) => ({
    name: `Swin, ${panel}`,
    address: `model=vitrine-swin&layer=1&query=3,4&panel=${panel}`,
  })),
  { name: "presenter", address: "query=3,4&presenter=on" },
  { name: "no controls", address: "query=3,4&controls=off" },
  {
    name: "list of lessons",
    address: "query=3,4",
    act: tab("lesson-open"),
  },
  { name: "About", address: "query=3,4", act: open("about") },
  {
    name: "keys",
    address: "query=3,4",
    act: (page) => page.keyboard.press("?"),
  },
  {
    name: "menu",
    address: "query=3,4",
    act: (page) => page.keyboard.press("e"),
  },
  ...[
    ["attention", 2],
    ["recurrence", 3],
    ["vit", 2],
    ["heads", 2],
    ["windows", 3],
    ["mask", 4],
    ["cost", 2],
  ].map(([id, at]) => ({
    name: `lesson ${id}`,
    address: `lesson=${id}&at=${at}`,
  })),
];

const PHONE = { width: 390, height: 844 };

/** What a narrow screen lays out otherwise. */
const ON_PHONE = new Set(["ViT", "Swin, windows", "lesson mask", "About"]);

// Colours follow from the theme alone and words from the language alone: two rounds see each view in all four.
for (const [theme, language] of [
  ["light", "en"],
  ["dark", "zh"],
]) {
  test(`axe finds nothing: ${theme}, ${language}`, async ({
    vitrine,
    page,
  }) => {
    // One page for all: what a view is follows from its address.
    await vitrine.open(`/?theme=${theme}&language=${language}`);
    const desk = page.viewportSize() ?? PHONE;
    /** @type {string[]} */
    const found = [];
    const look = async (/** @type {string} */ name) => {
      // Every rule runs; of those that pass, each element need not be described.
      const { violations, passes } = await new AxeBuilder({ page })
        .options({ resultTypes: ["violations"] })
        .setLegacyMode()
        .analyze();
      expect(
        passes.length,
        "rules that had something to look at",
      ).toBeGreaterThan(10);
      for (const { id, nodes } of violations) {
        for (const { target, any, all, none } of nodes.slice(0, 4)) {
          const why = [...any, ...all, ...none][0]?.message ?? "";
          found.push(`${name}: ${id}: ${target.join(" ")}: ${why}`);
        }
      }
    };
    for (const { name, address, act } of VIEWS) {
      await page.evaluate(
        (search) => {
          for (const dialog of document.querySelectorAll("dialog[open]")) {
            /** @type {HTMLDialogElement} */ (dialog).close();
          }
          for (const menu of document.querySelectorAll(":popover-open")) {
            /** @type {HTMLElement} */ (menu).hidePopover();
          }
          history.replaceState(null, "", search);
          dispatchEvent(new PopStateEvent("popstate"));
        },
        `?${address}${/model=/.test(address) ? "" : "&model=vitrine-vit"}&theme=${theme}&language=${language}`,
      );
      const lesson = /lesson=(\w+)/.exec(address)?.[1];
      if (lesson) {
        await expect(page.locator("body")).toHaveAttribute(
          "data-lesson",
          lesson,
        );
        await expect(page.getByTestId("lesson")).toHaveAttribute(
          "data-settled",
          "true",
        );
      }
      await vitrine.settled();
      if (!lesson) {
        const { family } = await vitrine.describe();
        expect(name.startsWith("Swin") ? "swin" : "vit").toBe(family);
      }
      await act?.(page);
      await look(name);
      if (!ON_PHONE.has(name)) continue;
      await page.setViewportSize(PHONE);
      await look(`${name}, phone`);
      const overhang = await page.evaluate(
        () => document.documentElement.scrollWidth - innerWidth,
      );
      if (overhang > 0) found.push(`${name}, phone: ${overhang} px too wide`);
      await page.setViewportSize(desk);
    }
    expect(found).toEqual([]);
  });
}
