//! A loaded checkpoint: tensors under timm's names plus settings; and the loader that fills it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{DType, Device, Tensor};
use sha2::{Digest, Sha256};

use super::names::{Name, has_merging_at_the_end, merging_at_the_start, timm_name};
use super::quantize::{Dtype, store};
use super::stream::{Encoding, Event, Format, RawTensor, Stream};
use crate::error::{Error, Result};
use crate::model::{Family, Settings};

/// Tensors under timm's names, each in the type it is kept in, and what is known beside them.
#[derive(Clone)]
pub struct Checkpoint {
    pub settings: Settings,
    pub tensors: BTreeMap<String, Arc<QTensor>>,
    /// Whether quantized matrices are multiplied by candle, which is slower and rounds activations
    /// otherwise in wasm than natively: to measure by.
    pub with_candle: bool,
}

impl Checkpoint {
    pub fn family(&self) -> Family {
        match self.tensors.contains_key("layers.0.blocks.0.norm1.weight") {
            true => Family::Swin,
            false => Family::Vit,
        }
    }

    /// The type of the largest matrix: what the checkpoint as a whole is called after.
    pub fn dtype(&self) -> Dtype {
        self.tensors
            .values()
            .filter(|tensor| tensor.rank() == 2)
            .max_by_key(|tensor| tensor.shape().elem_count())
            .and_then(|tensor| Dtype::of(tensor.dtype()))
            .unwrap_or(Dtype::F32)
    }

    /// The same values with every tensor in f32: what a pass in f32 makes of a quantized file.
    pub fn dequantized(mut self) -> Result<Self> {
        for tensor in self.tensors.values_mut() {
            if tensor.dtype() != GgmlDType::F32 {
                let numbers = tensor.dequantize(&Device::Cpu)?;
                *tensor = Arc::new(QTensor::quantize(&numbers, GgmlDType::F32)?);
            }
        }
        Ok(self)
    }

    pub fn parameters(&self) -> usize {
        let count = |tensor: &Arc<QTensor>| tensor.shape().elem_count();
        self.tensors.values().map(count).sum()
    }

    pub fn bytes(&self) -> usize {
        let bytes = |tensor: &Arc<QTensor>| tensor.storage_size_in_bytes();
        self.tensors.values().map(bytes).sum()
    }
}

/// Takes a file's bytes as they come and leaves a [`Checkpoint`].
pub struct Loader {
    stream: Stream,
    digest: Sha256,
    expected: Option<String>,
    assembly: Assembly,
}

/// What has been made of the tensors so far.
struct Assembly {
    dtype: Dtype,
    settings: Settings,
    tensors: BTreeMap<String, Arc<QTensor>>,
    parts: BTreeMap<String, [Option<QTensor>; 3]>,
}

impl Loader {
    /// `settings` come from config.json for safetensors and are replaced by a GGUF file's own.
    /// `dtype` is what matrices of a safetensors file are stored as; `total` the file's length,
    /// `expected` its SHA-256 in hex, where they are known.
    pub fn new(
        format: Format,
        total: Option<u64>,
        settings: Settings,
        dtype: Dtype,
        expected: Option<String>,
    ) -> Self {
        Self {
            stream: Stream::new(format, total),
            digest: Sha256::new(),
            expected,
            assembly: Assembly {
                dtype,
                settings,
                tensors: BTreeMap::new(),
                parts: BTreeMap::new(),
            },
        }
    }

    pub fn push(&mut self, chunk: &[u8]) -> Result<()> {
        self.digest.update(chunk);
        let assembly = &mut self.assembly;
        self.stream.push(chunk, &mut |event| assembly.take(event))
    }

    /// Bytes taken so far.
    pub fn received(&self) -> u64 {
        self.stream.received()
    }

    /// SHA-256 of the bytes taken so far, in hex.
    pub fn sha256(&self) -> String {
        let digest = self.digest.clone().finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn finish(mut self) -> Result<Checkpoint> {
        let assembly = &mut self.assembly;
        self.stream.finish(&mut |event| assembly.take(event))?;
        let found = self.sha256();
        if let Some(expected) = self.expected
            && !expected.eq_ignore_ascii_case(&found)
        {
            return Err(Error::Hash { expected, found });
        }
        self.assembly.finish()
    }
}

impl Assembly {
    fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Settings(settings) => self.settings = *settings,
            Event::Tensor(raw) => match timm_name(&raw.entry.name) {
                Name::Ignored => {}
                Name::Whole(name) => {
                    let tensor = self.stored(&name, raw)?;
                    self.tensors.insert(name, Arc::new(tensor));
                }
                Name::Part(name, index) => {
                    let tensor = self.stored(&name, raw)?;
                    self.parts.entry(name).or_default()[index] = Some(tensor);
                }
            },
        }
        Ok(())
    }

    fn stored(&mut self, name: &str, raw: RawTensor) -> Result<QTensor> {
        let RawTensor { entry, bytes } = raw;
        let wrong = |dtype: String| Error::Dtype {
            name: entry.name.clone(),
            dtype,
        };
        if entry.shape.contains(&0) {
            return Err(Error::Shape {
                name: entry.name.clone(),
                expected: "a shape without zeros".to_owned(),
                found: format!("{:?}", entry.shape),
            });
        }
        let source = match entry.encoding {
            Encoding::Ggml(dtype) => {
                if Dtype::of(dtype).is_none() && dtype != GgmlDType::BF16 {
                    return Err(wrong(format!("{dtype:?}")));
                }
                let storage = QStorage::from_data(bytes.into(), &Device::Cpu, dtype)?;
                return Ok(QTensor::new(storage, entry.shape)?);
            }
            Encoding::Safetensors(safetensors::Dtype::F32) => DType::F32,
            Encoding::Safetensors(safetensors::Dtype::F16) => DType::F16,
            Encoding::Safetensors(safetensors::Dtype::BF16) => DType::BF16,
            Encoding::Safetensors(other) => return Err(wrong(format!("{other:?}"))),
        };
        let tensor = Tensor::from_raw_buffer(&bytes, source, &entry.shape, &Device::Cpu)?;
        drop(bytes);
        let mut tensor = tensor.to_dtype(DType::F32)?;
        if name == "patch_embed.proj.weight" && tensor.rank() == 4 {
            let (_, channels, height, width) = tensor.dims4()?;
            if channels != 3 {
                let expected = [tensor.dim(0)?, 3, height, width];
                return Err(Error::shape(&entry.name, &expected, tensor.dims()));
            }
            self.settings.patch_size = Some((height, width));
            // Row, column, channel: the order in which a photo's pixels lie.
            tensor = tensor.permute((0, 2, 3, 1))?.flatten_from(1)?;
        }
        store(name, &tensor, self.dtype)
    }

    fn finish(mut self) -> Result<Checkpoint> {
        for (name, parts) in self.parts {
            let [Some(q), Some(k), Some(v)] = parts else {
                return Err(Error::MissingTensor { name });
            };
            let joined = rows_joined(&name, &[q, k, v])?;
            self.tensors.insert(name, Arc::new(joined));
        }
        let mut tensors = self.tensors;
        if has_merging_at_the_end(tensors.keys()) {
            let renamed = tensors.into_iter().map(|(name, tensor)| {
                let moved = merging_at_the_start(&name);
                (moved.unwrap_or(name), tensor)
            });
            tensors = renamed.collect();
        }
        Ok(Checkpoint {
            settings: self.settings,
            tensors,
            with_candle: false,
        })
    }
}

/// Tensors of one type and shape, one below the other. Quantization blocks never cross rows.
fn rows_joined(name: &str, parts: &[QTensor]) -> Result<QTensor> {
    let first = &parts[0];
    let mut shape = first.shape().dims().to_vec();
    let mut data = Vec::new();
    for part in parts {
        if part.dtype() != first.dtype() || part.shape() != first.shape() {
            return Err(Error::shape(
                name,
                first.shape().dims(),
                part.shape().dims(),
            ));
        }
        data.extend_from_slice(&part.data()?);
    }
    if let Some(rows) = shape.first_mut() {
        *rows *= parts.len();
    }
    let storage = QStorage::from_data(data.into(), &Device::Cpu, first.dtype())?;
    Ok(QTensor::new(storage, shape)?)
}

/// A checkpoint as a model being built sees it: names below a prefix, shapes checked, use noted.
pub struct Weights<'a> {
    checkpoint: &'a Checkpoint,
    used: &'a RefCell<BTreeSet<String>>,
    prefix: String,
}

impl<'a> Weights<'a> {
    /// `used` collects the names that were asked for, so that leftovers can be told.
    pub fn new(checkpoint: &'a Checkpoint, used: &'a RefCell<BTreeSet<String>>) -> Self {
        Self {
            checkpoint,
            used,
            prefix: String::new(),
        }
    }

    pub fn within(&self, module: &str) -> Self {
        Self {
            checkpoint: self.checkpoint,
            used: self.used,
            prefix: self.name(module) + ".",
        }
    }

    /// The shape of a tensor, where there is one of that name.
    pub fn shape(&self, name: &str) -> Option<&'a [usize]> {
        let tensor = self.checkpoint.tensors.get(&self.name(name))?;
        Some(tensor.shape().dims())
    }

    pub fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    /// The tensor in f32, which must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        Ok(self.stored(name, shape)?.dequantize(&Device::Cpu)?)
    }

    /// The tensor in f32, if the checkpoint has it.
    pub fn optional(&self, name: &str, shape: &[usize]) -> Result<Option<Tensor>> {
        self.has(name).then(|| self.tensor(name, shape)).transpose()
    }

    /// The tensor as it is stored, which must have this shape.
    pub fn stored(&self, name: &str, shape: &[usize]) -> Result<Arc<QTensor>> {
        let name = self.name(name);
        let Some(tensor) = self.checkpoint.tensors.get(&name) else {
            return Err(Error::MissingTensor { name });
        };
        if tensor.shape().dims() != shape {
            return Err(Error::shape(&name, shape, tensor.shape().dims()));
        }
        self.used.borrow_mut().insert(name);
        Ok(tensor.clone())
    }

    /// Whether candle multiplies the quantized matrices.
    pub fn with_candle(&self) -> bool {
        self.checkpoint.with_candle
    }

    /// The whole name of what is called `name` here.
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
