//! The plain reference.

use std::ops::{Add, Div, Mul, Sub};

use super::MAGIC;

#[derive(Clone, Copy)]
pub(crate) struct Four(pub [f32; 4]);

macro_rules! operators {
    ($($of:ident $name:ident $sign:tt),*) => {$(
        impl $of for Four {
            type Output = Four;

            fn $name(self, other: Four) -> Four {
                Four(std::array::from_fn(|lane| self.0[lane] $sign other.0[lane]))
            }
        }
    )*};
}

operators!(Add add +, Sub sub -, Mul mul *, Div div /);

impl Four {
    pub fn splat(x: f32) -> Self {
        Four([x; 4])
    }

    pub fn load(x: &[f32; 4]) -> Self {
        Four(*x)
    }

    pub fn store(self, out: &mut [f32; 4]) {
        *out = self.0;
    }

    /// In each lane the one whose bits are the larger signed integer: of numbers, the larger, where one
    /// of them is positive.
    pub fn signed_max(self, other: Self) -> Self {
        self.by_bits(other, |a, b| a.cast_signed() < b.cast_signed())
    }

    /// The one whose bits are the smaller signed integer: `other` where a number is above it, if `other`
    /// is positive.
    pub fn signed_min(self, other: Self) -> Self {
        self.by_bits(other, |a, b| b.cast_signed() < a.cast_signed())
    }

    /// The one whose bits are the larger unsigned integer: of numbers, the smaller, where one of them is
    /// negative.
    pub fn unsigned_max(self, other: Self) -> Self {
        self.by_bits(other, |a, b| a < b)
    }

    fn by_bits(self, other: Self, takes_other: impl Fn(u32, u32) -> bool) -> Self {
        Four(std::array::from_fn(|lane| {
            let (a, b) = (self.0[lane], other.0[lane]);
            match takes_other(a.to_bits(), b.to_bits()) {
                true => b,
                false => a,
            }
        }))
    }

    /// The larger number in each lane; `self` where one of the two is none.
    pub fn larger(self, other: Self) -> Self {
        Four(std::array::from_fn(|lane| {
            let (a, b) = (self.0[lane], other.0[lane]);
            if a < b { b } else { a }
        }))
    }

    /// Lanes 2, 3, 0, 1.
    pub fn halves_swapped(self) -> Self {
        let [a, b, c, d] = self.0;
        Four([c, d, a, b])
    }

    /// Lanes 1, 0, 3, 2.
    pub fn neighbours_swapped(self) -> Self {
        let [a, b, c, d] = self.0;
        Four([b, a, d, c])
    }

    pub fn first(self) -> f32 {
        self.0[0]
    }

    pub fn abs(self) -> Self {
        Four(self.0.map(f32::abs))
    }

    /// The lowest bits as an exponent.
    pub fn power(self) -> Self {
        Four(self.0.map(|x| f32::from_bits(x.to_bits() << 23)))
    }

    /// Zero where `x` is below `bound`.
    pub fn zero_where_below(self, x: Self, bound: f32) -> Self {
        Four(std::array::from_fn(|lane| match x.0[lane] < bound {
            true => 0.0,
            false => self.0[lane],
        }))
    }

    /// The nearest integers, ties to even, of |x| < 32768, two a word: a's, then b's.
    pub fn pairs(a: Self, b: Self) -> [u32; 4] {
        let integers = [a.integers(), b.integers()];
        std::array::from_fn(|word| {
            let of = integers[word / 2];
            word_of(of[word % 2 * 2], of[word % 2 * 2 + 1])
        })
    }

    /// The nearest integers, ties to even, of |x| < 32768: in each word one of a's and, above it, one
    /// of b's.
    pub fn side_by_side(a: Self, b: Self) -> [u32; 4] {
        let (a, b) = (a.integers(), b.integers());
        std::array::from_fn(|lane| word_of(a[lane], b[lane]))
    }

    fn integers(self) -> [i32; 4] {
        let integer = |x: f32| (x + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()) as i32;
        self.0.map(integer)
    }

    /// The nearest integers, ties to even, plus `zero`: bytes, where they are 0..=255.
    #[cfg(any(test, target_feature = "relaxed-simd"))] // products of 8 bits are wasm's alone
    pub fn bytes(numbers: [Self; 4], zero: i16) -> [u8; 16] {
        std::array::from_fn(|i| {
            let bits = (numbers[i / 4].0[i % 4] + MAGIC).to_bits() as i32;
            let integer = bits.wrapping_sub(MAGIC.to_bits() as i32 - i32::from(zero));
            integer.clamp(0, 255) as u8
        })
    }
}

/// Two numbers of 16 bits as a word.
fn word_of(low: i32, high: i32) -> u32 {
    u32::from(low as u16) | u32::from(high as u16) << 16
}

/// Columns of four rows.
pub(crate) fn transposed(rows: [&[u32; 4]; 4]) -> [[u32; 4]; 4] {
    std::array::from_fn(|column| rows.map(|row| row[column]))
}

/// Numbers in two's complement · `ratio` / 2^14, rounded to the nearest, ties up, at most 127; |`ratio`| ≤ 2^14.
pub(crate) fn rescaled(bytes: &[u8; 16], ratio: i16) -> [u8; 16] {
    let product = |byte: u8| i32::from(byte as i8) * i32::from(ratio);
    bytes.map(|byte| ((product(byte) + 8192) >> 14).min(127) as u8)
}
