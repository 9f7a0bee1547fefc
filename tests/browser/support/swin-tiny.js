// A checkpoint of Swin-Tiny's shapes (28 million parameters) with random weights, as timm would save it.

import { writeRandom } from "./random-checkpoint.js";

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

/** Writes it; returns the path of model.safetensors. @param {string} folder */
export function writeSwinTiny(folder) {
  return writeRandom(folder, shapes(), {
    architecture: "swin_tiny_patch4_window7_224",
    num_classes: CLASSES,
    pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 0.9 },
  });
}
