//! Multi-head self-attention inside windows (Liu et al. 2021, <https://arxiv.org/abs/2103.14030>).

use candle_core::Tensor;

use super::{Gather, Linear, Windows, relative_position};
use crate::error::Result;
use crate::kernels::{batched_product, softmax};
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

    /// (rows · columns, C) to the same, tokens row by row.
    pub fn forward(&self, x: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let (count, area) = (self.windows.count(), self.windows.area());
        let head_dim = self.head_dim();
        let gather = match sites.wants("index") {
            true => {
                let index = sites.pass("index", self.gather.index.clone())?;
                &Gather::from_tensor(&index, x.dim(0)?)?
            }
            false => &self.gather,
        };
        // Slots without a token hold a row of zeros, as timm pads.
        let qkv = gather
            .to_slots(&self.qkv.forward(x)?, || self.qkv.of_zeros())?
            .reshape((count, area, 3, self.num_heads, head_dim))?
            .permute((2, 0, 3, 1, 4))?;
        let q = sites.pass("q", qkv.get(0)?.contiguous()?)?;
        let k = sites.pass("k", qkv.get(1)?.contiguous()?)?;
        let v = sites.pass("v", qkv.get(2)?.contiguous()?)?;
        let q = (q * (head_dim as f64).powf(-0.5))?;
        let k = k.transpose(2, 3)?;
        let mix = if SQUARE_SITES.iter().any(|site| sites.wants(site)) {
            self.shown(&q, &k, &v, sites)?
        } else {
            let windows = (0..count).map(|window| self.window(window, &q, &k, &v));
            Tensor::stack(&windows.collect::<Result<Vec<Tensor>>>()?, 0)?
        };
        let mix = mix.transpose(1, 2)?.flatten_to(1)?.flatten_from(1)?;
        let mix = sites.pass("mix", gather.to_tokens(&mix)?)?;
        let out = self.proj.forward(&mix)?;
        sites.pass("out", out)
    }

    /// All windows at once, (windows, heads, area, d) each, for a hook.
    fn shown(&self, q: &Tensor, k: &Tensor, v: &Tensor, sites: &mut Sites) -> Result<Tensor> {
        let product = |a: &Tensor, b: &Tensor| -> Result<Tensor> {
            let (count, heads, ..) = a.dims4()?;
            let out = batched_product(&a.flatten_to(1)?, &b.flatten_to(1)?)?;
            let (_, rows, columns) = out.dims3()?;
            Ok(out.reshape((count, heads, rows, columns))?)
        };
        let qk = sites.pass("qk", product(q, k)?)?;
        let bias = sites.pass("bias", self.bias.unsqueeze(0)?)?;
        let mut scores = qk.broadcast_add(&bias)?;
        if let Some(mask) = &self.mask {
            let mask = sites.pass("mask", mask.unsqueeze(1)?)?;
            scores = scores.broadcast_add(&mask)?;
        }
        let scores = sites.pass("scores", scores)?;
        let pattern = sites.pass("pattern", softmax(&scores)?)?;
        product(&pattern, v)
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
