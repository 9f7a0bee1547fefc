//! The feed-forward half of a block.

use candle_core::Tensor;

use super::Linear;
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

    /// (N, D) to (N, D).
    pub fn forward(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let out = self.fc2.forward(&self.hidden(x, sites)?)?;
        sites.pass("out", out)
    }

    /// `start` + what [`Mlp::forward`] gives, in one step where nobody wants to see that.
    pub fn forward_onto(&self, start: &Tensor, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        if sites.wants("out") {
            return Ok((start + self.forward(x, sites)?)?);
        }
        let hidden = self.hidden(x, sites)?;
        self.fc2.forward_then(&hidden, After::Onto(start))
    }

    fn hidden(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        sites.pass("hidden", self.fc1.forward_then(x, After::Gelu)?)
    }
}
