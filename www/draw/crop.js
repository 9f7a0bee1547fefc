// The part of the photo that the model sees, at the size of a small picture; kept, for several pictures are alike.

import { layoutStage } from "./grid.js";

/** @import {Photo, Rect} from "../types.js" */

/** Pictures kept: as many sizes as the panels use at a time. */
const KEPT = 6;

/** @type {{key: unknown[], canvas: OffscreenCanvas}[]} */
let kept = [];

/** @param {Photo} photo @param {Rect} seen in photo pixels @param {number} width in CSS pixels @param {number} height */
export function cropPicture(photo, seen, width, height) {
  const key = [photo, seen, width, height, devicePixelRatio];
  const known = kept.find((one) =>
    one.key.every((value, i) => value === key[i]),
  );
  if (known) return known.canvas;
  const size = {
    width: Math.max(1, Math.round(width * devicePixelRatio)),
    height: Math.max(1, Math.round(height * devicePixelRatio)),
  };
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d");
  if (context) {
    const { photo: at } = layoutStage(size, photo, seen, seen);
    context.imageSmoothingQuality = "high";
    context.drawImage(photo.preview, at.x, at.y, at.width, at.height);
  }
  kept = [{ key, canvas }, ...kept].slice(0, KEPT);
  return canvas;
}
