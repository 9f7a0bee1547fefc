//! In WebAssembly's SIMD.

use core::arch::wasm32::*;
use std::ops::{Add, Div, Mul, Sub};

use super::MAGIC;

#[derive(Clone, Copy)]
pub(crate) struct Four(v128);

macro_rules! operators {
    ($($of:ident $name:ident $call:ident),*) => {$(
        impl $of for Four {
            type Output = Four;

            #[inline(always)]
            fn $name(self, other: Four) -> Four {
                Four($call(self.0, other.0))
            }
        }
    )*};
}

operators!(Add add f32x4_add, Sub sub f32x4_sub, Mul mul f32x4_mul, Div div f32x4_div);

impl Four {
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Four(f32x4_splat(x))
    }

    #[inline(always)]
    pub fn load(x: &[f32; 4]) -> Self {
        // SAFETY: sixteen bytes.
        Four(unsafe { v128_load(x.as_ptr().cast()) })
    }

    #[inline(always)]
    pub fn store(self, out: &mut [f32; 4]) {
        // SAFETY: sixteen bytes.
        unsafe { v128_store(out.as_mut_ptr().cast(), self.0) }
    }

    /// In each lane the one whose bits are the larger signed integer: of numbers, the larger, where one
    /// of them is positive.
    #[inline(always)]
    pub fn signed_max(self, other: Self) -> Self {
        Four(i32x4_max(self.0, other.0))
    }

    /// The one whose bits are the smaller signed integer: `other` where a number is above it, if `other`
    /// is positive.
    #[inline(always)]
    pub fn signed_min(self, other: Self) -> Self {
        Four(i32x4_min(self.0, other.0))
    }

    /// The one whose bits are the larger unsigned integer: of numbers, the smaller, where one of them is
    /// negative.
    #[inline(always)]
    pub fn unsigned_max(self, other: Self) -> Self {
        Four(u32x4_max(self.0, other.0))
    }

    /// The larger number in each lane; `self` where one of the two is none.
    #[inline(always)]
    pub fn larger(self, other: Self) -> Self {
        Four(f32x4_pmax(self.0, other.0))
    }

    /// Lanes 2, 3, 0, 1.
    #[inline(always)]
    pub fn halves_swapped(self) -> Self {
        Four(i32x4_shuffle::<2, 3, 0, 1>(self.0, self.0))
    }

    /// Lanes 1, 0, 3, 2.
    #[inline(always)]
    pub fn neighbours_swapped(self) -> Self {
        Four(i32x4_shuffle::<1, 0, 3, 2>(self.0, self.0))
    }

    #[inline(always)]
    pub fn first(self) -> f32 {
        f32x4_extract_lane::<0>(self.0)
    }

    #[inline(always)]
    pub fn abs(self) -> Self {
        Four(f32x4_abs(self.0))
    }

    /// The lowest bits as an exponent.
    #[inline(always)]
    pub fn power(self) -> Self {
        Four(i32x4_shl(self.0, 23))
    }

    /// Zero where `x` is below `bound`.
    #[inline(always)]
    pub fn zero_where_below(self, x: Self, bound: f32) -> Self {
        Four(v128_andnot(self.0, f32x4_lt(x.0, f32x4_splat(bound))))
    }

    /// The nearest integers, ties to even, of |x| < 32768, two a word: a's, then b's.
    #[inline(always)]
    pub fn pairs(a: Self, b: Self) -> [u32; 4] {
        words(i16x8_narrow_i32x4(a.integers(), b.integers()))
    }

    /// The nearest integers, ties to even, of |x| < 32768: in each word one of a's and, above it, one
    /// of b's.
    #[inline(always)]
    pub fn side_by_side(a: Self, b: Self) -> [u32; 4] {
        let low = v128_and(a.integers(), i32x4_splat(0xffff));
        words(v128_or(low, i32x4_shl(b.integers(), 16)))
    }

    #[inline(always)]
    fn integers(self) -> v128 {
        let magic = f32x4_splat(MAGIC);
        i32x4_sub(f32x4_add(self.0, magic), magic)
    }

    /// The nearest integers, ties to even, plus `zero`: bytes, where they are 0..=255.
    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    pub fn bytes(numbers: [Self; 4], zero: i16) -> [u8; 16] {
        let magic = f32x4_splat(MAGIC);
        let less = i32x4_splat(MAGIC.to_bits() as i32 - i32::from(zero));
        let [a, b, c, d] = numbers.map(|x| i32x4_sub(f32x4_add(x.0, magic), less));
        let narrow = u8x16_narrow_i16x8(i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d));
        let mut out = [0; 16];
        // SAFETY: sixteen bytes.
        unsafe { v128_store(out.as_mut_ptr().cast(), narrow) }
        out
    }
}

#[inline(always)]
fn words(vector: v128) -> [u32; 4] {
    let mut out = [0; 4];
    // SAFETY: sixteen bytes.
    unsafe { v128_store(out.as_mut_ptr().cast(), vector) }
    out
}

/// Columns of four rows.
#[inline(always)]
pub(crate) fn transposed(rows: [&[u32; 4]; 4]) -> [[u32; 4]; 4] {
    // SAFETY: sixteen bytes each.
    let [a, b, c, d] = rows.map(|row| unsafe { v128_load(row.as_ptr().cast()) });
    let (ab, cd) = (
        i32x4_shuffle::<0, 4, 1, 5>(a, b),
        i32x4_shuffle::<0, 4, 1, 5>(c, d),
    );
    let (ab_high, cd_high) = (
        i32x4_shuffle::<2, 6, 3, 7>(a, b),
        i32x4_shuffle::<2, 6, 3, 7>(c, d),
    );
    let columns = [
        i64x2_shuffle::<0, 2>(ab, cd),
        i64x2_shuffle::<1, 3>(ab, cd),
        i64x2_shuffle::<0, 2>(ab_high, cd_high),
        i64x2_shuffle::<1, 3>(ab_high, cd_high),
    ];
    columns.map(|column| {
        let mut words = [0; 4];
        // SAFETY: sixteen bytes.
        unsafe { v128_store(words.as_mut_ptr().cast(), column) };
        words
    })
}

/// Numbers in two's complement · `ratio` / 2^14, rounded to the nearest, ties up, at most 127; |`ratio`| ≤ 2^14.
#[inline(always)]
pub(crate) fn rescaled(bytes: &[u8; 16], ratio: i16) -> [u8; 16] {
    // SAFETY: sixteen bytes.
    let bytes = unsafe { v128_load(bytes.as_ptr().cast()) };
    let scaled = |half: v128| i16x8_q15mulr_sat(i16x8_add(half, half), i16x8_splat(ratio));
    let low = scaled(i16x8_extend_low_i8x16(bytes));
    let narrow = i8x16_narrow_i16x8(low, scaled(i16x8_extend_high_i8x16(bytes)));
    let mut numbers = [0; 16];
    // SAFETY: sixteen bytes.
    unsafe { v128_store(numbers.as_mut_ptr().cast(), narrow) };
    numbers
}
