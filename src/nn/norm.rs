//! Layer normalization with its learned scale and shift.

use candle_core::Tensor;

use crate::error::Result;
use crate::kernels;
use crate::weights::Weights;

/// LayerNorm over the last dimension (Ba et al. 2016, <https://arxiv.org/abs/1607.06450>).
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f32,
}

impl LayerNorm {
    pub fn load(weights: &Weights, dim: usize, eps: f64) -> Result<Self> {
        Ok(Self {
            weight: weights.tensor("weight", &[dim])?,
            bias: weights.tensor("bias", &[dim])?,
            eps: eps as f32,
        })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(kernels::layer_norm(x, &self.weight, &self.bias, self.eps)?)
    }

    pub fn parameters(&self) -> usize {
        2 * self.weight.elem_count()
    }
}
