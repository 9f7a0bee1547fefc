// What if: a Swin without shift, mask or bias; its classes and one attention picture before and after.

import { isQuiet } from "../../errors.js";
import { largest } from "../../draw/attention.js";
import { Latest } from "../../latest.js";
import { drawOverlay } from "../../draw/overlay.js";
import { cropPicture } from "../../draw/crop.js";
import { drawSmallQuery } from "../../draw/swin-reach.js";
import { formatNumber, t } from "../../i18n/i18n.js";
import { NOTHING_LEFT_OUT, isChanged, shownQuery } from "../../state.js";
import { layerToken, mapRect } from "../../windows.js";
import { build, find, sharpContext, themeColour } from "../dom.js";
import { shownAttention, shownKeys } from "../shown.js";
import { layerName, percent } from "../words.js";
import { rememberPattern } from "./before.js";
import { changesBetween, isSame } from "./changes.js";
import {
  buildPanel,
  patternOf,
  shifts,
  watchInSight,
  windowedLayer,
} from "./panel.js";

/** @import {Session} from "../../session.js" */
/** @import {Pattern, State, Store} from "../../state.js" */
/** @import {Description, Whatif} from "../../types.js" */
/** @import {Change} from "./changes.js" */

const GAP = 12;
const WIDEST = 150;
/** A difference that is more than nothing in the page's one decimal of a percent. */
const VISIBLE = 0.0005;
/** @type {[keyof Whatif, string][]} */
const CHANGES = [
  ["noShift", "shift"],
  ["noMask", "mask"],
  ["noBias", "bias"],
];

/** @param {Store} store @param {Session} session */
export function buildWhatif(store, session) {
  const { box, body } = buildPanel("whatif");
  const boxes = CHANGES.map(([name, word]) => {
    const input = build("input", {
      type: "checkbox",
      "data-testid": `whatif-${word}`,
    });
    input.addEventListener("change", () => {
      void session.setWhatif({ [name]: input.checked });
    });
    return { name, word, input };
  });
  const reset = build("button", {
    type: "button",
    class: "control",
    "data-testid": "whatif-reset",
    "data-i18n": "swin.reset",
  });
  reset.addEventListener(
    "click",
    () => void session.setWhatif(NOTHING_LEFT_OUT),
  );
  const about = build(
    "ul",
    { class: "about-changes" },
    ...CHANGES.map(([, word]) =>
      build("li", { "data-i18n": `swin.about-no-${word}` }),
    ),
  );
  const remark = build("p", {
    class: "takeaway",
    "data-testid": "whatif-remark",
  });
  const table = build("table", { "data-testid": "whatif-classes" });
  const tiles = ["before", "after-change"].map((when) =>
    build(
      "figure",
      { class: "tile", "data-when": when },
      build("canvas", { "aria-hidden": "true" }),
      build("figcaption"),
    ),
  );
  const strip = build("div", { class: "strip two" }, ...tiles);
  const recall = rememberPattern(store, session);
  const lane = new Latest();
  /** @type {Pattern | null} */
  let before = null;
  body.append(
    build(
      "div",
      { class: "switches" },
      ...boxes.map(({ input, word }) =>
        build(
          "label",
          {},
          input,
          build("span", { "data-i18n": `swin.no-${word}` }),
        ),
      ),
      reset,
    ),
    remark,
    about,
    table,
    strip,
  );

  store.watch(
    (s) => [s.whatif, s.model?.description],
    ({ whatif }) => {
      for (const { name, input } of boxes) input.checked = whatif[name];
      const isWhole = !isChanged(whatif);
      reset.disabled = isWhole;
      about.hidden = !isWhole;
      table.hidden = strip.hidden = isWhole;
    },
  );
  watchInSight(
    box,
    store,
    (s) => [s.result, s.baseline, s.whatif, s.model?.description, s.language],
    (state) => {
      remark.textContent = remarkOn(state);
      table.replaceChildren(...describeClasses(state));
    },
  );
  const draw = () => drawTiles(tiles, body.clientWidth, store.get(), before);
  watchInSight(
    box,
    store,
    (s) => [s.pattern, s.layer],
    async (state) => {
      try {
        const isThere = patternOf(state).tensor && windowedLayer(state);
        before = isThere ? await lane.submit(recall) : null;
        draw();
      } catch (error) {
        if (!isQuiet(error)) await session.fail(error, "app");
      }
    },
  );
  watchInSight(
    box,
    store,
    (s) => [
      ...shownKeys(s),
      s.head,
      s.opacity,
      s.photo,
      s.seen,
      s.theme,
      s.language,
    ],
    draw,
  );
  return box;
}

/** @param {State} state */
function remarkOn({ model, result, baseline, whatif }) {
  if (!isChanged(whatif)) return t("swin.whatif-hint");
  if (!model || !result || !baseline) return t("swin.waiting");
  if (isSame(baseline, result.predictions)) {
    return t("swin.whatif-same", {
      why: t(whyNothing(whatif, model.description)),
    });
  }
  const before = baseline[0]?.label ?? "";
  const after = result.predictions[0]?.label ?? "";
  const key = before === after ? "kept" : "changed";
  return t(`swin.whatif-${key}`, { before, after });
}

/** @param {Whatif} whatif @param {Description} description */
function whyNothing({ noBias }, { layers }) {
  const isShifting = layers.some(shifts);
  return !noBias && !isShifting
    ? "swin.whatif-same-shift"
    : "swin.whatif-same-why";
}

/** @param {State} state */
function describeClasses({ result, baseline }) {
  if (!result || !baseline) return [];
  const changes = changesBetween(baseline, result.predictions);
  const heads = ["class", "before", "after-change", "difference"].map((word) =>
    build("th", { scope: "col" }, t(`swin.${word}`)),
  );
  return [
    build("thead", {}, build("tr", {}, ...heads)),
    build("tbody", {}, ...changes.map(describeChange)),
  ];
}

/** @param {Change} change */
function describeChange({ index, label, before, after }) {
  const share = (/** @type {number | null} */ value) =>
    value === null ? "–" : percent(value);
  const difference = before === null || after === null ? null : after - before;
  const isVisible = difference !== null && Math.abs(difference) >= VISIBLE;
  const kind = isVisible ? (difference > 0 ? "more" : "less") : "";
  return build(
    "tr",
    { "data-class": index, "data-before": before, "data-after": after },
    build("td", { title: label }, label),
    build("td", {}, share(before)),
    build("td", {}, share(after)),
    build("td", { class: kind }, differenceText(difference)),
  );
}

/** In points of a percent, with its sign. @param {number | null} difference */
function differenceText(difference) {
  if (difference === null) return "–";
  return formatNumber(difference, {
    style: "percent",
    signDisplay: "exceptZero",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

/** @param {HTMLElement[]} tiles @param {number} room @param {State} state @param {Pattern | null} before */
function drawTiles(tiles, room, state, before) {
  const { photo, seen, model, head, opacity } = state;
  const layer = windowedLayer(state);
  if (!photo || !seen || !model || !layer) return;
  const width = Math.floor(Math.min(WIDEST, (room - GAP) / 2));
  const height = Math.round((width * seen.height) / seen.width);
  const rect = { x: 0, y: 0, width, height };
  const { grid: patches } = model.description;
  const picture = cropPicture(photo, seen, width, height);
  const query = shownQuery(state);
  const isThere = before?.layer === state.layer && patternOf(state).tensor;
  const maps = [before, state.pattern].map((pattern) =>
    isThere ? shownAttention({ ...state, pattern })?.heads[head] : null,
  );
  // One scale for both, or a change of strength would not be seen.
  const top = Math.max(...maps.map((map) => (map ? largest(map) : 0)));
  for (const [i, tile] of tiles.entries()) {
    const canvas = find(tile, "canvas", HTMLCanvasElement);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = sharpContext(canvas, width, height);
    context.drawImage(picture, 0, 0, width, height);
    const map = maps[i];
    const whole = mapRect(rect, patches, layer);
    if (map) {
      const style = { top, opacity, smooth: false };
      drawOverlay(context, whole, map, layer.grid, style);
    }
    if (query.kind === "patch") {
      const token = layerToken(query, layer);
      drawSmallQuery(context, whole, layer.grid, token, themeColour("--query"));
    }
    find(tile, "figcaption", HTMLElement).textContent = t(
      "swin.whatif-picture",
      {
        when: t(`swin.${tile.dataset["when"]}`),
        layer: layerName(model.description, state.layer),
        head: head + 1,
      },
    );
  }
}
