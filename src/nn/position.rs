//! Learned position embeddings, resampled where the input is not of the size they were trained at.

use candle_core::{Device, Tensor};

use crate::error::Result;
use crate::kernels::batched_product;

/// timm's `resample_abs_pos_embed`: bicubic (a = −0.5), antialiased, as PyTorch's `interpolate`.
///
/// `grid` is (rows · columns, D) for `from` (rows, columns); the result is the same for `to`.
pub fn resampled(grid: &Tensor, from: (usize, usize), to: (usize, usize)) -> Result<Tensor> {
    if from == to {
        return Ok(grid.clone());
    }
    let dim = grid.dim(1)?;
    // (rows, columns, D) -> (rows', columns, D) -> (rows', columns', D)
    let rows = axis_matrix(from.0, to.0)?;
    let columns = axis_matrix(from.1, to.1)?;
    // In one order of summation everywhere: a last bit here would be a whole step once activations are rounded.
    let by_rows = batched_product(
        &rows.unsqueeze(0)?,
        &grid.reshape((1, from.0, from.1 * dim))?,
    )?;
    let by_columns = by_rows.reshape((to.0, from.1, dim))?;
    let out = batched_product(&columns.broadcast_left(to.0)?, &by_columns)?;
    Ok(out.reshape((to.0 * to.1, dim))?)
}

/// The (to, from) matrix that resamples one axis.
fn axis_matrix(from: usize, to: usize) -> Result<Tensor> {
    let scale = from as f64 / to as f64;
    let widening = scale.max(1.0);
    let support = 2.0 * widening;
    let mut matrix = vec![0f32; to * from];
    for (position, row) in matrix.chunks_exact_mut(from).enumerate() {
        let center = scale * (position as f64 + 0.5);
        let first = ((center - support + 0.5) as i64).max(0) as usize;
        let end = ((center + support + 0.5) as usize).min(from);
        let weight = |at: usize| cubic((at as f64 - center + 0.5) / widening);
        let sum: f64 = (first..end).map(weight).sum();
        for (place, at) in row[first..end].iter_mut().zip(first..) {
            *place = (weight(at) / sum) as f32;
        }
    }
    Ok(Tensor::from_vec(matrix, (to, from), &Device::Cpu)?)
}

/// Keys's cubic convolution kernel with a = −0.5.
fn cubic(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}
