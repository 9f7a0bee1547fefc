//! Multi-head self-attention (Vaswani et al. 2017, section 3.2).

use candle_core::{D, Tensor};

use super::{Linear, Residual};
use crate::error::Result;
use crate::kernels::{self, Keep, batched_product, softmax};
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

    /// `start` + what the heads make of `x` (N, D).
    pub fn forward(&self, start: Residual, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let mix = self.mix(x, sites)?;
        self.proj.forward_onto(start, &mix, sites)
    }

    /// The heads' outputs side by side, (N, D).
    fn mix(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let qkv = self.qkv.forward(x)?;
        let mix = match self.qkv.is_quantized() {
            true => self.fast_mix(&qkv, sites)?,
            false => {
                let split = self.split(&qkv)?;
                let q = sites.pass("q", split.get(0)?.contiguous()?)?;
                let k = sites.pass("k", split.get(1)?.contiguous()?)?;
                let v = sites.pass("v", split.get(2)?.contiguous()?)?;
                self.plain_mix(&q, &k, &v, sites)?
            }
        };
        sites.pass("mix", mix)
    }

    /// In integers, until a hook puts something else in a tensor's place.
    fn fast_mix(&self, qkv: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let split = self.split(qkv)?;
        if let Some([q, k, v]) = replaced(|| Ok(split.clone()), sites)? {
            return self.plain_mix(&q, &k, &v, sites);
        }
        let attention = kernels::Attention {
            heads: self.num_heads,
            head_dim: self.proj.in_features / self.num_heads,
            slots: None,
            bias: None,
            mask: None,
        };
        let keep = Keep {
            qk: sites.wants("qk") || sites.wants("scores"),
            pattern: sites.wants("pattern"),
        };
        let attended = attention.forward(qkv, keep)?;
        let v = || split.get(2);
        if let Some(qk) = attended.qk {
            if let Some(qk) = sites.show("qk", &qk)? {
                return self.mix_of_scores(qk, &v()?, sites);
            }
            if let Some(scores) = sites.show("scores", &qk)? {
                return self.mix_of_scores(scores, &v()?, sites);
            }
        }
        if let Some(pattern) = attended.pattern
            && let Some(pattern) = sites.show("pattern", &pattern)?
        {
            return self.mixed(&pattern, &v()?);
        }
        Ok(attended.mix)
    }

    /// In f32.
    fn plain_mix(&self, q: &Tensor, k: &Tensor, v: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let head_dim = self.proj.in_features / self.num_heads;
        let q = (q * (head_dim as f64).powf(-0.5))?;
        let k = k.transpose(1, 2)?;
        if SQUARE_SITES.iter().any(|site| sites.wants(site)) {
            let qk = sites.pass("qk", batched_product(&q, &k)?)?;
            // A ViT has neither bias nor mask, so the sum is qk itself.
            let scores = sites.pass("scores", qk)?;
            return self.mix_of_scores(scores, v, sites);
        }
        let heads = kernels::map((0..self.num_heads).collect(), |head| {
            let one = |x: &Tensor| x.narrow(0, head, 1);
            let scores = batched_product(&one(&q)?, &one(&k)?)?;
            self.mixed(&softmax(&scores)?, &one(v)?)
        });
        let heads = heads.into_iter().collect::<Result<Vec<Tensor>>>()?;
        Ok(Tensor::cat(&heads, 1)?)
    }

    fn mix_of_scores(&self, scores: Tensor, v: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let pattern = sites.pass("pattern", softmax(&scores)?)?;
        self.mixed(&pattern, v)
    }

    /// (N, 3 D) to (3, heads, N, d).
    fn split(&self, qkv: &Tensor) -> Result<Tensor> {
        let head_dim = self.proj.in_features / self.num_heads;
        let shape = ((), 3, self.num_heads, head_dim);
        Ok(qkv.reshape(shape)?.permute((1, 2, 0, 3))?)
    }

    /// (heads, N, N) · (heads, N, d), the heads side by side.
    fn mixed(&self, pattern: &Tensor, v: &Tensor) -> Result<Tensor> {
        let mix = batched_product(pattern, v)?;
        Ok(mix.transpose(0, 1)?.flatten_from(D::Minus2)?)
    }

    /// Multiplications and additions of q·k (or of the pattern with v: as many) for N tokens.
    pub fn square_operations(&self, tokens: usize) -> u64 {
        2 * (tokens as u64).pow(2) * self.proj.in_features as u64
    }
}

/// Shows q, k and v (3, …) to the hook, if it wants any; all three if it puts something else in the place
/// of one.
pub(super) fn replaced(
    split: impl FnOnce() -> Result<Tensor>,
    sites: &mut Sites,
) -> Result<Option<[Tensor; 3]>> {
    let names = ["q", "k", "v"];
    if !names.iter().any(|name| sites.wants(name)) {
        return Ok(None);
    }
    let split = split()?;
    let mut is_other = false;
    let mut shown = |index: usize| -> Result<Tensor> {
        let tensor = split.get(index)?.contiguous()?;
        let other = sites.show(names[index], &tensor)?;
        is_other |= other.is_some();
        Ok(other.unwrap_or(tensor))
    };
    let all = [shown(0)?, shown(1)?, shown(2)?];
    Ok(is_other.then_some(all))
}
