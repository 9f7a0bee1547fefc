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

    /// `other` where it is smaller; NaN stays.
    pub fn at_most(self, other: Self) -> Self {
        Four(std::array::from_fn(|lane| {
            match other.0[lane] < self.0[lane] {
                true => other.0[lane],
                false => self.0[lane],
            }
        }))
    }

    /// `other` where it is larger; NaN stays.
    pub fn at_least(self, other: Self) -> Self {
        Four(std::array::from_fn(|lane| {
            match self.0[lane] < other.0[lane] {
                true => other.0[lane],
                false => self.0[lane],
            }
        }))
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

    /// The nearest integers, ties to even, of |x| < 32768.
    pub fn integers(a: Self, b: Self) -> [i16; 8] {
        std::array::from_fn(|i| {
            let x = if i < 4 { a.0[i] } else { b.0[i - 4] };
            let integer = (x + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()) as i32;
            integer.clamp(-32768, 32767) as i16
        })
    }
}

/// Columns of four rows.
pub(crate) fn transposed(rows: [&[u32; 4]; 4]) -> [[u32; 4]; 4] {
    std::array::from_fn(|column| rows.map(|row| row[column]))
}

/// Numbers in two's complement · `ratio` / 2^14, rounded to the nearest, ties up, at most 127; |`ratio`| ≤ 2^14.
pub(crate) fn rescaled(bytes: &[u8; 16], ratio: i16) -> [[i16; 8]; 2] {
    let product = |byte: u8| i32::from(byte as i8) * i32::from(ratio);
    let one = |byte: u8| ((product(byte) + 8192) >> 14).min(127) as i16;
    [0, 8].map(|first| std::array::from_fn(|i| one(bytes[first + i])))
}
