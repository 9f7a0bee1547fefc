//! y = x Wᵀ + b in integers.
//!
//! An output is the bias, to which is added for each group along k, from the first to the last, the
//! (integer sum as f32 · the weights' scale) · the activations' scale. That order holds for every
//! tile, edge and instruction set.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::activations::{Quantized, Rows};
use super::blocks::group_of;
use super::dot::{self, Dot, Work, with_products};
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

/// Where a tile's values go: rows of so many numbers of which the tile takes some columns, as many
/// rows as there are, from the tile's first on.
struct Place<'a> {
    y: &'a mut [MaybeUninit<f32>],
    stride: usize,
    columns: Range<usize>,
    /// For what lies past the matrix's end, (R, WIDEST).
    scratch: &'a mut [MaybeUninit<f32>],
}

/// x Wᵀ of all rows and one panel, added to `start`, written to `columns` of `y`.
///
/// A function of its own in wasm: in a long one V8 runs out of registers inside the loop (51 and 31
/// Gop/s on Zen 3). Not so on x86, where it would lose its caller's instruction set. A call for each tile
/// took a fourteenth at k = 96.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn multiply_panel<D: Dot, const R: usize, const V: usize>(
    x: &Quantized,
    panel: &Panel,
    steps: usize,
    start: &[f32],
    columns: Range<usize>,
    stride: usize,
    y: &mut [MaybeUninit<f32>],
) {
    let mut scratch = [[MaybeUninit::uninit(); WIDEST]; R];
    let is_ragged = columns.len() < V * D::WIDTH;
    for (at, y) in y.chunks_mut(R * stride).enumerate() {
        let tile = x.tile::<D, R>(at * R);
        let mut place = Place {
            y,
            stride,
            columns: columns.clone(),
            scratch: scratch.as_flattened_mut(),
        };
        multiply_tile::<D, R, V>(&tile, panel, steps, start, &mut place);
        if is_ragged {
            copy_ragged(&mut place);
        }
    }
}

/// x Wᵀ of one tile added to `start`, written to its place. What is outside of the inner loop matters too,
/// at k = 96 half as much as that: no division, no call, no spilled sums.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // iterators make LLVM keep the sums in memory
fn multiply_tile<D: Dot, const R: usize, const V: usize>(
    x: &Rows<R>,
    panel: &Panel,
    steps: usize,
    start: &[f32],
    place: &mut Place,
) {
    let width = V * D::WIDTH;
    let is_whole = place.columns.len() == width;
    let start: [D::Numbers; V] = std::array::from_fn(|vector| D::load(&start[vector * D::WIDTH..]));
    let length = steps * D::STEP;
    for index in 0..x.groups {
        let weights = &panel.bytes[index * width * length..][..width * length];
        let scales = &panel.scales[index * width..][..width];
        let mut sums = [[D::zero(); V]; R];
        if !D::CENTRED {
            let weights = &panel.sums[index * width..][..width];
            for lane in 0..R {
                for vector in 0..V {
                    let weights = &weights[vector * D::WIDTH..][..D::WIDTH];
                    sums[lane][vector] = D::less(x.offsets[lane][index], weights);
                }
            }
        }
        let words = x.words.map(|words| &words[index * steps..][..steps]);
        let sums = dot::tile::<D, _, R, V>(sums, words, weights, steps);
        for lane in 0..R {
            let first = lane * place.stride + place.columns.start;
            let out = match place.y.get_mut(first..first + width) {
                Some(out) if is_whole => out,
                _ => &mut place.scratch[lane * WIDEST..][..width],
            };
            let scale = x.scales[lane][index];
            for vector in 0..V {
                let range = vector * D::WIDTH..(vector + 1) * D::WIDTH;
                let so_far = match index {
                    0 => start[vector],
                    // SAFETY: the group before wrote them.
                    _ => D::load(unsafe { out[range.clone()].assume_init_ref() }),
                };
                let value = D::scaled(sums[lane][vector], &scales[range.clone()], scale, so_far);
                D::store(value, &mut out[range]);
            }
        }
    }
}

/// Copies the columns that the matrix has of a tile at its end.
fn copy_ragged(place: &mut Place) {
    let rows = place.y.chunks_exact_mut(place.stride);
    for (scratch, y) in place.scratch.chunks_exact(WIDEST).zip(rows) {
        let y = &mut y[place.columns.clone()];
        y.copy_from_slice(&scratch[..y.len()]);
    }
}
