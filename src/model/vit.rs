//! The Vision Transformer (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>), as timm's
//! `VisionTransformer` computes it, with DeiT's distillation token, register tokens and LayerScale.

use candle_core::Tensor;

use super::settings::{Pool, Settings};
use crate::error::{Error, Result};
use crate::nn::{Attention, LayerNorm, Linear, Mlp, PatchEmbed, Residual, position};
use crate::site::Sites;
use crate::weights::Weights;

const DEFAULT_EPS: f64 = 1e-6;

/// All heads' patterns of a layer of ViT-Base are 800 MB then, of the 4 GB that wasm has.
const MAX_PATCHES: usize = 4096;

pub struct Vit {
    pub patch_embed: PatchEmbed,
    /// Tokens put before the patches, (prefix, D), and what they are called.
    prefix: Option<Tensor>,
    pub prefix_names: Vec<String>,
    /// (patches, D), resampled to this input's grid, and a row for each prefix token that has one.
    pub pos_embed: Tensor,
    prefix_pos_embed: Option<Tensor>,
    pub blocks: Vec<Block>,
    /// After the last block; identity where timm's is (`fc_norm` after pooling instead).
    pub norm: Option<LayerNorm>,
    pub fc_norm: Option<LayerNorm>,
    pub pool: Pool,
    pub head: Option<Linear>,
    pub head_dist: Option<Linear>,
    pub dim: usize,
    pub input_size: (usize, usize),
    pub grid: (usize, usize),
    /// What had to be guessed while loading, a sentence each.
    pub notes: Vec<String>,
}

/// x + attention(norm(x)), then x + mlp(norm(x)), each half scaled by LayerScale (Touvron et al. 2021,
/// <https://arxiv.org/abs/2103.17239>) where there is one.
pub struct Block {
    pub norm1: LayerNorm,
    pub attn: Attention,
    ls1: Option<Tensor>,
    pub norm2: LayerNorm,
    pub mlp: Mlp,
    ls2: Option<Tensor>,
}

impl Vit {
    /// Reads off the shapes what they tell, and takes the rest from the settings.
    pub fn load(
        weights: &Weights,
        settings: &Settings,
        size: Option<(usize, usize)>,
    ) -> Result<Self> {
        let mut notes = Vec::new();
        let (patch_embed, dim) = PatchEmbed::of_checkpoint(weights, settings.patch_size)?;
        let patch_size = patch_embed.patch_size;
        let eps = settings.layer_norm_eps.unwrap_or(DEFAULT_EPS);
        let num_heads = num_heads(settings, dim, &mut notes)?;
        let (prefix, prefix_names) = prefix_tokens(weights, dim)?;
        let position = Position::load(weights, settings, patch_size, dim, prefix_names.len())?;
        let trained = (
            position.grid.0 * patch_size.0,
            position.grid.1 * patch_size.1,
        );
        let input_size = size.or(settings.input_size).unwrap_or(trained);
        let grid = patch_embed.grid(input_size)?;
        if grid.0 * grid.1 > MAX_PATCHES {
            return Err(Error::Size(format!(
                "An input of {} x {} pixels makes {} patches; with more than {MAX_PATCHES} attention would take gigabytes.",
                input_size.0,
                input_size.1,
                grid.0 * grid.1
            )));
        }
        let depth = (0..)
            .take_while(|i| weights.has(&format!("blocks.{i}.norm1.weight")))
            .count();
        if depth == 0 {
            return Err(Error::MissingTensor {
                name: "blocks.0.norm1.weight".into(),
            });
        }
        let blocks = (0..depth)
            .map(|i| Block::load(&weights.within(&format!("blocks.{i}")), dim, num_heads, eps));
        let norm_named = |name: &str| -> Result<Option<LayerNorm>> {
            let present = weights.has(&format!("{name}.weight"));
            present
                .then(|| LayerNorm::load(&weights.within(name), dim, eps))
                .transpose()
        };
        let head_named = |name: &str| -> Result<Option<Linear>> {
            match weights.shape(&format!("{name}.weight")) {
                Some(&[classes, _]) => Linear::load(&weights.within(name), dim, classes).map(Some),
                _ => Ok(None),
            }
        };
        let has_class_token = weights.has("cls_token");
        let fc_norm = norm_named("fc_norm")?;
        let pool = match settings.global_pool {
            Some(Pool::Token) if !has_class_token => {
                return Err(Error::Config(
                    "The configuration pools the class token, but the checkpoint has no `cls_token`.".to_owned(),
                ));
            }
            Some(pool) => pool,
            None if fc_norm.is_some() || !has_class_token => Pool::Avg,
            None => Pool::Token,
        };
        Ok(Self {
            patch_embed,
            prefix,
            prefix_names,
            pos_embed: position::resampled(&position.patches, position.grid, grid)?,
            prefix_pos_embed: position.prefix,
            blocks: blocks.collect::<Result<_>>()?,
            norm: norm_named("norm")?,
            fc_norm,
            pool,
            head: head_named("head")?,
            head_dist: head_named("head_dist")?,
            dim,
            input_size,
            grid,
            notes,
        })
    }

    /// (1, 3, H, W) to the logits (classes), or to the pooled features (D) without a head.
    pub fn forward(&self, input: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let input = sites.pass("input", input.clone())?;
        let patches = sites.pass("patch_embed", self.patch_embed.forward(&input)?)?;
        let mut x = sites.pass("pos_embed", self.embed(&patches, 1.0)?)?;
        for (i, block) in self.blocks.iter().enumerate() {
            x = block.forward(&x, &mut sites.within(&format!("blocks.{i}")))?;
        }
        self.read_out(x, sites)
    }

    /// What follows on the last block: (N, D) to the logits, or to the pooled features without a head.
    pub fn read_out(&self, x: Tensor, sites: &mut Sites) -> Result<Tensor> {
        let x = match &self.norm {
            Some(norm) => norm.forward(&x)?,
            None => x,
        };
        let x = sites.pass("norm", x)?;
        let pooled = sites.pass("pool", self.pooled(&x)?)?;
        sites.pass("logits", self.classify(pooled)?)
    }

    /// (patches, D) to (N, D): puts the prefix tokens in front and adds `scale` times the positions; 0
    /// adds none.
    pub fn embed(&self, patches: &Tensor, scale: f64) -> Result<Tensor> {
        let placed = |tokens: &Tensor, positions: &Tensor| -> Result<Tensor> {
            Ok(match scale {
                0.0 => tokens.clone(),
                1.0 => (tokens + positions)?,
                _ => (tokens + (positions * scale)?)?,
            })
        };
        let patches = placed(patches, &self.pos_embed)?;
        let Some(prefix) = &self.prefix else {
            return Ok(patches);
        };
        let prefix = match &self.prefix_pos_embed {
            Some(positions) => placed(prefix, positions)?,
            None => prefix.clone(),
        };
        Ok(Tensor::cat(&[&prefix, &patches], 0)?)
    }

    /// What the head reads: (D); with two heads (2, D), class token and distillation token.
    fn pooled(&self, x: &Tensor) -> Result<Tensor> {
        let pooled = match self.pool {
            _ if self.head_dist.is_some() => x.narrow(0, 0, 2)?,
            Pool::Token => x.get(0)?,
            Pool::Avg => {
                let first = self.prefix_names.len();
                x.narrow(0, first, x.dim(0)? - first)?.mean(0)?
            }
        };
        match &self.fc_norm {
            Some(norm) => norm.forward(&pooled),
            None => Ok(pooled),
        }
    }

    fn classify(&self, pooled: Tensor) -> Result<Tensor> {
        let row = |index: usize| -> Result<Tensor> {
            match pooled.rank() {
                1 => Ok(pooled.unsqueeze(0)?),
                _ => Ok(pooled.narrow(0, index, 1)?),
            }
        };
        match (&self.head, &self.head_dist) {
            (Some(head), Some(head_dist)) => {
                let sum = (head.forward(&row(0)?)? + head_dist.forward(&row(1)?)?)?;
                Ok((sum / 2.0)?.squeeze(0)?)
            }
            (Some(head), None) => Ok(head.forward(&row(0)?)?.squeeze(0)?),
            (None, _) => Ok(pooled),
        }
    }

    /// Zero for a model without head.
    pub fn num_classes(&self) -> usize {
        self.head.as_ref().map_or(0, |head| head.out_features)
    }

    pub fn tokens(&self) -> usize {
        self.prefix_names.len() + self.grid.0 * self.grid.1
    }
}

impl Block {
    fn load(weights: &Weights, dim: usize, num_heads: usize, eps: f64) -> Result<Self> {
        Ok(Self {
            norm1: LayerNorm::load(&weights.within("norm1"), dim, eps)?,
            attn: Attention::load(&weights.within("attn"), dim, num_heads)?,
            ls1: weights.optional("ls1.gamma", &[dim])?,
            norm2: LayerNorm::load(&weights.within("norm2"), dim, eps)?,
            mlp: Mlp::of_checkpoint(&weights.within("mlp"), dim)?,
            ls2: weights.optional("ls2.gamma", &[dim])?,
        })
    }

    /// Parameters of the two LayerScales.
    pub fn scale_parameters(&self) -> (usize, usize) {
        let count = |gamma: &Option<Tensor>| gamma.as_ref().map_or(0, Tensor::elem_count);
        (count(&self.ls1), count(&self.ls2))
    }

    /// (N, D) to (N, D).
    fn forward(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let normed = sites.pass("norm1", self.norm1.forward(x)?)?;
        let start = Residual {
            stream: x,
            scale: self.ls1.as_ref(),
        };
        let mid = self
            .attn
            .forward(start, &normed, &mut sites.within("attn"))?;
        let mid = sites.pass("mid", mid)?;
        let normed = sites.pass("norm2", self.norm2.forward(&mid)?)?;
        let start = Residual {
            stream: &mid,
            scale: self.ls2.as_ref(),
        };
        let out = self.mlp.forward(start, &normed, &mut sites.within("mlp"))?;
        sites.pass("out", out)
    }
}

/// Class, distillation and register tokens, in the order in which timm puts them.
fn prefix_tokens(weights: &Weights, dim: usize) -> Result<(Option<Tensor>, Vec<String>)> {
    let mut tokens = Vec::new();
    let mut names = Vec::new();
    for (tensor, name) in [
        ("cls_token", "class token"),
        ("dist_token", "distillation token"),
    ] {
        if let Some(token) = weights.optional(tensor, &[1, 1, dim])? {
            tokens.push(token.squeeze(0)?);
            names.push(name.to_owned());
        }
    }
    if let Some(&[_, count, _]) = weights.shape("reg_token") {
        tokens.push(weights.tensor("reg_token", &[1, count, dim])?.squeeze(0)?);
        names.extend((1..=count).map(|index| format!("register {index}")));
    }
    let prefix = (!tokens.is_empty()).then(|| Tensor::cat(&tokens, 0));
    Ok((prefix.transpose()?, names))
}

/// The position embedding as trained.
struct Position {
    patches: Tensor,
    prefix: Option<Tensor>,
    grid: (usize, usize),
}

impl Position {
    /// Which of `pos_embed`'s rows belong to prefix tokens is told by the grid that the rest makes.
    fn load(
        weights: &Weights,
        settings: &Settings,
        patch_size: (usize, usize),
        dim: usize,
        prefix: usize,
    ) -> Result<Self> {
        let Some(&[_, rows, _]) = weights.shape("pos_embed") else {
            return Err(Error::MissingTensor {
                name: "pos_embed".into(),
            });
        };
        let all = weights.tensor("pos_embed", &[1, rows, dim])?.squeeze(0)?;
        // All prefix tokens (timm), none (`no_embed_class`), or the class token alone (transformers'
        // DINOv2 with registers); the settings' own answer first.
        let mut candidates = match settings.no_embed_class {
            Some(true) => vec![0],
            Some(false) => vec![prefix],
            None => vec![prefix, 0, prefix.min(1)],
        };
        candidates.retain(|&count| count < rows);
        let of_settings = settings
            .input_size
            .map(|size| (size.0 / patch_size.0, size.1 / patch_size.1));
        let by_settings = candidates.iter().find_map(|&count| {
            let grid = of_settings?;
            (grid.0 * grid.1 == rows - count).then_some((count, grid))
        });
        let by_square = || {
            candidates.iter().find_map(|&count| {
                let side = (rows - count).isqrt();
                (side * side == rows - count).then_some((count, (side, side)))
            })
        };
        let Some((positioned, grid)) = by_settings.or_else(by_square) else {
            return Err(Error::Config(format!(
                "`pos_embed` has {rows} rows, which make no square grid beside {prefix} prefix tokens: state the trained size (`img_size`) in config.json."
            )));
        };
        // Prefix tokens without a position of their own are as if theirs were zero.
        let prefix_rows = match positioned {
            0 => None,
            _ => Some(
                all.narrow(0, 0, positioned)?
                    .pad_with_zeros(0, 0, prefix - positioned)?,
            ),
        };
        Ok(Self {
            patches: all.narrow(0, positioned, rows - positioned)?,
            prefix: prefix_rows,
            grid,
        })
    }
}

/// Heads from the settings, else by the architecture's name, else as if each had 64 dimensions.
fn num_heads(settings: &Settings, dim: usize, notes: &mut Vec<String>) -> Result<usize> {
    const BY_NAME: [(&str, usize); 12] = [
        ("_tiny", 3),
        ("_small", 6),
        ("_medium", 8),
        ("_base", 12),
        ("_large", 16),
        ("_huge", 16),
        ("_giant", 16),
        ("_gigantic", 16),
        ("_wee", 4),
        ("_pwee", 4),
        ("_little", 5),
        ("_betwixt", 10),
    ];
    let name = settings.architecture.as_deref().unwrap_or_default();
    let by_name = BY_NAME
        .iter()
        .find(|(part, heads)| name.contains(part) && dim.is_multiple_of(*heads));
    let heads = match (settings.num_heads, by_name) {
        (Some(heads), _) => heads,
        (None, Some(&(_, heads))) => heads,
        (None, None) => {
            let heads = (dim / 64).max(1);
            notes.push(format!(
                "Nothing says how many heads the model has: {heads} was guessed (64 dimensions each)."
            ));
            heads
        }
    };
    if heads == 0 || !dim.is_multiple_of(heads) {
        return Err(Error::Config(format!(
            "{heads} heads do not divide the model's {dim} dimensions: state `num_heads` in config.json."
        )));
    }
    Ok(heads)
}
