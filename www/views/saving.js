// Saving what the page shows: the pictures anew at their own sharpness, and the tensors behind them, as files.

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
import { build, byTestId } from "./dom.js";
import { frameAspect, groundOf, paintScene } from "./scene.js";

/** @import {Session} from "../session.js" */
/** @import {State} from "../state.js" */
/** @import {Tensor} from "../types.js" */
/** @import {Context, Room} from "./scene.js" */

/** No side of the stage's picture is longer. */
const LONGEST = 8192;
/** Pictures made of parts of the page have so many pixels a CSS pixel, at least. */
const SHARP = 2;

export { placeOf };

/** @typedef {"png" | "svg"} PictureKind */

/**
 * A part of the page as it stands there.
 * @param {HTMLElement} element @param {PictureKind} kind
 * @param {State} state @param {string[]} names what the file is called after
 */
export async function savePart(element, kind, state, names) {
  const file = fileName(state, names, kind);
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
export async function saveStage(state, kind) {
  const { photo } = state;
  if (!photo) return;
  const name = fileName(state, ["stage", ...placeOf(state)], kind);
  // The stage's own copy of a large photo is smaller.
  const isWhole = photo.preview.width === photo.width;
  const pixels = isWhole ? null : await photo.pixels();
  const preview = pixels ?? photo.preview;
  const full = { ...state, photo: { ...photo, preview } };
  const room = roomOf(full);
  try {
    const ground = groundOf(room, full);
    if (!ground) return;
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
export function saveTensor(state, kind) {
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
export async function savePatterns(state, session) {
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
