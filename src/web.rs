//! The wasm-bindgen surface: what the page's worker calls. Thin; structured answers are JSON texts.
//!
//! Every error is a JavaScript `Error` with a `code` (see [`Error::code`]) and one sentence.

mod derive;
mod laboratory;
#[cfg(target_feature = "atomics")]
mod pool;

use candle_core::{D, DType, Tensor};
use js_sys::{Float32Array, Object, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::explain::{Attentions, Changes, WhatIf};
use crate::image::Intake;
use crate::kernels;
use crate::model::{Model, Prediction, Settings, size_from_text};
use crate::site::{Hook, Recorder};
use crate::weights::stream::Format;
use crate::weights::{Dtype, Loader, gguf};

/// How many classes the page is told of: of ImageNet's all, so that a what-if can be compared class by class.
const PREDICTIONS: usize = 1000;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let value = js_sys::Error::new(&error.to_string());
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&value, &"code".into(), &error.code().into());
        value.into()
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Config(error.to_string()))
}

#[derive(Deserialize)]
struct CheckpointOptions {
    format: FormatName,
    total: Option<u64>,
    config: Option<String>,
    preprocessor: Option<String>,
    dtype: Option<Dtype>,
    #[serde(default)]
    dequantize: bool,
    sha256: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    Gguf,
    Safetensors,
}

/// A checkpoint as it arrives, converted tensor by tensor while its bytes come in.
#[wasm_bindgen]
pub struct Checkpoint {
    loader: Loader,
    dequantize: bool,
    with_candle: bool,
    name: Option<String>,
}

#[wasm_bindgen]
impl Checkpoint {
    /// `options` is JSON: `format` (`gguf` | `safetensors`), and where known `total` (bytes),
    /// `config`, `preprocessor` (texts of the two JSON files), `dtype`, `sha256`, `name`; `dequantize`:
    /// matrices are kept in f32, with the values that the file's blocks stand for.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Checkpoint, JsValue> {
        let options: CheckpointOptions = serde_json::from_str(options)
            .map_err(|error| Error::Config(format!("The checkpoint's options: {error}.")))?;
        let (format, settings) = match options.format {
            FormatName::Gguf => (Format::Gguf, Settings::default()),
            FormatName::Safetensors => (
                Format::Safetensors,
                Settings::from_json(options.config.as_deref(), options.preprocessor.as_deref())?,
            ),
        };
        let dtype = options.dtype.unwrap_or(Dtype::Q8_0);
        let loader = Loader::new(format, options.total, settings, dtype, options.sha256);
        Ok(Self {
            loader,
            dequantize: options.dequantize,
            with_candle: false,
            name: options.name,
        })
    }

    /// Has candle multiply the quantized matrices: for the bench.
    #[wasm_bindgen(js_name = useCandle)]
    pub fn use_candle(&mut self) {
        self.with_candle = true;
    }

    pub fn push(&mut self, chunk: &[u8]) -> Result<(), JsValue> {
        Ok(self.loader.push(chunk)?)
    }

    /// Bytes so far: a broken connection goes on from here.
    pub fn received(&self) -> f64 {
        self.loader.received() as f64
    }

    /// SHA-256 of the bytes so far, in hex.
    pub fn sha256(&self) -> String {
        self.loader.sha256()
    }

    /// The model, for its own input size or for `size` (`224`, `224x320`).
    pub fn finish(self, size: Option<String>) -> Result<Engine, JsValue> {
        let mut checkpoint = self.loader.finish()?;
        if self.dequantize {
            checkpoint = checkpoint.dequantized()?;
        }
        checkpoint.with_candle = self.with_candle;
        if checkpoint.settings.name.is_none() {
            checkpoint.settings.name = self.name;
        }
        let size = size.as_deref().map(size_from_text).transpose()?;
        let model = Model::new(checkpoint, size)?;
        Ok(Engine {
            operations: model.describe().operations,
            model,
            intake: None,
            input: None,
            record: Recorder::default(),
            changes: Changes::default(),
            attentions: None,
        })
    }
}

#[derive(Serialize)]
struct Ran {
    milliseconds: f64,
    predictions: Vec<Prediction>,
}

/// A model with the photo before it and the tensors recorded on the last pass.
#[wasm_bindgen]
pub struct Engine {
    model: Model,
    /// Multiplications and additions of a pass that threads can share.
    operations: u64,
    intake: Option<Intake>,
    input: Option<Tensor>,
    record: Recorder,
    changes: Changes,
    /// Of the photo and the changes above, once it was asked for.
    attentions: Option<Attentions>,
}

#[wasm_bindgen]
impl Engine {
    /// The model as data (`model::description`), as JSON.
    pub fn describe(&self) -> Result<String, JsValue> {
        Ok(json(&self.model.describe())?)
    }

    /// Another input size; a photo must be given again.
    #[wasm_bindgen(js_name = setSize)]
    pub fn set_size(&mut self, size: &str) -> Result<(), JsValue> {
        self.model = self.model.resized(size_from_text(size)?)?;
        self.operations = self.model.describe().operations;
        self.changes = Changes::default();
        self.intake = None;
        self.input = None;
        self.record = Recorder::default();
        self.attentions = None;
        Ok(())
    }

    /// Announces a photo; the answer is JSON with the rectangle that the model sees.
    #[wasm_bindgen(js_name = photoBegin)]
    pub fn photo_begin(&mut self, width: u32, height: u32) -> Result<String, JsValue> {
        let intake = self.model.intake(width as usize, height as usize)?;
        let answer = json(&serde_json::json!({ "seen": intake.seen() }))?;
        self.intake = Some(intake);
        Ok(answer)
    }

    /// The photo's next whole rows, RGBA.
    #[wasm_bindgen(js_name = photoRows)]
    pub fn photo_rows(&mut self, rgba: &[u8]) -> Result<(), JsValue> {
        let intake = self.intake.as_mut().ok_or(Error::NoPhoto)?;
        Ok(intake.push(rgba)?)
    }

    #[wasm_bindgen(js_name = photoEnd)]
    pub fn photo_end(&mut self) -> Result<(), JsValue> {
        let intake = self.intake.take().ok_or(Error::NoPhoto)?;
        self.input = Some(intake.finish()?);
        self.record = Recorder::default();
        self.attentions = None;
        Ok(())
    }

    /// A forward pass that records the tensors at the sites named (`*` matches any characters).
    ///
    /// `what_if` is JSON (`explain::Changes`), or left out for the model as it is; it holds until the next run.
    pub fn run(&mut self, sites: Vec<String>, what_if: Option<String>) -> Result<String, JsValue> {
        let changes = what_if.filter(|text| !text.is_empty()).map(|text| {
            serde_json::from_str(&text)
                .map_err(|error| Error::Config(format!("The what-if: {error}.")))
        });
        let changes = changes.transpose()?.unwrap_or_default();
        let is_new = changes != self.changes;
        let before = std::mem::replace(&mut self.changes, changes);
        let mut record = Recorder::new(sites);
        let start = now();
        let logits = match self.forward(&mut record) {
            Ok(logits) => logits,
            Err(error) => {
                // What was recorded is of the changes before these.
                self.changes = before;
                return Err(error.into());
            }
        };
        let milliseconds = now() - start;
        if is_new {
            self.attentions = None;
        }
        self.record = record;
        let predictions = self.model.predictions(&logits, PREDICTIONS)?;
        Ok(json(&Ran {
            milliseconds,
            predictions,
        })?)
    }

    /// `{shape, data}` of the tensor at a site, by another pass if the last did not record it.
    pub fn tensor(&mut self, site: &str) -> Result<JsValue, JsValue> {
        if !self.record.tensors.contains_key(site) {
            let mut once = Recorder::new([site]);
            self.forward(&mut once)?;
            let tensor = once
                .tensors
                .remove(site)
                .ok_or_else(|| Error::Site(site.to_owned()))?;
            return Ok(js_tensor(&tensor)?);
        }
        Ok(js_tensor(&self.record.tensors[site])?)
    }

    /// One byte a patch for each block: 1 where it can have reached the token that holds the patch
    /// (row, column) when the block is done, under the last run's what-if.
    pub fn reach(&self, row: u32, column: u32) -> Result<Vec<u8>, JsValue> {
        let query = (row as usize, column as usize);
        let blocks = self.model.reach(query, &self.changes)?;
        Ok(blocks.into_iter().flatten().map(u8::from).collect())
    }

    /// The loaded model, as it is quantized, as a GGUF file.
    #[wasm_bindgen(js_name = toGguf)]
    pub fn to_gguf(&self) -> Result<Vec<u8>, JsValue> {
        Ok(gguf::write(self.model.checkpoint())?)
    }
}

impl Engine {
    fn forward(&self, seen: &mut (dyn Hook + Send)) -> Result<Tensor> {
        let input = self.input.as_ref().ok_or(Error::NoPhoto)?;
        let (model, changes) = (&self.model, &self.changes);
        kernels::inside(self.operations, || {
            if *changes == Changes::default() {
                return model.forward(input, seen);
            }
            let mut hook = WhatIf::new(model, changes, seen)?;
            model.forward(input, &mut hook)
        })
    }
}

fn js_tensor(tensor: &Tensor) -> Result<JsValue> {
    let tensor_f32 = tensor.to_dtype(DType::F32)?;
    let values: Vec<f32> = tensor_f32.flatten_to(D::Minus1)?.to_vec1()?;
    let shape: js_sys::Array = tensor
        .dims()
        .iter()
        .map(|&dim| JsValue::from(dim as f64))
        .collect();
    let object = Object::new();
    for (key, value) in [
        ("shape", JsValue::from(shape)),
        ("data", JsValue::from(Float32Array::from(values.as_slice()))),
    ] {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &key.into(), &value);
    }
    Ok(object.into())
}

/// Milliseconds since the page or worker began, by its fine clock.
fn now() -> f64 {
    let global = js_sys::global();
    let performance = match global.dyn_into::<web_sys::WorkerGlobalScope>() {
        Ok(worker) => worker.performance(),
        Err(global) => global
            .dyn_into::<web_sys::Window>()
            .ok()
            .and_then(|window| window.performance()),
    };
    performance.map_or_else(js_sys::Date::now, |performance| performance.now())
}
