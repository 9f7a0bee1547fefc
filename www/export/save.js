// From the page to a file: pixels out of SVG, a name that says what it is, and the download.

import { build } from "../views/dom.js";

/** @import {State} from "../state.js" */

/** No browser draws a canvas with a longer side everywhere. */
const LONGEST = 8192;

/** The browser's own way of saving. @param {Blob} blob @param {string} name */
export function saveFile(blob, name) {
  const href = URL.createObjectURL(blob);
  const link = build("a", { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export function pngOf(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error("the picture is too large for this browser"));
    }, "image/png");
  });
}

/**
 * @param {{svg: string, width: number, height: number}} picture in CSS pixels
 * @param {number} ratio pixels a CSS pixel
 */
export async function pngOfSvg({ svg, width, height }, ratio) {
  const scale = Math.min(ratio, LONGEST / Math.max(width, height));
  const href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = href;
    await image.decode();
    const canvas = build("canvas", {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser gives no 2-D canvas");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await pngOf(canvas);
  } finally {
    URL.revokeObjectURL(href);
  }
}

/** Letters, digits and hyphens. @param {string} text */
const plain = (text) =>
  text.replace(/[^\p{L}\p{N}.]+/gu, "-").replace(/^-+|-+$/g, "");

/**
 * `vitrine-vit_chelsea_stage_blocks.8_head-1_patch-7-3.png`: model, photo, what it shows, and where one looked.
 * @param {State} state @param {string[]} parts @param {string} ending
 */
export function fileName({ model, photo }, parts, ending) {
  const id = model?.source.kind === "files" ? model.source.title : null;
  const name = id ?? model?.source.id.split("/").at(-1) ?? "vitrine";
  const all = [
    name.replace(/\.(gguf|safetensors)$/i, ""),
    photo?.name.replace(/\.\w{2,5}$/, "") ?? "",
    ...parts,
  ];
  return `${all.map(plain).filter(Boolean).join("_")}.${ending}`;
}

/** Layer, head and query, for the name of a picture that shows them. @param {State} state */
export function placeOf({ model, layer, head, query }) {
  const site = model?.description.layers[layer]?.site;
  const token =
    query.kind === "prefix"
      ? (model?.description.prefix[query.index] ?? "")
      : `patch ${query.row} ${query.column}`;
  return site ? [site, `head ${head + 1}`, token] : [];
}
