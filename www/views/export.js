// Saving what the page shows: pictures as PNG and SVG, tensors as safetensors and JSON, by a small menu where they are.

import { elementToSvg } from "../export/element-svg.js";
import { toJson, toSafetensors } from "../export/safetensors.js";
import {
  fileName,
  placeOf,
  pngOf,
  pngOfSvg,
  saveFile,
} from "../export/save.js";
import { SvgContext } from "../export/svg-context.js";
import { t } from "../i18n/i18n.js";
import { byTestId, build, find } from "./dom.js";
import { buildMenu } from "./menu.js";
import { frameAspect, groundOf, paintScene } from "./scene.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Tensor} from "../types.js" */
/** @import {Choice} from "./menu.js" */
/** @import {Context, Room} from "./scene.js" */

/** No side of the stage's picture is longer. */
const LONGEST = 8192;
/** Pictures made of parts of the page have so many pixels a CSS pixel, at least. */
const SHARP = 2;

/** @typedef {"png" | "svg"} PictureKind */

/** @param {ParentNode} root @param {Store} store @param {Session} session @returns {() => void} opens the stage's menu */
export function mountExport(root, store, session) {
  /** Says what went wrong instead of nothing. @param {() => Promise<void>} job */
  const attempt = (job) => () =>
    void job().catch((error) => session.fail(error, "app"));

  const hasTensor = () => {
    const { exhibit, site } = store.get();
    return exhibit?.site === site;
  };
  const hasPatterns = () => {
    const { result, model } = store.get();
    return result !== null && (model?.description.layers.length ?? 0) > 0;
  };

  /** @param {(kind: PictureKind) => Promise<void>} save @returns {Choice[]} */
  const pictures = (save) => [
    { name: "png", words: "habits.png", run: attempt(() => save("png")) },
    { name: "svg", words: "habits.svg", run: attempt(() => save("svg")) },
  ];
  /** @type {Choice[]} */
  const tensors = [
    {
      name: "safetensors",
      words: "habits.safetensors",
      isThere: hasTensor,
      run: attempt(async () => saveTensor(store.get(), "safetensors")),
    },
    {
      name: "json",
      words: "habits.json",
      isThere: hasTensor,
      run: attempt(async () => saveTensor(store.get(), "json")),
    },
    {
      name: "patterns",
      words: "habits.patterns",
      isThere: hasPatterns,
      run: attempt(() => savePatterns(store.get(), session)),
    },
  ];

  /** @param {string} name @param {string} words @param {Choice[]} choices */
  const menu = (name, words, choices) =>
    buildMenu({
      name: `save-${name}`,
      sign: "⤓",
      words,
      choices,
      className: "save-button",
    });

  /** @param {HTMLElement} element @param {string} name @param {boolean} isOfQuery */
  const part = (element, name, isOfQuery) =>
    pictures(async (kind) => {
      const state = store.get();
      const place = isOfQuery ? placeOf(state) : [];
      const file = fileName(state, [name, ...place], kind);
      await savePart(element, kind, file);
    });

  const stage = menu("stage", "habits.save-stage", [
    ...pictures((kind) => saveStage(store.get(), kind)),
    ...tensors,
  ]);
  byTestId(root, "drop-zone").append(stage.button);

  const heads = byTestId(root, "head-grid");
  find(root, ".heads-zone > header", HTMLElement).append(
    menu("heads", "habits.save-heads", part(heads, "heads", true)).button,
  );

  for (const panel of root.querySelectorAll(".panels .panel")) {
    const body = panel.querySelector(".panel-body");
    if (!(body instanceof HTMLElement)) continue;
    const id = panel.getAttribute("data-testid") ?? "panel";
    const name = id.replace(/-panel$/, "");
    find(panel, "header", HTMLElement).append(
      menu(name, "habits.save-panel", part(body, name, true)).button,
    );
  }

  const values = find(root, ".exhibit .tensor", HTMLElement);
  const map = find(values, "canvas", HTMLCanvasElement);
  find(values, ".zoom", HTMLElement).append(
    menu("tensor", "habits.save-tensor", [
      ...pictures(async (kind) => {
        const state = store.get();
        const slice = state.slice > 0 ? [`slice ${state.slice + 1}`] : [];
        const file = fileName(state, [state.site, ...slice], kind);
        await savePart(map, kind, file);
      }),
      ...tensors,
    ]).button,
  );

  const row = byTestId(root, "row");
  find(row, "header", HTMLElement).append(
    menu("row", "habits.save-row", part(row, "row", true)).button,
  );
  return () => stage.open();
}

/** @param {HTMLElement} element @param {PictureKind} kind @param {string} file */
async function savePart(element, kind, file) {
  const picture = elementToSvg(element, file);
  const blob =
    kind === "svg"
      ? new Blob([picture.svg], { type: "image/svg+xml" })
      : await pngOfSvg(picture, Math.max(SHARP, devicePixelRatio));
  saveFile(blob, file);
}

/**
 * The stage anew, with as many pixels as the photo itself has and at least as many as on the screen, without the room
 * around it.
 * @param {State} state @param {PictureKind} kind
 */
async function saveStage(state, kind) {
  const { photo } = state;
  if (!photo) return;
  const name = fileName(state, ["stage", ...placeOf(state)], kind);
  // The stage's own copy of a large photo is smaller.
  const isWhole = photo.preview.width === photo.width;
  const pixels = isWhole ? null : await photo.pixels();
  const preview = pixels ?? photo.preview;
  const full = { ...state, photo: { ...photo, preview } };
  const room = roomOf(full);
  const ground = groundOf(room, full);
  if (!ground) return;
  try {
    if (kind === "svg") {
      const context = new SvgContext(room.width, room.height);
      // It has what the stage's drawing uses of a canvas' context.
      const asCanvas = /** @type {Context} */ (
        /** @type {unknown} */ (context)
      );
      paintScene(asCanvas, room, ground, full);
      const svg = context.toString(titleOf());
      saveFile(new Blob([svg], { type: "image/svg+xml" }), name);
      return;
    }
    const canvas = build("canvas", {
      width: Math.round(room.width * room.ratio),
      height: Math.round(room.height * room.ratio),
    });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser gives no 2-D canvas");
    context.scale(room.ratio, room.ratio);
    paintScene(context, room, ground, full);
    saveFile(await pngOf(canvas), name);
  } finally {
    pixels?.close();
  }
}

/** The stage's own size on the page, cut to the picture, and a pixel for each of the photo's. @param {State} state @returns {Room} */
function roomOf(state) {
  const { clientWidth, clientHeight } = byTestId(document, "stage");
  const aspect = frameAspect(state);
  const width = Math.min(clientWidth, clientHeight * aspect) || 640;
  const height = width / aspect;
  const { photo, seen, framing } = state;
  const across =
    framing === "crop" && seen ? seen.width : (photo?.width ?? width);
  const ratio = Math.max(devicePixelRatio, across / width);
  const longest = Math.max(width, height);
  return { width, height, ratio: Math.min(ratio, LONGEST / longest) };
}

/** What the page says below the picture. */
function titleOf() {
  const says = document.querySelector(".caption .sentence")?.textContent ?? "";
  return says.replace(/\s+/g, " ").trim() || t("stage.title");
}

/** @param {State} state @returns {Record<string, string>} */
function aboutOf({ model, photo, whatif }) {
  return {
    model: model?.description.name ?? "",
    dtype: model?.description.dtype ?? "",
    photo: photo?.name ?? "",
    whatif: JSON.stringify(whatif),
  };
}

/** @param {State} state @param {"safetensors" | "json"} kind */
function saveTensor(state, kind) {
  const { exhibit } = state;
  if (!exhibit) return;
  const { site, tensor } = exhibit;
  const name = fileName(state, [site], kind);
  const about = aboutOf(state);
  if (kind === "json") {
    const json = toJson(site, tensor, about);
    saveFile(new Blob([json], { type: "application/json" }), name);
    return;
  }
  saveTensors(new Map([[site, tensor]]), about, name);
}

/**
 * Every layer's pattern; a Swin's with the token in each slot of its windows, without which no one could lay them out.
 * @param {State} state @param {Session} session
 */
async function savePatterns(state, session) {
  const layers = state.model?.description.layers ?? [];
  const sites = layers.flatMap(({ site, windows }) =>
    windows
      ? [`${site}.attn.pattern`, `${site}.attn.index`]
      : [`${site}.attn.pattern`],
  );
  const found = await session.engine.tensors(sites);
  const tensors = new Map(
    sites.map((site, i) => /** @type {[string, Tensor]} */ ([site, found[i]])),
  );
  const name = fileName(state, ["patterns"], "safetensors");
  saveTensors(tensors, aboutOf(state), name);
}

/** @param {Map<string, Tensor>} tensors @param {Record<string, string>} about @param {string} name */
function saveTensors(tensors, about, name) {
  const parts = toSafetensors(tensors, about);
  saveFile(new Blob(parts, { type: "application/octet-stream" }), name);
}
