// A checkpoint with random weights, as timm would save it: for what takes a model of a certain size, whatever it says.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSafetensors } from "./safetensors.js";

/** @import {Place} from "./safetensors.js" */

/** The same numbers each time, evenly spread over -1..1 (xorshift). @returns {() => number} */
function noise() {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 0x80000000;
  };
}

/**
 * Writes model.safetensors (bf16) and config.json; returns the path of the first.
 * @param {string} folder @param {[string, number[]][]} named names and shapes @param {Record<string, unknown>} config
 */
export function writeRandom(folder, named, config) {
  const next = noise();
  /** @type {Record<string, Place>} */
  const header = {};
  const size = (/** @type {number[]} */ shape) =>
    shape.reduce((product, side) => product * side, 1);
  const total = named.reduce((sum, [, shape]) => sum + size(shape), 0);
  const halves = new Uint16Array(total);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  let at = 0;
  for (const [name, shape] of named) {
    const count = size(shape);
    header[name] = {
      dtype: "BF16",
      shape,
      data_offsets: [2 * at, 2 * (at + count)],
    };
    const isScale = /norm\d?\.weight$/.test(name);
    const spread = shape.length > 1 ? 1 / Math.sqrt(count / shape[0]) : 0.1;
    for (let i = 0; i < count; i++) {
      float[0] = (isScale ? 1 : 0) + spread * next();
      halves[at++] = bits[0] >>> 16; // bf16 is the upper half of an f32
    }
  }
  const path = join(folder, "model.safetensors");
  writeFileSync(
    path,
    buildSafetensors(JSON.stringify(header), new Uint8Array(halves.buffer)),
  );
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return path;
}
