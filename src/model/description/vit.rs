//! A ViT described as data.

use super::{Layer, Parts, Step, block as block_of};
use crate::model::vit::{Block, Vit};

pub(super) fn parts(vit: &Vit, parameters: usize) -> Parts {
    let layers = vit.blocks.iter().enumerate().map(|(i, block)| Layer {
        site: format!("blocks.{i}"),
        title: format!("block {}", i + 1),
        heads: block.attn.num_heads,
        dim: vit.dim,
        stage: 0,
        grid: vit.grid.into(),
        windows: None,
    });
    Parts {
        patch: vit.patch_embed.patch_size,
        grid: vit.grid,
        prefix: vit.prefix_names.clone(),
        layers: layers.collect(),
        steps: steps(vit, parameters),
        notes: vit.notes.clone(),
    }
}

fn steps(vit: &Vit, parameters: usize) -> Vec<Step> {
    let (height, width) = vit.input_size;
    let (dim, tokens) = (vit.dim, vit.tokens());
    let patches = vit.grid.0 * vit.grid.1;
    let proj = &vit.patch_embed.proj;
    let title = match vit.prefix_names.first() {
        Some(_) => "+ class, position",
        None => "+ position",
    };
    let mut steps = vec![
        Step::new("input", "input", "photo", &[1, 3, height, width]),
        Step::new("patch_embed", "patch-embed", "patches", &[patches, dim])
            .costs(proj.parameters(), proj.operations(patches)),
    ];
    let positions = Step::new("pos_embed", "pos-embed", title, &[tokens, dim]);
    let blocks = vit.blocks.iter().enumerate();
    let blocks = blocks.map(|(i, block)| block_step(i, block, dim, tokens));
    let blocks: Vec<Step> = blocks.collect();

    let norm_parameters = vit.norm.as_ref().map_or(0, |norm| norm.parameters());
    let norm = Step::new("norm", "norm", "norm", &[tokens, dim]).costs(norm_parameters, 0);
    let heads = vit.head.iter().chain(&vit.head_dist);
    let pool_shape: &[usize] = match vit.head_dist {
        Some(_) => &[2, dim],
        None => &[dim],
    };
    let fc_norm_parameters = vit.fc_norm.as_ref().map_or(0, |norm| norm.parameters());
    let pool = Step::new("pool", "pool", "pool", pool_shape).costs(fc_norm_parameters, 0);
    let logits = match &vit.head {
        Some(head) => Step::new("logits", "head", "head", &[head.out_features]).costs(
            heads.clone().map(|head| head.parameters()).sum(),
            heads.map(|head| head.operations(1)).sum(),
        ),
        None => Step::new("logits", "head", "features", pool_shape),
    };
    let ends = [norm, pool, logits];
    // The prefix tokens and the positions are what no other step accounts for.
    let counted: usize = steps
        .iter()
        .chain(&blocks)
        .chain(&ends)
        .map(|step| step.parameters)
        .sum();
    steps.push(positions.costs(parameters.saturating_sub(counted), 0));
    steps.extend(blocks);
    steps.extend(ends);
    steps
}

fn block_step(i: usize, block: &Block, dim: usize, tokens: usize) -> Step {
    let site = |name: &str| format!("blocks.{i}.{name}");
    let sites = |names: &[&str]| -> Vec<String> { names.iter().map(|name| site(name)).collect() };
    let attn = &block.attn;
    let heads = attn.num_heads;
    let stream = [tokens, dim];
    let square = [heads, tokens, tokens];
    let (qkv, proj) = (&attn.qkv, &attn.proj);
    let (fc1, fc2) = (&block.mlp.fc1, &block.mlp.fc2);
    let products = attn.square_operations(tokens);
    let steps = vec![
        Step::new(site("norm1"), "norm", "norm", &stream).costs(block.norm1.parameters(), 0),
        Step::new(
            site("attn.q"),
            "qkv",
            "q k v",
            &[heads, tokens, dim / heads],
        )
        .at(&sites(&["attn.q", "attn.k", "attn.v"]))
        .costs(qkv.parameters(), qkv.operations(tokens)),
        Step::new(site("attn.qk"), "scores", "scores", &square)
            .at(&sites(&["attn.qk", "attn.scores"]))
            .costs(0, products),
        Step::new(site("attn.pattern"), "softmax", "softmax", &square),
        Step::new(site("attn.mix"), "mix", "· v", &stream).costs(0, products),
        Step::new(site("attn.out"), "project", "project", &stream)
            .costs(proj.parameters(), proj.operations(tokens)),
        Step::new(site("mid"), "residual", "+", &stream).costs(block.scale_parameters().0, 0),
        Step::new(site("norm2"), "norm", "norm", &stream).costs(block.norm2.parameters(), 0),
        Step::new(site("mlp.out"), "mlp", "mlp", &stream)
            .at(&sites(&["mlp.hidden", "mlp.out"]))
            .costs(
                fc1.parameters() + fc2.parameters(),
                fc1.operations(tokens) + fc2.operations(tokens),
            ),
        Step::new(site("out"), "residual", "+", &stream).costs(block.scale_parameters().1, 0),
    ];
    block_of(site("out"), &format!("{}", i + 1), steps)
}
