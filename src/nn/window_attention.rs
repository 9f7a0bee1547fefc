//! Multi-head self-attention inside windows (Liu et al. 2021, <https://arxiv.org/abs/2103.14030>).

use candle_core::Tensor;

use super::attention::replaced;
use super::{Gather, Linear, Residual, Windows, relative_position};
use crate::error::Result;
use crate::kernels::{self, Keep, Slots, batched_product, softmax};
use crate::site::Sites;
use crate::weights::Weights;

/// softmax(q kᵀ / √d + bias + mask) v in each head of each window, then a projection.
pub struct WindowAttention {
    pub qkv: Linear,
    pub proj: Linear,
    pub num_heads: usize,
    pub windows: Windows,
    gather: Gather,
    /// (heads, area, area)
    bias: Tensor,
    pub bias_parameters: usize,
    /// (windows, area, area) where the windows are shifted.
    mask: Option<Tensor>,
}

/// Sites whose tensors are area x area a head and window: only for a hook are all made at once.
const SQUARE_SITES: [&str; 5] = ["qk", "bias", "mask", "scores", "pattern"];

impl WindowAttention {
    pub fn load(weights: &Weights, dim: usize, windows: Windows) -> Result<Self> {
        let (bias, bias_parameters) = relative_position::load(weights, windows.size)?;
        let num_heads = bias.dim(0)?;
        // `head_dim` may be set apart from dim / heads, so the shapes tell what attention is wide.
        let width = match weights.shape("proj.weight") {
            Some(&[_, width]) => width,
            _ => dim,
        };
        let gather = Gather::new(
            windows.index(),
            windows.area(),
            windows.map.0 * windows.map.1,
        )?;
        Ok(Self {
            qkv: Linear::load(&weights.within("qkv"), dim, 3 * width)?,
            proj: Linear::load(&weights.within("proj"), width, dim)?,
            num_heads,
            gather,
            bias,
            bias_parameters,
            mask: windows.mask()?,
            windows,
        })
    }

    /// `start` + what the heads make of `x` (rows · columns, C), tokens row by row.
    pub fn forward(&self, start: Residual, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let mix = self.mix(x, sites)?;
        self.proj.forward_onto(start, &mix, sites)
    }

    /// The heads' outputs side by side, tokens row by row.
    fn mix(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let gather = match sites.wants("index") {
            true => {
                let index = sites.pass("index", self.gather.index.clone())?;
                &Gather::from_tensor(&index, x.dim(0)?)?
            }
            false => &self.gather,
        };
        let qkv = self.qkv.forward(x)?;
        let mix = match self.qkv.is_quantized() {
            true => self.fast_mix(&qkv, gather, sites)?,
            false => {
                let split = self.split(&qkv, gather)?;
                let q = sites.pass("q", split.get(0)?.contiguous()?)?;
                let k = sites.pass("k", split.get(1)?.contiguous()?)?;
                let v = sites.pass("v", split.get(2)?.contiguous()?)?;
                self.to_tokens(&self.plain_mix(&q, &k, &v, sites)?, gather)?
            }
        };
        sites.pass("mix", mix)
    }

    /// In integers, until a hook puts something else in a tensor's place.
    fn fast_mix(&self, qkv: &Tensor, gather: &Gather, sites: &mut Sites) -> Result<Tensor> {
        if let Some([q, k, v]) = replaced(|| self.split(qkv, gather), sites)? {
            return self.to_tokens(&self.plain_mix(&q, &k, &v, sites)?, gather);
        }
        let (count, area) = (self.windows.count(), self.windows.area());
        let bias = sites.pass("bias", self.bias.unsqueeze(0)?)?;
        let mask = match &self.mask {
            Some(mask) => Some(sites.pass("mask", mask.unsqueeze(1)?)?),
            None => None,
        };
        let padding = self.qkv.of_zeros()?.flatten_all()?.to_vec1::<f32>()?;
        let attention = kernels::Attention {
            heads: self.num_heads,
            head_dim: self.head_dim(),
            slots: Some(Slots {
                tokens: &gather.tokens,
                area,
                padding: &padding,
            }),
            bias: Some(&bias),
            mask: mask.as_ref(),
        };
        let keep = Keep {
            qk: sites.wants("qk") || sites.wants("scores"),
            pattern: sites.wants("pattern"),
        };
        let attended = attention.forward(qkv, keep)?;
        let square = |x: Tensor| x.reshape((count, self.num_heads, area, area));
        let v = || -> Result<Tensor> { Ok(self.split(qkv, gather)?.get(2)?) };
        if let Some(qk) = attended.qk {
            let qk = square(qk)?;
            let other = sites.show("qk", &qk)?;
            let is_other = other.is_some();
            let mut scores = other.unwrap_or(qk).broadcast_add(&bias)?;
            if let Some(mask) = &mask {
                scores = scores.broadcast_add(mask)?;
            }
            let other = sites.show("scores", &scores)?;
            if is_other || other.is_some() {
                let mix = mix_of_scores(&other.unwrap_or(scores), &v()?, sites)?;
                return self.to_tokens(&mix, gather);
            }
        }
        if let Some(pattern) = attended.pattern
            && let Some(pattern) = sites.show("pattern", &square(pattern)?)?
        {
            return self.to_tokens(&product(&pattern, &v()?)?, gather);
        }
        Ok(attended.mix)
    }

    /// In f32, (windows, heads, area, d) each.
    fn plain_mix(&self, q: &Tensor, k: &Tensor, v: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let q = (q * (self.head_dim() as f64).powf(-0.5))?;
        let k = k.transpose(2, 3)?;
        if SQUARE_SITES.iter().any(|site| sites.wants(site)) {
            return self.shown(&q, &k, v, sites);
        }
        let windows = kernels::map((0..q.dim(0)?).collect(), |window| {
            self.window(window, &q, &k, v)
        });
        let windows = windows.into_iter().collect::<Result<Vec<Tensor>>>()?;
        Ok(Tensor::stack(&windows, 0)?)
    }

    /// (tokens, 3 · heads · d) to (3, windows, heads, area, d).
    fn split(&self, qkv: &Tensor, gather: &Gather) -> Result<Tensor> {
        let (count, area) = (self.windows.count(), self.windows.area());
        // Slots without a token hold a row of zeros, as timm pads.
        let slots = gather.to_slots(qkv, || self.qkv.of_zeros())?;
        let slots = slots.reshape((count, area, 3, self.num_heads, self.head_dim()))?;
        Ok(slots.permute((2, 0, 3, 1, 4))?)
    }

    /// (windows, heads, area, d) to (tokens, heads · d).
    fn to_tokens(&self, mix: &Tensor, gather: &Gather) -> Result<Tensor> {
        gather.to_tokens(&mix.transpose(1, 2)?.flatten_to(1)?.flatten_from(1)?)
    }

    /// All windows at once, (windows, heads, area, d) each, for a hook.
    fn shown(&self, q: &Tensor, k: &Tensor, v: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let qk = sites.pass("qk", product(q, k)?)?;
        let bias = sites.pass("bias", self.bias.unsqueeze(0)?)?;
        let mut scores = qk.broadcast_add(&bias)?;
        if let Some(mask) = &self.mask {
            let mask = sites.pass("mask", mask.unsqueeze(1)?)?;
            scores = scores.broadcast_add(&mask)?;
        }
        let scores = sites.pass("scores", scores)?;
        mix_of_scores(&scores, v, sites)
    }

    /// One window of (windows, heads, area, d).
    fn window(&self, window: usize, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
        let mut scores = (batched_product(&q.get(window)?, &k.get(window)?)? + &self.bias)?;
        if let Some(mask) = &self.mask {
            scores = scores.broadcast_add(&mask.get(window)?)?;
        }
        Ok(batched_product(&softmax(&scores)?, &v.get(window)?)?)
    }

    pub fn head_dim(&self) -> usize {
        self.proj.in_features / self.num_heads
    }

    /// Multiplications and additions of q·k (or of the pattern with v: as many) over all windows.
    pub fn square_operations(&self) -> u64 {
        let pairs = self.windows.count() as u64 * (self.windows.area() as u64).pow(2);
        2 * pairs * self.proj.in_features as u64
    }
}

/// (windows, heads, area, area) and (windows, heads, area, d) to the latter's shape.
fn mix_of_scores(scores: &Tensor, v: &Tensor, sites: &mut Sites) -> Result<Tensor> {
    let pattern = sites.pass("pattern", softmax(scores)?)?;
    product(&pattern, v)
}

/// The product of the matrices in the last two dimensions.
fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (count, heads, ..) = a.dims4()?;
    let out = batched_product(&a.flatten_to(1)?, &b.flatten_to(1)?)?;
    let (_, rows, columns) = out.dims3()?;
    Ok(out.reshape((count, heads, rows, columns))?)
}
