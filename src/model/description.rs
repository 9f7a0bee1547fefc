//! A model described as data: what the page draws its rail from, whatever the architecture.

use serde::Serialize;

use super::settings::Accuracy;
use super::vit::{Block, Vit};
use crate::weights::Checkpoint;

#[derive(Debug, Clone, Serialize)]
pub struct Description {
    pub name: String,
    /// `vit`.
    pub family: &'static str,
    pub architecture: Option<String>,
    /// The type that the matrices are kept in.
    pub dtype: &'static str,
    pub parameters: usize,
    /// Multiplications and additions of one forward pass.
    pub operations: u64,
    /// Size of the weights in memory.
    pub bytes: usize,
    pub input: Size,
    pub patch: Size,
    pub grid: Grid,
    /// What the tokens in front of the patches are called.
    pub prefix: Vec<String>,
    pub layers: Vec<Layer>,
    pub num_classes: usize,
    pub accuracy: Option<Accuracy>,
    pub notes: Vec<String>,
    pub steps: Vec<Step>,
}

/// In pixels.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Size {
    pub height: usize,
    pub width: usize,
}

/// In patches.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Grid {
    pub rows: usize,
    pub columns: usize,
}

/// An attention layer; its pattern is at `{site}.attn.pattern`.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    pub site: String,
    pub title: String,
    pub heads: usize,
}

/// A station on the way through the model, and the stations inside it.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Where the tensor that stands for this step passes.
    pub site: String,
    pub kind: &'static str,
    pub title: String,
    /// All sites of this step.
    pub sites: Vec<String>,
    /// Of the tensor at `site`.
    pub shape: Vec<usize>,
    pub parameters: usize,
    pub operations: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

impl Step {
    fn new(site: impl Into<String>, kind: &'static str, title: &str, shape: &[usize]) -> Self {
        let site = site.into();
        Self {
            sites: vec![site.clone()],
            site,
            kind,
            title: title.to_owned(),
            shape: shape.to_vec(),
            parameters: 0,
            operations: 0,
            steps: Vec::new(),
        }
    }

    fn costs(mut self, parameters: usize, operations: u64) -> Self {
        self.parameters = parameters;
        self.operations = operations;
        self
    }

    fn at(mut self, sites: &[String]) -> Self {
        self.sites = sites.to_vec();
        self
    }
}

pub(super) fn of(checkpoint: &Checkpoint, vit: &Vit) -> Description {
    let settings = &checkpoint.settings;
    let steps = vit_steps(vit, checkpoint.parameters());
    let layers = vit.blocks.iter().enumerate().map(|(i, block)| Layer {
        site: format!("blocks.{i}"),
        title: format!("block {}", i + 1),
        heads: block.attn.num_heads,
    });
    Description {
        name: settings.display_name(),
        family: "vit",
        architecture: settings.architecture.clone(),
        dtype: checkpoint.dtype().name(),
        parameters: checkpoint.parameters(),
        operations: steps.iter().map(|step| step.operations).sum(),
        bytes: checkpoint.bytes(),
        input: Size {
            height: vit.input_size.0,
            width: vit.input_size.1,
        },
        patch: Size {
            height: vit.patch_embed.patch_size.0,
            width: vit.patch_embed.patch_size.1,
        },
        grid: Grid {
            rows: vit.grid.0,
            columns: vit.grid.1,
        },
        prefix: vit.prefix_names.clone(),
        layers: layers.collect(),
        num_classes: vit.num_classes(),
        accuracy: settings.accuracy.clone(),
        notes: settings.notes.iter().chain(&vit.notes).cloned().collect(),
        steps,
    }
}

fn vit_steps(vit: &Vit, parameters: usize) -> Vec<Step> {
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
    let mut step = Step::new(site("out"), "block", &format!("{}", i + 1), &stream).costs(
        steps.iter().map(|step| step.parameters).sum(),
        steps.iter().map(|step| step.operations).sum(),
    );
    step.sites = steps.iter().flat_map(|step| step.sites.clone()).collect();
    step.steps = steps;
    step
}
