// Patch merging: four neighbours side by side, normalized, mapped to half as many numbers; the map gets coarser.

import {
  drawAfter,
  drawBefore,
  drawNeighbours,
  partsInside,
} from "../../draw/swin-merge.js";
import { cropPicture } from "../../draw/crop.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { shownQuery } from "../../state.js";
import { build, sizedContext, themeColour, windowColours } from "../dom.js";
import { photoKeys, shownPhoto } from "../edited.js";
import { queryKeys } from "../shown.js";
import { buildPanel, watchInSight, windowedLayer } from "./panel.js";

/** @import {State, Store} from "../../state.js" */
/** @import {Description, Photo, Rect, Step} from "../../types.js" */
/** @import {Merging} from "../../draw/swin-merge.js" */

const GAP = 12;

/** @param {Store} store */
export function buildMerge(store) {
  const { box, aside, body } = buildPanel("merge");
  const before = build("canvas", { "aria-hidden": "true" });
  const between = build("canvas", { "aria-hidden": "true" });
  const after = build("canvas", { "aria-hidden": "true" });
  const captions = [before, between, after].map((canvas) => {
    const caption = build("figcaption");
    return {
      caption,
      figure: build("figure", { class: "tile" }, canvas, caption),
    };
  });
  const strip = build(
    "div",
    { class: "strip" },
    ...captions.map(({ figure }) => figure),
  );
  const chain = build("ol", { class: "chain" });
  const lesson = build("p", { class: "takeaway" });
  body.append(strip, chain, lesson);

  function draw() {
    const state = store.get();
    const found = mergeOf(state);
    strip.hidden = chain.hidden = !found;
    aside.textContent = "";
    if (!found) {
      lesson.textContent = windowedLayer(state) ? t("swin.merge-none") : "";
      return;
    }
    const { step, from, to, merging } = found;
    const map = (
      /** @type {{rows: number, columns: number}} */ { rows, columns },
    ) => `${rows} × ${columns}`;
    aside.textContent = t("swin.merge-aside", {
      from: from.stage + 1,
      to: to.stage + 1,
    });
    captions[0].caption.textContent = t("swin.merge-map", {
      map: map(from.grid),
      dim: from.dim,
    });
    captions[1].caption.textContent = t("swin.merge-parts");
    captions[2].caption.textContent = t("swin.merge-map", {
      map: map(to.grid),
      dim: to.dim,
    });
    chain.replaceChildren(...describeChain(from.dim, to.dim, merging));
    const { rows, columns } = from.grid;
    const isOdd = rows % 2 === 1 || columns % 2 === 1;
    const key = isOdd ? "swin.merge-odd" : "swin.merge-lesson";
    lesson.textContent = t(key, { parameters: formatNumber(step.parameters) });
    Object.assign(box.dataset, {
      site: step.site,
      from: `${rows} ${columns} ${from.dim}`,
      to: `${to.grid.rows} ${to.grid.columns} ${to.dim}`,
    });
    drawPictures([before, between, after], body.clientWidth, state, merging);
  }

  watchInSight(
    box,
    store,
    (s) => [
      s.model?.description,
      ...photoKeys(s),
      s.layer,
      s.step,
      ...queryKeys(s),
      s.theme,
      s.language,
    ],
    draw,
  );
  return box;
}

/** The merge that the rail stands on, else the one that follows the layer's stage, else the last. @param {State} state */
function mergeOf(state) {
  const { model, step } = state;
  const layer = windowedLayer(state);
  if (!model || !layer) return null;
  const { description } = model;
  const merges = description.steps.filter(({ kind }) => kind === "merge");
  const chosen =
    merges.find(({ site }) => site === step) ??
    merges.find(({ site }) => stageOf(site) > layer.stage) ??
    merges[merges.length - 1];
  return chosen ? describeMerge(description, chosen, state) : null;
}

/** "layers.1.downsample" @param {string} site */
const stageOf = (site) => Number(site.split(".")[1]);

/** @param {Description} description @param {Step} step @param {State} state */
function describeMerge({ layers, grid, prefix }, step, state) {
  const stage = stageOf(step.site);
  const from = layers.find((layer) => layer.stage === stage - 1);
  const to = layers.find((layer) => layer.stage === stage);
  if (!from || !to) return null;
  const query = shownQuery(state);
  const place =
    query.kind === "patch" && prefix.length === 0
      ? query
      : { row: grid.rows >> 1, column: grid.columns >> 1 };
  // Every merge halves the map along each axis.
  const token = { row: place.row >> stage, column: place.column >> stage };
  /** @type {Merging} */
  const merging = { before: from.grid, after: to.grid, token };
  return { step, from, to, merging };
}

/** @param {number} from @param {number} to @param {Merging} merging */
function describeChain(from, to, merging) {
  const colours = windowColours();
  const parts = partsInside(merging).map((isInside, i) => {
    const part = build("span", { class: "part" }, isInside ? `${i + 1}` : "0");
    part.style.background = colours[i];
    return part;
  });
  const link = (
    /** @type {string} */ numbers,
    /** @type {(Node | string)[]} */ ...content
  ) =>
    build(
      "li",
      {},
      build("span", { class: "what" }, ...content),
      build("span", { class: "number" }, numbers),
    );
  return [
    link(`4 × ${from} = ${4 * from}`, ...parts),
    link(String(4 * from), t("swin.merge-norm")),
    link(`${4 * from} → ${to}`, t("swin.merge-linear")),
    link(String(to), t("swin.merge-token")),
  ];
}

/** @param {HTMLCanvasElement[]} canvases @param {number} room @param {State} state @param {Merging} merging */
function drawPictures(canvases, room, state, merging) {
  const { seen } = state;
  const photo = shownPhoto(state);
  if (!photo || !seen) return;
  const width = Math.floor((room - 2 * GAP) / 3);
  const height = Math.round((width * seen.height) / seen.width);
  const rect = { x: 0, y: 0, width, height };
  const [before, between, after] = canvases.map((canvas) => {
    return sizedContext(canvas, width, height);
  });
  const picture = cropPicture(photo, seen, width, height);
  const colours = windowColours();
  drawBefore(before, picture, rect, merging, colours);
  const { preview } = photo;
  const inPreview = scaledRect(seen, photo);
  drawNeighbours(between, preview, inPreview, rect, merging, colours);
  drawAfter(after, picture, rect, merging, themeColour("--query"));
}

/** From the photo's pixels to its copy's. @param {Rect} rect @param {Photo} photo */
function scaledRect({ x, y, width, height }, photo) {
  const across = photo.preview.width / photo.width;
  const down = photo.preview.height / photo.height;
  return {
    x: x * across,
    y: y * down,
    width: width * across,
    height: height * down,
  };
}
