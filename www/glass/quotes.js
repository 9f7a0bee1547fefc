// The engine's own lines, quoted: a test holds each to the file that it names. `>` marks those of the step itself, and
// "…" stands for lines left out.

/** @typedef {{file: string, lines: string[]}} Quote lines begin with "> " where they are the step's, else with two spaces */

/** @type {Record<string, Quote>} */
export const QUOTES = {
  input: {
    file: "src/image.rs",
    lines: [
      "  for channel in 0..CHANNELS {",
      "      let (mean, std) = (preprocess.mean[channel], preprocess.std[channel]);",
      "      values.extend(",
      "          pixels",
      "              .iter()",
      "              .skip(channel)",
      "              .step_by(CHANNELS)",
      ">             .map(|&value| (f32::from(value) / 255.0 - mean) / std),",
    ],
  },
  "patch-embed": {
    file: "src/nn/patch.rs",
    lines: [
      "  self.grid((height, width))?;",
      "> self.proj.forward(&patches(photo, self.patch_size)?)",
    ],
  },
  "pos-embed": {
    file: "src/model/vit.rs",
    lines: [
      ">         1.0 => (tokens + positions)?,",
      "  …",
      "> let patches = placed(patches, &self.pos_embed)?;",
      "  let Some(prefix) = &self.prefix else {",
      "      return Ok(patches);",
      "  };",
      "  let prefix = match &self.prefix_pos_embed {",
      ">     Some(positions) => placed(prefix, positions)?,",
      "      None => prefix.clone(),",
      "  };",
      "> Ok(Tensor::cat(&[&prefix, &patches], 0)?)",
    ],
  },
  norm: {
    file: "src/kernels/layer_norm.rs",
    lines: [
      "> let mean = Four::splat(sum_of(row, |x| x) / dim as f32);",
      "> let variance = sum_of(row, |x| (x - mean) * (x - mean)) / dim as f32;",
      "> let scale = Four::splat(1.0 / (variance + eps).sqrt());",
      "  let normalized = |x: &[f32; 4], weight: &[f32; 4], bias: &[f32; 4]| {",
      ">     (Four::load(x) - mean) * scale * Four::load(weight) + Four::load(bias)",
      "  };",
    ],
  },
  "norm-none": {
    file: "src/model/vit.rs",
    lines: ['> let x = sites.pass("norm", x)?;'],
  },
  qkv: {
    file: "src/nn/attention.rs",
    lines: [
      "  let qkv = self.qkv.forward(x)?;",
      "  …",
      '> let q = sites.pass("q", split.get(0)?.contiguous()?)?;',
      '> let k = sites.pass("k", split.get(1)?.contiguous()?)?;',
      '> let v = sites.pass("v", split.get(2)?.contiguous()?)?;',
      "  …",
      "> let shape = ((), 3, self.num_heads, head_dim);",
      "> Ok(qkv.reshape(shape)?.permute((1, 2, 0, 3))?)",
    ],
  },
  scores: {
    file: "src/nn/attention.rs",
    lines: [
      "> let q = (q * (head_dim as f64).powf(-0.5))?;",
      "> let k = k.transpose(1, 2)?;",
      "  …",
      '>     let qk = sites.pass("qk", batched_product(&q, &k)?)?;',
      "      // A ViT has neither bias nor mask, so the sum is qk itself.",
      '      let scores = sites.pass("scores", qk)?;',
    ],
  },
  softmax: {
    file: "src/nn/attention.rs",
    lines: [
      "  // A ViT has neither bias nor mask, so the sum is qk itself.",
      '  let scores = sites.pass("scores", qk)?;',
      "  …",
      '> let pattern = sites.pass("pattern", softmax(&scores)?)?;',
      "  self.mixed(&pattern, v)",
    ],
  },
  mix: {
    file: "src/nn/attention.rs",
    lines: [
      '  let pattern = sites.pass("pattern", softmax(&scores)?)?;',
      "> self.mixed(&pattern, v)",
      "  …",
      "> let mix = batched_product(pattern, v)?;",
      "> Ok(mix.transpose(0, 1)?.flatten_from(D::Minus2)?)",
    ],
  },
  project: {
    file: "src/nn/attention.rs",
    lines: [
      "  let mix = self.mix(x, sites)?;",
      "> self.proj.forward_onto(start, &mix, sites)",
    ],
  },
  residual: {
    file: "src/nn/residual.rs",
    lines: [
      "  Ok(match self.scale {",
      ">     Some(scale) => (self.stream + out.broadcast_mul(scale)?)?,",
      ">     None => (self.stream + out)?,",
      "  })",
    ],
  },
  mlp: {
    file: "src/nn/mlp.rs",
    lines: [
      '> let hidden = sites.pass("hidden", self.fc1.forward_then(x, After::Gelu)?)?;',
      "> self.fc2.forward_onto(start, &hidden, sites)",
    ],
  },
  "pool-token": {
    file: "src/model/vit.rs",
    lines: ["> Pool::Token => x.get(0)?,"],
  },
  "pool-distilled": {
    file: "src/model/vit.rs",
    lines: ["> _ if self.head_dist.is_some() => x.narrow(0, 0, 2)?,"],
  },
  "pool-mean": {
    file: "src/model/vit.rs",
    lines: [
      "  Pool::Avg => {",
      "      let first = self.prefix_names.len();",
      ">     x.narrow(0, first, x.dim(0)? - first)?.mean(0)?",
    ],
  },
  head: {
    file: "src/model/vit.rs",
    lines: [
      "> (Some(head), None) => Ok(head.forward(&row(0)?)?.squeeze(0)?),",
      "  (None, _) => Ok(pooled),",
    ],
  },
  "head-distilled": {
    file: "src/model/vit.rs",
    lines: [
      "  (Some(head), Some(head_dist)) => {",
      ">     let sum = (head.forward(&row(0)?)? + head_dist.forward(&row(1)?)?)?;",
      ">     Ok((sum / 2.0)?.squeeze(0)?)",
    ],
  },
  "head-none": {
    file: "src/model/vit.rs",
    lines: ["> (None, _) => Ok(pooled),"],
  },
  "swin-patch-embed": {
    file: "src/model/swin.rs",
    lines: [
      "> let mut x = self.patch_embed.forward(&input)?;",
      "  if let Some(norm) = &self.patch_norm {",
      ">     x = norm.forward(&x)?;",
    ],
  },
  "swin-windows": {
    file: "src/nn/window.rs",
    lines: [
      "  let token = |(row, column): (usize, usize)| {",
      "      if row >= rows || column >= columns {",
      "          return PADDING;",
      "      }",
      ">     let row = (row + self.shift.0) % rows;",
      ">     let column = (column + self.shift.1) % columns;",
      ">     (row * columns + column) as i64",
      "  };",
      "> self.places().map(token).collect()",
    ],
  },
  "swin-qkv": {
    file: "src/nn/window_attention.rs",
    lines: [
      "  let qkv = self.qkv.forward(x)?;",
      "  …",
      '> let q = sites.pass("q", split.get(0)?.contiguous()?)?;',
      '> let k = sites.pass("k", split.get(1)?.contiguous()?)?;',
      '> let v = sites.pass("v", split.get(2)?.contiguous()?)?;',
      "  …",
      "> let slots = gather.to_slots(qkv, || self.qkv.of_zeros())?;",
      "> let slots = slots.reshape((count, area, 3, self.num_heads, self.head_dim()))?;",
      "> Ok(slots.permute((2, 0, 3, 1, 4))?)",
    ],
  },
  "swin-scores": {
    file: "src/nn/window_attention.rs",
    lines: [
      "> let q = (q * (self.head_dim() as f64).powf(-0.5))?;",
      "> let k = k.transpose(2, 3)?;",
      "  …",
      '> let qk = sites.pass("qk", product(q, k)?)?;',
      '  let bias = sites.pass("bias", self.bias.unsqueeze(0)?)?;',
    ],
  },
  "swin-bias": {
    file: "src/nn/window_attention.rs",
    lines: [
      '  let qk = sites.pass("qk", product(q, k)?)?;',
      '> let bias = sites.pass("bias", self.bias.unsqueeze(0)?)?;',
      "> let mut scores = qk.broadcast_add(&bias)?;",
    ],
  },
  "swin-mask": {
    file: "src/nn/window_attention.rs",
    lines: [
      "  if let Some(mask) = &self.mask {",
      '>     let mask = sites.pass("mask", mask.unsqueeze(1)?)?;',
      ">     scores = scores.broadcast_add(&mask)?;",
      "  }",
    ],
  },
  "swin-sum": {
    file: "src/nn/window_attention.rs",
    lines: [
      "> let mut scores = qk.broadcast_add(&bias)?;",
      "  if let Some(mask) = &self.mask {",
      '      let mask = sites.pass("mask", mask.unsqueeze(1)?)?;',
      ">     scores = scores.broadcast_add(&mask)?;",
      "  }",
      '> let scores = sites.pass("scores", scores)?;',
    ],
  },
  "swin-softmax": {
    file: "src/nn/window_attention.rs",
    lines: [
      '  let scores = sites.pass("scores", scores)?;',
      "  …",
      '> let pattern = sites.pass("pattern", softmax(scores)?)?;',
      "  product(&pattern, v)",
    ],
  },
  "swin-mix": {
    file: "src/nn/window_attention.rs",
    lines: [
      '  let pattern = sites.pass("pattern", softmax(scores)?)?;',
      "> product(&pattern, v)",
      "  …",
      "> gather.to_tokens(&mix.transpose(1, 2)?.flatten_to(1)?.flatten_from(1)?)",
    ],
  },
  "swin-project": {
    file: "src/nn/window_attention.rs",
    lines: [
      "  let mix = self.mix(x, sites)?;",
      "> self.proj.forward_onto(start, &mix, sites)",
    ],
  },
  merge: {
    file: "src/nn/merge.rs",
    lines: [
      "  // Down before right, as timm and the paper's own code order them.",
      "> for (down, right) in [(0, 0), (1, 0), (0, 1), (1, 1)] {",
      ">     index.push(neighbour(row + down, column + right));",
      "  }",
      "  …",
      "> let neighbours = x.index_select(&self.rows, 0)?.reshape(((), 4 * dim))?;",
      "> self.reduction.forward(&self.norm.forward(&neighbours)?)",
    ],
  },
  "swin-pool-mean": {
    file: "src/model/swin.rs",
    lines: ['> let pooled = sites.pass("pool", x.mean(0)?)?;'],
  },
  "swin-head": {
    file: "src/model/swin.rs",
    lines: [
      "  let logits = match &self.head {",
      ">     Some(head) => head.forward(&pooled.unsqueeze(0)?)?.squeeze(0)?,",
      "      None => pooled,",
      "  };",
    ],
  },
  "swin-head-none": {
    file: "src/model/swin.rs",
    lines: [
      "  let logits = match &self.head {",
      "      Some(head) => head.forward(&pooled.unsqueeze(0)?)?.squeeze(0)?,",
      ">     None => pooled,",
      "  };",
    ],
  },
};
