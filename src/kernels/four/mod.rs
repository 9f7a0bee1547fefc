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

/// What `operation`, which does not care for order, makes of all four lanes, in each of them.
#[inline(always)]
pub(crate) fn across(x: Four, operation: impl Fn(Four, Four) -> Four) -> Four {
    let x = operation(x, x.halves_swapped());
    operation(x, x.neighbours_swapped())
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
    use super::{portable, transposed};

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
        let rows: Vec<u32> = (0..4 * 12).collect();
        let four = [0, 12, 24, 36].map(|at| rows[at..].first_chunk().unwrap());
        assert_eq!(transposed(four), portable::transposed(four));
    }
}
