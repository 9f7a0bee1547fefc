//! A Swin described as data.

use super::{Layer, LayerWindows, Parts, Step, block as block_of};
use crate::model::swin::{Block, Stage, Swin};

pub(super) fn parts(swin: &Swin) -> Parts {
    Parts {
        patch: swin.patch_embed.patch_size,
        grid: swin.grid,
        prefix: Vec::new(),
        layers: layers(swin),
        steps: steps(swin),
        notes: swin.notes.clone(),
    }
}

fn layers(swin: &Swin) -> Vec<Layer> {
    let blocks = swin.stages.iter().enumerate().flat_map(|(s, stage)| {
        stage.blocks.iter().enumerate().map(move |(i, block)| {
            let windows = &block.attn.windows;
            Layer {
                site: format!("layers.{s}.blocks.{i}"),
                title: title(i, block),
                heads: block.attn.num_heads,
                dim: stage.dim,
                stage: s,
                grid: stage.map.into(),
                windows: Some(LayerWindows {
                    rows: windows.size.0,
                    columns: windows.size.1,
                    shift: windows.shift.into(),
                    padded: windows.padded.into(),
                }),
            }
        })
    });
    blocks.collect()
}

/// W-MSA or SW-MSA, and the block's number in its stage.
fn title(i: usize, block: &Block) -> String {
    let kind = match block.attn.windows.is_shifted() {
        true => "SW",
        false => "W",
    };
    format!("{kind} {}", i + 1)
}

fn steps(swin: &Swin) -> Vec<Step> {
    let (height, width) = swin.input_size;
    let patches = swin.grid.0 * swin.grid.1;
    let proj = &swin.patch_embed.proj;
    let patch_norm = swin.patch_norm.as_ref().map_or(0, |norm| norm.parameters());
    let mut steps = vec![
        Step::new("input", "input", "photo", &[1, 3, height, width]),
        Step::new(
            "patch_embed",
            "patch-embed",
            "patches",
            &[patches, proj.out_features],
        )
        .costs(proj.parameters() + patch_norm, proj.operations(patches)),
    ];
    for (s, stage) in swin.stages.iter().enumerate() {
        let tokens = stage.map.0 * stage.map.1;
        if let Some(merging) = &stage.downsample {
            let site = format!("layers.{s}.downsample");
            let reduction = &merging.reduction;
            steps.push(
                Step::new(site, "merge", "merge", &[tokens, stage.dim]).costs(
                    merging.norm.parameters() + reduction.parameters(),
                    reduction.operations(tokens),
                ),
            );
        }
        let blocks = stage.blocks.iter().enumerate();
        steps.extend(blocks.map(|(i, block)| block_step(s, i, stage, block)));
    }
    let (dim, tokens) = swin
        .stages
        .last()
        .map_or((proj.out_features, patches), |stage| {
            (stage.dim, stage.map.0 * stage.map.1)
        });
    steps.extend([
        Step::new("norm", "norm", "norm", &[tokens, dim]).costs(swin.norm.parameters(), 0),
        Step::new("pool", "pool", "pool", &[dim]),
        match &swin.head {
            Some(head) => Step::new("logits", "head", "head", &[head.out_features])
                .costs(head.parameters(), head.operations(1)),
            None => Step::new("logits", "head", "features", &[dim]),
        },
    ]);
    steps
}

fn block_step(s: usize, i: usize, stage: &Stage, block: &Block) -> Step {
    let site = |name: &str| format!("layers.{s}.blocks.{i}.{name}");
    let attn = &block.attn;
    let (count, area) = (attn.windows.count(), attn.windows.area());
    let tokens = stage.map.0 * stage.map.1;
    let heads = attn.num_heads;
    let stream = [tokens, stage.dim];
    let square = [count, heads, area, area];
    let qkv = &attn.qkv;
    let (fc1, fc2) = (&block.mlp.fc1, &block.mlp.fc2);
    let products = attn.square_operations();
    let mut steps = vec![
        Step::new(site("norm1"), "norm", "norm", &stream).costs(block.norm1.parameters(), 0),
        Step::new(site("attn.index"), "windows", "windows", &[count, area]),
        Step::new(
            site("attn.q"),
            "qkv",
            "q k v",
            &[count, heads, area, attn.head_dim()],
        )
        .at(&["attn.q", "attn.k", "attn.v"].map(site))
        .costs(qkv.parameters(), qkv.operations(tokens)),
        Step::new(site("attn.qk"), "scores", "scores", &square).costs(0, products),
        Step::new(site("attn.bias"), "bias", "+ bias", &[1, heads, area, area])
            .costs(attn.bias_parameters, 0),
    ];
    if attn.windows.is_shifted() {
        let shape = [count, 1, area, area];
        steps.push(Step::new(site("attn.mask"), "mask", "+ mask", &shape));
    }
    steps.extend([
        Step::new(site("attn.scores"), "scores", "sum", &square),
        Step::new(site("attn.pattern"), "softmax", "softmax", &square),
        Step::new(
            site("attn.mix"),
            "mix",
            "· v",
            &[tokens, attn.proj.in_features],
        )
        .costs(0, products),
        Step::new(site("attn.out"), "project", "project", &stream)
            .costs(attn.proj.parameters(), attn.proj.operations(tokens)),
        Step::new(site("mid"), "residual", "+", &stream),
        Step::new(site("norm2"), "norm", "norm", &stream).costs(block.norm2.parameters(), 0),
        Step::new(site("mlp.out"), "mlp", "mlp", &stream)
            .at(&["mlp.hidden", "mlp.out"].map(site))
            .costs(
                fc1.parameters() + fc2.parameters(),
                fc1.operations(tokens) + fc2.operations(tokens),
            ),
        Step::new(site("out"), "residual", "+", &stream),
    ]);
    block_of(site("out"), &title(i, block), steps)
}
