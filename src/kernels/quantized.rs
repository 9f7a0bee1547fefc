//! The product of f32 rows with a Q8_0 or Q4_0 matrix, as a candle operation.
//!
//! candle's own product quantizes activations differently natively and in wasm, so that the page
//! and the command line would differ in the second digit; this one gives the same bits.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor, bail};

use super::integer::{BLOCK, Blocks, Finish, Kind, Quantized, product_rows};
use super::{contiguous, numbers_of, parallel};

/// Rows below which sharing them among threads costs more than it saves: each unpacks the weights.
const ROWS_A_THREAD: usize = 24;

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
        let matrix = self;
        x.contiguous()?
            .apply_op1_no_bwd(&Operation { matrix, after })
    }
}

struct Operation<'a> {
    matrix: &'a QuantizedMatrix,
    after: After<'a>,
}

impl CustomOp1 for Operation<'_> {
    fn name(&self) -> &'static str {
        "quantized-product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let matrix = self.matrix;
        let (count, columns) = layout.shape().dims2()?;
        let bytes = matrix.weights.data()?;
        let weights = Blocks::new(matrix.kind, &bytes, matrix.rows, matrix.columns);
        let Some(weights) = weights.filter(|_| columns == matrix.columns) else {
            bail!(
                "rows of {columns} do not fit a matrix of {} in blocks of {BLOCK}",
                matrix.columns
            );
        };
        let start = match self.after {
            After::Onto(start) => Some(start.contiguous()?),
            _ => None,
        };
        let start = start.as_ref().map(Tensor::storage_and_layout);
        let start = start
            .as_ref()
            .map(|(storage, layout)| (&**storage, *layout));
        let start = numbers_of(start, count * matrix.rows)?;
        let x = contiguous(x, layout)?;
        let mut out = vec![0.0; count * matrix.rows];
        let rows_at_once = rows_at_once(count);
        let length = (rows_at_once * matrix.rows).max(1);
        let parts = out.chunks_mut(length).enumerate().collect();
        parallel::for_each(parts, |(index, out): (usize, &mut [f32])| {
            let rows = out.len() / matrix.rows.max(1);
            let x = &x[index * rows_at_once * columns..][..rows * columns];
            let x = Quantized::new(x, columns);
            let finish = match (self.after, start) {
                (After::Gelu, _) => Finish::Gelu,
                (_, Some(start)) => Finish::Onto(&start[index * length..][..out.len()]),
                _ => Finish::Nothing,
            };
            let bias = matrix.bias.as_deref();
            product_rows(&x, 0..rows, &weights, bias, finish, out);
        });
        Ok((CpuStorage::F32(out), (count, matrix.rows).into()))
    }
}

/// Into how large parts `count` rows are cut: about one part a thread.
fn rows_at_once(count: usize) -> usize {
    match parallel::threads() {
        1 => count.max(1),
        threads => count.div_ceil(threads).max(ROWS_A_THREAD),
    }
}
