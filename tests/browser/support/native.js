// The native engine, whose answers the page must give too.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VITRINE } from "./paths.js";

/** @typedef {{index: number, label: string, probability: number}} Prediction */

/**
 * What `vitrine predict --json` says.
 * @param {string} model path of a checkpoint
 * @param {Buffer} photo a photo file
 * @param {string[]} [options]
 * @returns {Prediction[]}
 */
export function predict(model, photo, options = []) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  try {
    const image = join(folder, "photo.png");
    writeFileSync(image, photo);
    const text = execFileSync(
      VITRINE,
      ["predict", "--json", "--model", model, "--image", image, ...options],
      { encoding: "utf8" },
    );
    return JSON.parse(text).predictions;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The model quantized by the native engine, as a GGUF file that goes with the process.
 * @param {string} model @param {string} dtype
 */
export function quantized(model, dtype) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const out = join(folder, `model-${dtype}.gguf`);
  execFileSync(VITRINE, [
    ...["quantize", "--model", model, "--out", out, "--dtype", dtype],
  ]);
  return out;
}
