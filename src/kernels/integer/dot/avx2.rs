//! Integer products in AVX2: eight columns a vector, two numbers of 16 bits a lane.

use core::arch::x86_64::*;

use super::{Dot, Work, pack_pairs};

/// `vpmaddwd`. To be used inside [`run`] only.
pub(crate) struct Pairs;

/// Does `work`, compiled for AVX2.
///
/// # Safety
/// The processor must have AVX2.
#[target_feature(enable = "avx2")]
pub(crate) unsafe fn run<W: Work>(work: W) -> W::Out {
    work.run::<Pairs>()
}

impl Dot for Pairs {
    type Sums = __m256i;
    const WIDTH: usize = 8;
    const STEP: usize = 2;
    const CENTRED: bool = true;

    #[inline(always)]
    fn pack_weights(numbers: &[i16; 16], words: &mut [u32]) {
        pack_pairs(numbers, words);
    }

    #[inline(always)]
    fn pack_activations(numbers: &[i16; 16], _: i16, words: &mut [u32]) {
        pack_pairs(numbers, words);
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
    fn less(offset: i32, sums: &[i32]) -> __m256i {
        assert!(sums.len() >= 8);
        // SAFETY: the eight numbers are there, and inside `run` so is AVX2.
        unsafe {
            let sums = _mm256_loadu_si256(sums.as_ptr().cast());
            _mm256_mullo_epi32(_mm256_set1_epi32(-offset), sums)
        }
    }

    #[inline(always)]
    fn add(sums: __m256i, activations: &[u32], weights: &[u32]) -> __m256i {
        assert!(weights.len() >= 8);
        // SAFETY: the eight words are there, and inside `run` so is AVX2.
        unsafe {
            let weights = _mm256_loadu_si256(weights.as_ptr().cast());
            let activations = _mm256_set1_epi32(activations[0] as i32);
            _mm256_add_epi32(sums, _mm256_madd_epi16(activations, weights))
        }
    }

    #[inline(always)]
    fn scale(sums: __m256i, scales: &[f32], scale: f32, more: bool, out: &mut [f32]) {
        assert!(scales.len() >= 8 && out.len() >= 8);
        // SAFETY: eight numbers are there in each, and inside `run` so is AVX2.
        unsafe {
            let scales = _mm256_loadu_ps(scales.as_ptr());
            let scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales);
            let scaled = _mm256_mul_ps(scaled, _mm256_set1_ps(scale));
            let all = match more {
                true => _mm256_add_ps(_mm256_loadu_ps(out.as_ptr()), scaled),
                false => scaled,
            };
            _mm256_storeu_ps(out.as_mut_ptr(), all);
        }
    }

    #[inline(always)]
    fn write(x: &[f32], y: &[f32], out: &mut [f32]) {
        assert!(x.len() >= 8 && y.len() >= 8 && out.len() >= 8);
        // SAFETY: eight numbers are there in each, and inside `run` there is AVX2.
        unsafe {
            let sum = _mm256_add_ps(_mm256_loadu_ps(x.as_ptr()), _mm256_loadu_ps(y.as_ptr()));
            _mm256_storeu_ps(out.as_mut_ptr(), sum);
        }
    }
}
