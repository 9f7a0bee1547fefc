//! A linear layer over a weight in whatever type it is stored.

use candle_core::{DType, Device, Module, Tensor};

use crate::error::Result;
use crate::kernels::QuantizedMatrix;
use crate::weights::Weights;

enum Weight {
    /// Multiplied in f32.
    Plain(candle_nn::Linear),
    Quantized(QuantizedMatrix),
}

/// y = x Wᵀ + b, with W (out, in) kept in f32 or quantized.
pub struct Linear {
    weight: Weight,
    bias: Option<Tensor>,
    pub in_features: usize,
    pub out_features: usize,
}

impl Linear {
    /// From `weight` and, where the checkpoint has one, `bias`.
    pub fn load(weights: &Weights, in_features: usize, out_features: usize) -> Result<Self> {
        let stored = weights.stored("weight", &[out_features, in_features])?;
        let bias = weights.optional("bias", &[out_features])?;
        let weight = match QuantizedMatrix::new(stored.clone(), bias.as_ref())? {
            Some(quantized) => Weight::Quantized(quantized),
            None => Weight::Plain(candle_nn::Linear::new(
                stored.dequantize(&Device::Cpu)?,
                None,
            )),
        };
        Ok(Self {
            weight,
            bias,
            in_features,
            out_features,
        })
    }

    /// (rows, in) to (rows, out).
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.contiguous()?;
        let y = match &self.weight {
            // Adds the bias itself.
            Weight::Quantized(weight) => return Ok(x.apply_op1_no_bwd(weight)?),
            Weight::Plain(weight) => weight.forward(&x)?,
        };
        Ok(match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        })
    }

    /// What becomes of a row of zeros: (1, out).
    pub fn of_zeros(&self) -> Result<Tensor> {
        Ok(match &self.bias {
            Some(bias) => bias.unsqueeze(0)?,
            None => Tensor::zeros((1, self.out_features), DType::F32, &Device::Cpu)?,
        })
    }

    /// Multiplications and additions for so many rows.
    pub fn operations(&self, rows: usize) -> u64 {
        2 * rows as u64 * self.in_features as u64 * self.out_features as u64
    }

    pub fn parameters(&self) -> usize {
        let bias = self.bias.as_ref().map_or(0, Tensor::elem_count);
        self.in_features * self.out_features + bias
    }
}
