//! Roll and window partition as one index: tokens to the slots of windows and back.

use candle_core::{DType, Device, Tensor};

use super::window::PADDING;
use crate::error::{Error, Result};
use crate::kernels::NO_TOKEN;

/// Which token each slot of each window holds, and which slot each token sits in.
pub struct Gather {
    /// (windows, slots): tokens, −1 for padding.
    pub index: Tensor,
    /// A row of the tokens for each slot; padding takes the row after the last token.
    rows: Tensor,
    /// The slot of each token.
    slots: Tensor,
    /// The token in each slot, for the attention kernel.
    pub tokens: Vec<u32>,
    has_padding: bool,
}

impl Gather {
    /// From the index of [`Windows`](super::Windows), or what a hook put in its place.
    pub fn new(index: Vec<i64>, area: usize, tokens: usize) -> Result<Self> {
        let mut slots = vec![u32::MAX; tokens];
        let mut rows = Vec::with_capacity(index.len());
        for (slot, &token) in index.iter().enumerate() {
            match usize::try_from(token) {
                Ok(token) if token < tokens => {
                    slots[token] = slot as u32;
                    rows.push(token as u32);
                }
                _ if token == PADDING => rows.push(tokens as u32),
                _ => return Err(bad_index(format!("names token {token} of {tokens}"))),
            }
        }
        if let Some(token) = slots.iter().position(|slot| *slot == u32::MAX) {
            return Err(bad_index(format!("leaves out token {token}")));
        }
        let count = index.len();
        let token_in = |row: &u32| {
            if (*row as usize) < tokens {
                *row
            } else {
                NO_TOKEN
            }
        };
        Ok(Self {
            tokens: rows.iter().map(token_in).collect(),
            has_padding: index.contains(&PADDING),
            rows: Tensor::from_vec(rows, count, &Device::Cpu)?,
            slots: Tensor::from_vec(slots, tokens, &Device::Cpu)?,
            index: Tensor::from_vec(index, (count / area, area), &Device::Cpu)?,
        })
    }

    pub fn from_tensor(index: &Tensor, tokens: usize) -> Result<Self> {
        let (_, area) = index.dims2()?;
        let index = index.to_dtype(DType::I64)?.flatten_all()?;
        Self::new(index.to_vec1()?, area, tokens)
    }

    /// (tokens, D) to (windows · slots, D); `padding` (1, D) fills the slots without a token.
    pub fn to_slots(&self, x: &Tensor, padding: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
        if !self.has_padding {
            return Ok(x.index_select(&self.rows, 0)?);
        }
        Ok(Tensor::cat(&[x, &padding()?], 0)?.index_select(&self.rows, 0)?)
    }

    /// (windows · slots, D) to (tokens, D).
    pub fn to_tokens(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.index_select(&self.slots, 0)?)
    }
}

fn bad_index(what: String) -> Error {
    Error::Config(format!("The window index {what}."))
}
