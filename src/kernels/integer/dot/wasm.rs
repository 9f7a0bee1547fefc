//! Integer products in WebAssembly's SIMD.

use core::arch::wasm32::*;
use std::mem::MaybeUninit;

use super::{Dot, pack_activations_in_pairs};
use crate::kernels::four::Four;

/// `i32x4.dot_i16x8_s`: two numbers of 16 bits a lane, of which weights are stored in so many bytes each.
pub(crate) struct Pairs<const BYTES: usize>;

impl<const BYTES: usize> Dot for Pairs<BYTES> {
    type Sums = v128;
    type Numbers = v128;
    const WIDTH: usize = 4;
    const STEP: usize = 2;
    const COLUMN: usize = 2 * BYTES;
    const CENTRED: bool = true;

    #[inline(always)]
    fn pack_activations(numbers: [Four; 4], zero: i16, words: &mut [u32]) {
        pack_activations_in_pairs(numbers, zero, words);
    }

    #[inline(always)]
    fn offset(_: i16) -> i32 {
        0
    }

    #[inline(always)]
    fn zero() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    unsafe fn less(offset: i32, sums: *const i32) -> v128 {
        // SAFETY: they are there, as the caller says, here and below; wasm loads need no alignment.
        i32x4_dot_i16x8(i32x4_splat(offset), unsafe { v128_load(sums.cast()) })
    }

    #[inline(always)]
    unsafe fn add(sums: v128, activations: *const u32, weights: *const u8) -> v128 {
        unsafe {
            let weights = match BYTES {
                1 => i16x8_load_extend_i8x8(weights.cast()),
                _ => v128_load(weights.cast()),
            };
            i32x4_add(
                sums,
                i32x4_dot_i16x8(v128_load32_splat(activations), weights),
            )
        }
    }

    #[inline(always)]
    fn store_sums(sums: v128, out: &mut [i32]) {
        store(sums, out);
    }

    #[inline(always)]
    unsafe fn load(x: *const f32) -> v128 {
        unsafe { v128_load(x.cast()) }
    }

    #[inline(always)]
    unsafe fn store(x: v128, out: *mut MaybeUninit<f32>) {
        unsafe { v128_store(out.cast(), x) }
    }

    #[inline(always)]
    fn scaled(sums: v128, scales: v128, scale: f32, start: v128) -> v128 {
        let scaled = f32x4_mul(f32x4_convert_i32x4(sums), scales);
        f32x4_add(start, f32x4_mul(scaled, f32x4_splat(scale)))
    }
}

#[inline(always)]
fn store<T>(numbers: v128, out: &mut [T]) {
    assert!(size_of_val(out) >= 16);
    // SAFETY: there is room for 16 bytes of plain numbers, and wasm stores need no alignment.
    unsafe { v128_store(out.as_mut_ptr().cast(), numbers) }
}

#[cfg(target_feature = "relaxed-simd")]
pub(crate) mod relaxed {
    //! `i32x4.relaxed_dot_i8x16_i7x16_add_s`: four numbers of 8 bits a lane.
    //!
    //! The standard fixes its result only while the second operand has 7 bits. With 8 there are three
    //! kinds of engine: those on AVX-VNNI (vpdpbusd) take it as unsigned, those on ARM (sdot) as
    //! signed, both exactly; older x86 (pmaddubsw) saturates between, and there the product of 16
    //! bits is as fast (73 against 73 Gop/s on Zen 3). Asking the instruction tells which it is.

    use std::hint::black_box;

    use super::*;

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) enum Semantics {
        Unsigned,
        Signed,
        /// Not to be used with 8 bits.
        Other,
    }

    /// What the second operand's top bit means to this engine.
    #[inline]
    pub(crate) fn semantics() -> Semantics {
        let dot = |weights: i8, activations: u8| {
            let (weights, activations) = (i8x16_splat(weights), u8x16_splat(activations));
            let start = i32x4_splat(1000);
            let sums = i32x4_relaxed_dot_i8x16_i7x16_add(
                black_box(weights),
                black_box(activations),
                black_box(start),
            );
            let first = i32x4_extract_lane::<0>(sums);
            (i32x4_all_true(i32x4_eq(sums, i32x4_splat(first)))).then_some(first - 1000)
        };
        // The extremes tell whether anything saturates on the way.
        let extremes = [
            (127, 255),
            (-128, 255),
            (127, 128),
            (-128, 128),
            (127, 1),
            (-1, 200),
        ];
        let agrees = |number: fn(u8) -> i32| {
            extremes.iter().all(|&(weight, activation)| {
                dot(weight, activation) == Some(4 * i32::from(weight) * number(activation))
            })
        };
        if agrees(i32::from) {
            Semantics::Unsigned
        } else if agrees(|byte| i32::from(byte as i8)) {
            Semantics::Signed
        } else {
            Semantics::Other
        }
    }

    /// Activations as bytes 0..=255 or, where the engine takes them as signed, 128 less.
    pub(crate) struct Quads<const SIGNED: bool>;

    impl<const SIGNED: bool> Dot for Quads<SIGNED> {
        type Sums = v128;
        type Numbers = v128;
        const WIDTH: usize = 4;
        const STEP: usize = 4;
        const COLUMN: usize = 4;
        const CENTRED: bool = false;

        #[inline(always)]
        fn pack_activations(numbers: [Four; 4], zero: i16, words: &mut [u32]) {
            let flip = u8x16_splat(if SIGNED { 128 } else { 0 });
            // SAFETY: sixteen bytes.
            let bytes = unsafe { v128_load(Four::bytes(numbers, zero).as_ptr().cast()) };
            store(v128_xor(bytes, flip), words);
        }

        #[inline(always)]
        fn offset(zero: i16) -> i32 {
            i32::from(zero) - if SIGNED { 128 } else { 0 }
        }

        #[inline(always)]
        fn zero() -> v128 {
            Pairs::<1>::zero()
        }

        #[inline(always)]
        unsafe fn less(offset: i32, sums: *const i32) -> v128 {
            // SAFETY: they are there, as the caller says, here and below.
            unsafe { Pairs::<1>::less(offset, sums) }
        }

        #[inline(always)]
        unsafe fn add(sums: v128, activations: *const u32, weights: *const u8) -> v128 {
            unsafe {
                let weights = v128_load(weights.cast());
                i32x4_relaxed_dot_i8x16_i7x16_add(weights, v128_load32_splat(activations), sums)
            }
        }

        #[inline(always)]
        fn store_sums(sums: v128, out: &mut [i32]) {
            store(sums, out);
        }

        #[inline(always)]
        unsafe fn load(x: *const f32) -> v128 {
            unsafe { Pairs::<1>::load(x) }
        }

        #[inline(always)]
        unsafe fn store(x: v128, out: *mut MaybeUninit<f32>) {
            unsafe { Pairs::<1>::store(x, out) }
        }

        #[inline(always)]
        fn scaled(sums: v128, scales: v128, scale: f32, start: v128) -> v128 {
            Pairs::<1>::scaled(sums, scales, scale, start)
        }
    }
}
