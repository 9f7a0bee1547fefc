// Patch filters: the first principal components of the patch projection, each as the patch that it answers to most.

import { formatNumber, t } from "../../i18n/i18n.js";
import { build, find } from "../dom.js";
import { buildPanel, deriveInSight, watchInSight } from "../panel.js";
import { percent } from "../words.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */
/** @import {Components} from "../../types.js" */

/** As many as the ViT paper shows. */
const COUNT = 28;

/** @param {Store} store @param {Session} session */
export function buildFilters(store, session) {
  const { box, aside, body } = buildPanel("filters", "explain");
  const strip = build("div", { class: "components" });
  const lesson = build("p", { class: "takeaway" });
  body.append(strip, lesson);
  /** @type {Components | null} */
  let found = null;

  function draw() {
    const { model } = store.get();
    if (!found || !model) return;
    const { shape, data, shares } = found;
    const [count, rows, columns] = shape;
    const size = rows * columns * 3;
    const tiles = Array.from({ length: count }, (_, i) => {
      const values = data.subarray(i * size, (i + 1) * size);
      return drawComponent(values, { rows, columns }, i, shares[i]);
    });
    strip.replaceChildren(...tiles);
    const { steps } = model.description;
    const embed = steps.find(({ kind }) => kind === "patch-embed");
    const filters = embed?.shape.at(-1) ?? 0;
    aside.textContent = t("explain.filters-aside", {
      filters: formatNumber(filters),
      rows,
      columns,
    });
    lesson.textContent = t("explain.filters-lesson", {
      count,
      share: percent(shares.reduce((sum, share) => sum + share, 0)),
      numbers: formatNumber(size),
    });
  }

  deriveInSight(
    box,
    store,
    session,
    () => [],
    () => /** @type {const} */ ({ kind: "filters", count: COUNT }),
    (answer) => {
      found = answer;
      if (!answer) strip.replaceChildren();
      draw();
    },
  );
  watchInSight(box, store, (s) => [s.language], draw);
  return box;
}

/**
 * Grey is zero; each picture has its own scale, for only its form counts.
 * @param {Float32Array} values row, column, channel @param {{rows: number, columns: number}} size @param {number} index @param {number} share
 */
function drawComponent(values, { rows, columns }, index, share) {
  const name = t("explain.filters-name", { number: index + 1 });
  const tile = build(
    "figure",
    { "data-component": index, "data-share": share },
    build("canvas", { width: columns, height: rows, role: "img" }),
    build("figcaption", { class: "number" }, percent(share)),
  );
  const canvas = find(tile, "canvas", HTMLCanvasElement);
  canvas.setAttribute("aria-label", `${name}: ${percent(share)}`);
  canvas.title = name;
  const top = values.reduce(
    (most, value) => Math.max(most, Math.abs(value)),
    0,
  );
  const pixels = new Uint8ClampedArray(rows * columns * 4).fill(255);
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / 3) * 4 + (i % 3);
    pixels[at] = Math.round(127.5 + (127.5 * values[i]) / (top || 1));
  }
  const image = new ImageData(pixels, columns, rows);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return tile;
}
