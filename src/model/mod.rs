//! A whole model: architecture, settings and checkpoint, ready to run on a photo.

pub mod description;
pub mod labels;
mod settings;
pub mod swin;
pub mod vit;

use std::cell::RefCell;
use std::collections::BTreeSet;

use candle_core::{D, Device, Tensor};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::explain::{Changes, Hop, reach};
use crate::image::Intake;
use crate::kernels::softmax;
use crate::nn::Windows;
use crate::nn::window::Extent;
use crate::site::{Hook, NoHook, Sites};
use crate::weights::{Checkpoint, Weights};
use description::Description;
use swin::Swin;
use vit::Vit;

pub use settings::{Accuracy, Pool, Settings};

/// One class and how likely the model holds it to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    pub index: usize,
    pub label: String,
    pub probability: f32,
}

/// The architectures that Vitrine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Vit,
    Swin,
}

impl Family {
    pub fn name(self) -> &'static str {
        match self {
            Family::Vit => "vit",
            Family::Swin => "swin",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        [Family::Vit, Family::Swin]
            .into_iter()
            .find(|family| family.name() == name)
    }
}

/// The layers of a model.
pub(crate) enum Network {
    Vit(Vit),
    Swin(Swin),
}

/// A model for one input size.
pub struct Model {
    checkpoint: Checkpoint,
    network: Network,
}

impl Model {
    /// `size` (height, width) replaces the input size of the settings.
    pub fn new(checkpoint: Checkpoint, size: Option<(usize, usize)>) -> Result<Self> {
        let used = RefCell::new(BTreeSet::new());
        let weights = Weights::new(&checkpoint, &used);
        let settings = &checkpoint.settings;
        let network = match checkpoint.family() {
            Family::Vit => Network::Vit(Vit::load(&weights, settings, size)?),
            Family::Swin => Network::Swin(Swin::load(&weights, settings, size)?),
        };
        let used = used.into_inner();
        if let Some(name) = checkpoint.tensors.keys().find(|name| !used.contains(*name)) {
            return Err(Error::UnknownTensor { name: name.clone() });
        }
        Ok(Self {
            checkpoint,
            network,
        })
    }

    /// The same model for another input size.
    pub fn resized(&self, size: (usize, usize)) -> Result<Self> {
        Self::new(self.checkpoint.clone(), Some(size))
    }

    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// (height, width) of the input in pixels.
    pub fn input_size(&self) -> (usize, usize) {
        match &self.network {
            Network::Vit(vit) => vit.input_size,
            Network::Swin(swin) => swin.input_size,
        }
    }

    /// Zero for a model without head.
    pub fn num_classes(&self) -> usize {
        match &self.network {
            Network::Vit(vit) => vit.num_classes(),
            Network::Swin(swin) => swin.num_classes(),
        }
    }

    /// The blocks whose attention is windowed, by name, in the order of the pass.
    pub fn windows(&self) -> Vec<(String, &Windows)> {
        match &self.network {
            Network::Vit(_) => Vec::new(),
            Network::Swin(swin) => swin
                .blocks()
                .map(|(_, name, block)| (name, &block.attn.windows))
                .collect(),
        }
    }

    /// (rows, columns) of patches.
    pub fn grid(&self) -> Extent {
        match &self.network {
            Network::Vit(vit) => vit.grid,
            Network::Swin(swin) => swin.grid,
        }
    }

    /// The blocks in the order of the pass, by name, with their numbers of heads.
    pub fn heads(&self) -> Vec<(String, usize)> {
        match &self.network {
            Network::Vit(vit) => {
                let blocks = vit.blocks.iter().enumerate();
                let named = blocks.map(|(i, block)| (format!("blocks.{i}"), block.attn.num_heads));
                named.collect()
            }
            Network::Swin(swin) => swin
                .blocks()
                .map(|(_, name, block)| (name, block.attn.num_heads))
                .collect(),
        }
    }

    /// (patches, D) to (N, D): a ViT's prefix tokens in front, and `scale` times the positions added; a
    /// Swin has neither.
    pub fn embed(&self, patches: &Tensor, scale: f64) -> Result<Option<Tensor>> {
        match &self.network {
            Network::Vit(vit) => vit.embed(patches, scale).map(Some),
            Network::Swin(_) => Ok(None),
        }
    }

    /// For each block, which patches (row by row) can have reached the token that holds `query`, a
    /// (row, column) of the patch grid, when the block is done.
    pub fn reach(&self, query: (usize, usize), changes: &Changes) -> Result<Vec<Vec<bool>>> {
        let grid = self.grid();
        if query.0 >= grid.0 || query.1 >= grid.1 {
            return Err(Error::Size(format!(
                "There is no patch {}, {} in a grid of {} x {}.",
                query.0, query.1, grid.0, grid.1
            )));
        }
        Ok(match &self.network {
            // Every token sees every other in the first block.
            Network::Vit(vit) => vec![vec![true; grid.0 * grid.1]; vit.blocks.len()],
            Network::Swin(swin) => {
                let blocks = swin
                    .blocks()
                    .map(|(stage, _, block)| (1 << stage, changes.windows(&block.attn.windows)));
                let blocks: Vec<(usize, Windows)> = blocks.collect();
                let hops = blocks.iter().map(|(scale, windows)| Hop {
                    scale: *scale,
                    windows,
                    masked: changes.masks(),
                });
                reach(grid, &hops.collect::<Vec<Hop>>(), query)
            }
        })
    }

    /// Ready to take a photo of `width` x `height` pixels.
    pub fn intake(&self, width: usize, height: usize) -> Result<Intake> {
        let preprocess = &self.checkpoint.settings.preprocess;
        Intake::new(preprocess, self.input_size(), width, height)
    }

    /// (1, 3, H, W) to the logits, or to the pooled features of a model without head.
    pub fn forward(&self, input: &Tensor, hook: &mut dyn Hook) -> Result<Tensor> {
        let (height, width) = self.input_size();
        if input.dims() != [1, 3, height, width] {
            return Err(Error::shape("input", &[1, 3, height, width], input.dims()));
        }
        let mut sites = Sites::new(hook);
        match &self.network {
            Network::Vit(vit) => vit.forward(input, &mut sites),
            Network::Swin(swin) => swin.forward(input, &mut sites),
        }
    }

    /// What the end of the model (norm, pooling, head) makes of a stream (N, D): the logits, or the
    /// pooled features without a head. A Swin's end reads the map of its last stage alone.
    pub fn read_out(&self, stream: &Tensor) -> Result<Tensor> {
        let mut nobody = NoHook;
        let mut sites = Sites::new(&mut nobody);
        match &self.network {
            Network::Vit(vit) => vit.read_out(stream.clone(), &mut sites),
            Network::Swin(swin) => swin.read_out(stream, &mut sites),
        }
    }

    /// The learned position of each patch, (patches, D), for this input's grid; a Swin has none.
    pub fn positions(&self) -> Option<&Tensor> {
        match &self.network {
            Network::Vit(vit) => Some(&vit.pos_embed),
            Network::Swin(_) => None,
        }
    }

    /// The filters of the patch projection, (D, P·P·3) in the order row, column, channel, as they are
    /// stored; and (height, width) of a patch in pixels.
    pub fn filters(&self) -> Result<(Tensor, (usize, usize))> {
        let embed = match &self.network {
            Network::Vit(vit) => &vit.patch_embed,
            Network::Swin(swin) => &swin.patch_embed,
        };
        let name = "patch_embed.proj.weight";
        let stored = self.checkpoint.tensors.get(name);
        let stored = stored.ok_or_else(|| Error::MissingTensor { name: name.into() })?;
        Ok((stored.dequantize(&Device::Cpu)?, embed.patch_size))
    }

    /// The `count` likeliest classes; none for a model without head.
    pub fn predictions(&self, logits: &Tensor, count: usize) -> Result<Vec<Prediction>> {
        if self.num_classes() == 0 {
            return Ok(Vec::new());
        }
        let probabilities: Vec<f32> = softmax(logits)?.to_vec1()?;
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        Ok(order
            .into_iter()
            .take(count)
            .map(|index| Prediction {
                index,
                label: self.label(index),
                probability: probabilities[index],
            })
            .collect())
    }

    /// The index of the largest logit.
    pub fn top_class(&self, logits: &Tensor) -> Result<usize> {
        Ok(logits.argmax(D::Minus1)?.to_scalar::<u32>()? as usize)
    }

    fn label(&self, index: usize) -> String {
        let own = self.checkpoint.settings.labels.as_deref();
        own.and_then(|labels| labels.get(index).cloned())
            .or_else(|| labels::imagenet_1k(index, self.num_classes()))
            .unwrap_or_else(|| format!("class {index}"))
    }

    pub fn describe(&self) -> Description {
        description::of(&self.checkpoint, &self.network)
    }
}

/// An input size from text: `224`, or height and width as `224x320`.
pub fn size_from_text(text: &str) -> Result<(usize, usize)> {
    let side = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|side| (1..=8192).contains(side))
    };
    let size = match text.split_once(['x', '×']) {
        Some((height, width)) => side(height).zip(side(width)),
        None => side(text).map(|side| (side, side)),
    };
    size.ok_or_else(|| {
        Error::Size(format!(
            "`{text}` is no input size: write one number, or height x width, such as 224 or 224x320."
        ))
    })
}
