//! Activations in 8 bits with a scale and a zero of their own for each group of 384 or fewer.

use super::blocks::{BLOCK, group_of};
use super::dot::{Dot, Work, with_products};
use crate::kernels::four::{Four, MAGIC};

/// Rows of activations (rows, columns), to be multiplied with any number of matrices.
///
/// A group of x is stored as round(x / scale) in −zero..=255 − zero, where −zero and 255 − zero stand
/// for the group's smallest number (or 0) and its largest (or 0): off by half of (largest −
/// smallest) / 255, at most by one such step at the larger end.
#[derive(Default)]
pub struct Quantized {
    /// (rows, columns / STEP)
    words: Vec<u32>,
    /// (rows, groups)
    scales: Vec<f32>,
    /// How much more each stored number is, (rows, groups).
    offsets: Vec<i32>,
    pub rows: usize,
    pub columns: usize,
    groups: usize,
}

/// Rows of a tile.
pub(crate) struct Rows<'a, const R: usize> {
    pub words: [&'a [u32]; R],
    pub scales: [&'a [f32]; R],
    pub offsets: [&'a [i32]; R],
    pub groups: usize,
}

impl Quantized {
    /// The rows of `x` (rows, columns).
    ///
    /// # Panics
    /// If `columns` is no multiple of 32 or does not divide `x`.
    pub fn new(x: &[f32], columns: usize) -> Self {
        assert!(columns > 0 && columns.is_multiple_of(BLOCK) && x.len().is_multiple_of(columns));
        with_products(Set { x, columns })
    }

    #[inline(always)]
    pub(crate) fn new_with<D: Dot>(x: &[f32], columns: usize) -> Self {
        let group = group_of(columns);
        let groups = x.len() / group;
        let mut scales = Vec::with_capacity(groups);
        let mut offsets = Vec::with_capacity(groups);
        let mut words = vec![0; x.len() / D::STEP];
        let groups = x
            .chunks_exact(group)
            .zip(words.chunks_exact_mut(group / D::STEP));
        for (x, words) in groups {
            let (scale, zero) = quantize::<D>(x, words);
            scales.push(scale);
            offsets.push(D::offset(zero));
        }
        Self {
            words,
            scales,
            offsets,
            rows: x.len() / columns,
            columns,
            groups: columns / group,
        }
    }

    /// `R` rows from `first` on; past the end the last one again.
    #[inline(always)]
    pub(crate) fn tile<D: Dot, const R: usize>(&self, first: usize) -> Rows<'_, R> {
        let row = |lane: usize| (first + lane).min(self.rows - 1);
        let (words, groups) = (self.columns / D::STEP, self.groups);
        Rows {
            words: std::array::from_fn(|lane| &self.words[row(lane) * words..][..words]),
            scales: std::array::from_fn(|lane| &self.scales[row(lane) * groups..][..groups]),
            offsets: std::array::from_fn(|lane| &self.offsets[row(lane) * groups..][..groups]),
            groups,
        }
    }
}

struct Set<'a> {
    x: &'a [f32],
    columns: usize,
}

impl Work for Set<'_> {
    type Out = Quantized;

    #[inline(always)]
    fn run<D: Dot, const R: usize, const V: usize>(self) -> Quantized {
        Quantized::new_with::<D>(self.x, self.columns)
    }
}

/// The smallest and the largest of some numbers, sixteen at a time, and 0; NaN where one is.
#[inline(always)]
fn ends(x: &[f32]) -> (f32, f32) {
    // Beside 0 the bits as integers order what is above it, and the other way round what is below: one
    // instruction where a comparison of numbers takes four.
    let (mut low, mut high) = ([Four::splat(0.0); 4], [Four::splat(0.0); 4]);
    for x in x.as_chunks::<16>().0 {
        for ((x, low), high) in x.as_chunks().0.iter().zip(&mut low).zip(&mut high) {
            *low = low.unsigned_max(Four::load(x));
            *high = high.signed_max(Four::load(x));
        }
    }
    let (mut lows, mut highs) = ([0.0; 4], [0.0; 4]);
    let [a, b, c, d] = low;
    let low = a.unsigned_max(b).unsigned_max(c.unsigned_max(d));
    low.store(&mut lows);
    let [a, b, c, d] = high;
    let high = a.signed_max(b).signed_max(c.signed_max(d));
    high.store(&mut highs);
    let farther = |a: f32, b: f32, is_farther: bool| if is_farther || b.is_nan() { b } else { a };
    (
        lows.into_iter().fold(0.0, |a, b| farther(a, b, b < a)),
        highs.into_iter().fold(0.0, |a, b| farther(a, b, b > a)),
    )
}

/// Rounds a group of activations to −zero..=255 − zero; gives what one step is worth and zero.
#[inline(always)]
pub(crate) fn quantize<D: Dot>(x: &[f32], words: &mut [u32]) -> (f32, i16) {
    let (low, high) = ends(x);
    let scale: f32 = (high - low) / 255.0;
    // So that a group of zeros, or of numbers too small to tell from it, becomes zeros.
    let is_nothing = scale < f32::MIN_POSITIVE;
    let (scale, steps) = if is_nothing {
        (0.0, 0.0)
    } else {
        (scale, 1.0 / scale)
    };
    let zero = -low * steps + MAGIC - MAGIC;
    // Both ends may round up; then the larger is a step too many.
    let most = Four::splat(255.0 - zero);
    let steps = Four::splat(steps);
    let places = words.chunks_exact_mut(16 / D::STEP);
    for (words, x) in places.zip(x.as_chunks::<16>().0) {
        let numbers = |at: usize| {
            (Four::load(x[4 * at..].first_chunk().unwrap_or(&[0.0; 4])) * steps).signed_min(most)
        };
        D::pack_activations(
            [numbers(0), numbers(1), numbers(2), numbers(3)],
            zero as i16,
            words,
        );
    }
    (scale, zero as i16)
}
