//! What the patch projection listens to: the principal components of its filters, as pictures
//! (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>, figure 7, left).

use candle_core::Tensor;

use super::eigen::leading;
use crate::error::Result;

/// A principal component of the filters.
pub struct Component {
    /// As many numbers as a filter has, of length 1. Of the two signs that a component can have, the one
    /// whose largest number is positive.
    pub values: Vec<f32>,
    /// Of the filters' variance, 0 to 1.
    pub share: f32,
}

/// The first `count` principal components of filters (D, P·P·3), or fewer where there are no more.
pub fn components(filters: &Tensor, count: usize) -> Result<Vec<Component>> {
    let (dim, numbers) = filters.dims2()?;
    let centred = filters.broadcast_sub(&filters.mean_keepdim(0)?)?;
    let transposed = centred.t()?.contiguous()?;
    // Both products have the same eigenvalues; the smaller one is less work.
    let is_wide = dim < numbers;
    let matrix = match is_wide {
        true => centred.matmul(&transposed)?,
        false => transposed.matmul(&centred)?,
    };
    let variance: f64 = centred.sqr()?.sum_all()?.to_scalar::<f32>()?.into();
    let rows: Vec<Vec<f32>> = centred.to_vec2()?;
    let found = leading(&matrix, count)?;
    // Of D centred filters one follows from the others, and rounding leaves it a little of a variance.
    let found = found
        .into_iter()
        .filter(|(value, _)| *value > 1e-6 * variance);
    let component = |(value, vector): (f64, Vec<f64>)| {
        let values = match is_wide {
            true => combined(&rows, &vector),
            false => vector,
        };
        Component {
            values: upright(&values),
            share: (value / variance) as f32,
        }
    };
    Ok(found.map(component).collect())
}

/// The sum of the rows, each times its weight.
fn combined(rows: &[Vec<f32>], weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; rows.first().map_or(0, Vec::len)];
    for (row, weight) in rows.iter().zip(weights) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += weight * f64::from(*value);
        }
    }
    sum
}

/// Of length 1, the largest number positive.
fn upright(values: &[f64]) -> Vec<f32> {
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let largest = values.iter().fold(0.0f64, |most, &value| {
        if value.abs() > most.abs() {
            value
        } else {
            most
        }
    });
    let scale = match length > 0.0 {
        true => largest.signum() / length,
        false => 0.0,
    };
    values.iter().map(|value| (value * scale) as f32).collect()
}
