//! The logit lens (nostalgebraist 2020, "interpreting GPT: the logit lens"): what the model's own head
//! would say if the model ended after each block.

use candle_core::Tensor;
use serde::Serialize;

use crate::error::Result;
use crate::kernels::softmax;
use crate::model::description::Description;
use crate::model::{Model, Prediction};

/// How many classes are named for a block.
const NAMED: usize = 3;

/// What the head says of the stream after one block.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// In the order of the description's layers.
    pub layer: usize,
    /// The likeliest classes.
    pub predictions: Vec<Prediction>,
    /// How likely the class then is that the whole model holds to be likeliest.
    pub of_last: f32,
}

/// The layers whose stream the head can read, which only has the width of the last stage: all of a
/// ViT's, the last stage's of a Swin.
pub fn readable(description: &Description) -> Vec<usize> {
    let last = description.layers.last().map(|layer| layer.stage);
    let layers = description.layers.iter().enumerate();
    let same = layers.filter(|(_, layer)| Some(layer.stage) == last);
    same.map(|(index, _)| index).collect()
}

/// Final norm, pooling and head applied to streams (N, D), each with the layer that it comes out of;
/// `logits` (classes) are the whole model's. Nothing for a model without head.
pub fn lens(model: &Model, streams: &[(usize, &Tensor)], logits: &Tensor) -> Result<Vec<Reading>> {
    if model.num_classes() == 0 {
        return Ok(Vec::new());
    }
    let last = model.top_class(logits)?;
    let reading = |&(layer, stream): &(usize, &Tensor)| -> Result<Reading> {
        let logits = model.read_out(stream)?;
        let probabilities: Vec<f32> = softmax(&logits)?.to_vec1()?;
        Ok(Reading {
            layer,
            predictions: model.predictions(&logits, NAMED)?,
            of_last: probabilities.get(last).copied().unwrap_or(0.0),
        })
    };
    streams.iter().map(reading).collect()
}
