//! Checkpoint files, good and bad: formats, streaming, and one clear sentence for every defect.

mod common;

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use common::{absolute, fixture, relative, tensors, traced};
use vitrine::model::{Model, Settings};
use vitrine::site::NoHook;
use vitrine::weights::stream::Format;
use vitrine::weights::{Checkpoint, Dtype, Loader, gguf};
use vitrine::{Error, Result};

fn config() -> String {
    std::fs::read_to_string(fixture("vit_reg_ls/config.json")).unwrap()
}

fn file() -> Vec<u8> {
    std::fs::read(fixture("vit_reg_ls/model.safetensors")).unwrap()
}

fn settings() -> Settings {
    Settings::from_json(Some(&config()), None).unwrap()
}

/// Loads bytes as the page does: announced length, chunks of so many bytes.
fn load(format: Format, bytes: &[u8], chunk: usize) -> Result<Checkpoint> {
    let mut loader = Loader::new(
        format,
        Some(bytes.len() as u64),
        settings(),
        Dtype::F32,
        None,
    );
    for chunk in bytes.chunks(chunk) {
        loader.push(chunk)?;
    }
    loader.finish()
}

fn model(format: Format, bytes: &[u8]) -> Result<Model> {
    Model::new(load(format, bytes, 1000)?, None)
}

fn input() -> Tensor {
    tensors(&fixture("vit_reg_ls/expected.safetensors"))["input"].clone()
}

fn fails(result: Result<Model>, code: &str, says: &str) {
    let error = result.err().unwrap_or_else(|| panic!("{code} should fail"));
    assert_eq!(error.code(), code, "{error}");
    let sentence = error.to_string();
    assert!(sentence.contains(says), "{sentence}");
}

/// A safetensors file with that header text and so many bytes of data.
fn safetensors_file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend(std::iter::repeat_n(0, data));
    bytes
}

/// The fixture's tensors, changed, as a safetensors file.
fn changed(change: impl FnOnce(&mut HashMap<String, Tensor>)) -> Vec<u8> {
    let mut tensors = tensors(&fixture("vit_reg_ls/model.safetensors"));
    change(&mut tensors);
    safetensors::serialize(&tensors, None).unwrap()
}

#[test]
fn any_chunk_size_gives_the_same_checkpoint() {
    let bytes = file();
    let whole = load(Format::Safetensors, &bytes, bytes.len()).unwrap();
    let gguf = gguf::write(&whole).unwrap();
    for (format, bytes) in [(Format::Safetensors, &bytes), (Format::Gguf, &gguf)] {
        for chunk in [1, 7, 4096, bytes.len()] {
            let loaded = load(format, bytes, chunk).unwrap();
            assert_eq!(loaded.tensors.len(), whole.tensors.len());
            assert_eq!(loaded.settings, whole.settings);
            for (name, tensor) in &loaded.tensors {
                let expected = whole.tensors[name].data().unwrap();
                assert_eq!(tensor.data().unwrap(), expected, "{name}");
            }
        }
    }
}

#[test]
fn gguf_keeps_the_model_in_every_type() {
    let folder = fixture("vit_reg_ls");
    let input = input();
    let exact = common::open(&folder, Dtype::F32, None);
    let (_, expected) = traced(&exact, &input);
    for (dtype, within) in [
        (Dtype::F32, 0.0),
        (Dtype::F16, 5e-3),
        (Dtype::Q8_0, 0.08),
        (Dtype::Q4_0, 0.6),
    ] {
        let direct = common::open(&folder, dtype, None);
        let bytes = gguf::write(direct.checkpoint()).unwrap();
        let again = model(Format::Gguf, &bytes).unwrap();
        let logits = again.forward(&input, &mut NoHook).unwrap();
        let direct = direct.forward(&input, &mut NoHook).unwrap();
        assert_eq!(absolute(&logits, &direct), 0.0, "{}", dtype.name());
        let error = relative(&logits, &expected);
        assert!(error <= within, "{}: {error}", dtype.name());
        assert_eq!(again.checkpoint().dtype(), dtype);
    }
}

#[test]
fn half_precision_checkpoints_load() {
    let (_, expected) = traced(&model(Format::Safetensors, &file()).unwrap(), &input());
    for (dtype, within) in [(DType::F16, 0.01), (DType::BF16, 0.06)] {
        let bytes = changed(|tensors| {
            for tensor in tensors.values_mut() {
                *tensor = tensor.to_dtype(dtype).unwrap();
            }
        });
        let model = model(Format::Safetensors, &bytes).unwrap();
        let logits = model.forward(&input(), &mut NoHook).unwrap();
        let error = relative(&logits, &expected);
        assert!(error > 0.0 && error < within, "{dtype:?}: {error}");
    }
}

#[test]
fn the_hash_of_all_bytes_is_checked() {
    let bytes = gguf::write(&load(Format::Safetensors, &file(), 1000).unwrap()).unwrap();
    let mut loader = Loader::new(Format::Gguf, None, Settings::default(), Dtype::F32, None);
    loader.push(&bytes).unwrap();
    let hash = loader.sha256();
    let total = Some(bytes.len() as u64);
    for (expected, good) in [
        (hash.clone(), true),
        (hash.to_uppercase(), true),
        ("0".repeat(64), false),
    ] {
        let mut loader = Loader::new(
            Format::Gguf,
            total,
            Settings::default(),
            Dtype::F32,
            Some(expected),
        );
        loader.push(&bytes).unwrap();
        match loader.finish() {
            Ok(_) => assert!(good),
            Err(error) => assert!(!good && error.code() == "hash"),
        }
    }
}

#[test]
fn defective_safetensors_say_what_is_wrong() {
    let load = |bytes: &[u8]| model(Format::Safetensors, bytes);
    fails(load(&[]), "format", "empty");
    fails(load(&[1, 2, 3]), "truncated", "cut off");
    let mut header_beyond = file();
    header_beyond[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    fails(load(&header_beyond), "format", "more than the whole file");
    fails(
        load(b"PNG? no, just text. It goes on for a while."),
        "format",
        "claims",
    );
    fails(load(&safetensors_file("{not json}", 8)), "format", "header");
    let overlapping = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    fails(load(&safetensors_file(overlapping, 12)), "format", "header");
    let beyond = r#"{"a":{"dtype":"F32","shape":[1000],"data_offsets":[0,4000]}}"#;
    fails(load(&safetensors_file(beyond, 8)), "truncated", "8");
    let huge = r#"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}}"#;
    fails(load(&safetensors_file(huge, 8)), "format", "header");
    let bytes = file();
    fails(load(&bytes[..bytes.len() / 2]), "truncated", "cut off");
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(
        load(&longer).is_ok(),
        "bytes after the last tensor do no harm"
    );
}

#[test]
fn unfit_tensors_say_which_and_why() {
    let load = |bytes: Vec<u8>| model(Format::Safetensors, &bytes);
    let integers = changed(|tensors| {
        let tensor = tensors["norm.weight"].to_dtype(DType::I64).unwrap();
        tensors.insert("norm.weight".to_owned(), tensor);
    });
    fails(load(integers), "dtype", "norm.weight");
    let missing = changed(|tensors| {
        tensors.remove("blocks.1.attn.qkv.weight");
    });
    fails(load(missing), "missing-tensor", "blocks.1.attn.qkv.weight");
    let narrow = changed(|tensors| {
        let tensor = Tensor::zeros(5, DType::F32, &Device::Cpu).unwrap();
        tensors.insert("blocks.0.norm1.bias".to_owned(), tensor);
    });
    fails(load(narrow), "shape", "blocks.0.norm1.bias");
    let extra = changed(|tensors| {
        let tensor = Tensor::zeros(5, DType::F32, &Device::Cpu).unwrap();
        tensors.insert("blocks.0.attn.q_norm.weight".to_owned(), tensor);
    });
    fails(load(extra), "unknown-tensor", "q_norm");
    let flat = changed(|tensors| {
        let tensor = Tensor::zeros((16, 1, 8, 8), DType::F32, &Device::Cpu).unwrap();
        tensors.insert("patch_embed.proj.weight".to_owned(), tensor);
    });
    fails(load(flat), "shape", "patch_embed.proj.weight");
}

#[test]
fn defective_gguf_says_what_is_wrong() {
    let good = gguf::write(&load(Format::Safetensors, &file(), 1000).unwrap()).unwrap();
    let load = |bytes: &[u8]| model(Format::Gguf, bytes);
    assert!(load(&good).is_ok());
    let patched = |at: usize, with: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    fails(load(&patched(0, b"GGML")), "format", "GGUF");
    fails(load(&patched(4, &99u32.to_le_bytes())), "format", "99");
    fails(
        load(&patched(8, &u64::MAX.to_le_bytes())),
        "format",
        "header",
    );
    fails(
        load(&patched(16, &(1u64 << 28).to_le_bytes())),
        "format",
        "header",
    );
    fails(
        load(&patched(24, &(1u64 << 40).to_le_bytes())),
        "format",
        "header",
    );
    for cut in [3, 20, 100, good.len() / 2, good.len() - 40] {
        let error = load(&good[..cut]).err().unwrap();
        assert!(
            ["truncated", "format"].contains(&error.code()),
            "{cut}: {error}"
        );
    }
}

#[test]
fn a_claimed_alignment_of_zero_is_refused() {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(2u32.to_le_bytes());
    bytes.extend(0u64.to_le_bytes());
    bytes.extend(1u64.to_le_bytes());
    bytes.extend(17u64.to_le_bytes());
    bytes.extend(b"general.alignment");
    bytes.extend(4u32.to_le_bytes());
    bytes.extend(0u32.to_le_bytes());
    fails(model(Format::Gguf, &bytes), "format", "alignment");
}

/// Every byte of the header changed, one at a time: an error or a model, never a panic.
#[test]
fn no_single_damaged_byte_panics() {
    let small = gguf::write(&load(Format::Safetensors, &file(), 1000).unwrap()).unwrap();
    let header = 3000.min(small.len());
    for (format, original) in [(Format::Gguf, small), (Format::Safetensors, file())] {
        for at in 0..header {
            let mut bytes = original.clone();
            bytes[at] ^= 0x81;
            let _ = load(format, &bytes, 1 << 20).and_then(|c| Model::new(c, None));
        }
    }
}

#[test]
fn configurations_that_do_not_fit_are_named() {
    let code = |config: &str| Settings::from_json(Some(config), None).unwrap_err().code();
    assert_eq!(code("{"), "config");
    assert_eq!(code("{}"), "config");
    assert_eq!(code(r#"{"architecture": "resnet50"}"#), "architecture");
    assert_eq!(code(r#"{"model_type": "bert"}"#), "architecture");
    assert_eq!(
        code(r#"{"model_type": "vit", "hidden_act": "gelu_new"}"#),
        "config"
    );
    assert_eq!(
        code(r#"{"architecture": "vit_x", "model_args": {"global_pool": "map"}}"#),
        "config"
    );
    let wrong_heads = Settings {
        num_heads: Some(7),
        ..settings()
    };
    let mut checkpoint = load(Format::Safetensors, &file(), 1000).unwrap();
    checkpoint.settings = wrong_heads;
    assert!(matches!(
        Model::new(checkpoint, None),
        Err(Error::Config(_))
    ));
}

#[test]
fn without_a_config_the_shapes_tell_what_they_can() {
    let bytes = file();
    let settings = Settings::from_json(None, None).unwrap();
    let mut loader = Loader::new(Format::Safetensors, None, settings, Dtype::F32, None);
    loader.push(&bytes).unwrap();
    let model = Model::new(loader.finish().unwrap(), None).unwrap();
    let about = model.describe();
    assert!(
        about.notes.iter().any(|note| note.contains("heads")),
        "{:?}",
        about.notes
    );
    assert!(about.notes.iter().any(|note| note.contains("config.json")));
}

#[test]
fn an_input_size_that_patches_do_not_divide_is_refused() {
    let model = model(Format::Safetensors, &file()).unwrap();
    let (height, width) = model.input_size();
    let patch = model.describe().patch;
    assert!(model.resized((height + patch.height, width)).is_ok());
    let error = model.resized((height + 1, width)).err().unwrap();
    assert_eq!(error.code(), "size");
    assert!(vitrine::model::size_from_text("0").is_err());
    assert!(vitrine::model::size_from_text("224x").is_err());
    assert_eq!(
        vitrine::model::size_from_text("224x320").unwrap(),
        (224, 320)
    );
}
