//! From the names that a checkpoint uses to timm's, which the rest of the engine speaks.

/// What becomes of one tensor of a checkpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Kept under this timm name.
    Whole(String),
    /// Rows of `attn.qkv`, stored apart: 0 query, 1 key, 2 value.
    Part(String, usize),
    /// Not needed to run the model: training-time tokens, indices computed anew, poolers.
    Ignored,
}

const WRAPPERS: [&str; 8] = [
    "module.",
    "model.",
    "backbone.",
    "vit.",
    "deit.",
    "dinov2.",
    "dinov2_with_registers.",
    "swin.",
];

const IGNORED: [&str; 4] = [
    "mask_token",
    "embeddings.mask_token",
    "pooler.dense.weight",
    "pooler.dense.bias",
];

/// The last part of names whose tensors older Swin checkpoints carry and every model computes anew.
const BUFFERS: [&str; 2] = ["relative_position_index", "attn_mask"];

/// Whole names, and names inside a block, of transformers and of Meta's own DINOv2, beside timm's.
const TOP: [(&str, &str); 12] = [
    ("embeddings.cls_token", "cls_token"),
    ("embeddings.distillation_token", "dist_token"),
    ("embeddings.register_tokens", "reg_token"),
    ("register_tokens", "reg_token"),
    ("embeddings.position_embeddings", "pos_embed"),
    (
        "embeddings.patch_embeddings.projection.",
        "patch_embed.proj.",
    ),
    ("embeddings.norm.", "patch_embed.norm."),
    ("layernorm.", "norm."),
    ("classifier.", "head."),
    ("cls_classifier.", "head."),
    ("distillation_classifier.", "head_dist."),
    ("head.fc.", "head."),
];

const IN_BLOCK: [(&str, &str); 12] = [
    (
        "attention.relative_position_bias.relative_position_bias_table",
        "attn.relative_position_bias_table",
    ),
    (
        "attention.self.relative_position_bias_table",
        "attn.relative_position_bias_table",
    ),
    ("attention.output.dense.", "attn.proj."),
    ("attention.o_proj.", "attn.proj."),
    ("layernorm_before.", "norm1."),
    ("layernorm_after.", "norm2."),
    ("intermediate.dense.", "mlp.fc1."),
    ("output.dense.", "mlp.fc2."),
    ("layer_scale1.lambda1", "ls1.gamma"),
    ("layer_scale2.lambda1", "ls2.gamma"),
    ("mlp.up_proj.", "mlp.fc1."),
    ("mlp.down_proj.", "mlp.fc2."),
];

const QKV: [(&str, usize); 9] = [
    ("attention.self.query.", 0),
    ("attention.self.key.", 1),
    ("attention.self.value.", 2),
    ("attention.attention.query.", 0),
    ("attention.attention.key.", 1),
    ("attention.attention.value.", 2),
    ("attention.q_proj.", 0),
    ("attention.k_proj.", 1),
    ("attention.v_proj.", 2),
];

/// The timm name of a tensor that a checkpoint calls `name`.
pub(crate) fn timm_name(name: &str) -> Name {
    let mut name = name;
    while let Some(inner) = WRAPPERS.iter().find_map(|w| name.strip_prefix(w)) {
        name = inner;
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if IGNORED.contains(&name) || BUFFERS.contains(&last) {
        return Name::Ignored;
    }
    if let Some((block, rest)) = block(name) {
        for (theirs, part) in QKV {
            if let Some(tail) = rest.strip_prefix(theirs) {
                return Name::Part(format!("{block}.attn.qkv.{tail}"), part);
            }
        }
        return Name::Whole(format!("{block}.{}", renamed(rest, &IN_BLOCK)));
    }
    Name::Whole(renamed(name, &TOP))
}

/// `encoder.layer.3.x` or `layers.3.x` of a ViT as (`blocks.3`, x), `layers.1.blocks.0.x` of a Swin
/// as (`layers.1.blocks.0`, x), its `layers.1.downsample.x` as (`layers.1`, `downsample.x`).
fn block(name: &str) -> Option<(String, &str)> {
    let rest = name
        .strip_prefix("encoder.layer.")
        .or_else(|| name.strip_prefix("encoder.layers."))
        .or_else(|| name.strip_prefix("layers."))?;
    let (index, rest) = numbered(rest)?;
    if let Some(within) = rest.strip_prefix("blocks.") {
        let (block, rest) = numbered(within)?;
        return Some((format!("layers.{index}.blocks.{block}"), rest));
    }
    let parent = match rest.starts_with("downsample.") {
        true => "layers",
        false => "blocks",
    };
    Some((format!("{parent}.{index}"), rest))
}

/// `3.x` as (3, x).
fn numbered(name: &str) -> Option<(usize, &str)> {
    let (index, rest) = name.split_once('.')?;
    Some((index.parse().ok()?, rest))
}

/// Where patch merging stands at the end of a stage, as the paper's own code and transformers write
/// it, the stage after it: timm has it at the beginning of that one.
pub(crate) fn merging_at_the_start(name: &str) -> Option<String> {
    let (index, rest) = numbered(name.strip_prefix("layers.")?)?;
    rest.starts_with("downsample.")
        .then(|| format!("layers.{}.{rest}", index + 1))
}

/// Whether one of the names is that of a merging at the end of the first stage.
pub(crate) fn has_merging_at_the_end<'a>(mut names: impl Iterator<Item = &'a String>) -> bool {
    names.any(|name| name.starts_with("layers.0.downsample."))
}

fn renamed(name: &str, table: &[(&str, &str)]) -> String {
    for (theirs, ours) in table {
        if let Some(tail) = name.strip_prefix(theirs) {
            return format!("{ours}{tail}");
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Name, merging_at_the_start, timm_name};

    #[test]
    fn transformers_names_become_timm_names() {
        for (theirs, ours) in [
            ("vit.embeddings.cls_token", "cls_token"),
            (
                "deit.encoder.layer.11.output.dense.bias",
                "blocks.11.mlp.fc2.bias",
            ),
            (
                "vit.encoder.layer.0.attention.output.dense.weight",
                "blocks.0.attn.proj.weight",
            ),
            ("encoder.layer.2.layer_scale1.lambda1", "blocks.2.ls1.gamma"),
            ("blocks.2.mlp.fc1.weight", "blocks.2.mlp.fc1.weight"),
            ("distillation_classifier.bias", "head_dist.bias"),
        ] {
            assert_eq!(timm_name(theirs), Name::Whole(ours.to_owned()), "{theirs}");
        }
        assert_eq!(
            timm_name("vit.encoder.layer.4.attention.attention.value.bias"),
            Name::Part("blocks.4.attn.qkv.bias".to_owned(), 2)
        );
        assert_eq!(timm_name("vit.embeddings.mask_token"), Name::Ignored);
    }

    #[test]
    fn swin_names_become_timm_names() {
        for (theirs, ours) in [
            (
                "layers.1.blocks.0.mlp.fc1.weight",
                "layers.1.blocks.0.mlp.fc1.weight",
            ),
            (
                "swin.encoder.layers.2.blocks.5.attention.output.dense.bias",
                "layers.2.blocks.5.attn.proj.bias",
            ),
            (
                "swin.encoder.layers.0.downsample.reduction.weight",
                "layers.0.downsample.reduction.weight",
            ),
            ("swin.embeddings.norm.bias", "patch_embed.norm.bias"),
        ] {
            assert_eq!(timm_name(theirs), Name::Whole(ours.to_owned()), "{theirs}");
        }
        assert_eq!(
            timm_name("layers.0.blocks.1.attn.relative_position_index"),
            Name::Ignored
        );
        assert_eq!(
            merging_at_the_start("layers.0.downsample.norm.bias").as_deref(),
            Some("layers.1.downsample.norm.bias")
        );
        assert_eq!(merging_at_the_start("layers.0.blocks.0.norm1.bias"), None);
    }
}
