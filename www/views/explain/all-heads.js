// All heads: what every head of every layer does with the query, at a glance.

import {
  attentionOf,
  entropyBits,
  laidBack,
  scaleTop,
  sum,
  windowAttentionOf,
} from "../../draw/attention.js";
import {
  cellAt,
  drawCells,
  paintAtlas,
  planCells,
} from "../../draw/birdseye.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { shownQuery, tokenOf } from "../../state.js";
import { hasWindows, windowsOf } from "../../windows.js";
import { build, roomOf, sizedContext, themeColour } from "../dom.js";
import {
  buildPanel,
  fetchTogether,
  onceAFrame,
  watchInSight,
} from "../panel.js";
import { queryKeys } from "../shown.js";
import { bytesText, layerName, queryName } from "../words.js";
import { chooseByKeys, chooseHead } from "./choose.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Plan} from "../../draw/birdseye.js" */
/** @import {Description, Tensor} from "../../types.js" */
/** @import {Windows} from "../../windows.js" */
/** @import {Place} from "./choose.js" */

/** Patterns of all layers may take so many bytes on this side; a ViT-Base's take 22 MB at 224 pixels. */
const MOST_BYTES = 192e6;

/**
 * The attention of all layers.
 * @typedef {{description: Description, layers: {pattern: Tensor, windows: Windows | null}[]}} Everything
 */

/** One head's numbers for the query, as the pattern has them, and where they lie in its map. @typedef {{values: Float32Array, map: Float32Array}} Look */

/** @param {Store} store @param {Session} session */
export function buildAllHeads(store, session) {
  const { box, aside, body } = buildPanel("heads", "explain");
  box.dataset["testid"] = "all-heads-panel";
  const canvas = build("canvas", {
    "data-testid": "all-heads",
    tabindex: 0,
    role: "application",
    "data-i18n-label": "explain.heads-label",
  });
  const scroll = build("div", { class: "wide" }, canvas);
  const reading = build("output", {
    class: "said",
    "data-testid": "all-heads-reading",
  });
  const lesson = build("p", { class: "takeaway" });
  body.append(scroll, reading, lesson);
  /** @type {Everything | null} */
  let everything = null;
  /** @type {{plan: Plan, looks: Look[][]} | null} */
  let drawn = null;
  /** Where the cells lie, while model and width stay. @type {{key: unknown[], plan: Plan} | null} */
  let placed = null;
  /** @type {Place | null} */
  let pointed = null;

  function draw() {
    const state = store.get();
    const { model, seen, layer, head, scale } = state;
    const description = model?.description;
    box.setAttribute("aria-busy", String(!everything));
    if (!description || !seen || everything?.description !== description) {
      return;
    }
    const { layers } = description;
    lesson.textContent = t(
      hasWindows(description)
        ? "explain.heads-windows"
        : "explain.heads-lesson",
    );
    aside.textContent = t("explain.heads-aside", {
      query: queryName(shownQuery(state), description, layers[layer]),
      layers: layers.length,
    });
    const looks = looksOf(everything, state);
    const tops = looks.map((heads) => {
      const maps = heads.map(({ map }) => map);
      return maps.map((_, one) => scaleTop(maps, one, scale, 0));
    });
    const aspect = seen.width / seen.height;
    const key = [description, roomOf(body).width, aspect];
    if (!placed || placed.key.some((value, i) => value !== key[i])) {
      placed = { key, plan: planCells(layers, roomOf(body).width, aspect) };
      // For tests: writing so much into the page each frame would cost more than the picture.
      canvas.dataset["cells"] = JSON.stringify(placed.plan.cells);
    }
    const { plan } = placed;
    drawn = { plan, looks };
    const context = sizedContext(canvas, plan.width, plan.height);
    const grids = layers.map(({ grid }) => grid);
    const maps = looks.map((heads) => heads.map(({ map }) => map));
    const painted = paintAtlas(grids, maps, tops);
    drawCells(context, plan, grids, painted, {
      ink: themeColour("--muted"),
      chosen: themeColour("--accent"),
      layer,
      head,
    });
    say();
  }

  function say() {
    const { model, layer, head, direction } = store.get();
    if (!drawn || !model) return;
    const at = pointed ?? { layer, head };
    const look = drawn.looks[at.layer]?.[at.head];
    const value = look && measure(look.values, direction);
    reading.dataset["value"] = value === undefined ? "" : String(value);
    reading.textContent = look
      ? t(`explain.heads-reading-${direction}`, {
          layer: layerName(model.description, at.layer),
          head: at.head + 1,
          number: formatNumber(value ?? 0, {
            minimumFractionDigits: 1,
            maximumFractionDigits: 1,
          }),
        })
      : "";
  }

  const schedule = onceAFrame(draw);

  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const at = drawn && cellAt(drawn.plan, offsetX, offsetY);
    canvas.style.cursor = at ? "pointer" : "default";
    if (at?.layer === pointed?.layer && at?.head === pointed?.head) return;
    pointed = at;
    say();
  });
  canvas.addEventListener("pointerleave", () => {
    pointed = null;
    say();
  });
  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const at = drawn && cellAt(drawn.plan, offsetX, offsetY);
    if (at) chooseHead(session, at);
  });
  chooseByKeys(canvas, store, session);

  fetchTogether(box, store, session, sitesOf, (tensors) => {
    const { model } = store.get();
    everything =
      tensors && model ? everythingIn(model.description, tensors) : null;
    draw();
  });
  watchInSight(
    box,
    store,
    (s) => [s.model?.description, s.result, s.language],
    ({ model, result }) => {
      const bytes = model ? bytesOf(model.description) : 0;
      const isTooMuch = bytes > MOST_BYTES;
      scroll.hidden = isTooMuch;
      if (isTooMuch && result) {
        reading.textContent = t("explain.heads-large", {
          bytes: bytesText(bytes),
        });
      }
    },
  );
  watchInSight(
    box,
    store,
    (s) => [
      ...queryKeys(s),
      s.direction,
      s.scale,
      s.layer,
      s.head,
      s.seen,
      s.theme,
      s.language,
    ],
    schedule,
  );
  return box;
}

/** @param {State} state */
function sitesOf({ model }) {
  if (!model || bytesOf(model.description) > MOST_BYTES) return null;
  const { layers } = model.description;
  return layers.flatMap(({ site, windows }) =>
    windows
      ? [`${site}.attn.pattern`, `${site}.attn.index`]
      : [`${site}.attn.pattern`],
  );
}

/** What the patterns of all layers take. @param {Description} description */
function bytesOf({ layers, prefix }) {
  const numbers = layers.map(({ heads, grid, windows }) => {
    if (!windows) {
      return heads * (prefix.length + grid.rows * grid.columns) ** 2;
    }
    const { padded, rows, columns } = windows;
    return heads * padded.rows * padded.columns * rows * columns;
  });
  return 4 * numbers.reduce((all, number) => all + number, 0);
}

/** @param {Description} description @param {Tensor[]} tensors @returns {Everything} */
function everythingIn(description, tensors) {
  const rest = [...tensors];
  const take = () => /** @type {Tensor} */ (rest.shift());
  const layers = description.layers.map((layer) => {
    const pattern = take();
    return {
      pattern,
      windows: layer.windows ? windowsOf(take(), layer) : null,
    };
  });
  return { description, layers };
}

/** @param {Everything} everything @param {State} state @returns {Look[][]} */
function looksOf({ description, layers }, state) {
  const query = shownQuery(state);
  const prefix = description.prefix.length;
  return layers.map((one, i) => {
    const layer = description.layers[i];
    const token = tokenOf(query, description, layer);
    return Array.from({ length: layer.heads }, (_, head) =>
      lookOf(one, head, token, state.direction, prefix),
    );
  });
}

/**
 * @param {Everything["layers"][number]} layer @param {number} head @param {number} token
 * @param {State["direction"]} direction @param {number} prefix
 * @returns {Look}
 */
function lookOf({ pattern, windows }, head, token, direction, prefix) {
  if (!windows) {
    const values = attentionOf(pattern, head, token, direction);
    return { values, map: values.subarray(prefix) };
  }
  const values = windowAttentionOf(pattern, windows, head, token, direction);
  const window = windows.windowOfToken(token);
  return { values, map: laidBack(values, windows, window) };
}

/** @param {Float32Array} values @param {State["direction"]} direction */
function measure(values, direction) {
  return direction === "row" ? entropyBits(values) : sum(values);
}
