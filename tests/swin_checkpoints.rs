//! Swin checkpoints that do not fit: one clear sentence for every defect.

mod common;

use candle_core::{DType, Device, Tensor};
use common::{Tensors, fixture, tensors};
use vitrine::Result;
use vitrine::model::{Model, Settings};
use vitrine::weights::stream::Format;
use vitrine::weights::{Dtype, Loader};

const FIXTURE: &str = "swin_window4_64";

fn config() -> String {
    std::fs::read_to_string(fixture(FIXTURE).join("config.json")).unwrap()
}

/// The fixture with its tensors changed and this configuration.
fn model(config: &str, change: impl FnOnce(&mut Tensors)) -> Result<Model> {
    let mut tensors = tensors(&fixture(FIXTURE).join("model.safetensors"));
    change(&mut tensors);
    let bytes = safetensors::serialize(&tensors, None).unwrap();
    let settings = Settings::from_json(Some(config), None)?;
    let total = Some(bytes.len() as u64);
    let mut loader = Loader::new(Format::Safetensors, total, settings, Dtype::F32, None);
    loader.push(&bytes)?;
    Model::new(loader.finish()?, None)
}

fn fails(result: Result<Model>, code: &str, says: &str) {
    let error = result.err().unwrap_or_else(|| panic!("{says} should fail"));
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap()
}

#[test]
fn the_fixture_itself_loads() {
    assert!(model(&config(), |_| ()).is_ok());
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let table = "layers.0.blocks.0.attn.relative_position_bias_table";
    let put = |name: &'static str, shape: &'static [usize]| {
        move |tensors: &mut Tensors| {
            tensors.insert(name.to_owned(), zeros(shape));
        }
    };
    fails(
        model(&config(), |tensors| drop(tensors.remove(table))),
        "missing-tensor",
        table,
    );
    fails(model(&config(), put(table, &[48, 2])), "shape", table);
    let reduction = "layers.1.downsample.reduction.weight";
    fails(
        model(&config(), put(reduction, &[16, 31])),
        "shape",
        reduction,
    );
    fails(
        model(&config(), |tensors| drop(tensors.remove(reduction))),
        "missing-tensor",
        reduction,
    );
    let absolute = "absolute_pos_embed";
    fails(
        model(&config(), put(absolute, &[1, 256, 8])),
        "unknown-tensor",
        absolute,
    );
    let beyond = "layers.7.blocks.0.norm1.weight";
    fails(
        model(&config(), put(beyond, &[8])),
        "unknown-tensor",
        beyond,
    );
}

#[test]
fn configurations_that_do_not_fit_are_named() {
    let with = |key: &str, value: serde_json::Value| {
        let mut config: serde_json::Value = serde_json::from_str(&config()).unwrap();
        config["model_args"][key] = value;
        model(&config.to_string(), |_| ())
    };
    for window in [serde_json::json!("seven"), serde_json::json!([4, "x", 2])] {
        fails(with("window_size", window), "config", "window_size");
    }
    fails(with("window_size", 0.into()), "config", "window");
    fails(with("window_size", 4096.into()), "config", "window");
    fails(
        with("always_partition", true.into()),
        "config",
        "always_partition",
    );
    fails(with("global_pool", "token".into()), "config", "class token");
    fails(with("img_size", 66.into()), "size", "66");
    let other = config().replace("\"swin_", "\"swinv2_");
    fails(model(&other, |_| ()), "architecture", "swinv2_");
}
