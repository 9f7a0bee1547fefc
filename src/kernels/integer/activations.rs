//! Activations in 8 bits with a scale and a zero of their own for each group of 384 or fewer.

use super::blocks::{BLOCK, LONGEST, group_of};
use super::dot::{Dot, Work, twice, with_products};
use crate::kernels::elementwise::gelu_to;
use crate::kernels::four::{Four, MAGIC, across};

/// Rows of activations (rows, columns), to be multiplied with any number of matrices.
///
/// A group of x is stored as round(x / scale) in −zero..=255 − zero, where −zero and 255 − zero stand
/// for the group's smallest number (or 0) and its largest (or 0): off by half of (largest −
/// smallest) / 255, at most by one such step at the larger end.
pub struct Quantized {
    /// (rows, columns / STEP)
    words: Vec<u32>,
    /// (groups, rows)
    scales: Vec<f32>,
    /// How much more each stored number is, by [`twice`]: (groups, rows).
    offsets: Vec<i32>,
    /// Of which the last are zeros that make whole tiles.
    padded_rows: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Quantized {
    /// The rows of `x` (rows, columns).
    ///
    /// # Panics
    /// If `columns` is no multiple of 32 or does not divide `x`.
    pub fn new(x: &[f32], columns: usize) -> Self {
        Self::of(x, columns, false)
    }

    /// The GELU of the rows of `x`, of the same shape and with the same panics as [`Quantized::new`].
    pub fn of_gelu(x: &[f32], columns: usize) -> Self {
        Self::of(x, columns, true)
    }

    fn of(x: &[f32], columns: usize, gelu: bool) -> Self {
        assert!(columns > 0 && columns.is_multiple_of(BLOCK) && x.len().is_multiple_of(columns));
        with_products(Set { x, columns, gelu })
    }

    #[inline(always)]
    pub(crate) fn new_with<D: Dot, const R: usize>(x: &[f32], columns: usize, gelu: bool) -> Self {
        let (rows, group) = (x.len() / columns, group_of(columns));
        let padded_rows = rows.next_multiple_of(R);
        let count = padded_rows * (columns / group);
        let (mut scales, mut offsets) = (vec![0.0; count], vec![0; count]);
        let mut words = vec![0; padded_rows * columns / D::STEP];
        let mut room = [0.0; LONGEST];
        let each = x
            .chunks_exact(columns)
            .zip(words.chunks_exact_mut(columns / D::STEP));
        for (row, (x, words)) in each.enumerate() {
            let groups = x
                .chunks_exact(group)
                .zip(words.chunks_exact_mut(group / D::STEP));
            for (index, (mut x, words)) in groups.enumerate() {
                if gelu {
                    let room = &mut room[..group];
                    gelu_to(x, room);
                    x = room;
                }
                let (scale, zero) = quantize::<D>(x, words);
                let at = index * padded_rows + row;
                (scales[at], offsets[at]) = (scale, twice(D::offset(zero)));
            }
        }
        Self {
            words,
            scales,
            offsets,
            padded_rows,
            rows,
            columns,
        }
    }

    /// The words of the `R` rows from `first` on, which is a multiple of R.
    #[inline(always)]
    pub(crate) fn words<D: Dot, const R: usize>(&self, first: usize) -> [&[u32]; R] {
        let length = self.columns / D::STEP;
        let words = &self.words[first * length..][..R * length];
        std::array::from_fn(|lane| &words[lane * length..][..length])
    }

    /// The scales and the offsets of group `index` of those rows.
    #[inline(always)]
    pub(crate) fn scales<const R: usize>(&self, first: usize, index: usize) -> (&[f32], &[i32]) {
        let at = index * self.padded_rows + first;
        (&self.scales[at..][..R], &self.offsets[at..][..R])
    }
}

struct Set<'a> {
    x: &'a [f32],
    columns: usize,
    gelu: bool,
}

impl Work for Set<'_> {
    type Out = Quantized;

    #[inline(always)]
    fn run<D: Dot, const R: usize, const V: usize>(self) -> Quantized {
        Quantized::new_with::<D, R>(self.x, self.columns, self.gelu)
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
    let all = |[a, b, c, d]: [Four; 4], farther: fn(Four, Four) -> Four| {
        across(farther(farther(a, b), farther(c, d)), farther).first()
    };
    let (low, high) = (all(low, Four::unsigned_max), all(high, Four::signed_max));
    // Where none is below 0 that order finds the largest.
    (if low > 0.0 { 0.0 } else { low }, high)
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
    let steps = Four::splat(steps);
    let places = words.chunks_exact_mut(16 / D::STEP);
    for (words, x) in places.zip(x.as_chunks::<16>().0) {
        let [a, b, c, d] = x.as_chunks().0 else {
            continue; // four fours are sixteen
        };
        let numbers = [a, b, c, d].map(|four| Four::load(four) * steps);
        D::pack_activations(numbers, zero as i16, words);
    }
    (scale, zero as i16)
}
