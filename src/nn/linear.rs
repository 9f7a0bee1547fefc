//! A linear layer over a weight in whatever type it is stored.

use std::ops::Range;

use candle_core::quantized::QMatMul;
use candle_core::{DType, Device, Module, Tensor};

use super::Residual;
use crate::error::Result;
use crate::kernels::{self, After, QuantizedMatrix};
use crate::site::Sites;
use crate::weights::Weights;

enum Weight {
    /// Multiplied in f32.
    Plain(candle_nn::Linear),
    Quantized(Box<QuantizedMatrix>),
    /// Multiplied by candle.
    Candle(QMatMul),
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
        let own = match weights.with_candle() {
            true => None,
            false => QuantizedMatrix::new(&stored, bias.as_ref())?,
        };
        let weight = match own {
            Some(quantized) => Weight::Quantized(Box::new(quantized)),
            None if weights.with_candle() && stored.dtype().block_size() > 1 => {
                Weight::Candle(QMatMul::from_arc(stored)?)
            }
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

    /// Whether the weight is multiplied in integers.
    pub fn is_quantized(&self) -> bool {
        matches!(self.weight, Weight::Quantized(_))
    }

    /// (rows, in) to (rows, out).
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.forward_then(x, After::Nothing)
    }

    /// The same with a GELU or a sum after it, which costs less than afterwards.
    pub fn forward_then(&self, x: &Tensor, after: After) -> Result<Tensor> {
        let rows = x.dim(0)?;
        Ok(match &self.weight {
            Weight::Quantized(weight) => weight.forward(x, after)?,
            Weight::Plain(weight) => kernels::rows_in_parts(rows, |part| {
                let x = x.narrow(0, part.start, part.len())?.contiguous()?;
                self.finished(weight.forward(&x)?, part, after)
            })?,
            Weight::Candle(weight) => {
                self.finished(weight.forward(&x.contiguous()?)?, 0..rows, after)?
            }
        })
    }

    /// The product with these rows, and what comes after it.
    fn finished(&self, y: Tensor, rows: Range<usize>, after: After) -> candle_core::Result<Tensor> {
        let y = match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        };
        match after {
            After::Nothing => Ok(y),
            After::Gelu => kernels::gelu(&y),
            After::Onto(start) => start.narrow(0, rows.start, rows.len())? + y,
        }
    }

    /// `start` + γ (x Wᵀ + b), the end of either half of a block. What is added, before γ, passes the site
    /// `out`; where nobody wants to see it and there is no γ, one step does it all.
    pub fn forward_onto(&self, start: Residual, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        if start.is_plain(sites) {
            return self.forward_then(x, After::Onto(start.stream));
        }
        let out = sites.pass("out", self.forward(x)?)?;
        start.plus(&out)
    }

    /// `start` + (gelu(x Wᵀ + b) W₂ᵀ + b₂) with the layer `second`, as [`Linear::forward_then`] twice but for time:
    /// nothing of what lies between is kept. `None` unless both are quantized.
    pub fn forward_through_gelu(
        &self,
        second: &Linear,
        x: &Tensor,
        start: &Tensor,
    ) -> Result<Option<Tensor>> {
        let (Weight::Quantized(first), Weight::Quantized(last)) = (&self.weight, &second.weight)
        else {
            return Ok(None);
        };
        let after = After::Onto(start);
        Ok(Some(first.forward_through_gelu(last, x, after)?))
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
