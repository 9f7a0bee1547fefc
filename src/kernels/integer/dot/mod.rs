//! The inner loop of every integer product, once for each instruction set, all exact.
//!
//! A tile of `R` rows by `V` vectors of columns keeps its sums in registers while it walks along k.
//! `STEP` numbers along k meet in one lane: two of 16 bits (pmaddwd, `i32x4.dot_i16x8_s`) or four of
//! 8 bits (vpdpbusd and sdot behind `i32x4.relaxed_dot_i8x16_i7x16_add_s`). As the sums are of
//! integers and cannot overflow, which of them runs never shows in a result.

#[cfg(any(test, not(target_arch = "wasm32")))]
pub(crate) mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "wasm32")]
pub(crate) mod wasm;

/// Multiplies and sums integers in vectors of `WIDTH` lanes, a lane a column.
///
/// `STEP` numbers travel as one word of 32 bits, the first in the lowest.
pub(crate) trait Dot {
    type Sums: Copy;
    const WIDTH: usize;
    /// Numbers along k that one lane takes at once.
    const STEP: usize;
    /// `true` if words of activations hold them less their zero, so that nothing has to come off.
    const CENTRED: bool;

    /// Weights of 8 signed bits as words.
    fn pack_weights(numbers: &[i16; 16], words: &mut [u32]);

    /// Activations in −`zero`..=255 − `zero` as words.
    fn pack_activations(numbers: &[i16; 16], zero: i16, words: &mut [u32]);

    /// What each activation in such a word is too much.
    fn offset(zero: i16) -> i32;

    fn zero() -> Self::Sums;

    /// `WIDTH` sums times −`offset`.
    fn less(offset: i32, sums: &[i32]) -> Self::Sums;

    /// `sums` + `WIDTH` columns of `STEP` weights times the same `STEP` activations: the first word.
    fn add(sums: Self::Sums, activations: &[u32], weights: &[u32]) -> Self::Sums;

    /// (`sums` as f32 · `scales`) · `scale`, written to or, if `more`, added to `WIDTH` numbers.
    fn scale(sums: Self::Sums, scales: &[f32], scale: f32, more: bool, out: &mut [f32]);

    /// `x` + `y`, `WIDTH` numbers.
    fn write(x: &[f32], y: &[f32], out: &mut [f32]);
}

/// Two numbers of 16 bits as a word.
#[inline(always)]
pub(crate) fn pair(numbers: &[i16]) -> u32 {
    u32::from(numbers[0] as u16) | u32::from(numbers[1] as u16) << 16
}

#[inline(always)]
fn pack_pairs(numbers: &[i16; 16], words: &mut [u32]) {
    for (word, numbers) in words[..8].iter_mut().zip(numbers.as_chunks::<2>().0) {
        *word = pair(numbers);
    }
}

/// Adds up a tile: `activations` (k / STEP, R) and `weights` (k / STEP, V · WIDTH).
///
/// Four rows by two vectors leave V8 room in its 15 registers for the operands; three by three do
/// not where the compiler loads them in another order than written (36 instead of 51 Gop/s).
#[inline(always)]
pub(crate) fn tile<D: Dot, const R: usize, const V: usize>(
    mut sums: [[D::Sums; V]; R],
    activations: &[u32],
    weights: &[u32],
) -> [[D::Sums; V]; R] {
    let steps = activations
        .chunks_exact(R)
        .zip(weights.chunks_exact(V * D::WIDTH));
    for (activations, weights) in steps {
        for (row, sums) in sums.iter_mut().enumerate() {
            for (vector, sums) in sums.iter_mut().enumerate() {
                let weights = &weights[vector * D::WIDTH..][..D::WIDTH];
                *sums = D::add(*sums, &activations[row..], weights);
            }
        }
    }
    sums
}

/// Something that can be done with any instruction set.
///
/// Not a closure: `run` has to be inlined into the function that turns the instruction set on, and only
/// a function can be told to.
pub(crate) trait Work {
    type Out;
    fn run<D: Dot>(self) -> Self::Out;
}

/// Does `work` with the instruction set that this machine multiplies 8-bit integers best with.
#[inline]
pub(crate) fn with_products<W: Work>(work: W) -> W::Out {
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    {
        use wasm::relaxed::{Quads, Semantics, semantics};
        match semantics() {
            Semantics::Unsigned => return work.run::<Quads<false>>(),
            Semantics::Signed => return work.run::<Quads<true>>(),
            Semantics::Other => {}
        }
    }
    with_pairs(work)
}

/// As [`with_products`], but only with one that takes 16 bits.
#[inline]
pub(crate) fn with_pairs<W: Work>(work: W) -> W::Out {
    #[cfg(target_arch = "wasm32")]
    return work.run::<wasm::Pairs>();
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { avx2::run(work) };
    }
    #[cfg(not(target_arch = "wasm32"))]
    work.run::<portable::Pairs>()
}
