// A checkpoint of Swin-Tiny's shapes (28 million parameters) with random weights, as timm would save it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSafetensors } from "./safetensors.js";

/** @import {Place} from "./safetensors.js" */

const WINDOW = 7;
const DEPTHS = [2, 2, 6, 2];
const WIDTH = 96;
const HEADS = 3;
const CLASSES = 1000;

/** Names and shapes, in timm's present spelling. @returns {[string, number[]][]} */
function shapes() {
  /** @type {[string, number[]][]} */
  const all = [];
  /** @param {string} name @param {number} to @param {number} from */
  const linear = (name, to, from) =>
    all.push([`${name}.weight`, [to, from]], [`${name}.bias`, [to]]);
  /** @param {string} name @param {number} dim */
  const norm = (name, dim) =>
    all.push([`${name}.weight`, [dim]], [`${name}.bias`, [dim]]);

  all.push(["patch_embed.proj.weight", [WIDTH, 3, 4, 4]]);
  all.push(["patch_embed.proj.bias", [WIDTH]]);
  norm("patch_embed.norm", WIDTH);
  DEPTHS.forEach((depth, stage) => {
    const dim = WIDTH << stage;
    if (stage > 0) {
      norm(`layers.${stage}.downsample.norm`, 2 * dim);
      all.push([`layers.${stage}.downsample.reduction.weight`, [dim, 2 * dim]]);
    }
    for (let i = 0; i < depth; i++) {
      const block = `layers.${stage}.blocks.${i}`;
      norm(`${block}.norm1`, dim);
      norm(`${block}.norm2`, dim);
      linear(`${block}.attn.qkv`, 3 * dim, dim);
      linear(`${block}.attn.proj`, dim, dim);
      linear(`${block}.mlp.fc1`, 4 * dim, dim);
      linear(`${block}.mlp.fc2`, dim, 4 * dim);
      const offsets = (2 * WINDOW - 1) ** 2;
      const table = `${block}.attn.relative_position_bias_table`;
      all.push([table, [offsets, HEADS << stage]]);
    }
  });
  const last = WIDTH << (DEPTHS.length - 1);
  norm("norm", last);
  linear("head.fc", CLASSES, last);
  return all;
}

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
 * @param {string} folder
 */
export function writeSwinTiny(folder) {
  const next = noise();
  /** @type {Record<string, Place>} */
  const header = {};
  const named = shapes();
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
  const config = {
    architecture: "swin_tiny_patch4_window7_224",
    num_classes: CLASSES,
    pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 0.9 },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return path;
}
