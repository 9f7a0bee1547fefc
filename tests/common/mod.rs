//! What several test files need: fixtures, the optional `../shared` folder, and distances.
#![allow(dead_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use vitrine::model::Model;
use vitrine::site::Recorder;
use vitrine::weights::{Checkpoint, Dtype};

pub type Tensors = HashMap<String, Tensor>;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// A path in `../shared`, or `None` (and a line that says so) where that folder is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

pub fn tensors(path: &Path) -> Tensors {
    candle_core::safetensors::load(path, &Device::Cpu).unwrap()
}

pub fn open(folder: &Path, dtype: Dtype, size: Option<(usize, usize)>) -> Model {
    let checkpoint = Checkpoint::open(&folder.join("model.safetensors"), None, dtype).unwrap();
    Model::new(checkpoint, size).unwrap()
}

/// Every tensor of a pass, and the logits.
pub fn traced(model: &Model, input: &Tensor) -> (Tensors, Tensor) {
    let mut recorder = Recorder::new(["*"]);
    let logits = model.forward(input, &mut recorder).unwrap();
    (recorder.tensors.into_iter().collect(), logits)
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap();
    tensor.to_vec1().unwrap()
}

/// max |a − b|; NaN where either has one.
pub fn absolute(a: &Tensor, b: &Tensor) -> f64 {
    let (a, b) = (flat(a), flat(b));
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(&b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, nan_max)
}

fn nan_max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// ‖a − b‖ / ‖b‖.
pub fn relative(a: &Tensor, b: &Tensor) -> f64 {
    let (a, b) = (flat(a), flat(b));
    assert_eq!(a.len(), b.len());
    let distance: f64 = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum();
    let norm: f64 = b.iter().map(|b| b * b).sum();
    (distance / norm).sqrt()
}
