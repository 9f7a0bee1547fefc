//! Activations in 8 bits with a scale and a zero of their own for each group of 96, 64 or 32.

use super::blocks::{BLOCK, LONGEST, group_of};
use super::dot::{Dot, Work, with_products};
use crate::kernels::four::{Four, MAGIC, transpose};

/// Rows that share the weights they are multiplied with.
pub(crate) const ROWS: usize = 4;

/// Rows of activations (rows, columns), to be multiplied with any number of matrices.
///
/// A group of x is stored as round(x / scale) in −zero..=255 − zero, where −zero and 255 − zero stand
/// for the group's smallest number (or 0) and its largest (or 0): off by half of (largest −
/// smallest) / 255, at most by one such step at the larger end. The buffers are kept from one use
/// to the next.
#[derive(Default)]
pub struct Quantized {
    /// (tiles, columns / STEP, ROWS), the last tile filled up with zeros.
    words: Vec<u32>,
    /// (tiles, groups, ROWS)
    scales: Vec<f32>,
    /// How much more each stored number is, (tiles, groups, ROWS).
    offsets: Vec<i32>,
    pub rows: usize,
    pub columns: usize,
}

/// A tile of rows.
pub(crate) struct Tile<'a> {
    pub words: &'a [u32],
    pub scales: &'a [f32],
    pub offsets: &'a [i32],
}

impl Quantized {
    /// Takes the rows of `x` (rows, columns).
    ///
    /// # Panics
    /// If `columns` is no multiple of 32 or does not divide `x`.
    pub fn set(&mut self, x: &[f32], columns: usize) {
        assert!(columns > 0 && columns.is_multiple_of(BLOCK) && x.len().is_multiple_of(columns));
        with_products(Set {
            quantized: self,
            x,
            columns,
        });
    }

    #[inline(always)]
    pub(crate) fn set_with<D: Dot>(&mut self, x: &[f32], columns: usize) {
        self.rows = x.len() / columns;
        self.columns = columns;
        let group = group_of(columns);
        let (groups, steps) = (columns / group, group / D::STEP);
        let tiles = self.rows.div_ceil(ROWS);
        self.words.resize(tiles * ROWS * columns / D::STEP, 0);
        self.scales.resize(tiles * groups * ROWS, 0.0);
        self.offsets.resize(tiles * groups * ROWS, 0);
        let mut numbers = [0i16; LONGEST];
        let numbers = &mut numbers[..group];
        let mut rows = [[0u32; LONGEST / 2]; ROWS];
        for (at, words) in self.words.chunks_exact_mut(steps * ROWS).enumerate() {
            let (tile, index) = (at / groups, at % groups);
            for (lane, row) in rows.iter_mut().enumerate() {
                let first = (tile * ROWS + lane) * columns + index * group;
                let x = x.get(first..first + group).unwrap_or(&[]);
                let (scale, zero) = quantize(x, numbers);
                self.scales[at * ROWS + lane] = scale;
                self.offsets[at * ROWS + lane] = D::offset(zero);
                let places = row.chunks_exact_mut(16 / D::STEP);
                for (words, numbers) in places.zip(numbers.as_chunks().0) {
                    D::pack_activations(numbers, zero, words);
                }
            }
            transpose(rows.as_flattened(), LONGEST / 2, ROWS, words);
        }
    }

    /// Tile `index`.
    #[inline(always)]
    pub(crate) fn tile<D: Dot>(&self, index: usize) -> Tile<'_> {
        let words = ROWS * (self.columns / D::STEP);
        let scales = ROWS * (self.columns / group_of(self.columns));
        Tile {
            words: &self.words[index * words..][..words],
            scales: &self.scales[index * scales..][..scales],
            offsets: &self.offsets[index * scales..][..scales],
        }
    }
}

struct Set<'a> {
    quantized: &'a mut Quantized,
    x: &'a [f32],
    columns: usize,
}

impl Work for Set<'_> {
    type Out = ();

    #[inline(always)]
    fn run<D: Dot>(self) {
        self.quantized.set_with::<D>(self.x, self.columns);
    }
}

/// Rounds a group of activations to −zero..=255 − zero; gives what one step is worth and zero.
#[inline(always)]
fn quantize(x: &[f32], numbers: &mut [i16]) -> (f32, i16) {
    let (mut low, mut high) = (Four::splat(0.0), Four::splat(0.0));
    for x in x.as_chunks().0 {
        low = low.at_most(Four::load(x));
        high = high.at_least(Four::load(x));
    }
    let (mut lows, mut highs) = ([0.0; 4], [0.0; 4]);
    low.store(&mut lows);
    high.store(&mut highs);
    let low = lows.into_iter().fold(0.0, |a, b| if b < a { b } else { a });
    let high = highs
        .into_iter()
        .fold(0.0, |a, b| if b > a { b } else { a });
    let scale: f32 = (high - low) / 255.0;
    if scale < f32::MIN_POSITIVE {
        numbers.fill(0);
        return (0.0, 0);
    }
    let steps = 1.0 / scale;
    let zero = -low * steps + MAGIC - MAGIC;
    // Both ends may round up; then the larger is a step too many.
    let most = Four::splat(255.0 - zero);
    let steps = Four::splat(steps);
    let eights = numbers.as_chunks_mut::<8>().0.iter_mut();
    for (numbers, x) in eights.zip(x.as_chunks::<8>().0) {
        let rounded = |x: &[f32; 4]| (Four::load(x) * steps).at_most(most);
        let (halves, _) = x.as_chunks();
        *numbers = Four::integers(rounded(&halves[0]), rounded(&halves[1]));
    }
    (scale, zero as i16)
}
