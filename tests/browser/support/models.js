// The models that the tests use: those that the site ships, and the fixtures with random weights.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FIXTURES, WWW } from "./paths.js";

/** @typedef {{id: string, file: string, path: string}} Embedded */

/** The models that lie beside the manifest, in the menu's order. @returns {Embedded[]} */
export function embeddedModels() {
  const manifest = join(WWW, "models/manifest.json");
  /** @type {{models: {id: string, file?: string}[]}} */
  const { models } = JSON.parse(readFileSync(manifest, "utf8"));
  return models.flatMap(({ id, file }) =>
    file ? [{ id, file, path: join(WWW, "models", file) }] : [],
  );
}

/** The model that the page opens with. */
export const [DEFAULT_MODEL] = embeddedModels();

/** Every fixture: a folder with model.safetensors and config.json. */
export const FIXTURE_NAMES = readdirSync(FIXTURES).filter((name) =>
  existsSync(join(FIXTURES, name, "model.safetensors")),
);

/** @param {string} name */
export function fixture(name) {
  const folder = join(FIXTURES, name);
  const preprocessor = join(folder, "preprocessor_config.json");
  return {
    weights: join(folder, "model.safetensors"),
    config: join(folder, "config.json"),
    preprocessor: existsSync(preprocessor) ? preprocessor : null,
  };
}
