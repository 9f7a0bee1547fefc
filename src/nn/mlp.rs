//! The feed-forward half of a block.

use candle_core::Tensor;

use super::{Linear, Residual};
use crate::error::Result;
use crate::kernels::After;
use crate::site::Sites;
use crate::weights::Weights;

/// Two linear layers with an exact GELU (Hendrycks & Gimpel 2016) between them.
pub struct Mlp {
    pub fc1: Linear,
    pub fc2: Linear,
}

impl Mlp {
    /// As wide inside as the checkpoint's first layer says.
    pub fn of_checkpoint(weights: &Weights, dim: usize) -> Result<Self> {
        let hidden = match weights.shape("fc1.weight") {
            Some(&[hidden, _]) => hidden,
            _ => 4 * dim,
        };
        Ok(Self {
            fc1: Linear::load(&weights.within("fc1"), dim, hidden)?,
            fc2: Linear::load(&weights.within("fc2"), hidden, dim)?,
        })
    }

    /// `start` + what the two layers make of `x` (N, D).
    pub fn forward(&self, start: Residual, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        if start.is_plain(sites)
            && !sites.wants("hidden")
            && let Some(sum) = self.fc1.forward_through_gelu(&self.fc2, x, start.stream)?
        {
            return Ok(sum);
        }
        let hidden = sites.pass("hidden", self.fc1.forward_then(x, After::Gelu)?)?;
        self.fc2.forward_onto(start, &hidden, sites)
    }
}
