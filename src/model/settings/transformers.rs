//! config.json and preprocessor_config.json as Hugging Face `transformers` writes them.

use serde_json::Value;

use super::{Pool, Settings, channels, pair};
use crate::error::{Error, Result};
use crate::image::{Interpolation, Preprocess, Resize};

const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// A model type's defaults, for what its files leave out.
struct Defaults {
    layer_norm_eps: f64,
    /// (size of the resized photo, of the crop) where the processor crops; stretched to the input else.
    resized: Option<(f64, f64)>,
    shortest_edge: bool,
    interpolation: Interpolation,
    mean: [f32; 3],
    std: [f32; 3],
    pool: Pool,
}

fn defaults(model_type: &str) -> Option<Defaults> {
    let vit = Defaults {
        layer_norm_eps: 1e-12,
        resized: None,
        shortest_edge: false,
        interpolation: Interpolation::Bilinear,
        mean: [0.5; 3],
        std: [0.5; 3],
        pool: Pool::Token,
    };
    match model_type {
        "vit" => Some(vit),
        "deit" => Some(Defaults {
            resized: Some((256.0, 224.0)),
            interpolation: Interpolation::Bicubic,
            mean: IMAGENET_MEAN,
            std: IMAGENET_STD,
            ..vit
        }),
        "dinov2" | "dinov2_with_registers" => Some(Defaults {
            layer_norm_eps: 1e-6,
            resized: Some((256.0, 224.0)),
            shortest_edge: true,
            interpolation: Interpolation::Bicubic,
            mean: IMAGENET_MEAN,
            std: IMAGENET_STD,
            ..vit
        }),
        "swin" => Some(Defaults {
            layer_norm_eps: 1e-5,
            interpolation: Interpolation::Bicubic,
            mean: IMAGENET_MEAN,
            std: IMAGENET_STD,
            pool: Pool::Avg,
            ..vit
        }),
        _ => None,
    }
}

pub(super) fn settings(config: &Value, preprocessor: Option<&Value>) -> Result<Settings> {
    let model_type = config["model_type"].as_str().unwrap_or_default();
    let Some(defaults) = defaults(model_type) else {
        return Err(Error::Architecture {
            found: model_type.to_owned(),
        });
    };
    match config["hidden_act"].as_str() {
        None | Some("gelu") => {}
        Some(other) => {
            return Err(Error::Config(format!(
                "config.json asks for `hidden_act` = `{other}`; Vitrine computes the exact GELU (`gelu`) only."
            )));
        }
    }
    if config["use_swiglu_ffn"].as_bool() == Some(true) {
        return Err(Error::Config(
            "config.json asks for `use_swiglu_ffn`; Vitrine computes GELU networks only."
                .to_owned(),
        ));
    }
    let input_size = pair(&config["image_size"]);
    let mut notes = Vec::new();
    let preprocess = match preprocessor {
        Some(preprocessor) => preprocess(preprocessor, input_size, &defaults)?,
        None => {
            notes.push(format!(
                "There was no preprocessor_config.json: preprocessing is the default of transformers for `{model_type}`."
            ));
            preprocess(&Value::Null, input_size, &defaults)?
        }
    };
    let eps = config["layer_norm_eps"]
        .as_f64()
        .unwrap_or(defaults.layer_norm_eps);
    Ok(Settings {
        architecture: Some(model_type.to_owned()),
        name: config["_name_or_path"]
            .as_str()
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
        input_size: processed_size(preprocessor).or(input_size),
        patch_size: None,
        num_heads: config["num_attention_heads"]
            .as_u64()
            .map(|heads| heads as usize),
        window_size: pair(&config["window_size"]).map(|size| vec![size]),
        layer_norm_eps: Some(eps),
        global_pool: Some(defaults.pool),
        no_embed_class: None,
        preprocess,
        accuracy: None,
        labels: labels(&config["id2label"]),
        notes,
    })
}

/// The size that comes out of the processor: what the model is really fed.
fn processed_size(preprocessor: Option<&Value>) -> Option<(usize, usize)> {
    let preprocessor = preprocessor?;
    if preprocessor["do_center_crop"].as_bool() == Some(true)
        && let Some(crop) = size(&preprocessor["crop_size"])
    {
        return Some(crop);
    }
    size(&preprocessor["size"])
}

/// `224`, `[h, w]` or `{"height": …, "width": …}`.
fn size(value: &Value) -> Option<(usize, usize)> {
    let side = |name: &str| value[name].as_u64().map(|side| side as usize);
    match (side("height"), side("width")) {
        (Some(height), Some(width)) => Some((height, width)),
        _ => pair(value),
    }
}

fn preprocess(
    preprocessor: &Value,
    input_size: Option<(usize, usize)>,
    defaults: &Defaults,
) -> Result<Preprocess> {
    for (key, needed) in [
        ("do_resize", true),
        ("do_rescale", true),
        ("do_normalize", true),
    ] {
        if preprocessor[key].as_bool() == Some(!needed) {
            return Err(Error::Config(format!(
                "preprocessor_config.json has `{key}` = false; Vitrine resizes and normalizes every photo."
            )));
        }
    }
    let interpolation = match preprocessor["resample"].as_u64() {
        None => defaults.interpolation,
        Some(1) => Interpolation::Lanczos,
        Some(2) => Interpolation::Bilinear,
        Some(3) => Interpolation::Bicubic,
        Some(other) => {
            return Err(Error::Config(format!(
                "preprocessor_config.json asks for `resample` = {other}; Vitrine knows 1, 2 and 3 (lanczos, bilinear, bicubic)."
            )));
        }
    };
    let input = processed_size(Some(preprocessor))
        .or(input_size)
        .unwrap_or((224, 224));
    let ratio = |resized: (usize, usize)| {
        (
            resized.0 as f64 / input.0 as f64,
            resized.1 as f64 / input.1 as f64,
        )
    };
    let asked = &preprocessor["size"];
    let resize = if let Some(edge) = asked["shortest_edge"].as_f64() {
        Resize::ShortestEdge {
            ratio: edge / input.0.min(input.1) as f64,
        }
    } else if let Some(resized) = size(asked) {
        Resize::Stretch {
            ratio: ratio(resized),
        }
    } else {
        let (resized, crop) = defaults.resized.unwrap_or((1.0, 1.0));
        let ratio = resized / crop;
        if defaults.shortest_edge {
            Resize::ShortestEdge { ratio }
        } else {
            Resize::Stretch {
                ratio: (ratio, ratio),
            }
        }
    };
    Ok(Preprocess {
        interpolation,
        resize,
        mean: channels(&preprocessor["image_mean"]).unwrap_or(defaults.mean),
        std: channels(&preprocessor["image_std"]).unwrap_or(defaults.std),
    })
}

fn labels(id2label: &Value) -> Option<Vec<String>> {
    let map = id2label.as_object()?;
    (0..map.len())
        .map(|index| Some(map.get(&index.to_string())?.as_str()?.to_owned()))
        .collect()
}
