//! Four lanes of the integer product, once for each instruction set, equal to the last bit.
//!
//! Weights come as bytes in two's complement. Lane `l` of a block of 32 sums the products at positions 8j + 2l and 8j + 2l + 1: what one
//! `i32x4.dot_i16x8_s` (wasm) or `pmaddwd` (x86) gives. A sum is at most 8 · 128 · 127, so its
//! conversion to f32 is exact, and the rest is plain f32 arithmetic in a fixed order: a model gives
//! the same numbers in the browser and natively.

/// Numbers that share one scale.
pub(super) const BLOCK: usize = 32;

/// The instruction set's own version.
#[cfg(target_arch = "wasm32")]
pub(super) use wasm as own;

#[cfg(target_arch = "x86_64")]
pub(super) use x86 as own;

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
pub(super) use portable as own;

/// The plain reference.
#[cfg(any(test, not(any(target_arch = "wasm32", target_arch = "x86_64"))))]
pub(super) mod portable {
    use super::BLOCK;

    pub type Sums = [f32; 4];
    pub type Weights = [i16; BLOCK];

    pub fn zero() -> Sums {
        [0.0; 4]
    }

    pub fn widened(weights: &[u8; BLOCK]) -> Weights {
        weights.map(|weight| i16::from(weight as i8))
    }

    /// `sums` + the block's product times `scale`.
    pub fn add_product(sums: Sums, a: &[i16; BLOCK], weights: &Weights, scale: f32) -> Sums {
        let mut lanes = [0i32; 4];
        for (i, (&a, &w)) in a.iter().zip(weights).enumerate() {
            lanes[i % 8 / 2] += i32::from(a) * i32::from(w);
        }
        std::array::from_fn(|lane| sums[lane] + lanes[lane] as f32 * scale)
    }

    pub fn total(sums: Sums) -> f32 {
        (sums[0] + sums[1]) + (sums[2] + sums[3])
    }
}

#[cfg(target_arch = "wasm32")]
pub(super) mod wasm {
    use super::BLOCK;
    use core::arch::wasm32::*;

    pub type Sums = v128;
    pub type Weights = [v128; 4];

    #[inline(always)]
    pub fn zero() -> Sums {
        f32x4_splat(0.0)
    }

    #[inline(always)]
    pub fn widened(weights: &[u8; BLOCK]) -> Weights {
        // SAFETY: four times eight bytes of the block's 32.
        core::array::from_fn(|j| unsafe {
            i16x8_load_extend_i8x8(weights.as_ptr().add(8 * j).cast())
        })
    }

    #[inline(always)]
    pub fn add_product(sums: Sums, a: &[i16; BLOCK], weights: &Weights, scale: f32) -> Sums {
        // SAFETY: four times eight numbers of the block's 32; wasm loads need no alignment.
        let dot = |j: usize| unsafe {
            i32x4_dot_i16x8(v128_load(a.as_ptr().add(8 * j).cast()), weights[j])
        };
        let lanes = i32x4_add(i32x4_add(dot(0), dot(1)), i32x4_add(dot(2), dot(3)));
        f32x4_add(
            sums,
            f32x4_mul(f32x4_convert_i32x4(lanes), f32x4_splat(scale)),
        )
    }

    #[inline(always)]
    pub fn total(sums: Sums) -> f32 {
        (f32x4_extract_lane::<0>(sums) + f32x4_extract_lane::<1>(sums))
            + (f32x4_extract_lane::<2>(sums) + f32x4_extract_lane::<3>(sums))
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use super::BLOCK;
    use core::arch::x86_64::*;

    pub type Sums = __m128;
    pub type Weights = [__m128i; 4];

    // SAFETY of all below: SSE2 is part of x86-64, and every load stays inside its block of 32.

    #[inline(always)]
    pub fn zero() -> Sums {
        unsafe { _mm_setzero_ps() }
    }

    #[inline(always)]
    pub fn widened(weights: &[u8; BLOCK]) -> Weights {
        core::array::from_fn(|j| unsafe {
            let eight = _mm_loadl_epi64(weights.as_ptr().add(8 * j).cast());
            _mm_srai_epi16::<8>(_mm_unpacklo_epi8(eight, eight))
        })
    }

    #[inline(always)]
    pub fn add_product(sums: Sums, a: &[i16; BLOCK], weights: &Weights, scale: f32) -> Sums {
        unsafe {
            let dot = |j: usize| {
                let a = _mm_loadu_si128(a.as_ptr().add(8 * j).cast());
                _mm_madd_epi16(a, weights[j])
            };
            let lanes = _mm_add_epi32(_mm_add_epi32(dot(0), dot(1)), _mm_add_epi32(dot(2), dot(3)));
            let product = _mm_mul_ps(_mm_cvtepi32_ps(lanes), _mm_set1_ps(scale));
            _mm_add_ps(sums, product)
        }
    }

    #[inline(always)]
    pub fn total(sums: Sums) -> f32 {
        let mut lanes = [0.0f32; 4];
        unsafe { _mm_storeu_ps(lanes.as_mut_ptr(), sums) };
        (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
    }
}
