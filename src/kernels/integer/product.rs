//! y = x Wᵀ + b in integers.
//!
//! An output is the bias, to which is added for each group along k, from the first to the last, the
//! (integer sum as f32 · the weights' scale) · the activations' scale. That order holds for every
//! tile, edge and instruction set.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::activations::Quantized;
use super::blocks::group_of;
use super::dot::{Dot, Tile, Work, with_products};
use super::panel::{Panel, Panels, WIDEST};
use crate::kernels::elementwise::{add, gelu_each};

/// What becomes of a product before it is written.
#[derive(Clone, Copy)]
pub enum Finish<'a> {
    Nothing,
    Gelu,
    /// Is added to numbers of y's shape.
    Onto(&'a [f32]),
}

/// y (rows, outputs), all of it. Fastest for some hundred rows at most: each panel of the weights meets all of them
/// while it is in the first-level cache, and they and y had better stay in the second.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn product_rows<'a>(
    x: &Quantized,
    weights: &Panels,
    bias: Option<&[f32]>,
    finish: Finish,
    y: &'a mut [MaybeUninit<f32>],
) -> &'a mut [f32] {
    assert_eq!(x.columns, weights.columns);
    assert_eq!(y.len(), x.rows * weights.rows);
    assert!(bias.is_none_or(|bias| bias.len() == weights.rows));
    if let Finish::Onto(start) = finish {
        assert_eq!(start.len(), y.len());
    }
    with_products(Multiply {
        x,
        weights,
        bias,
        finish,
        y,
    })
}

pub(crate) struct Multiply<'a, 'b> {
    pub x: &'a Quantized,
    pub weights: &'a Panels,
    pub bias: Option<&'a [f32]>,
    pub finish: Finish<'a>,
    pub y: &'b mut [MaybeUninit<f32>],
}

impl<'b> Work for Multiply<'_, 'b> {
    type Out = &'b mut [f32];

    #[inline(always)]
    fn run<D: Dot, const R: usize, const V: usize>(self) -> &'b mut [f32] {
        let Self {
            x,
            weights,
            bias,
            finish,
            y,
        } = self;
        let outputs = weights.rows;
        if outputs == 0 || x.rows == 0 {
            return &mut [];
        }
        let width = V * D::WIDTH;
        let steps = group_of(weights.columns) / D::STEP;
        for column in (0..outputs).step_by(width) {
            let columns = column..(column + width).min(outputs);
            let mut start = [0.0; WIDEST];
            if let Some(bias) = bias {
                start[..columns.len()].copy_from_slice(&bias[columns.clone()]);
            }
            let panel = weights.panel::<D>(width, column / width);
            multiply_panel::<D, R, V>(x, &panel, steps, &start, columns, outputs, y);
        }
        // SAFETY: the panels are all columns, and each wrote its own of every row.
        let y = unsafe { y.assume_init_mut() };
        match finish {
            Finish::Nothing => {}
            Finish::Gelu => gelu_each(y),
            Finish::Onto(start) => add(y, start),
        }
        y
    }
}

/// x Wᵀ of all rows and one panel, added to `start`, written to `columns` of `y`, whose rows are `stride`
/// long.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
#[allow(clippy::needless_range_loop)] // iterators make LLVM copy the pointers, in pieces of another size
fn multiply_panel<D: Dot, const R: usize, const V: usize>(
    x: &Quantized,
    panel: &Panel,
    steps: usize,
    start: &[f32; WIDEST],
    columns: Range<usize>,
    stride: usize,
    y: &mut [MaybeUninit<f32>],
) {
    let (width, length) = (V * D::WIDTH, steps * D::STEP);
    let groups = x.columns / length;
    assert!(width <= WIDEST && columns.end <= stride && y.len() == x.rows * stride);
    // What lies past the matrix's end, and past the last row.
    let mut scratch = [[MaybeUninit::uninit(); WIDEST]; R];
    let is_whole = columns.len() == width;
    let start = [start.as_ptr(); R];
    for first in (0..x.rows).step_by(R) {
        let rows = x.words::<D, R>(first);
        let mut out = [std::ptr::null_mut(); R];
        for lane in 0..R {
            let at = (first + lane) * stride + columns.start;
            out[lane] = match is_whole && first + lane < x.rows {
                // SAFETY: y has that row, and the row those columns.
                true => unsafe { y.as_mut_ptr().add(at) },
                false => scratch[lane].as_mut_ptr(),
            };
        }
        for index in 0..groups {
            let weights = &panel.bytes[index * width * length..][..width * length];
            let sums = match D::CENTRED {
                true => &[][..],
                false => &panel.sums[index * width..][..width],
            };
            let (row_scales, offsets) = x.scales::<R>(first, index);
            let tile = Tile {
                steps,
                rows: rows.map(|words| words[index * steps..][..steps].as_ptr()),
                weights: weights.as_ptr(),
                offsets: offsets.as_ptr(),
                sums: sums.as_ptr(),
                row_scales: row_scales.as_ptr(),
                scales: panel.scales[index * width..][..width].as_ptr(),
                start: match index {
                    0 => start.as_ptr(),
                    _ => out.as_ptr().cast(),
                },
                out: out.as_ptr(),
            };
            // SAFETY: the slices are as long as that, `out` is a whole panel's columns of rows of y or
            // rows of scratch, and its numbers are those that the group before wrote.
            unsafe { tile.multiply::<D, V>() };
        }
        if !is_whole {
            let y = y[first * stride..].chunks_exact_mut(stride);
            for (scratch, y) in scratch.iter().zip(y) {
                let y = &mut y[columns.clone()];
                y.copy_from_slice(&scratch[..y.len()]);
            }
        }
    }
}
