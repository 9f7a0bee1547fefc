//! Four f32 numbers in a vector, with operations that IEEE 754 fixes to the bit.
//!
//! Compilers turn loops over arrays into vectors when they please (softmax took nine times as long
//! where LLVM did not); this says it outright.

#[cfg(any(test, not(any(target_arch = "wasm32", target_arch = "x86_64"))))]
// Not all of it is what tests compare with.
#[cfg_attr(test, allow(dead_code))]
mod portable;
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
    use super::{Four, portable, transpose, transposed};

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

    #[test]
    fn equals_the_portable_one_to_the_bit() {
        let special = [
            0.0,
            -0.0,
            1.5,
            2.5,
            -3.5,
            1e30,
            -1e-40,
            f32::INFINITY,
            f32::NAN,
            -12_345.6,
        ];
        for x in special {
            for y in special {
                let (a, b) = (Four::load(&[x, y, 1.0, y]), Four::load(&[y, x, x, -2.0]));
                let (p, q) = (
                    portable::Four([x, y, 1.0, y]),
                    portable::Four([y, x, x, -2.0]),
                );
                let pairs = [
                    (a + b, p + q),
                    (a - b, p - q),
                    (a * b, p * q),
                    (a / b, p / q),
                    (a.at_most(b), p.at_most(q)),
                    (a.at_least(b), p.at_least(q)),
                    (a.abs(), p.abs()),
                    (a.power(), p.power()),
                    (a.zero_where_below(b, 1.0), p.zero_where_below(q, 1.0)),
                ];
                for (i, (ours, plain)) in pairs.into_iter().enumerate() {
                    let (mut one, mut other) = ([0.0; 4], [0.0; 4]);
                    ours.store(&mut one);
                    plain.store(&mut other);
                    for (one, other) in one.into_iter().zip(other) {
                        let same = one.to_bits() == other.to_bits();
                        assert!(same || one.is_nan() && other.is_nan(), "{i}: {x} {y}");
                    }
                }
                if x.abs() < 32_000.0 && y.abs() < 32_000.0 {
                    let (a, b) = (Four::load(&[x, y, 3.0, x]), Four::load(&[y; 4]));
                    let (p, q) = (portable::Four([x, y, 3.0, x]), portable::Four([y; 4]));
                    assert_eq!(Four::pairs(a, b), portable::Four::pairs(p, q));
                    assert_eq!(Four::side_by_side(a, b), portable::Four::side_by_side(p, q));
                    let ours = Four::bytes([Four::load(&[x, y, x, 1.0]); 4], 7);
                    let plain = portable::Four::bytes([portable::Four([x, y, x, 1.0]); 4], 7);
                    assert_eq!(ours, plain);
                }
            }
        }
    }
}
