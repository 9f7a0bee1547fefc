//! Integer products in AVX2: eight columns a vector, two numbers of 16 bits a lane.

use core::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::{Dot, Work, pack_activations_in_pairs};
use crate::kernels::four::Four;

/// `vpmaddwd` with weights stored in so many bytes each. To be used inside [`run`] only.
pub(crate) struct Pairs<const BYTES: usize>;

/// Does `work`, compiled for AVX2.
///
/// # Safety
/// The processor must have AVX2.
#[target_feature(enable = "avx2")]
pub(crate) unsafe fn run<W: Work, const BYTES: usize>(work: W) -> W::Out {
    work.run::<Pairs<BYTES>, 4, 2>()
}

impl<const BYTES: usize> Dot for Pairs<BYTES> {
    type Sums = __m256i;
    type Numbers = __m256;
    const WIDTH: usize = 8;
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
    fn zero() -> __m256i {
        // SAFETY: inside `run` there is AVX2.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn less(offset: i32, sums: *const i32) -> __m256i {
        // SAFETY: what is pointed to is there, as the caller says, here and below, and inside `run` so is
        // AVX2.
        unsafe {
            let sums = _mm256_loadu_si256(sums.cast());
            _mm256_madd_epi16(_mm256_set1_epi32(offset), sums)
        }
    }

    #[inline(always)]
    unsafe fn add(sums: __m256i, activations: *const u32, weights: *const u8) -> __m256i {
        unsafe {
            let weights = match BYTES {
                1 => _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.cast())),
                _ => _mm256_loadu_si256(weights.cast()),
            };
            let activations = _mm256_set1_epi32(*activations as i32);
            _mm256_add_epi32(sums, _mm256_madd_epi16(activations, weights))
        }
    }

    #[inline(always)]
    fn store_sums(sums: __m256i, out: &mut [i32]) {
        assert!(out.len() >= 8);
        // SAFETY: there is room for eight numbers, and inside `run` there is AVX2.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), sums) }
    }

    #[inline(always)]
    unsafe fn load(x: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(x) }
    }

    #[inline(always)]
    unsafe fn store(x: __m256, out: *mut MaybeUninit<f32>) {
        unsafe { _mm256_storeu_ps(out.cast(), x) }
    }

    #[inline(always)]
    fn scaled(sums: __m256i, scales: __m256, scale: f32, start: __m256) -> __m256 {
        // SAFETY: inside `run` there is AVX2.
        unsafe {
            let scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales);
            _mm256_add_ps(start, _mm256_mul_ps(scaled, _mm256_set1_ps(scale)))
        }
    }
}
