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

const WRAPPERS: [&str; 7] = [
    "module.",
    "model.",
    "backbone.",
    "vit.",
    "deit.",
    "dinov2.",
    "dinov2_with_registers.",
];

const IGNORED: [&str; 4] = [
    "mask_token",
    "embeddings.mask_token",
    "pooler.dense.weight",
    "pooler.dense.bias",
];

/// Whole names, and names inside a block, of transformers and of Meta's own DINOv2, beside timm's.
const TOP: [(&str, &str); 11] = [
    ("embeddings.cls_token", "cls_token"),
    ("embeddings.distillation_token", "dist_token"),
    ("embeddings.register_tokens", "reg_token"),
    ("register_tokens", "reg_token"),
    ("embeddings.position_embeddings", "pos_embed"),
    (
        "embeddings.patch_embeddings.projection.",
        "patch_embed.proj.",
    ),
    ("layernorm.", "norm."),
    ("classifier.", "head."),
    ("cls_classifier.", "head."),
    ("distillation_classifier.", "head_dist."),
    ("head.fc.", "head."),
];

const IN_BLOCK: [(&str, &str); 10] = [
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

const QKV: [(&str, usize); 6] = [
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
    if IGNORED.contains(&name) {
        return Name::Ignored;
    }
    if let Some((index, rest)) = block(name) {
        for (theirs, part) in QKV {
            if let Some(tail) = rest.strip_prefix(theirs) {
                return Name::Part(format!("blocks.{index}.attn.qkv.{tail}"), part);
            }
        }
        return Name::Whole(format!("blocks.{index}.{}", renamed(rest, &IN_BLOCK)));
    }
    Name::Whole(renamed(name, &TOP))
}

/// `encoder.layer.3.x` or `layers.3.x` as (3, x). timm's own `blocks.3.x` needs no change.
fn block(name: &str) -> Option<(usize, &str)> {
    let rest = name
        .strip_prefix("encoder.layer.")
        .or_else(|| name.strip_prefix("encoder.layers."))
        .or_else(|| name.strip_prefix("layers."))?;
    let (index, rest) = rest.split_once('.')?;
    Some((index.parse().ok()?, rest))
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
    use super::{Name, timm_name};

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
}
