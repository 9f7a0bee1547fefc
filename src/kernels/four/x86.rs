//! In SSE2, which every x86-64 has.

use core::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

use super::MAGIC;

#[derive(Clone, Copy)]
pub(crate) struct Four(__m128);

macro_rules! operators {
    ($($of:ident $name:ident $call:ident),*) => {$(
        impl $of for Four {
            type Output = Four;

            #[inline(always)]
            fn $name(self, other: Four) -> Four {
                // SAFETY: SSE2 is part of x86-64.
                Four(unsafe { $call(self.0, other.0) })
            }
        }
    )*};
}

operators!(Add add _mm_add_ps, Sub sub _mm_sub_ps, Mul mul _mm_mul_ps, Div div _mm_div_ps);

// SAFETY of all below: SSE2 is part of x86-64, and what is loaded or stored is as long as it must be.
impl Four {
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Four(unsafe { _mm_set1_ps(x) })
    }

    #[inline(always)]
    pub fn load(x: &[f32; 4]) -> Self {
        Four(unsafe { _mm_loadu_ps(x.as_ptr()) })
    }

    #[inline(always)]
    pub fn store(self, out: &mut [f32; 4]) {
        unsafe { _mm_storeu_ps(out.as_mut_ptr(), self.0) }
    }

    /// In each lane the one whose bits are the larger signed integer: of numbers, the larger, where one
    /// of them is positive.
    #[inline(always)]
    pub fn signed_max(self, other: Self) -> Self {
        unsafe {
            let larger = _mm_cmpgt_epi32(self.bits(), other.bits());
            self.where_set(larger, other)
        }
    }

    /// The one whose bits are the smaller signed integer: `other` where a number is above it, if `other`
    /// is positive.
    #[inline(always)]
    pub fn signed_min(self, other: Self) -> Self {
        unsafe {
            let larger = _mm_cmpgt_epi32(self.bits(), other.bits());
            other.where_set(larger, self)
        }
    }

    /// The one whose bits are the larger unsigned integer: of numbers, the smaller, where one of them is
    /// negative.
    #[inline(always)]
    pub fn unsigned_max(self, other: Self) -> Self {
        unsafe {
            let larger = _mm_cmpgt_epi32(self.flipped(), other.flipped());
            self.where_set(larger, other)
        }
    }

    #[inline(always)]
    fn bits(self) -> __m128i {
        unsafe { _mm_castps_si128(self.0) }
    }

    /// The bits such that signed comparison orders them as unsigned ones.
    #[inline(always)]
    fn flipped(self) -> __m128i {
        unsafe { _mm_xor_si128(self.bits(), _mm_set1_epi32(i32::MIN)) }
    }

    /// `other` in the lanes that are not set.
    #[inline(always)]
    fn where_set(self, lanes: __m128i, other: Self) -> Self {
        unsafe {
            let lanes = _mm_castsi128_ps(lanes);
            Four(_mm_or_ps(
                _mm_and_ps(lanes, self.0),
                _mm_andnot_ps(lanes, other.0),
            ))
        }
    }

    /// The larger number in each lane; `self` where one of the two is none.
    #[inline(always)]
    pub fn larger(self, other: Self) -> Self {
        Four(unsafe { _mm_max_ps(other.0, self.0) })
    }

    /// Lanes 2, 3, 0, 1.
    #[inline(always)]
    pub fn halves_swapped(self) -> Self {
        Four(unsafe { _mm_shuffle_ps::<0b01_00_11_10>(self.0, self.0) })
    }

    /// Lanes 1, 0, 3, 2.
    #[inline(always)]
    pub fn neighbours_swapped(self) -> Self {
        Four(unsafe { _mm_shuffle_ps::<0b10_11_00_01>(self.0, self.0) })
    }

    #[inline(always)]
    pub fn first(self) -> f32 {
        unsafe { _mm_cvtss_f32(self.0) }
    }

    #[inline(always)]
    pub fn abs(self) -> Self {
        Four(unsafe { _mm_andnot_ps(_mm_set1_ps(-0.0), self.0) })
    }

    /// The lowest bits as an exponent.
    #[inline(always)]
    pub fn power(self) -> Self {
        Four(unsafe { _mm_castsi128_ps(_mm_slli_epi32::<23>(_mm_castps_si128(self.0))) })
    }

    /// Zero where `x` is below `bound`.
    #[inline(always)]
    pub fn zero_where_below(self, x: Self, bound: f32) -> Self {
        Four(unsafe { _mm_andnot_ps(_mm_cmplt_ps(x.0, _mm_set1_ps(bound)), self.0) })
    }

    /// The nearest integers, ties to even, of |x| < 32768, two a word: a's, then b's.
    #[inline(always)]
    pub fn pairs(a: Self, b: Self) -> [u32; 4] {
        let mut out = [0; 4];
        unsafe {
            let narrow = _mm_packs_epi32(a.integers(), b.integers());
            _mm_storeu_si128(out.as_mut_ptr().cast(), narrow);
        }
        out
    }

    /// The nearest integers, ties to even, of |x| < 32768: in each word one of a's and, above it, one
    /// of b's.
    #[inline(always)]
    pub fn side_by_side(a: Self, b: Self) -> [u32; 4] {
        let mut out = [0; 4];
        unsafe {
            let low = _mm_and_si128(a.integers(), _mm_set1_epi32(0xffff));
            let words = _mm_or_si128(low, _mm_slli_epi32::<16>(b.integers()));
            _mm_storeu_si128(out.as_mut_ptr().cast(), words);
        }
        out
    }

    #[inline(always)]
    fn integers(self) -> __m128i {
        unsafe {
            let magic = _mm_set1_ps(MAGIC);
            let sum = _mm_castps_si128(_mm_add_ps(self.0, magic));
            _mm_sub_epi32(sum, _mm_castps_si128(magic))
        }
    }

    /// The nearest integers, ties to even, plus `zero`: bytes, where they are 0..=255.
    #[cfg(test)] // elsewhere products of 8 bits are wasm's alone
    #[inline(always)]
    pub fn bytes(numbers: [Self; 4], zero: i16) -> [u8; 16] {
        let mut out = [0; 16];
        unsafe {
            let magic = _mm_set1_ps(MAGIC);
            let less = _mm_set1_epi32(MAGIC.to_bits() as i32 - i32::from(zero));
            let [a, b, c, d] =
                numbers.map(|x| _mm_sub_epi32(_mm_castps_si128(_mm_add_ps(x.0, magic)), less));
            let narrow = _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
            _mm_storeu_si128(out.as_mut_ptr().cast(), narrow);
        }
        out
    }
}

/// Columns of four rows.
#[inline(always)]
pub(crate) fn transposed(rows: [&[u32; 4]; 4]) -> [[u32; 4]; 4] {
    let mut columns = [[0; 4]; 4];
    // SAFETY: SSE2 is part of x86-64, and sixteen bytes are there each time.
    unsafe {
        let [a, b, c, d] = rows.map(|row| _mm_loadu_si128(row.as_ptr().cast()));
        let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
        let (ab_high, cd_high) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
        let vectors = [
            _mm_unpacklo_epi64(ab, cd),
            _mm_unpackhi_epi64(ab, cd),
            _mm_unpacklo_epi64(ab_high, cd_high),
            _mm_unpackhi_epi64(ab_high, cd_high),
        ];
        for (column, vector) in columns.iter_mut().zip(vectors) {
            _mm_storeu_si128(column.as_mut_ptr().cast(), vector);
        }
    }
    columns
}

/// Numbers in two's complement · `ratio` / 2^14, rounded to the nearest, ties up, at most 127; |`ratio`| ≤ 2^14.
#[inline(always)]
pub(crate) fn rescaled(bytes: &[u8; 16], ratio: i16) -> [u8; 16] {
    let mut numbers = [0; 16];
    // SAFETY: SSE2 is part of x86-64, and sixteen bytes are there each time.
    unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        // Each number with a one beside it, times the ratio with a half beside it.
        let (ones, factors) = (
            _mm_set1_epi16(1),
            _mm_set1_epi32(8192 << 16 | i32::from(ratio as u16)),
        );
        let scaled = |half: __m128i| {
            let half = _mm_srai_epi16::<8>(half);
            let [low, high] = [
                _mm_unpacklo_epi16(half, ones),
                _mm_unpackhi_epi16(half, ones),
            ]
            .map(|pairs| _mm_srai_epi32::<14>(_mm_madd_epi16(pairs, factors)));
            _mm_packs_epi32(low, high)
        };
        let (low, high) = (
            scaled(_mm_unpacklo_epi8(bytes, bytes)),
            scaled(_mm_unpackhi_epi8(bytes, bytes)),
        );
        _mm_storeu_si128(numbers.as_mut_ptr().cast(), _mm_packs_epi16(low, high));
    }
    numbers
}
