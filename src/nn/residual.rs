//! The residual stream that either half of a block adds to (He et al. 2016).

use candle_core::Tensor;

use crate::error::Result;
use crate::site::Sites;

/// What half a block is added to.
#[derive(Clone, Copy)]
pub struct Residual<'a> {
    /// (N, D)
    pub stream: &'a Tensor,
    /// LayerScale's factors γ (D), where there are any (Touvron et al. 2021,
    /// <https://arxiv.org/abs/2103.17239>).
    pub scale: Option<&'a Tensor>,
}

impl<'a> Residual<'a> {
    /// Without LayerScale.
    pub fn of(stream: &'a Tensor) -> Self {
        Self {
            stream,
            scale: None,
        }
    }

    /// Whether what is added may stay unseen: no γ, and nobody wants the site `out`.
    pub fn is_plain(&self, sites: &Sites) -> bool {
        self.scale.is_none() && !sites.wants("out")
    }

    /// The stream after what is added, (N, D) too.
    pub fn plus(&self, out: &Tensor) -> Result<Tensor> {
        Ok(match self.scale {
            Some(scale) => (self.stream + out.broadcast_mul(scale)?)?,
            None => (self.stream + out)?,
        })
    }
}
