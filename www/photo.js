// A file becomes a photo: decoded as it is stored, upright, with a smaller copy for the stage.

import { VitrineError } from "./errors.js";
import { fetchOwn } from "./own-files.js";
import { endsEarly } from "./photo-format.js";

/** @import {Photo} from "./types.js" */

/** Photos in samples/; the first one is shown at the start. */
export const SAMPLES = ["coffee.png", "chelsea.png", "rocket.jpg"];

/** The stage's copy has no side longer than this. */
const PREVIEW_SIDE = 2048;

/** The pixels as stored (no colour conversion, no alpha premultiplied), turned upright by EXIF. @type {ImageBitmapOptions} */
const AS_STORED = {
  colorSpaceConversion: "none",
  premultiplyAlpha: "none",
  imageOrientation: "from-image",
};

/**
 * @param {Blob} blob
 * @param {string} name
 * @param {string | null} sample
 * @returns {Promise<Photo>}
 */
export async function openPhoto(blob, name, sample) {
  const params = { name };
  if (blob.size === 0) throw new VitrineError("empty-file", "", params);
  const bytes = await blob.arrayBuffer().catch(() => {
    throw new VitrineError("unreadable-file", "", params);
  });
  if (endsEarly(new Uint8Array(bytes))) {
    throw new VitrineError("photo-truncated", "", params);
  }
  const decode = () =>
    createImageBitmap(blob, AS_STORED).catch(() => {
      throw new VitrineError("not-a-photo", "", params);
    });
  return withPreview(await decode(), decode, name, sample);
}

/** @param {string} file a name in samples/ */
export async function openSample(file) {
  const url = new URL(`samples/${file}`, import.meta.url);
  const response = await fetchOwn(url);
  return openPhoto(await response.blob(), file, file);
}

/**
 * A photo from pixels that someone has decoded already; the bitmap stays the caller's.
 * @param {ImageBitmap} bitmap
 */
export async function photoFromBitmap(bitmap) {
  const copy = () => createImageBitmap(bitmap, AS_STORED);
  return withPreview(await copy(), copy, "ImageBitmap", null);
}

/**
 * @param {ImageBitmap} bitmap
 * @param {() => Promise<ImageBitmap>} decode
 * @param {string} name
 * @param {string | null} sample
 * @returns {Promise<Photo>}
 */
async function withPreview(bitmap, decode, name, sample) {
  const { width, height } = bitmap;
  const shrink = Math.min(1, PREVIEW_SIDE / Math.max(width, height));
  const preview = await createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(width * shrink)),
    resizeHeight: Math.max(1, Math.round(height * shrink)),
    resizeQuality: "high",
  });
  // The first reader gets the pixels that lie here anyway.
  /** @type {ImageBitmap | null} */
  let ready = bitmap;
  return {
    name,
    sample,
    width,
    height,
    preview,
    pixels() {
      const first = ready;
      ready = null;
      return first ? Promise.resolve(first) : decode();
    },
  };
}
