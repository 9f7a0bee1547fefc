//! config.json as timm keeps it on the hub: `architecture`, `model_args`, `pretrained_cfg`.

use serde_json::Value;

use super::{Accuracy, Pool, Settings, channels, pair};
use crate::error::{Error, Result};
use crate::image::{CropMode, Interpolation, Preprocess, Resize};

/// Families of timm's VisionTransformer that compute what `model::vit` computes.
const VIT: [&str; 2] = ["vit_", "deit"];

/// And of its SwinTransformer, which `model::swin` computes; `swinv2` is another model.
const SWIN: &str = "swin_";

/// Variants whose names begin alike but which compute something else.
const OTHERS: [(&str, &str); 7] = [
    ("quickgelu", "its GELU is an approximation"),
    ("clip", "it normalizes before the first block"),
    ("resnet", "its patches come from a ResNet"),
    ("_r26", "its patches come from a ResNet"),
    ("_r50", "its patches come from a ResNet"),
    ("relpos", "it has relative positions"),
    ("srelpos", "it has relative positions"),
];

pub(super) fn settings(config: &Value) -> Result<Settings> {
    let architecture = config["architecture"].as_str().unwrap_or_default();
    let is_swin = architecture.starts_with(SWIN);
    if !is_swin && !VIT.iter().any(|prefix| architecture.starts_with(prefix)) {
        return Err(Error::Architecture {
            found: architecture.to_owned(),
        });
    }
    if let Some((_, why)) = OTHERS.iter().find(|(part, _)| architecture.contains(part)) {
        return Err(Error::Architecture {
            found: format!("{architecture} ({why})"),
        });
    }
    let args = &config["model_args"];
    // Older configs keep the preprocessing at the top level.
    let pretrained = match &config["pretrained_cfg"] {
        Value::Object(_) => &config["pretrained_cfg"],
        _ => config,
    };
    let vitrine = &config["vitrine"];
    let trained_size = pretrained["input_size"].as_array().and_then(|size| {
        let [_, height, width] = size.as_slice() else {
            return None;
        };
        Some((height.as_u64()? as usize, width.as_u64()? as usize))
    });
    Ok(Settings {
        architecture: Some(architecture.to_owned()),
        name: vitrine["name"].as_str().map(str::to_owned),
        input_size: pair(&args["img_size"]).or(trained_size),
        patch_size: None,
        num_heads: args["num_heads"].as_u64().map(|heads| heads as usize),
        window_size: match is_swin {
            true => window_size(args)?,
            false => None,
        },
        layer_norm_eps: None,
        global_pool: global_pool(config)?,
        no_embed_class: args["no_embed_class"].as_bool(),
        preprocess: preprocess(pretrained)?,
        accuracy: serde_json::from_value::<Accuracy>(vitrine["accuracy"].clone()).ok(),
        labels: labels(config, pretrained),
        notes: Vec::new(),
    })
}

/// `window_size`: a number, rows and columns, or one of these for each stage.
fn window_size(args: &Value) -> Result<Option<Vec<(usize, usize)>>> {
    if args["always_partition"].as_bool() == Some(true) {
        return Err(Error::Config(
            "config.json asks for `always_partition`; Vitrine clips windows to the map, as timm does by default.".to_owned(),
        ));
    }
    let stated = &args["window_size"];
    if stated.is_null() {
        return Ok(None);
    }
    let sizes = match (pair(stated), stated.as_array()) {
        (Some(size), _) => Some(vec![size]),
        (None, Some(stages)) => stages.iter().map(pair).collect(),
        (None, None) => None,
    };
    match sizes {
        Some(sizes) => Ok(Some(sizes)),
        None => Err(Error::Config(format!(
            "config.json has `window_size` = {stated}, which is neither a number nor rows and columns."
        ))),
    }
}

fn global_pool(config: &Value) -> Result<Option<Pool>> {
    let value = match &config["model_args"]["global_pool"] {
        Value::Null => &config["global_pool"],
        value => value,
    };
    match value.as_str() {
        None => Ok(None),
        Some("token") => Ok(Some(Pool::Token)),
        Some("avg") => Ok(Some(Pool::Avg)),
        // DINO's and DINOv2's configs leave the pooling of a model without head empty.
        Some("") => Ok(None),
        Some(other) => Err(Error::Config(format!(
            "config.json asks for `global_pool` = `{other}`; Vitrine knows `token` and `avg`."
        ))),
    }
}

fn preprocess(pretrained: &Value) -> Result<Preprocess> {
    let default = Preprocess::default();
    let interpolation = match pretrained["interpolation"].as_str() {
        None | Some("bicubic") => Interpolation::Bicubic,
        Some("bilinear") => Interpolation::Bilinear,
        Some("lanczos") => Interpolation::Lanczos,
        Some(other) => {
            return Err(Error::Config(format!(
                "config.json asks for `interpolation` = `{other}`; Vitrine knows bicubic, bilinear and lanczos."
            )));
        }
    };
    let crop_mode = match pretrained["crop_mode"].as_str() {
        Some("squash") => CropMode::Squash,
        Some("border") => CropMode::Border,
        _ => CropMode::Center,
    };
    let crop_pct = pretrained["crop_pct"].as_f64().unwrap_or(0.875);
    Ok(Preprocess {
        interpolation,
        resize: Resize::Timm {
            crop_pct,
            crop_mode,
        },
        mean: channels(&pretrained["mean"]).unwrap_or(default.mean),
        std: channels(&pretrained["std"]).unwrap_or(default.std),
    })
}

/// `label_names`, or their descriptions where the names are mere WordNet ids.
fn labels(config: &Value, pretrained: &Value) -> Option<Vec<String>> {
    let found = |key: &str| match &config[key] {
        Value::Null => &pretrained[key],
        value => value,
    };
    let descriptions = found("label_descriptions");
    found("label_names")
        .as_array()?
        .iter()
        .map(|label| {
            let name = label.as_str()?;
            Some(descriptions[name].as_str().unwrap_or(name).to_owned())
        })
        .collect()
}
