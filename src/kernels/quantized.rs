//! The product of f32 rows with a Q8_0 or Q4_0 matrix, as a candle operation.
//!
//! candle's own product quantizes activations differently natively and in wasm, so that the page
//! and the command line would differ in the second digit; this one gives the same bits.

use std::mem::MaybeUninit;
use std::ops::Range;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor, bail};

use super::integer::{Blocks, Finish, Kind, Panels, Quantized, product_rows};
use super::{contiguous, numbers_of, parallel};
use crate::error::{Error, Result};

/// Rows multiplied at a time, about: weights that come from memory meet all of a ViT's, and what lies between
/// an MLP's products stays in a cache (on Sapphire Rapids Swin-Tiny is 5 % faster so than with 96).
const BATCH: usize = 200;

/// A multiple of the rows of the tile that is used most.
const TILE_ROWS: usize = 12;

/// A quantized matrix (out, in) and the bias added to its products.
pub struct QuantizedMatrix {
    panels: Panels,
    bias: Option<Vec<f32>>,
}

impl QuantizedMatrix {
    /// `None` if the matrix is of a type that this kernel does not multiply.
    ///
    /// # Errors
    /// If the bias does not fit, or there is no room for the weights as the product reads them.
    pub fn new(weights: &QTensor, bias: Option<&Tensor>) -> Result<Option<Self>> {
        let kind = match weights.dtype() {
            GgmlDType::Q8_0 => Kind::Q8_0,
            GgmlDType::Q4_0 => Kind::Q4_0,
            _ => return Ok(None),
        };
        let (rows, columns) = weights.shape().dims2()?;
        let bias = bias.map(|bias| bias.to_vec1::<f32>()).transpose()?;
        let bytes = weights.data()?;
        let blocks = Blocks::new(kind, &bytes, rows, columns);
        let fits = bias.as_ref().is_none_or(|bias| bias.len() == rows);
        let Some(blocks) = blocks.filter(|_| fits) else {
            return Err(candle_core::Error::msg(format!(
                "{} bytes and a bias do not fit a matrix of {rows} times {columns}",
                bytes.len()
            ))
            .into());
        };
        let panels = Panels::new(&blocks).map_err(|_| Error::Memory {
            what: "the weights".to_owned(),
            bytes: bytes.len() as u64,
        })?;
        Ok(Some(Self { panels, bias }))
    }
}

/// What becomes of a product before it is written.
#[derive(Clone, Copy)]
pub enum After<'a> {
    Nothing,
    Gelu,
    /// It is added to these.
    Onto(&'a Tensor),
}

impl QuantizedMatrix {
    /// x Wᵀ + b: (rows, in) to (rows, out).
    pub fn forward(&self, x: &Tensor, after: After) -> candle_core::Result<Tensor> {
        self.apply(x, None, after)
    }

    /// gelu(x Wᵀ + b) W₂ᵀ + b₂, rows by rows so that what lies between stays in a cache: (rows, in) to
    /// (rows, `second`'s out). The same numbers as by [`QuantizedMatrix::forward`] twice.
    pub fn forward_through_gelu(
        &self,
        second: &QuantizedMatrix,
        x: &Tensor,
        after: After,
    ) -> candle_core::Result<Tensor> {
        self.apply(x, Some(second), after)
    }

    fn apply(
        &self,
        x: &Tensor,
        second: Option<&QuantizedMatrix>,
        after: After,
    ) -> candle_core::Result<Tensor> {
        x.contiguous()?.apply_op1_no_bwd(&Operation {
            first: self,
            second,
            after,
        })
    }

    fn product<'a>(
        &self,
        x: &Quantized,
        finish: Finish,
        y: &'a mut [MaybeUninit<f32>],
    ) -> &'a mut [f32] {
        product_rows(x, &self.panels, self.bias.as_deref(), finish, y)
    }
}

struct Operation<'a> {
    first: &'a QuantizedMatrix,
    second: Option<&'a QuantizedMatrix>,
    after: After<'a>,
}

impl CustomOp1 for Operation<'_> {
    fn name(&self) -> &'static str {
        "quantized-product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (first, last) = (self.first, self.second.unwrap_or(self.first));
        let (count, columns) = layout.shape().dims2()?;
        if columns != first.panels.columns {
            bail!(
                "rows of {columns} do not fit a matrix of {}",
                first.panels.columns
            );
        }
        let hidden = first.panels.rows;
        if self.second.is_some() && hidden != last.panels.columns {
            bail!(
                "{hidden} outputs do not fit a matrix of {}",
                last.panels.columns
            );
        }
        let width = last.panels.rows;
        let start = match self.after {
            After::Onto(start) => Some(start.contiguous()?),
            _ => None,
        };
        let start = start.as_ref().map(Tensor::storage_and_layout);
        let start = start
            .as_ref()
            .map(|(storage, layout)| (&**storage, *layout));
        let start = numbers_of(start, count * width)?;
        let x = contiguous(x, layout)?;
        // Not filled with zeros first: that takes as long as writing what belongs there.
        let mut out: Vec<f32> = Vec::with_capacity(count * width);
        let room = &mut out.spare_capacity_mut()[..count * width];
        let rows_at_once = parallel::rows_at_once(count);
        let length = (rows_at_once * width).max(1);
        let parts = room.chunks_mut(length).enumerate().collect();
        parallel::for_each(parts, |(index, room): (usize, &mut [MaybeUninit<f32>])| {
            let rows = room.len() / width.max(1);
            let x = &x[index * rows_at_once * columns..][..rows * columns];
            let start = start.map(|start| &start[index * length..][..room.len()]);
            let finish = |range: Range<usize>| match (self.after, start) {
                (After::Gelu, _) => Finish::Gelu,
                (_, Some(start)) => Finish::Onto(&start[range]),
                _ => Finish::Nothing,
            };
            let batch = rows_a_batch(rows);
            let between = self.second.map_or(0, |_| batch * hidden);
            let mut between = vec![MaybeUninit::uninit(); between];
            for (index, room) in room.chunks_mut((batch * width).max(1)).enumerate() {
                let rows = room.len() / width.max(1);
                let x = &x[index * batch * columns..][..rows * columns];
                let mut x = Quantized::new(x, columns);
                if self.second.is_some() {
                    let between = &mut between[..rows * hidden];
                    let between = first.product(&x, Finish::Nothing, between);
                    x = Quantized::of_gelu(between, hidden);
                }
                let at = index * batch * width;
                last.product(&x, finish(at..at + room.len()), room);
            }
        });
        // SAFETY: the parts are all of the room, and so are each one's batches.
        unsafe { out.set_len(count * width) };
        Ok((CpuStorage::F32(out), (count, width).into()))
    }
}

/// Of how many rows a batch is where there are `rows`: about equal parts, whole tiles.
fn rows_a_batch(rows: usize) -> usize {
    let parts = rows.div_ceil(BATCH).max(1);
    rows.div_ceil(parts).next_multiple_of(TILE_ROWS)
}
