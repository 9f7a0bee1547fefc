// What the models that come with the page make of its own photos.

import { embeddedModels } from "../support/models.js";
import { expect, test } from "../support/test.js";

const CATS = ["tabby cat", "Persian cat", "Egyptian cat"];

/** The five likeliest classes, first to last, and the first one's probability. @param {import("../support/vitrine.js").Vitrine} vitrine */
async function says(vitrine) {
  const items = vitrine.predictions.locator("[data-class]");
  await expect(items).toHaveCount(5);
  const names = await items.locator(".label").allTextContents();
  const [{ probability }] = await vitrine.top();
  return { names, probability };
}

for (const { id } of embeddedModels()) {
  test(`${id} sees a cup of coffee, and a cat`, async ({ vitrine }) => {
    await vitrine.open(`/?model=${id}&photo=coffee.png`);
    const coffee = await says(vitrine);
    expect(coffee.names[0]).toBe("espresso");
    expect(coffee.probability).toBeGreaterThan(0.5);
    await vitrine.open(`/?model=${id}&photo=chelsea.png`);
    const cat = await says(vitrine);
    expect(cat.names.filter((name) => CATS.includes(name))).not.toEqual([]);
  });
}
