// Where models come from: the manifest's entries, and files that the visitor drops or picks.

import { VitrineError } from "./errors.js";

/** @import {Entry, FilesSource, Source} from "./types.js" */

/** What safetensors can be quantized to as they load. */
export const DTYPES = ["q8_0", "q4_0", "f16", "f32"];

/** Files sorted by what they are for. @typedef {{photos: File[], checkpoints: File[], configs: File[]}} Sorted */

/** @returns {Promise<{models: Entry[], hub_base?: string}>} */
export async function fetchManifest() {
  const url = new URL("models/manifest.json", import.meta.url);
  try {
    const response = await fetch(url, { cache: "no-cache" });
    if (!response.ok) throw new Error(String(response.status));
    return await response.json();
  } catch {
    throw new VitrineError("no-manifest", "", { host: url.host });
  }
}

/** @param {Entry} entry @param {string} hubBase @param {string} dtype @returns {Source} */
export function sourceOfEntry(entry, hubBase, dtype) {
  const { id, title } = entry;
  if (entry.hub) {
    return { kind: "hub", id, title, base: hubBase, hub: entry.hub, dtype };
  }
  const url = new URL(`models/${entry.file}`, import.meta.url).href;
  const { bytes = null, sha256 = "" } = entry;
  return { kind: "embedded", id, title, url, bytes, sha256 };
}

/** A safetensors file begins with the length of its JSON header, 8 bytes, then the header. @param {Uint8Array} head */
function looksLikeSafetensors(head) {
  return head.length > 8 && head[8] === 0x7b && head[6] === 0 && head[7] === 0;
}

/** @param {Uint8Array} head */
function looksLikeGguf(head) {
  return String.fromCharCode(...head.subarray(0, 4)) === "GGUF";
}

/**
 * By name where it says enough, by the first bytes where not; everything else is tried as a photo.
 * @param {Iterable<File>} files
 * @returns {Promise<Sorted>}
 */
export async function sortFiles(files) {
  /** @type {Sorted} */
  const sorted = { photos: [], checkpoints: [], configs: [] };
  for (const file of files) {
    if (/\.json$/i.test(file.name)) {
      sorted.configs.push(file);
    } else if (/\.(gguf|safetensors|bin|pth?|ckpt|onnx)$/i.test(file.name)) {
      sorted.checkpoints.push(file);
    } else {
      const head = new Uint8Array(
        await file
          .slice(0, 16)
          .arrayBuffer()
          .catch(() => new ArrayBuffer(0)),
      );
      const isModel = looksLikeGguf(head) || looksLikeSafetensors(head);
      (isModel ? sorted.checkpoints : sorted.photos).push(file);
    }
  }
  return sorted;
}

/**
 * @param {Sorted} sorted
 * @param {string} dtype
 * @returns {Promise<FilesSource>}
 */
export async function sourceOfFiles({ checkpoints, configs }, dtype) {
  if (checkpoints.length === 0) throw new VitrineError("no-checkpoint");
  if (checkpoints.length > 1) throw new VitrineError("several-checkpoints");
  const [checkpoint] = checkpoints;
  const name = checkpoint.name;
  if (checkpoint.size === 0) throw new VitrineError("empty-file", "", { name });
  if (/\.(bin|pth?|ckpt|onnx)$/i.test(name)) {
    throw new VitrineError("alien-checkpoint", "", { name });
  }
  const head = new Uint8Array(await checkpoint.slice(0, 16).arrayBuffer());
  const isGguf = /\.gguf$/i.test(name) || looksLikeGguf(head);
  const isPreprocessor = (/** @type {File} */ file) =>
    /preprocessor/i.test(file.name);
  return {
    kind: "files",
    id: "own",
    title: name,
    checkpoint,
    format: isGguf ? "gguf" : "safetensors",
    config: configs.find((file) => !isPreprocessor(file)) ?? null,
    preprocessor: configs.find(isPreprocessor) ?? null,
    dtype,
  };
}
