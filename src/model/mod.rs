//! A whole model: architecture, settings and checkpoint, ready to run on a photo.

pub mod description;
pub mod labels;
mod settings;
pub mod vit;

use std::cell::RefCell;
use std::collections::BTreeSet;

use candle_core::{D, Tensor};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::image::Intake;
use crate::kernels::softmax;
use crate::site::{Hook, Sites};
use crate::weights::{Checkpoint, Weights};
use description::Description;
use vit::Vit;

pub use settings::{Accuracy, Pool, Settings};

/// One class and how likely the model holds it to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    pub index: usize,
    pub label: String,
    pub probability: f32,
}

/// A model for one input size.
pub struct Model {
    checkpoint: Checkpoint,
    vit: Vit,
}

impl Model {
    /// `size` (height, width) replaces the input size of the settings.
    pub fn new(checkpoint: Checkpoint, size: Option<(usize, usize)>) -> Result<Self> {
        let used = RefCell::new(BTreeSet::new());
        let weights = Weights::new(&checkpoint, &used);
        let vit = Vit::load(&weights, &checkpoint.settings, size)?;
        let used = used.into_inner();
        if let Some(name) = checkpoint.tensors.keys().find(|name| !used.contains(*name)) {
            return Err(Error::UnknownTensor { name: name.clone() });
        }
        Ok(Self { checkpoint, vit })
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
        self.vit.input_size
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
        self.vit.forward(input, &mut Sites::new(hook))
    }

    /// The `count` likeliest classes; none for a model without head.
    pub fn predictions(&self, logits: &Tensor, count: usize) -> Result<Vec<Prediction>> {
        if self.vit.num_classes() == 0 {
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
            .or_else(|| labels::imagenet_1k(index, self.vit.num_classes()))
            .unwrap_or_else(|| format!("class {index}"))
    }

    pub fn describe(&self) -> Description {
        description::of(&self.checkpoint, &self.vit)
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
