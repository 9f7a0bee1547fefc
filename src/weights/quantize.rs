//! In which type a tensor is kept: matrices quantized, norms, positions and tokens in f32.

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::kernels;

/// The type in which a checkpoint's matrices are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), derive(clap::ValueEnum))]
pub enum Dtype {
    F32,
    F16,
    #[serde(rename = "q8_0")]
    #[cfg_attr(not(target_arch = "wasm32"), value(name = "q8_0"))]
    Q8_0,
    #[serde(rename = "q4_0")]
    #[cfg_attr(not(target_arch = "wasm32"), value(name = "q4_0"))]
    Q4_0,
}

impl Dtype {
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F32 => "f32",
            Dtype::F16 => "f16",
            Dtype::Q8_0 => "q8_0",
            Dtype::Q4_0 => "q4_0",
        }
    }

    pub(crate) fn of(ggml: GgmlDType) -> Option<Self> {
        match ggml {
            GgmlDType::F32 => Some(Dtype::F32),
            GgmlDType::F16 => Some(Dtype::F16),
            GgmlDType::Q8_0 => Some(Dtype::Q8_0),
            GgmlDType::Q4_0 => Some(Dtype::Q4_0),
            _ => None,
        }
    }

    fn ggml(self) -> GgmlDType {
        match self {
            Dtype::F32 => GgmlDType::F32,
            Dtype::F16 => GgmlDType::F16,
            Dtype::Q8_0 => GgmlDType::Q8_0,
            Dtype::Q4_0 => GgmlDType::Q4_0,
        }
    }
}

/// Stores a tensor under its timm name in the type meant for it.
///
/// Matrices (two-dimensional `….weight`) go to `dtype`, or to f16 where their rows are no
/// multiple of the quantization block; all else stays f32, being small and sensitive.
pub(crate) fn store(name: &str, tensor: &Tensor, dtype: Dtype) -> Result<QTensor> {
    let tensor = tensor.to_device(&Device::Cpu)?;
    let row = tensor.dims().last().copied().unwrap_or(1);
    let wanted = dtype.ggml();
    let target = if !name.ends_with(".weight") || tensor.rank() != 2 {
        GgmlDType::F32
    } else if !row.is_multiple_of(wanted.block_size()) {
        GgmlDType::F16
    } else if dtype == Dtype::Q8_0 {
        let numbers = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
        let bytes = kernels::q8_0_blocks(&numbers, row);
        let storage = QStorage::from_data(bytes.into(), &Device::Cpu, wanted)?;
        return Ok(QTensor::new(storage, tensor.shape())?);
    } else {
        wanted
    };
    Ok(QTensor::quantize(&tensor, target)?)
}
