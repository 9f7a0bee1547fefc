//! Every fast kernel against its twin over random shapes and values: one body of code that the native
//! tests run, and the page tests in each wasm bundle (`kernelChecks`).
//!
//! Kernels run as the models run them, as candle operations, so that their edges, their sharing among
//! threads and what they take from tensors are part of it.

mod attention;
mod fours;
mod noise;
mod products;
mod rows;

use candle_core::{Device, Tensor};
use serde::Serialize;

use crate::error::Result;

pub(super) use noise::Noise;

/// What came of a kernel's cases.
#[derive(Debug, Serialize)]
pub struct Check {
    pub kernel: &'static str,
    /// Shapes and values that were tried.
    pub cases: usize,
    /// Numbers whose bits differ, where `allowed` is 0; else the largest error.
    pub worst: f64,
    pub allowed: f64,
}

/// All kernels, over shapes and values that follow from `seed`.
pub fn all(seed: u32) -> Result<Vec<Check>> {
    let mut noise = Noise::new(seed);
    let mut checks = fours::checks(&mut noise);
    checks.extend(products::checks(&mut noise)?);
    checks.extend(attention::checks(&mut noise)?);
    checks.extend(rows::checks(&mut noise)?);
    Ok(checks)
}

impl Check {
    /// Of a kernel whose every bit is fixed.
    fn to_the_bit(kernel: &'static str) -> Self {
        Self::within(kernel, 0.0)
    }

    fn within(kernel: &'static str, allowed: f64) -> Self {
        Self {
            kernel,
            cases: 0,
            worst: 0.0,
            allowed,
        }
    }

    /// One more case, of which so many bit patterns differ.
    fn add_differing(&mut self, differing: usize) {
        self.cases += 1;
        self.worst += differing as f64;
    }

    /// One more case, whose largest error is this.
    fn add_error(&mut self, error: f64) {
        self.cases += 1;
        self.worst = self.worst.max(error);
    }
}

/// Numbers whose bits are not the twin's.
fn differing(ours: &[f32], twin: &[f32]) -> usize {
    let same = |(a, b): &(&f32, &f32)| a.to_bits() == b.to_bits();
    let missing = ours.len().abs_diff(twin.len());
    missing + ours.iter().zip(twin).filter(|pair| !same(pair)).count()
}

/// The largest |difference|; what is no number, or is missing, is off by the largest there is.
fn farthest(ours: &[f32], exact: &[f64]) -> f64 {
    if ours.len() != exact.len() {
        return f64::MAX;
    }
    let pairs = ours.iter().zip(exact);
    pairs.fold(0.0, |worst: f64, (ours, exact)| {
        let off = (f64::from(*ours) - exact).abs();
        worst.max(if off.is_finite() { off } else { f64::MAX })
    })
}

fn tensor(numbers: &[f32], shape: &[usize]) -> candle_core::Result<Tensor> {
    Tensor::from_slice(numbers, shape, &Device::Cpu)
}

fn numbers(tensor: &Tensor) -> candle_core::Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

#[cfg(test)]
mod tests {
    use super::{Noise, all, differing, farthest};

    #[test]
    fn every_kernel_keeps_to_its_twin() {
        for seed in 1..=12 {
            let checks = all(seed).unwrap();
            for check in &checks {
                assert!(check.cases > 0, "{check:?}");
                assert!(check.worst <= check.allowed, "seed {seed}: {check:?}");
            }
        }
    }

    #[test]
    fn other_seeds_give_other_shapes_and_values() {
        let errors = |seed| -> Vec<u64> {
            let checks = all(seed).unwrap();
            checks.iter().map(|check| check.worst.to_bits()).collect()
        };
        assert_ne!(errors(1), errors(2));
        assert_eq!(errors(3), errors(3));
    }

    #[test]
    fn one_bit_is_noticed() {
        let numbers = Noise::new(5).numbers(1000, 2.0);
        assert_eq!(differing(&numbers, &numbers), 0);
        for bit in 0..32 {
            let mut other = numbers.clone();
            other[731] = f32::from_bits(other[731].to_bits() ^ 1 << bit);
            assert_eq!(differing(&other, &numbers), 1, "bit {bit}");
        }
        assert_eq!(differing(&numbers[1..], &numbers[..999]), 999);
        assert_eq!(differing(&numbers[..999], &numbers), 1);
        assert_eq!(differing(&[0.0], &[-0.0]), 1);
    }

    #[test]
    fn errors_are_noticed_and_so_is_what_is_no_number() {
        let numbers = Noise::new(6).numbers(100, 2.0);
        let exact: Vec<f64> = numbers.iter().map(|x| f64::from(*x)).collect();
        assert_eq!(farthest(&numbers, &exact), 0.0);
        let mut other = numbers.clone();
        other[99] += 0.25;
        assert!((farthest(&other, &exact) - 0.25).abs() < 1e-6);
        for strange in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            other[3] = strange;
            assert_eq!(farthest(&other, &exact), f64::MAX);
        }
        assert_eq!(farthest(&numbers[1..], &exact), f64::MAX);
    }
}
