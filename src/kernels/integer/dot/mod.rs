//! The inner loop of every integer product, once for each instruction set, all exact.
//!
//! A tile of `R` rows by `V` vectors of columns keeps its sums in registers while it walks along k.
//! `STEP` numbers along k meet in one lane: two of 16 bits (pmaddwd, `i32x4.dot_i16x8_s`) or four of
//! 8 bits (vpdpbusd and sdot behind `i32x4.relaxed_dot_i8x16_i7x16_add_s`). As the sums are of
//! integers and cannot overflow, which of them runs never shows in a result.

use std::mem::MaybeUninit;

use crate::kernels::four::Four;

#[cfg(any(test, not(target_arch = "wasm32")))]
pub(crate) mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "wasm32")]
pub(crate) mod wasm;

/// Multiplies and sums integers in vectors of `WIDTH` lanes, a lane a column.
///
/// `STEP` activations travel as one word of 32 bits, the first in the lowest.
pub(crate) trait Dot {
    type Sums: Copy;
    type Numbers: Copy;
    const WIDTH: usize;
    /// Numbers along k that one lane takes at once.
    const STEP: usize;
    /// Bytes that `STEP` weights of a column take.
    const COLUMN: usize;
    /// `true` if words of activations hold them less their zero, so that nothing has to come off.
    const CENTRED: bool;

    /// Activations in −`zero`..=255 − `zero`, not yet rounded, as words.
    fn pack_activations(numbers: [Four; 4], zero: i16, words: &mut [u32]);

    /// What each activation in such a word is too much.
    fn offset(zero: i16) -> i32;

    fn zero() -> Self::Sums;

    /// `WIDTH` sums times −`offset`.
    fn less(offset: i32, sums: &[i32]) -> Self::Sums;

    /// `sums` + `WIDTH` columns of `STEP` weights times the same `STEP` activations.
    ///
    /// # Safety
    /// A word of activations and `WIDTH` · `COLUMN` bytes of weights must be there.
    unsafe fn add(sums: Self::Sums, activations: *const u32, weights: *const u8) -> Self::Sums;

    fn store_sums(sums: Self::Sums, out: &mut [i32]);

    /// `WIDTH` numbers.
    fn load(x: &[f32]) -> Self::Numbers;

    fn store(x: Self::Numbers, out: &mut [MaybeUninit<f32>]);

    /// `start` + (`sums` as f32 · `scales`) · `scale`.
    fn scaled(sums: Self::Sums, scales: &[f32], scale: f32, start: Self::Numbers) -> Self::Numbers;
}

#[inline(always)]
fn pack_activations_in_pairs(numbers: [Four; 4], words: &mut [u32]) {
    let [a, b, c, d] = numbers;
    words[..4].copy_from_slice(&Four::pairs(a, b));
    words[4..8].copy_from_slice(&Four::pairs(c, d));
}

/// Adds up a tile of `R` rows of words and `V` vectors of columns: `weights` (steps, V · WIDTH) of
/// `COLUMN` bytes each.
///
/// # Panics
/// If there are fewer.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // iterators make LLVM keep the sums in memory
pub(crate) fn tile<D: Dot, T, const R: usize, const V: usize>(
    mut sums: [[D::Sums; V]; R],
    rows: [&[u32]; R],
    weights: &[T],
    steps: usize,
) -> [[D::Sums; V]; R] {
    assert!(size_of_val(weights) >= steps * V * D::WIDTH * D::COLUMN);
    assert!(rows.iter().all(|row| row.len() >= steps));
    for step in 0..steps {
        for lane in 0..R {
            for vector in 0..V {
                // SAFETY: each row has `steps` words, and as many times `V` vectors are there. With
                // slices the loop spends a third of its time on their bounds.
                unsafe {
                    let activations = rows[lane].as_ptr().add(step);
                    let at = (step * V + vector) * D::WIDTH * D::COLUMN;
                    let weights = weights.as_ptr().cast::<u8>().add(at);
                    sums[lane][vector] = D::add(sums[lane][vector], activations, weights);
                }
            }
        }
    }
    sums
}

/// Something that can be done with any instruction set.
///
/// Not a closure: `run` has to be inlined into the function that turns the instruction set on, and only
/// a function can be told to.
///
/// `R` rows by `V` vectors is the tile that the instruction set multiplies fastest: on Sapphire Rapids
/// in V8 3 by 3 with relaxed SIMD, whose 8-bit product takes five cycles and starts twice a cycle, so
/// that nine sums are more than eight (200 against 170 Gop/s; 5 by 2, 6 by 2 and 4 by 3 run out of its
/// 15 registers: 120 to 175), and 4 by 2 with plain SIMD (87 against 82; on Zen 3 51 against 36).
pub(crate) trait Work {
    type Out;
    fn run<D: Dot, const R: usize, const V: usize>(self) -> Self::Out;
}

/// Does `work` with the instruction set that this machine multiplies 8-bit integers best with.
#[inline]
pub(crate) fn with_products<W: Work>(work: W) -> W::Out {
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    {
        use wasm::relaxed::{Quads, Semantics, semantics};
        match semantics() {
            Semantics::Unsigned => return work.run::<Quads<false>, 3, 3>(),
            Semantics::Signed => return work.run::<Quads<true>, 3, 3>(),
            Semantics::Other => {}
        }
    }
    in_pairs::<W, 1>(work)
}

/// As [`with_products`], but with one that multiplies with 16 bits, on both sides.
#[inline]
pub(crate) fn with_pairs<W: Work>(work: W) -> W::Out {
    in_pairs::<W, 2>(work)
}

#[inline]
fn in_pairs<W: Work, const BYTES: usize>(work: W) -> W::Out {
    #[cfg(target_arch = "wasm32")]
    return work.run::<wasm::Pairs<BYTES>, 4, 2>();
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { avx2::run::<W, BYTES>(work) };
    }
    #[cfg(not(target_arch = "wasm32"))]
    work.run::<portable::Pairs<BYTES>, 4, 2>()
}
