//! What is known of a model beside its tensors: from config.json, or from a GGUF file's metadata.
//!
//! What the shapes tell (dim, depth, patch, prefix tokens, classes) is never asked here.

mod timm;
mod transformers;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::image::{Preprocess, Resize};

/// Attention inside a window is quadratic in its area.
const MAX_WINDOW: usize = 64;

/// What the head reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    /// The class token.
    Token,
    /// The mean of the patch tokens.
    Avg,
}

/// How well the model did where it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Fraction of photos whose class came first.
    pub top1: f64,
    /// Fraction of photos whose class was among the first five.
    pub top5: f64,
    pub photos: usize,
    pub dataset: String,
}

/// Sizes are (height, width) in pixels; `None` means that the source does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// timm's or transformers' name of the architecture.
    pub architecture: Option<String>,
    /// What people call the model.
    pub name: Option<String>,
    pub input_size: Option<(usize, usize)>,
    pub patch_size: Option<(usize, usize)>,
    pub num_heads: Option<usize>,
    /// Rows and columns of Swin's windows, in patches: one for all stages or one a stage.
    pub window_size: Option<Vec<(usize, usize)>>,
    pub layer_norm_eps: Option<f64>,
    pub global_pool: Option<Pool>,
    pub no_embed_class: Option<bool>,
    pub preprocess: Preprocess,
    pub accuracy: Option<Accuracy>,
    /// Class names in the order of the logits.
    #[serde(skip)]
    pub labels: Option<Vec<String>>,
    /// What had to be assumed, a sentence each.
    pub notes: Vec<String>,
}

impl Settings {
    /// From the texts of config.json and, for transformers, preprocessor_config.json.
    pub fn from_json(config: Option<&str>, preprocessor: Option<&str>) -> Result<Self> {
        let parse = |text: &str, file: &str| -> Result<Value> {
            serde_json::from_str(text)
                .map_err(|error| Error::Config(format!("{file} is not valid JSON: {error}.")))
        };
        let preprocessor = preprocessor
            .map(|text| parse(text, "preprocessor_config.json"))
            .transpose()?;
        let Some(config) = config else {
            return Ok(Self {
                notes: vec![
                    "There was no config.json: preprocessing is timm's default (224 pixels, crop 0.875, ImageNet mean and deviation), which may not be this model's.".to_owned(),
                ],
                ..Self::default()
            });
        };
        let config = parse(config, "config.json")?;
        let settings = if config.get("model_type").is_some() {
            transformers::settings(&config, preprocessor.as_ref())?
        } else if config.get("architecture").is_some() {
            timm::settings(&config)?
        } else {
            return Err(Error::Config(
                "config.json names neither an `architecture` (timm) nor a `model_type` (transformers).".to_owned(),
            ));
        };
        settings.check()?;
        Ok(settings)
    }

    /// Refuses numbers with which no picture could be prepared.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = |what: &str| Err(Error::Config(format!("The configuration's {what}.")));
        let sizes = [self.input_size, self.patch_size];
        if sizes
            .into_iter()
            .flatten()
            .any(|(height, width)| !(1..=8192).contains(&height) || !(1..=8192).contains(&width))
        {
            return bad("input or patch size is not between 1 and 8192 pixels");
        }
        let ratios = match self.preprocess.resize {
            Resize::Timm { crop_pct, .. } => [crop_pct, crop_pct],
            Resize::Stretch { ratio } => [ratio.0, ratio.1],
            Resize::ShortestEdge { ratio } => [ratio, ratio],
        };
        if ratios.iter().any(|ratio| !(0.05..=20.0).contains(ratio)) {
            return bad("crop is not a usable fraction of the photo");
        }
        if self.preprocess.std.iter().any(|std| std.abs() < 1e-6) {
            return bad("standard deviation of the pixels is zero");
        }
        if self.num_heads == Some(0) {
            return bad("number of heads is zero");
        }
        let windows = self.window_size.iter().flatten();
        if windows.clone().any(|(rows, columns)| {
            !(1..=MAX_WINDOW).contains(rows) || !(1..=MAX_WINDOW).contains(columns)
        }) {
            return bad("window is not between 1 and 64 patches");
        }
        Ok(())
    }

    pub fn display_name(&self) -> String {
        self.name
            .clone()
            .or_else(|| self.architecture.clone())
            .unwrap_or_else(|| "a model without a name".to_owned())
    }
}

/// A number or a pair `[height, width]`.
fn pair(value: &Value) -> Option<(usize, usize)> {
    let number = |value: &Value| value.as_u64().map(|number| number as usize);
    match value {
        Value::Array(sides) => match sides.as_slice() {
            [height, width] => Some((number(height)?, number(width)?)),
            _ => None,
        },
        _ => number(value).map(|side| (side, side)),
    }
}

/// Three numbers, one a channel; anything else counts as absent.
fn channels(value: &Value) -> Option<[f32; 3]> {
    let [r, g, b] = value.as_array()?.as_slice() else {
        return None;
    };
    let number = |value: &Value| value.as_f64().map(|number| number as f32);
    Some([number(r)?, number(g)?, number(b)?])
}
