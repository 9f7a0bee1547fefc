//! Multi-head self-attention (Vaswani et al. 2017, section 3.2).

use candle_core::{D, Tensor};

use super::Linear;
use crate::error::Result;
use crate::kernels::{batched_product, softmax};
use crate::site::Sites;
use crate::weights::Weights;

/// softmax(q kᵀ / √d) v in each head, the heads side by side, then a projection.
pub struct Attention {
    pub qkv: Linear,
    pub proj: Linear,
    pub num_heads: usize,
}

/// Sites whose tensors are N x N a head: only for a hook are all heads' made at once.
const SQUARE_SITES: [&str; 3] = ["qk", "scores", "pattern"];

impl Attention {
    pub fn load(weights: &Weights, dim: usize, num_heads: usize) -> Result<Self> {
        Ok(Self {
            qkv: Linear::load(&weights.within("qkv"), dim, 3 * dim)?,
            proj: Linear::load(&weights.within("proj"), dim, dim)?,
            num_heads,
        })
    }

    /// (N, D) to (N, D).
    pub fn forward(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let (tokens, dim) = x.dims2()?;
        let head_dim = dim / self.num_heads;
        let qkv = self
            .qkv
            .forward(x)?
            .reshape((tokens, 3, self.num_heads, head_dim))?
            .permute((1, 2, 0, 3))?;
        let q = sites.pass("q", qkv.get(0)?.contiguous()?)?;
        let k = sites.pass("k", qkv.get(1)?.contiguous()?)?;
        let v = sites.pass("v", qkv.get(2)?.contiguous()?)?;
        let q = (q * (head_dim as f64).powf(-0.5))?;
        let k = k.transpose(1, 2)?;
        let mix = if SQUARE_SITES.iter().any(|site| sites.wants(site)) {
            let qk = sites.pass("qk", batched_product(&q, &k)?)?;
            // A ViT has neither bias nor mask, so the sum is qk itself.
            let scores = sites.pass("scores", qk)?;
            let pattern = sites.pass("pattern", softmax(&scores)?)?;
            batched_product(&pattern, &v)?
        } else {
            let heads: Result<Vec<Tensor>> = (0..self.num_heads)
                .map(|head| {
                    let one = |x: &Tensor| x.narrow(0, head, 1);
                    let scores = batched_product(&one(&q)?, &one(&k)?)?;
                    Ok(batched_product(&softmax(&scores)?, &one(&v)?)?)
                })
                .collect();
            Tensor::cat(&heads?, 0)?
        };
        let mix = mix.transpose(0, 1)?.flatten_from(D::Minus2)?;
        let mix = sites.pass("mix", mix)?;
        let out = self.proj.forward(&mix)?;
        sites.pass("out", out)
    }

    /// Multiplications and additions of q·k (or of the pattern with v: as many) for N tokens.
    pub fn square_operations(&self, tokens: usize) -> u64 {
        2 * (tokens as u64).pow(2) * self.proj.in_features as u64
    }
}
