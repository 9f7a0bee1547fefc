//! The Swin Transformer (Liu et al. 2021, <https://arxiv.org/abs/2103.14030>), as timm's
//! `SwinTransformer` computes it.

use candle_core::Tensor;

use super::settings::{Pool, Settings};
use crate::error::{Error, Result};
use crate::nn::window::Extent;
use crate::nn::{
    LayerNorm, Linear, Mlp, PatchEmbed, PatchMerging, Residual, WindowAttention, Windows,
};
use crate::site::Sites;
use crate::weights::Weights;

const DEFAULT_EPS: f64 = 1e-5;

/// The input size of the published models, where nothing tells.
const DEFAULT_SIZE: Extent = (224, 224);

/// The first stage's tokens take some kilobytes each.
const MAX_PATCHES: usize = 16384;

pub struct Swin {
    pub patch_embed: PatchEmbed,
    pub patch_norm: Option<LayerNorm>,
    pub stages: Vec<Stage>,
    pub norm: LayerNorm,
    pub head: Option<Linear>,
    pub input_size: Extent,
    pub grid: Extent,
    /// What had to be guessed while loading, a sentence each.
    pub notes: Vec<String>,
}

/// Blocks on one map, after the merging that made it.
pub struct Stage {
    pub downsample: Option<PatchMerging>,
    pub blocks: Vec<Block>,
    pub dim: usize,
    /// Rows and columns of its tokens.
    pub map: Extent,
}

/// x + attention in windows(norm(x)), then x + mlp(norm(x)).
pub struct Block {
    pub norm1: LayerNorm,
    pub attn: WindowAttention,
    pub norm2: LayerNorm,
    pub mlp: Mlp,
}

impl Swin {
    /// Reads off the shapes what they tell, and takes the rest from the settings.
    pub fn load(weights: &Weights, settings: &Settings, size: Option<Extent>) -> Result<Self> {
        let mut notes = Vec::new();
        if settings.global_pool == Some(Pool::Token) {
            return Err(Error::Config(
                "The configuration pools a class token, which a Swin Transformer has not."
                    .to_owned(),
            ));
        }
        // transformers' `layer_norm_eps` is that of the blocks and the last norm alone.
        let eps = settings.layer_norm_eps.unwrap_or(DEFAULT_EPS);
        let (patch_embed, dim) = PatchEmbed::of_checkpoint(weights, settings.patch_size)?;
        let input_size = size.or(settings.input_size).unwrap_or_else(|| {
            notes.push("Nothing says at what size the model was trained: 224 was assumed.".into());
            DEFAULT_SIZE
        });
        let grid = patch_embed.grid(input_size)?;
        if grid.0 * grid.1 > MAX_PATCHES {
            return Err(Error::Size(format!(
                "An input of {} x {} pixels makes {} patches; Vitrine runs Swin on {MAX_PATCHES} at most.",
                input_size.0,
                input_size.1,
                grid.0 * grid.1
            )));
        }
        let mut stages: Vec<Stage> = Vec::new();
        let (mut dim, mut map) = (dim, grid);
        while weights.has(&format!("layers.{}.blocks.0.norm1.weight", stages.len())) {
            let index = stages.len();
            let within = weights.within(&format!("layers.{index}"));
            let window = window_size(&within, settings, index)?;
            let stage = Stage::load(&within, dim, map, window, index > 0, eps)?;
            (dim, map) = (stage.dim, stage.map);
            stages.push(stage);
        }
        let norm = LayerNorm::load(&weights.within("norm"), dim, eps)?;
        let patch_norm = weights.has("patch_embed.norm.weight").then(|| {
            let dim = patch_embed.proj.out_features;
            LayerNorm::load(&weights.within("patch_embed.norm"), dim, DEFAULT_EPS)
        });
        let head = match weights.shape("head.weight") {
            Some(&[classes, _]) => Some(Linear::load(&weights.within("head"), dim, classes)?),
            _ => None,
        };
        Ok(Self {
            patch_embed,
            patch_norm: patch_norm.transpose()?,
            stages,
            norm,
            head,
            input_size,
            grid,
            notes,
        })
    }

    /// (1, 3, H, W) to the logits (classes), or to the pooled features without a head.
    pub fn forward(&self, input: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let input = sites.pass("input", input.clone())?;
        let mut x = self.patch_embed.forward(&input)?;
        if let Some(norm) = &self.patch_norm {
            x = norm.forward(&x)?;
        }
        x = sites.pass("patch_embed", x)?;
        for (i, stage) in self.stages.iter().enumerate() {
            x = stage.forward(x, &mut sites.within(&format!("layers.{i}")))?;
        }
        self.read_out(&x, sites)
    }

    /// What follows on the last block: (H·W, C) to the logits, or to the pooled features without a head.
    pub fn read_out(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let x = sites.pass("norm", self.norm.forward(x)?)?;
        let pooled = sites.pass("pool", x.mean(0)?)?;
        let logits = match &self.head {
            Some(head) => head.forward(&pooled.unsqueeze(0)?)?.squeeze(0)?,
            None => pooled,
        };
        sites.pass("logits", logits)
    }

    /// Zero for a model without head.
    pub fn num_classes(&self) -> usize {
        self.head.as_ref().map_or(0, |head| head.out_features)
    }

    /// Every block with its stage and its name, in the order of the pass.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, String, &Block)> {
        self.stages.iter().enumerate().flat_map(|(s, stage)| {
            let blocks = stage.blocks.iter().enumerate();
            blocks.map(move |(i, block)| (s, format!("layers.{s}.blocks.{i}"), block))
        })
    }
}

impl Stage {
    fn load(
        weights: &Weights,
        dim: usize,
        map: Extent,
        window: Extent,
        merges: bool,
        eps: f64,
    ) -> Result<Self> {
        let downsample = merges
            .then(|| PatchMerging::load(&weights.within("downsample"), dim, map, DEFAULT_EPS))
            .transpose()?;
        let (dim, map) = match &downsample {
            Some(merging) => (merging.reduction.out_features, PatchMerging::halved(map)),
            None => (dim, map),
        };
        let depth = (0..)
            .take_while(|i| weights.has(&format!("blocks.{i}.norm1.weight")))
            .count();
        let block = |i: usize| {
            let windows = Windows::new(map, window, i % 2 == 1);
            Block::load(&weights.within(&format!("blocks.{i}")), dim, windows, eps)
        };
        Ok(Self {
            downsample,
            blocks: (0..depth).map(block).collect::<Result<_>>()?,
            dim,
            map,
        })
    }

    fn forward(&self, mut x: Tensor, sites: &mut Sites) -> Result<Tensor> {
        if let Some(merging) = &self.downsample {
            x = sites.pass("downsample", merging.forward(&x)?)?;
        }
        for (i, block) in self.blocks.iter().enumerate() {
            x = block.forward(&x, &mut sites.within(&format!("blocks.{i}")))?;
        }
        sites.pass("out", x)
    }
}

impl Block {
    fn load(weights: &Weights, dim: usize, windows: Windows, eps: f64) -> Result<Self> {
        Ok(Self {
            norm1: LayerNorm::load(&weights.within("norm1"), dim, eps)?,
            attn: WindowAttention::load(&weights.within("attn"), dim, windows)?,
            norm2: LayerNorm::load(&weights.within("norm2"), dim, eps)?,
            mlp: Mlp::of_checkpoint(&weights.within("mlp"), dim)?,
        })
    }

    /// (rows · columns, C) to the same.
    fn forward(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let normed = sites.pass("norm1", self.norm1.forward(x)?)?;
        let start = Residual::of(x);
        let mid = self
            .attn
            .forward(start, &normed, &mut sites.within("attn"))?;
        let mid = sites.pass("mid", mid)?;
        let normed = sites.pass("norm2", self.norm2.forward(&mid)?)?;
        let start = Residual::of(&mid);
        let out = self.mlp.forward(start, &normed, &mut sites.within("mlp"))?;
        sites.pass("out", out)
    }
}

/// Rows and columns of a stage's windows: from the settings, else such that the bias table fits.
fn window_size(weights: &Weights, settings: &Settings, stage: usize) -> Result<Extent> {
    if let Some(sizes) = &settings.window_size
        && let Some(&size) = sizes.get(stage).or(sizes.first())
    {
        return Ok(size);
    }
    let table = "blocks.0.attn.relative_position_bias_table";
    let side = match weights.shape(table) {
        Some(&[offsets, _]) => offsets.isqrt().div_ceil(2),
        _ => {
            return Err(Error::MissingTensor {
                name: weights.name(table),
            });
        }
    };
    Ok((side, side))
}
