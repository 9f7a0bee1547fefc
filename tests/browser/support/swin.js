// A small Swin in the page, one layer of it chosen, and its panels.

import { fixture } from "./models.js";
import { layoutOf } from "./stage.js";

/** @import {Vitrine} from "./vitrine.js" */

/** 64 x 64 pixels, patches of 4, windows of 4, three stages of W and SW. */
export const SWIN = "swin_window4_64";

/** Gives the page a fixture and waits until it has looked. @param {Vitrine} vitrine @param {string} [name] */
export async function openSwin(vitrine, name = SWIN) {
  const { weights, config } = fixture(name);
  await vitrine.open();
  await vitrine.change(() =>
    vitrine.modelInput.setInputFiles([weights, config]),
  );
}

/** @param {Vitrine} vitrine @param {number} layer */
export async function chooseLayer(vitrine, layer) {
  await vitrine.layerSelect.selectOption(String(layer));
  await vitrine.settled();
}

/** Brings a panel into sight. @param {Vitrine} vitrine @param {"windows" | "reach" | "bias" | "cost" | "merge" | "whatif"} name */
export async function showPanel({ page }, name) {
  const prefix = name === "whatif" ? "" : "swin-";
  await page.getByTestId(`${prefix}tab-${name}`).click();
}

/** Makes a patch of the patch grid the query, whatever the layer's own map. @param {Vitrine} vitrine @param {number} row @param {number} column */
export async function pinPatch(vitrine, row, column) {
  const { x, y, width, height } = await layoutOf(vitrine);
  const { grid } = await vitrine.describe();
  await vitrine.stage.click({
    position: {
      x: x + ((column + 0.5) * width) / grid.columns,
      y: y + ((row + 0.5) * height) / grid.rows,
    },
  });
}
