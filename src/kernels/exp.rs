//! exp and what is made of it, softmax and GELU: plain f32 arithmetic that compilers turn into vectors.
//!
//! The platform's own functions differ between native and wasm in the last bit and cost a call an
//! element; these give the same bits everywhere. Error bounds are held by the tests below.

use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};

use super::contiguous;

/// Sums are taken in so many lanes, in a fixed order.
const LANES: usize = 8;

/// e^x for x ≤ 88, within 2e-7 of it relatively; 0 below −87.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Added and taken off again, it rounds to the nearest integer.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first short enough for its multiples to be exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let n = x.max(-87.5) * std::f32::consts::LOG2_E + ROUND - ROUND;
    let r = x.max(-87.5) - n * LN2_HIGH - n * LN2_LOW;
    // Taylor's series to the seventh power: |r| ≤ ln 2 / 2, so the rest is below 1e-8.
    let p = 1.0 / 5040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    let p = p * r + 1.0;
    let p = p * r + 1.0;
    let power = f32::from_bits(((n as i32 + 127) << 23) as u32);
    if x < -87.0 { 0.0 } else { p * power }
}

/// x Φ(x), Φ the normal distribution's cumulative function.
///
/// erf by Abramowitz & Stegun 7.1.26, off by 1.5e-7 at most.
#[inline(always)]
fn gelu_of(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = 1.061_405_4;
    let p = p * t - 1.453_152;
    let p = p * t + 1.421_413_7;
    let p = p * t - 0.284_496_74;
    let p = p * t + 0.254_829_6;
    // Half of 1 − erf(z): what is missing to the side on which x lies.
    let tail = 0.5 * p * t * exp(-z * z);
    x * if x < 0.0 { tail } else { 1.0 - tail }
}

fn softmax_row(row: &[f32], out: &mut [f32]) {
    let largest = row
        .iter()
        .fold(f32::NEG_INFINITY, |largest, &x| largest.max(x));
    for (out, x) in out.iter_mut().zip(row) {
        *out = exp(x - largest);
    }
    let mut lanes = [0.0f32; LANES];
    let chunks = out.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    let scale = 1.0 / (lanes.iter().sum::<f32>() + rest);
    for out in out {
        *out *= scale;
    }
}

enum Elementwise {
    Gelu,
    /// Over rows of so many numbers.
    Softmax(usize),
}

impl CustomOp1 for Elementwise {
    fn name(&self) -> &'static str {
        match self {
            Elementwise::Gelu => "gelu",
            Elementwise::Softmax(_) => "softmax",
        }
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = contiguous(x, layout)?;
        let mut out = vec![0.0; x.len()];
        match self {
            Elementwise::Gelu => {
                for (out, &x) in out.iter_mut().zip(x) {
                    *out = gelu_of(x);
                }
            }
            Elementwise::Softmax(width) => {
                for (row, out) in x.chunks_exact(*width).zip(out.chunks_exact_mut(*width)) {
                    softmax_row(row, out);
                }
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// The exact GELU (Hendrycks & Gimpel 2016), within 2e-6 absolutely.
pub fn gelu(x: &Tensor) -> candle_core::Result<Tensor> {
    x.contiguous()?.apply_op1_no_bwd(&Elementwise::Gelu)
}

/// Softmax over the last dimension, within 2e-6 absolutely.
pub fn softmax(x: &Tensor) -> candle_core::Result<Tensor> {
    let width = x.dims().last().copied().unwrap_or(1).max(1);
    x.contiguous()?
        .apply_op1_no_bwd(&Elementwise::Softmax(width))
}

#[cfg(test)]
mod tests {
    use super::{exp, gelu_of, softmax_row};

    #[test]
    fn exp_is_within_its_bound() {
        for i in -870_000..=880_000 {
            let x = i as f32 * 1e-4;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) - exact).abs() <= 2e-7 * exact, "{x}");
        }
        assert_eq!(exp(0.0), 1.0);
        for x in [-100.0, -1e30, f32::NEG_INFINITY] {
            assert_eq!(exp(x), 0.0);
        }
    }

    /// Φ(x) by its series, in f64, exact to 1e-15 where the series converges quickly.
    fn normal(x: f64) -> f64 {
        let mut term = x;
        let mut sum = x;
        for n in 1..200 {
            term *= x * x / (2 * n + 1) as f64;
            sum += term;
        }
        0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
    }

    #[test]
    fn gelu_is_within_its_bound() {
        for i in -60_000..=60_000 {
            let x = i as f32 * 1e-4;
            let exact = f64::from(x) * normal(f64::from(x));
            assert!((f64::from(gelu_of(x)) - exact).abs() <= 2e-6, "{x}");
        }
        for x in [10.0f32, 100.0, 1e10, 1e30] {
            assert!((gelu_of(x) / x - 1.0).abs() < 1e-6, "{x}");
            assert!(gelu_of(-x).abs() < 1e-20, "{x}");
        }
    }

    #[test]
    fn softmax_is_within_its_bound_at_odd_widths() {
        for width in [1, 2, 7, 8, 9, 197] {
            let row: Vec<f32> = (0..width)
                .map(|i| ((i * 37 % 101) as f32 - 50.0) / 3.0)
                .collect();
            let mut out = vec![0.0; width];
            softmax_row(&row, &mut out);
            let largest = row.iter().cloned().fold(f32::MIN, f32::max);
            let power = |&x: &f32| (f64::from(x) - f64::from(largest)).exp();
            let sum: f64 = row.iter().map(power).sum();
            for (x, out) in row.iter().zip(&out) {
                assert!((power(x) / sum - f64::from(*out)).abs() <= 2e-6, "{width}");
            }
        }
    }
}
