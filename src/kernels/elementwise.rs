//! GELU and softmax, four numbers at a time, with one order of operations everywhere.
//!
//! The platform's own functions differ between native and wasm in the last bit and cost a call an
//! element; these give the same bits everywhere. Error bounds are held by the tests below.

use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};

use super::contiguous;
use super::four::{Four, MAGIC, across, padded};

/// Sums are taken in so many lanes, lane by lane.
const LANES: usize = 8;

/// c[0] + c[1] x + … + c[N − 1] x^(N − 1).
#[inline(always)]
fn polynomial<const N: usize>(x: Four, coefficients: [f32; N]) -> Four {
    let mut sum = Four::splat(coefficients[N - 1]);
    for c in coefficients.into_iter().rev().skip(1) {
        sum = sum * x + Four::splat(c);
    }
    sum
}

/// e^x of x up to 88, within 3e-7 + |x| · 9e-8 of it relatively where it is a normal number, else 0 or
/// the least of those.
#[inline(always)]
fn exp_of(x: Four) -> Four {
    /// Leaves an exponent, with its bias of 127, in the lowest bits.
    const ROUND: f32 = MAGIC + 127.0;
    /// The polynomial of degree 5 with the least relative error for 2^r, |r| ≤ 1/2: 8e-8.
    const POWER: [f32; 6] = [
        1.000_000_1,
        0.693_146_94,
        0.240_221_2,
        0.055_507_135,
        0.009_675_541,
        0.001_327_646_7,
    ];
    // What has the exponent of −127 is 0; NaN stays.
    let t = (x * Four::splat(std::f32::consts::LOG2_E)).larger(Four::splat(-127.0));
    let n = t + Four::splat(ROUND);
    let r = t - (n - Four::splat(ROUND));
    polynomial(r, POWER) * n.power()
}

/// x Φ(x), Φ the normal distribution's cumulative function; NaN where x is infinite.
///
/// max(x, 0) less |x| (1 − Φ(|x|)), whose second factor is q^−32, q a polynomial: the form of
/// Abramowitz & Stegun 7.1.28, with coefficients for the least absolute error of the product, 1.3e-7.
#[inline(always)]
fn gelu_of(x: Four) -> Four {
    const Q: [f32; 6] = [
        1.021_897_3,
        0.025_478_277,
        0.010_485_195,
        0.001_419_171_4,
        -8.113_105e-5,
        2.021_482_7e-5,
    ];
    let t = x.abs();
    let mut q = polynomial(t, Q);
    // To the power of 32; where it is too large for a number the rest is nothing.
    for _ in 0..5 {
        q = q * q;
    }
    x.larger(Four::splat(0.0)) - t / q
}

#[inline(always)]
fn each(x: &mut [f32], f: impl Fn(Four) -> Four) {
    let (fours, rest) = x.as_chunks_mut();
    for four in fours {
        f(Four::load(four)).store(four);
    }
    if !rest.is_empty() {
        let mut four = padded(rest);
        f(Four::load(&four)).store(&mut four);
        rest.copy_from_slice(&four[..rest.len()]);
    }
}

/// The GELU of `x` written to `out`, of the same length, a multiple of 4.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub(super) fn gelu_to(x: &[f32], out: &mut [f32]) {
    for (x, out) in x.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
        gelu_of(Four::load(x)).store(out);
    }
}

/// The exact GELU (Hendrycks & Gimpel 2016) in place, within 1e-6 absolutely while |x| ≤ 8 and within
/// a rounding beyond; NaN where x is infinite.
#[inline(always)]
pub(super) fn gelu_each(x: &mut [f32]) {
    each(x, gelu_of);
}

/// `x` + `y` in place.
#[inline(always)]
pub(super) fn add(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

/// `x` · `factor` in place.
#[inline(always)]
pub(super) fn scale(x: &mut [f32], factor: f32) {
    let factor = Four::splat(factor);
    each(x, |x| x * factor);
}

/// Softmax of each row of so many numbers in place, within 1e-6 absolutely.
fn softmax_rows(x: &mut [f32], width: usize) {
    for row in x.chunks_exact_mut(width.max(1)) {
        let whole = 1.0 / exponentials(row);
        scale(row, whole);
    }
}

/// Makes of a row e^(x − the largest x); gives their sum.
#[cfg_attr(target_arch = "wasm32", inline(never))]
pub(super) fn exponentials(row: &mut [f32]) -> f32 {
    let mut largest = [Four::splat(f32::NEG_INFINITY); 2];
    let (eights, rest) = row.as_chunks::<LANES>();
    for eight in eights {
        for (four, largest) in eight.as_chunks().0.iter().zip(&mut largest) {
            *largest = largest.larger(Four::load(four));
        }
    }
    let [a, b] = largest;
    let mut largest = across(a.larger(b), Four::larger);
    for x in rest {
        largest = largest.larger(Four::splat(*x));
    }
    let mut sums = [Four::splat(0.0); 2];
    let (eights, rest) = row.as_chunks_mut::<LANES>();
    for eight in eights {
        for (four, sum) in eight.as_chunks_mut().0.iter_mut().zip(&mut sums) {
            let power = exp_of(Four::load(four) - largest);
            power.store(four);
            *sum = *sum + power;
        }
    }
    for (rest, sum) in rest.chunks_mut(4).zip(&mut sums) {
        let mut four = [f32::NEG_INFINITY; 4];
        four[..rest.len()].copy_from_slice(rest);
        let power = exp_of(Four::load(&four) - largest);
        power.store(&mut four);
        rest.copy_from_slice(&four[..rest.len()]);
        *sum = *sum + power;
    }
    let mut lanes = [0.0; 4];
    (sums[0] + sums[1]).store(&mut lanes);
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
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
        let mut out = x.to_vec();
        match self {
            Elementwise::Gelu => gelu_each(&mut out),
            Elementwise::Softmax(width) => softmax_rows(&mut out, *width),
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// The exact GELU (Hendrycks & Gimpel 2016), within 2e-6 absolutely; NaN where x is infinite.
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
    use super::{each, exp_of, gelu_each, softmax_rows};

    /// Φ(x), x ≤ 0 or small, by its series in f64, and by its continued fraction in the tail.
    fn normal(x: f64) -> f64 {
        let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        if x.abs() > 5.0 {
            let fraction = (1..60)
                .rev()
                .fold(0.0, |sum, n| f64::from(n) / (x.abs() + sum));
            let tail = density / (x.abs() + fraction);
            return if x > 0.0 { 1.0 - tail } else { tail };
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= x * x / f64::from(2 * n + 1);
            sum += term;
        }
        0.5 + sum * density
    }

    #[test]
    fn gelu_is_within_its_bound_over_all_numbers() {
        // Every 4099th of the 2^32 numbers.
        let mut worst = 0.0f64;
        for bits in (0..u32::MAX).step_by(4099) {
            let x = f32::from_bits(bits);
            let mut y = [x];
            gelu_each(&mut y);
            if !x.is_finite() {
                assert!(y[0].is_nan());
            } else if x.abs() > 8.0 {
                let limit = if x > 0.0 { x } else { 0.0 };
                assert!(
                    y[0] == limit || (y[0] - limit).abs() < 1e-6,
                    "{x}: {}",
                    y[0]
                );
            } else {
                worst = worst.max((f64::from(y[0]) - f64::from(x) * normal(f64::from(x))).abs());
            }
        }
        assert!(worst < 1e-6, "{worst}");
    }

    #[test]
    fn exp_is_within_its_bound_over_all_numbers() {
        for bits in (0..u32::MAX).step_by(4099) {
            let x = f32::from_bits(bits);
            let mut y = [x];
            each(&mut y, exp_of);
            let exact = f64::from(x).exp();
            if x.is_nan() {
                assert!(y[0].is_nan());
            } else if x < -87.7 {
                assert_eq!(y[0], 0.0);
            } else if x < -87.3 {
                assert!((0.0..2e-38).contains(&y[0]), "{x}");
            } else if x < 88.0 {
                let bound = (3e-7 + f64::from(x.abs()) * 9e-8) * exact;
                assert!(
                    (f64::from(y[0]) - exact).abs() <= bound,
                    "{x}: {} {exact}",
                    y[0]
                );
            }
        }
    }

    #[test]
    fn softmax_is_within_its_bound_at_odd_widths() {
        for width in [1, 2, 3, 4, 7, 8, 9, 50, 197] {
            let x: Vec<f32> = (0..3 * width)
                .map(|i| ((i * 37 % 101) as f32 - 50.0) / 3.0)
                .collect();
            let mut y = x.clone();
            softmax_rows(&mut y, width);
            for (x, y) in x.chunks_exact(width).zip(y.chunks_exact(width)) {
                let largest = f64::from(x.iter().copied().fold(f32::MIN, f32::max));
                let sum: f64 = x.iter().map(|x| (f64::from(*x) - largest).exp()).sum();
                for (x, y) in x.iter().zip(y) {
                    let exact = (f64::from(*x) - largest).exp() / sum;
                    assert!((f64::from(*y) - exact).abs() <= 1e-6, "{width}");
                }
            }
        }
        let mut hidden = [0.0, f32::NEG_INFINITY, 0.0];
        softmax_rows(&mut hidden, 3);
        assert_eq!(hidden, [0.5, 0.0, 0.5]);
    }
}
