//! The bias that attention in windows adds for each relative offset of two tokens.

use candle_core::{Device, Tensor};

use super::window::Extent;
use crate::error::{Error, Result};
use crate::weights::Weights;

const TABLE: &str = "relative_position_bias_table";

/// (heads, area, area) for windows of `size`, and the numbers learned for it.
///
/// The checkpoint's table is ((2R − 1)(2C − 1), heads): a row for each offset between two tokens of
/// a window of R x C. One that does not fit is taken for that of a square window and resampled as timm
/// does.
pub fn load(weights: &Weights, size: Extent) -> Result<(Tensor, usize)> {
    let Some(&[offsets, heads]) = weights.shape(TABLE) else {
        return Err(Error::MissingTensor {
            name: weights.name(TABLE),
        });
    };
    let table = weights.tensor(TABLE, &[offsets, heads])?;
    let to = offsets_of(size);
    let side = offsets.isqrt();
    let table = if offsets == to.0 * to.1 {
        table
    } else if side * side == offsets && side % 2 == 1 {
        resampled(&table, (side, side), to)?
    } else {
        return Err(Error::shape(
            &weights.name(TABLE),
            &[to.0 * to.1, heads],
            &[offsets, heads],
        ));
    };
    let index = Tensor::from_vec(pairs(size), size.0 * size.1 * size.0 * size.1, &Device::Cpu)?;
    let area = size.0 * size.1;
    let bias = table.t()?.contiguous()?.index_select(&index, 1)?;
    Ok((bias.reshape((heads, area, area))?, offsets * heads))
}

/// Rows and columns of the table for windows of `size`.
fn offsets_of(size: Extent) -> Extent {
    (2 * size.0 - 1, 2 * size.1 - 1)
}

/// The row of the table for each pair of tokens of a window: query row by row, then key.
fn pairs((rows, columns): Extent) -> Vec<u32> {
    let tokens = || (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)));
    let offset = |a: usize, b: usize, size: usize| a + size - 1 - b;
    tokens()
        .flat_map(|query| {
            tokens().map(move |key| {
                let row = offset(query.0, key.0, rows);
                let column = offset(query.1, key.1, columns);
                (row * (2 * columns - 1) + column) as u32
            })
        })
        .collect()
}

/// timm's `resize_rel_pos_bias_table` (without SciPy): linear between points whose distances grow
/// geometrically from the centre, so that near offsets keep their resolution; beyond the last point
/// its value holds. An axis that keeps its length is resampled too if the other does not.
///
/// `table` is (rows · columns, heads) for `from` (rows, columns), both odd; the result is so for `to`.
fn resampled(table: &Tensor, from: Extent, to: Extent) -> Result<Tensor> {
    let heads = table.dim(1)?;
    let values: Vec<f32> = table.flatten_all()?.to_vec1()?;
    let (rows, columns) = (axis(from.0, to.0), axis(from.1, to.1));
    let mut out = Vec::with_capacity(to.0 * to.1 * heads);
    for (row, down) in &rows {
        for (column, right) in &columns {
            for head in 0..heads {
                let value = |row: usize, column: usize| {
                    f64::from(values[(row * from.1 + column) * heads + head])
                };
                let next_row = (row + 1).min(from.0 - 1);
                let next_column = (column + 1).min(from.1 - 1);
                let above = value(*row, *column) * (1.0 - right) + value(*row, next_column) * right;
                let below =
                    value(next_row, *column) * (1.0 - right) + value(next_row, next_column) * right;
                out.push((above * (1.0 - down) + below * down) as f32);
            }
        }
    }
    Ok(Tensor::from_vec(out, (to.0 * to.1, heads), &Device::Cpu)?)
}

/// For each of `to` target offsets the source point at or before it, and how far it lies to the next.
fn axis(from: usize, to: usize) -> Vec<(usize, f64)> {
    let points = points(from, to);
    let half = (to / 2) as f64;
    (0..to)
        .map(|at| {
            let at = (at as f64 - half).clamp(points[0], points[points.len() - 1]);
            let before = points.partition_point(|point| *point <= at).max(1) - 1;
            let before = before.min(points.len().saturating_sub(2));
            let Some(gap) = points.get(before + 1).map(|next| next - points[before]) else {
                return (0, 0.0);
            };
            (before, (at - points[before]) / gap)
        })
        .collect()
}

/// Where the `from` source offsets lie among the targets: 0, ±1, ±(1 + q), ±(1 + q + q²), …, with q
/// such that the outermost falls on the outermost target, as near as bisection from 1.01 to 1.5 gets.
fn points(from: usize, to: usize) -> Vec<f64> {
    let side = from / 2;
    let (mut left, mut right, mut q) = (1.01f64, 1.5, 1.255);
    while right - left > 1e-6 {
        q = (left + right) / 2.0;
        let outermost = (1.0 - q.powi(side as i32)) / (1.0 - q);
        if outermost > (to / 2) as f64 {
            right = q;
        } else {
            left = q;
        }
    }
    let mut distances = Vec::with_capacity(side);
    let mut distance = 1.0;
    for i in 0..side {
        distances.push(distance);
        distance += q.powi(i as i32 + 1);
    }
    let negative = distances.iter().rev().map(|distance| -distance);
    negative
        .chain([0.0])
        .chain(distances.iter().copied())
        .collect()
}
