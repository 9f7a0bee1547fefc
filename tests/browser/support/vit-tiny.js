// A checkpoint of DeiT-Tiny's shapes (5.7 million parameters, 197 tokens) with random weights, as timm would save it.

import { writeRandom } from "./random-checkpoint.js";

const DEPTH = 12;
const WIDTH = 192;
const PATCH = 16;
const TOKENS = 197;
const CLASSES = 1000;

/** Names and shapes, in timm's spelling. @returns {[string, number[]][]} */
function shapes() {
  /** @type {[string, number[]][]} */
  const all = [
    ["cls_token", [1, 1, WIDTH]],
    ["pos_embed", [1, TOKENS, WIDTH]],
    ["patch_embed.proj.weight", [WIDTH, 3, PATCH, PATCH]],
    ["patch_embed.proj.bias", [WIDTH]],
  ];
  /** @param {string} name @param {number} to @param {number} from */
  const linear = (name, to, from) =>
    all.push([`${name}.weight`, [to, from]], [`${name}.bias`, [to]]);
  /** @param {string} name */
  const norm = (name) =>
    all.push([`${name}.weight`, [WIDTH]], [`${name}.bias`, [WIDTH]]);
  for (let i = 0; i < DEPTH; i++) {
    norm(`blocks.${i}.norm1`);
    norm(`blocks.${i}.norm2`);
    linear(`blocks.${i}.attn.qkv`, 3 * WIDTH, WIDTH);
    linear(`blocks.${i}.attn.proj`, WIDTH, WIDTH);
    linear(`blocks.${i}.mlp.fc1`, 4 * WIDTH, WIDTH);
    linear(`blocks.${i}.mlp.fc2`, WIDTH, 4 * WIDTH);
  }
  norm("norm");
  linear("head", CLASSES, WIDTH);
  return all;
}

/** Writes it; returns the path of model.safetensors. @param {string} folder */
export function writeVitTiny(folder) {
  return writeRandom(folder, shapes(), {
    architecture: "deit_tiny_patch16_224",
    num_classes: CLASSES,
    pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 0.9 },
  });
}
