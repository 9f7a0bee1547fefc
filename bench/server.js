// What the bench's page asks for: bundles, models, onnxruntime-web and a photo, all isolated so that threads may run.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FaultyServer } from "../tests/browser/support/faulty-server.js";
import { mediaType } from "../tests/browser/support/media-types.js";
import { PKG, WWW } from "../tests/browser/support/paths.js";
import { ISOLATED } from "../tests/browser/support/site-server.js";

const here = (/** @type {string} */ path) =>
  fileURLToPath(new URL(path, import.meta.url));

/** @param {string} models the folder with a folder for each model */
export function startServer(models) {
  /** @type {Record<string, string>} */
  const folders = {
    bench: here("."),
    ort: here("node_modules/onnxruntime-web/dist"),
    models,
    pkg: PKG,
    samples: join(WWW, "samples"),
    www: WWW,
  };
  const find = (/** @type {string} */ path) => {
    const [, name, ...rest] = path.split("/");
    const file = join(folders[name] ?? "", ...rest);
    const isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
    if (!(name in folders) || rest.includes("..") || !isFile) return null;
    return { body: readFileSync(file), type: mediaType(file) };
  };
  return new FaultyServer(find, ISOLATED).start();
}
