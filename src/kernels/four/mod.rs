//! Four f32 numbers in a vector, with operations that IEEE 754 fixes to the bit.
//!
//! Compilers turn loops over arrays into vectors when they please (softmax took nine times as long
//! where LLVM did not); this says it outright.
//!
//! The larger and the smaller of two are told by their bits as integers: of the instructions for numbers
//! some have a case of NaN or zero that machines decide differently, the others take four for one.

// Where the machine has vectors it is what they are compared with, and not all of it is.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[cfg_attr(any(test, target_arch = "wasm32"), allow(dead_code))]
pub(super) mod portable;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
pub(crate) use portable::{Four, rescaled, transposed};
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{Four, rescaled, transposed};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Four, rescaled, transposed};

/// Added, it leaves the nearest integer (ties to even) in an f32's low bits.
pub(crate) const MAGIC: f32 = 12_582_912.0;

/// Writes rows (height, width) as (width, height); `height` and `width` are multiples of 4, and a row
/// begins every `stride` words.
#[inline(always)]
pub(crate) fn transpose(rows: &[u32], stride: usize, height: usize, out: &mut [u32]) {
    for (at, out) in out.chunks_exact_mut(4 * height).enumerate() {
        for first in (0..height).step_by(4) {
            let row = |lane: usize| {
                let at = (first + lane) * stride + 4 * at;
                rows[at..at + 4].first_chunk().unwrap_or(&[0; 4])
            };
            let columns = transposed([row(0), row(1), row(2), row(3)]);
            for (out, column) in out.chunks_exact_mut(height).zip(columns) {
                out[first..first + 4].copy_from_slice(&column);
            }
        }
    }
}

/// The numbers from the first on, zeros where the slice ends.
#[inline(always)]
pub(crate) fn padded(x: &[f32]) -> [f32; 4] {
    let mut four = [0.0; 4];
    for (four, x) in four.iter_mut().zip(x) {
        *four = *x;
    }
    four
}

#[cfg(test)]
mod tests {
    use super::{portable, transpose, transposed};

    #[test]
    fn rescales() {
        for ratio in [16384, 16383, 1, 0, -16384, -5000, 12_345] {
            for first in 0..=240 {
                let bytes = std::array::from_fn(|i| (first + i) as u8);
                assert_eq!(
                    super::rescaled(&bytes, ratio),
                    portable::rescaled(&bytes, ratio)
                );
            }
        }
    }

    #[test]
    fn transposes() {
        let rows: Vec<u32> = (0..8 * 12).collect();
        let four = [0, 12, 24, 36].map(|at| rows[at..].first_chunk().unwrap());
        assert_eq!(transposed(four), portable::transposed(four));
        let mut out = vec![0; 8 * 12];
        transpose(&rows, 12, 8, &mut out);
        for (at, word) in out.into_iter().enumerate() {
            assert_eq!(word as usize, at % 8 * 12 + at / 8);
        }
    }
}
