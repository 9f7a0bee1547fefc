//! The inner loop of every integer product, once for each instruction set, all exact.
//!
//! A tile of `R` rows by `V` vectors of columns keeps its sums in registers while it walks along k.
//! `STEP` numbers along k meet in one lane: two of 16 bits (pmaddwd, `i32x4.dot_i16x8_s`) or four of
//! 8 bits (vpdpbusd and sdot behind `i32x4.relaxed_dot_i8x16_i7x16_add_s`). As the sums are of
//! integers and cannot overflow, which of them runs never shows in a result.

use std::mem::MaybeUninit;

use crate::kernels::four::Four;
pub(crate) use tile::Tile;

#[cfg(any(test, not(target_arch = "wasm32")))]
pub(crate) mod portable;
mod tile;

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

    /// Activations, not yet rounded, as words: from −`zero` on; above 255 − `zero` they are that. (Where both
    /// ends of a group round up, the larger is a step too many.)
    fn pack_activations(numbers: [Four; 4], zero: i16, words: &mut [u32]);

    /// What each activation in such a word is too much.
    fn offset(zero: i16) -> i32;

    fn zero() -> Self::Sums;

    /// `WIDTH` sums, by [`split`], times −the offset of which `offset` is [`twice`].
    ///
    /// # Safety
    /// So many must be there, as for all pointers below.
    unsafe fn less(offset: i32, sums: *const i32) -> Self::Sums;

    /// `sums` + `WIDTH` columns of `STEP` weights times the same `STEP` activations.
    ///
    /// # Safety
    /// A word of activations and `WIDTH` · `COLUMN` bytes of weights.
    unsafe fn add(sums: Self::Sums, activations: *const u32, weights: *const u8) -> Self::Sums;

    fn store_sums(sums: Self::Sums, out: &mut [i32]);

    /// `WIDTH` numbers.
    ///
    /// # Safety
    /// They.
    unsafe fn load(x: *const f32) -> Self::Numbers;

    /// # Safety
    /// Room for `WIDTH` numbers.
    unsafe fn store(x: Self::Numbers, out: *mut MaybeUninit<f32>);

    /// `start` + (`sums` as f32 · `scales`) · `scale`.
    fn scaled(
        sums: Self::Sums,
        scales: Self::Numbers,
        scale: f32,
        start: Self::Numbers,
    ) -> Self::Numbers;
}

/// A sum of at most 22 bits as two numbers of 16, of which the upper counts 128: one instruction then
/// multiplies it with an offset that is prepared by [`twice`], where an i32 takes two.
pub(crate) fn split(sum: i32) -> i32 {
    (sum >> 7) << 16 | sum & 127
}

/// −`offset`, which is −128..=255, beside −128 · `offset`, to meet a sum that is [`split`].
#[inline(always)]
pub(crate) fn twice(offset: i32) -> i32 {
    (-128 * offset) << 16 | -offset & 0xffff
}

#[inline(always)]
fn pack_activations_in_pairs(numbers: [Four; 4], zero: i16, words: &mut [u32]) {
    let most = Four::splat(f32::from(255 - zero));
    let [a, b, c, d] = numbers.map(|four| four.signed_min(most));
    words[..4].copy_from_slice(&Four::pairs(a, b));
    words[4..8].copy_from_slice(&Four::pairs(c, d));
}

/// Something that can be done with any instruction set.
///
/// Not a closure: `run` has to be inlined into the function that turns the instruction set on, and only
/// a function can be told to.
///
/// `R` rows by `V` vectors is the tile that the instruction set multiplies fastest. In V8 on Sapphire
/// Rapids relaxed SIMD's product of 8 bits takes five cycles and starts twice a cycle, so that ten sums
/// or more keep it busy, and twelve with two weights and an activation are all of V8's 15 registers:
/// 6 by 2 does 215 Gop/s, 5 by 2 205, 3 by 3 190. That holds as long as LLVM leaves the order as written, row after
/// row, for which the bundles are built with `-pre-RA-sched=linearize`; else it takes all rows' activations
/// first, and 6 by 2 does 130. With plain SIMD 5 by 2 does 72, 4 by 2 71.
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
            Semantics::Unsigned => return work.run::<Quads<false>, 6, 2>(),
            Semantics::Signed => return work.run::<Quads<true>, 6, 2>(),
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
    return work.run::<wasm::Pairs<BYTES>, 5, 2>();
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { avx2::run::<W, BYTES>(work) };
    }
    #[cfg(not(target_arch = "wasm32"))]
    work.run::<portable::Pairs<BYTES>, 4, 2>()
}
