//! The plain reference of the integer products.

use super::{Dot, pack_pairs};

/// Two numbers of 16 bits a lane.
pub(crate) struct Pairs;

impl Dot for Pairs {
    type Sums = [i32; 4];
    const WIDTH: usize = 4;
    const STEP: usize = 2;
    const CENTRED: bool = true;

    fn pack_weights(numbers: &[i16; 16], words: &mut [u32]) {
        pack_pairs(numbers, words);
    }

    fn pack_activations(numbers: &[i16; 16], _: i16, words: &mut [u32]) {
        pack_pairs(numbers, words);
    }

    fn offset(_: i16) -> i32 {
        0
    }

    fn zero() -> [i32; 4] {
        [0; 4]
    }

    fn less(offset: i32, sums: &[i32]) -> [i32; 4] {
        std::array::from_fn(|lane| -offset * sums[lane])
    }

    fn add(sums: [i32; 4], activations: &[u32], weights: &[u32]) -> [i32; 4] {
        let halves = |word: u32| [i32::from(word as i16), word as i32 >> 16];
        let a = halves(activations[0]);
        std::array::from_fn(|lane| {
            let w = halves(weights[lane]);
            sums[lane] + a[0] * w[0] + a[1] * w[1]
        })
    }

    fn scale(sums: [i32; 4], scales: &[f32], scale: f32, more: bool, out: &mut [f32]) {
        for ((out, sum), scales) in out[..4].iter_mut().zip(sums).zip(scales) {
            let scaled = (sum as f32 * scales) * scale;
            *out = if more { *out + scaled } else { scaled };
        }
    }

    fn write(x: &[f32], y: &[f32], out: &mut [f32]) {
        for ((out, x), y) in out[..4].iter_mut().zip(x).zip(y) {
            *out = x + y;
        }
    }
}

/// Four numbers of 8 bits a lane: what an engine makes of relaxed SIMD, whose second operand is
/// signed on some and not on others.
#[cfg(test)]
pub(crate) struct Quads<const SIGNED: bool>;

#[cfg(test)]
impl<const SIGNED: bool> Dot for Quads<SIGNED> {
    type Sums = [i32; 4];
    const WIDTH: usize = 4;
    const STEP: usize = 4;
    const CENTRED: bool = false;

    fn pack_weights(numbers: &[i16; 16], words: &mut [u32]) {
        for (word, numbers) in words.iter_mut().zip(numbers.as_chunks().0) {
            *word = u32::from_le_bytes(<[i16; 4]>::map(*numbers, |number| number as u8));
        }
    }

    fn pack_activations(numbers: &[i16; 16], zero: i16, words: &mut [u32]) {
        let flip = if SIGNED { 128 } else { 0 };
        Self::pack_weights(&numbers.map(|number| (number + zero) ^ flip), words);
    }

    fn offset(zero: i16) -> i32 {
        i32::from(zero) - if SIGNED { 128 } else { 0 }
    }

    fn zero() -> [i32; 4] {
        [0; 4]
    }

    fn less(offset: i32, sums: &[i32]) -> [i32; 4] {
        Pairs::less(offset, sums)
    }

    fn add(sums: [i32; 4], activations: &[u32], weights: &[u32]) -> [i32; 4] {
        let number = |byte: u8| match SIGNED {
            true => i32::from(byte as i8),
            false => i32::from(byte),
        };
        let a = activations[0].to_le_bytes().map(number);
        std::array::from_fn(|lane| {
            let w = weights[lane]
                .to_le_bytes()
                .map(|byte| i32::from(byte as i8));
            sums[lane] + (0..4).map(|i| a[i] * w[i]).sum::<i32>()
        })
    }

    fn scale(sums: [i32; 4], scales: &[f32], scale: f32, more: bool, out: &mut [f32]) {
        Pairs::scale(sums, scales, scale, more, out);
    }

    fn write(x: &[f32], y: &[f32], out: &mut [f32]) {
        Pairs::write(x, y, out);
    }
}
