//! y = x Wᵀ + b in integers.
//!
//! An output is the sum over the groups along k, from the first to the last, of (integer sum as f32 ·
//! the weights' scale) · the activations' scale; then the bias is added. That order holds for every
//! tile, edge and instruction set.

use std::ops::Range;

use super::activations::{Quantized, ROWS, Tile};
use super::blocks::{Blocks, group_of};
use super::dot::{self, Dot, Work, with_products};
use super::panel::{Panel, Panels, VECTORS, WIDEST, panel_width};

/// Tiles of rows that go through a buffer of weights together, so that outputs are written in runs.
const TILES_TOGETHER: usize = 16;

/// The rows `rows` of y, of which `y` holds just those: threads take a range each.
///
/// # Panics
/// If the shapes do not fit each other, or `rows` begins inside a tile of 4.
pub fn product_rows(
    x: &Quantized,
    rows: Range<usize>,
    weights: &Blocks,
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    assert_eq!(x.columns, weights.columns);
    assert!(rows.start.is_multiple_of(ROWS) && rows.end <= x.rows);
    assert_eq!(y.len(), rows.len() * weights.rows);
    assert!(bias.is_none_or(|bias| bias.len() == weights.rows));
    with_products(Multiply {
        x,
        rows,
        weights,
        bias,
        y,
    });
}

pub(crate) struct Multiply<'a> {
    pub x: &'a Quantized,
    pub rows: Range<usize>,
    pub weights: &'a Blocks<'a>,
    pub bias: Option<&'a [f32]>,
    pub y: &'a mut [f32],
}

impl Work for Multiply<'_> {
    type Out = ();

    #[inline(always)]
    fn run<D: Dot>(self) {
        let Self {
            x,
            rows,
            weights,
            bias,
            y,
        } = self;
        let outputs = weights.rows;
        if outputs == 0 || rows.is_empty() {
            return;
        }
        let width = panel_width::<D>();
        let group = group_of(weights.columns);
        let mut panels = Panels::new::<D>(weights.columns);
        let mut values = [[0.0; WIDEST]; ROWS];
        for first in (0..outputs).step_by(panels.room::<D>()) {
            panels.fill::<D>(weights, first);
            let here = panels.room::<D>().min(outputs - first);
            for (batch, y) in y.chunks_mut(TILES_TOGETHER * ROWS * outputs).enumerate() {
                let first_tile = rows.start / ROWS + batch * TILES_TOGETHER;
                for (panel_index, panel) in panels.iter::<D>(here).enumerate() {
                    let column = first + panel_index * width;
                    let columns = column..(column + width).min(outputs);
                    let mut padded = [0.0; WIDEST];
                    if let Some(bias) = bias {
                        padded[..columns.len()].copy_from_slice(&bias[columns.clone()]);
                    }
                    for (at, y) in y.chunks_mut(ROWS * outputs).enumerate() {
                        let tile = x.tile::<D>(first_tile + at);
                        tile_values::<D>(&tile, &panel, group, &mut values);
                        for (values, y) in values.iter().zip(y.chunks_exact_mut(outputs)) {
                            write::<D>(values, &padded, &mut y[columns.clone()]);
                        }
                    }
                }
            }
        }
    }
}

/// x Wᵀ of one tile, (ROWS, panel width).
///
/// A function of its own in wasm: in a long one V8 runs out of registers inside the loop (51 and 31
/// Gop/s). Not so on x86, where it would lose its caller's instruction set.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn tile_values<D: Dot>(x: &Tile, panel: &Panel, group: usize, values: &mut [[f32; WIDEST]; ROWS]) {
    let width = panel_width::<D>();
    let groups = x
        .words
        .chunks_exact(ROWS * (group / D::STEP))
        .zip(panel.words.chunks_exact(width * (group / D::STEP)))
        .zip(
            x.scales
                .chunks_exact(ROWS)
                .zip(x.offsets.chunks_exact(ROWS)),
        )
        .zip(panel.scales.chunks_exact(width));
    for (index, (((x, weights), (x_scales, offsets)), scales)) in groups.enumerate() {
        let mut sums = [[D::zero(); VECTORS]; ROWS];
        if !D::CENTRED {
            let weights = &panel.sums[index * width..][..width];
            for (sums, offset) in sums.iter_mut().zip(offsets) {
                for (vector, sums) in sums.iter_mut().enumerate() {
                    *sums = D::less(*offset, &weights[vector * D::WIDTH..][..D::WIDTH]);
                }
            }
        }
        let sums = dot::tile::<D, ROWS, VECTORS>(sums, x, weights);
        for ((sums, values), scale) in sums.into_iter().zip(values.iter_mut()).zip(x_scales) {
            for (vector, sums) in sums.into_iter().enumerate() {
                let range = vector * D::WIDTH..(vector + 1) * D::WIDTH;
                let place = &mut values[range.clone()];
                D::scale(sums, &scales[range], *scale, index > 0, place);
            }
        }
    }
}

/// Writes a row of a tile with the bias added; `y` is shorter than it where the matrix ends.
#[inline(always)]
fn write<D: Dot>(values: &[f32; WIDEST], bias: &[f32; WIDEST], y: &mut [f32]) {
    let width = panel_width::<D>();
    let mut whole = [0.0; WIDEST];
    let ends = y.len() < width;
    let place = if ends { &mut whole[..] } else { &mut y[..] };
    for at in (0..width).step_by(D::WIDTH) {
        let range = at..at + D::WIDTH;
        D::write(
            &values[range.clone()],
            &bias[range.clone()],
            &mut place[range],
        );
    }
    if ends {
        let count = y.len();
        y.copy_from_slice(&whole[..count]);
    }
}
