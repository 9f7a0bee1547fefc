//! The product of f32 rows with a Q8_0 or Q4_0 matrix, as a candle operation.
//!
//! candle's own product quantizes activations differently natively and in wasm, so that the page
//! and the command line would differ in the second digit; this one gives the same bits.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor, bail};

use super::contiguous;
use super::integer::{BLOCK, Blocks, Kind, Quantized, ROWS, product_rows};

/// Rows below which sharing them among threads costs more than it saves: each unpacks the weights.
#[cfg(not(target_arch = "wasm32"))]
const ROWS_A_THREAD: usize = 64;

/// A quantized matrix (out, in) and the bias added to its products. The weights stay the bytes of
/// the file, so that they can be saved as they came.
pub struct QuantizedMatrix {
    weights: Arc<QTensor>,
    bias: Option<Vec<f32>>,
    kind: Kind,
    rows: usize,
    columns: usize,
}

impl QuantizedMatrix {
    /// `None` if the matrix is of a type that this kernel does not multiply.
    pub fn new(weights: Arc<QTensor>, bias: Option<&Tensor>) -> candle_core::Result<Option<Self>> {
        let kind = match weights.dtype() {
            GgmlDType::Q8_0 => Kind::Q8_0,
            GgmlDType::Q4_0 => Kind::Q4_0,
            _ => return Ok(None),
        };
        let (rows, columns) = weights.shape().dims2()?;
        let bias = bias.map(|bias| bias.to_vec1::<f32>()).transpose()?;
        if bias.as_ref().is_some_and(|bias| bias.len() != rows) {
            bail!("a matrix of {rows} outputs and a bias of another length");
        }
        Ok(Some(Self {
            weights,
            bias,
            kind,
            rows,
            columns,
        }))
    }
}

impl CustomOp1 for QuantizedMatrix {
    fn name(&self) -> &'static str {
        "quantized-product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (count, columns) = layout.shape().dims2()?;
        let bytes = self.weights.data()?;
        let weights = Blocks::new(self.kind, &bytes, self.rows, self.columns);
        let Some(weights) = weights.filter(|_| columns == self.columns) else {
            bail!(
                "rows of {columns} do not fit a matrix of {} in blocks of {BLOCK}",
                self.columns
            );
        };
        let mut quantized = Quantized::default();
        quantized.set(contiguous(x, layout)?, columns);
        let mut out = vec![0.0; count * self.rows];
        let bias = self.bias.as_deref();
        let rows_at_once = rows_at_once(count);
        let part = |(index, out): (usize, &mut [f32])| {
            let first = index * rows_at_once;
            let rows = first..first + out.len() / self.rows;
            product_rows(&quantized, rows, &weights, bias, out);
        };
        let length = (rows_at_once * self.rows).max(1);
        #[cfg(target_arch = "wasm32")]
        out.chunks_mut(length).enumerate().for_each(part);
        #[cfg(not(target_arch = "wasm32"))]
        {
            use rayon::prelude::*;
            out.par_chunks_mut(length).enumerate().for_each(part);
        }
        Ok((CpuStorage::F32(out), (count, self.rows).into()))
    }
}

/// Into how large parts `count` rows are cut: whole tiles, about one part a thread.
fn rows_at_once(count: usize) -> usize {
    #[cfg(target_arch = "wasm32")]
    let rows = count;
    #[cfg(not(target_arch = "wasm32"))]
    let rows = count
        .div_ceil(rayon::current_num_threads())
        .max(ROWS_A_THREAD);
    rows.max(1).next_multiple_of(ROWS)
}
