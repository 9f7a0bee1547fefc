//! The plain reference of the integer products.

use std::mem::MaybeUninit;

use super::{Dot, pack_activations_in_pairs};
use crate::kernels::four::Four;

/// Two numbers of 16 bits a lane, of which weights are stored in so many bytes each.
pub(crate) struct Pairs<const BYTES: usize>;

impl<const BYTES: usize> Dot for Pairs<BYTES> {
    type Sums = [i32; 4];
    type Numbers = [f32; 4];
    const WIDTH: usize = 4;
    const STEP: usize = 2;
    const COLUMN: usize = 2 * BYTES;
    const CENTRED: bool = true;

    fn pack_activations(numbers: [Four; 4], zero: i16, words: &mut [u32]) {
        pack_activations_in_pairs(numbers, zero, words);
    }

    fn offset(_: i16) -> i32 {
        0
    }

    fn zero() -> [i32; 4] {
        [0; 4]
    }

    unsafe fn less(offset: i32, sums: *const i32) -> [i32; 4] {
        // SAFETY: they are there, as the caller says, here and below.
        let sums: [i32; 4] = unsafe { sums.cast::<[i32; 4]>().read_unaligned() };
        let both = |word: i32| [i32::from(word as i16), word >> 16];
        let [low, high] = both(offset);
        std::array::from_fn(|lane| {
            let sum = both(sums[lane]);
            low * sum[0] + high * sum[1]
        })
    }

    unsafe fn add(sums: [i32; 4], activations: *const u32, weights: *const u8) -> [i32; 4] {
        let (a, weights) = unsafe {
            let weights: [[i16; 2]; 4] = match BYTES {
                1 => (*weights.cast::<[[i8; 2]; 4]>()).map(|pair| pair.map(i16::from)),
                _ => weights.cast::<[[i16; 2]; 4]>().read_unaligned(),
            };
            (*activations, weights)
        };
        let a = [i32::from(a as i16), a as i32 >> 16];
        std::array::from_fn(|lane| {
            let w = weights[lane].map(i32::from);
            sums[lane] + a[0] * w[0] + a[1] * w[1]
        })
    }

    fn store_sums(sums: [i32; 4], out: &mut [i32]) {
        out[..4].copy_from_slice(&sums);
    }

    unsafe fn load(x: *const f32) -> [f32; 4] {
        unsafe { x.cast::<[f32; 4]>().read_unaligned() }
    }

    unsafe fn store(x: [f32; 4], out: *mut MaybeUninit<f32>) {
        unsafe { out.cast::<[f32; 4]>().write_unaligned(x) }
    }

    fn scaled(sums: [i32; 4], scales: [f32; 4], scale: f32, start: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| start[lane] + (sums[lane] as f32 * scales[lane]) * scale)
    }
}

/// Four numbers of 8 bits a lane: what an engine makes of relaxed SIMD, whose second operand is
/// signed on some and not on others.
#[cfg(test)]
pub(crate) struct Quads<const SIGNED: bool>;

#[cfg(test)]
impl<const SIGNED: bool> Dot for Quads<SIGNED> {
    type Sums = [i32; 4];
    type Numbers = [f32; 4];
    const WIDTH: usize = 4;
    const STEP: usize = 4;
    const COLUMN: usize = 4;
    const CENTRED: bool = false;

    fn pack_activations(numbers: [Four; 4], zero: i16, words: &mut [u32]) {
        let flip = if SIGNED { 128 } else { 0 };
        let bytes = Four::bytes(numbers, zero).map(|byte| byte ^ flip);
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
    }

    fn offset(zero: i16) -> i32 {
        i32::from(zero) - if SIGNED { 128 } else { 0 }
    }

    fn zero() -> [i32; 4] {
        [0; 4]
    }

    unsafe fn less(offset: i32, sums: *const i32) -> [i32; 4] {
        // SAFETY: they are there, as the caller says, here and below.
        unsafe { Pairs::<1>::less(offset, sums) }
    }

    unsafe fn add(sums: [i32; 4], activations: *const u32, weights: *const u8) -> [i32; 4] {
        let (activations, weights) = unsafe { (*activations, *weights.cast::<[[i8; 4]; 4]>()) };
        let number = |byte: u8| match SIGNED {
            true => i32::from(byte as i8),
            false => i32::from(byte),
        };
        let a = activations.to_le_bytes().map(number);
        std::array::from_fn(|lane| {
            let w = weights[lane].map(i32::from);
            sums[lane] + (0..4).map(|i| a[i] * w[i]).sum::<i32>()
        })
    }

    fn store_sums(sums: [i32; 4], out: &mut [i32]) {
        Pairs::<1>::store_sums(sums, out);
    }

    unsafe fn load(x: *const f32) -> [f32; 4] {
        unsafe { Pairs::<1>::load(x) }
    }

    unsafe fn store(x: [f32; 4], out: *mut MaybeUninit<f32>) {
        unsafe { Pairs::<1>::store(x, out) }
    }

    fn scaled(sums: [i32; 4], scales: [f32; 4], scale: f32, start: [f32; 4]) -> [f32; 4] {
        Pairs::<1>::scaled(sums, scales, scale, start)
    }
}
