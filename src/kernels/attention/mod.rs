//! softmax(q kᵀ / √d + bias + mask) v in every head, straight from the rows of one q, k, v matrix.
//!
//! Both products run in integers of up to 16 bits, which keeps the logits within 5e-4 of f32's (8 bits:
//! 0.03) at two to three times the speed of f32 without fused multiply-add, and gives the same bits
//! everywhere. Per head q and k have a scale for each row and as many bits as keep d products inside
//! an i32 (12 at d = 64); v has one scale and 15 bits, and so has the pattern: as a row of it sums to
//! 1, no sum can overflow. Scores exist for a few rows at a time; nothing N x N is stored unless it
//! is asked for.

mod job;
mod pack;
#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;

use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor, bail};

use super::{contiguous, numbers_of};
use job::Job;

/// What [`Slots::tokens`] says of a slot that holds no token.
pub const NO_TOKEN: u32 = u32::MAX;

/// Which token sits in which slot of which window.
#[derive(Clone, Copy)]
pub struct Slots<'a> {
    /// (windows, area): tokens, or [`NO_TOKEN`].
    pub tokens: &'a [u32],
    pub area: usize,
    /// What a slot without a token holds: (3, heads, head_dim).
    pub padding: &'a [f32],
}

/// Attention among all tokens or inside windows.
#[derive(Clone, Copy)]
pub struct Attention<'a> {
    pub heads: usize,
    pub head_dim: usize,
    /// `None`: all tokens see each other.
    pub slots: Option<Slots<'a>>,
    /// (heads, area, area), added to the scores.
    pub bias: Option<&'a Tensor>,
    /// (windows, area, area), added to the scores.
    pub mask: Option<&'a Tensor>,
}

/// What is to be kept of what is N x N a head.
#[derive(Clone, Copy, Default)]
pub struct Keep {
    pub qk: bool,
    pub pattern: bool,
}

/// What attention gives.
pub struct Attended {
    /// The heads' mixes of v side by side, (tokens, heads · head_dim).
    pub mix: Tensor,
    /// q kᵀ / √d, (windows · heads, area, area), if wanted.
    pub qk: Option<Tensor>,
    /// What v was mixed with, in the same shape, if wanted.
    pub pattern: Option<Tensor>,
}

impl Attention<'_> {
    /// From q, k and v, (tokens, 3 · heads · head_dim).
    pub fn forward(&self, qkv: &Tensor, keep: Keep) -> candle_core::Result<Attended> {
        let tokens = qkv.dim(0)?;
        let operation = Operation {
            attention: *self,
            keep,
        };
        let all = qkv.contiguous()?.apply_op1_no_bwd(&operation)?;
        let width = self.heads * self.head_dim;
        let mix = all.narrow(0, 0, tokens * width)?;
        let area = self.area(tokens);
        let squares = self.windows() * self.heads * area * area;
        let square = |wanted: bool, index: usize| -> candle_core::Result<Option<Tensor>> {
            if !wanted {
                return Ok(None);
            }
            let square = all.narrow(0, tokens * width + index * squares, squares)?;
            square.reshape(((), area, area)).map(Some)
        };
        Ok(Attended {
            mix: mix.reshape((tokens, width))?,
            qk: square(keep.qk, 0)?,
            pattern: square(keep.pattern, usize::from(keep.qk))?,
        })
    }

    /// Tokens or slots that see each other.
    fn area(&self, tokens: usize) -> usize {
        self.slots.map_or(tokens, |slots| slots.area)
    }

    fn windows(&self) -> usize {
        self.slots
            .map_or(1, |slots| slots.tokens.len() / slots.area.max(1))
    }
}

struct Operation<'a> {
    attention: Attention<'a>,
    keep: Keep,
}

impl CustomOp1 for Operation<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        qkv: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let attention = &self.attention;
        let (tokens, columns) = layout.shape().dims2()?;
        let (area, windows) = (attention.area(tokens), attention.windows());
        let width = attention.heads * attention.head_dim;
        if columns != 3 * width || area == 0 || width == 0 {
            bail!(
                "attention of {} heads over {:?}",
                attention.heads,
                layout.shape()
            );
        }
        if let Some(slots) = attention.slots {
            let is_there = |token: &u32| *token == NO_TOKEN || (*token as usize) < tokens;
            if slots.padding.len() != 3 * width || !slots.tokens.iter().all(is_there) {
                bail!("windows do not fit {tokens} tokens of {width} numbers");
            }
        }
        let square = area * area;
        let units = windows * attention.heads;
        let bias = attention.bias.map(Tensor::storage_and_layout);
        let bias = bias.as_ref().map(|(storage, layout)| (&**storage, *layout));
        let mask = attention.mask.map(Tensor::storage_and_layout);
        let mask = mask.as_ref().map(|(storage, layout)| (&**storage, *layout));
        let job = Job {
            qkv: contiguous(qkv, layout)?,
            heads: attention.heads,
            head_dim: attention.head_dim,
            area,
            slots: attention.slots,
            bias: numbers_of(bias, attention.heads * square)?,
            mask: numbers_of(mask, windows * square)?,
        };
        let squares = |wanted: bool| if wanted { units * square } else { 0 };
        let (qk, pattern) = (squares(self.keep.qk), squares(self.keep.pattern));
        let once = job.has_each_once(tokens);
        let count = tokens * width + qk + pattern;
        let mut out = Vec::with_capacity(count);
        let (mix, squares) = out.spare_capacity_mut()[..count].split_at_mut(tokens * width);
        squares.fill(MaybeUninit::new(0.0));
        if !once {
            mix.fill(MaybeUninit::new(0.0));
        }
        // SAFETY: they were just filled.
        let squares = unsafe { squares.assume_init_mut() };
        job.run(units, once, mix, squares.split_at_mut(qk).into());
        // SAFETY: the mix of each token was written by its unit, or filled, and so were the squares.
        unsafe { out.set_len(count) };
        Ok((CpuStorage::F32(out), count.into()))
    }
}
