//! GELU, softmax and LayerNorm against their definitions in f64.

use super::{Check, Noise, farthest, numbers, tensor};
use crate::kernels::{gelu, layer_norm, softmax};

pub(super) fn checks(noise: &mut Noise) -> candle_core::Result<Vec<Check>> {
    let mut activation = Check::within("gelu", 1e-6);
    for scale in [0.1, 2.0, 8.0, 16.0, 40.0] {
        let count = 1 + noise.below(400);
        let x = noise.numbers(count, scale);
        let y = numbers(&gelu(&tensor(&x, &[count])?)?)?;
        let exact: Vec<f64> = x.iter().map(|&x| f64::from(x) * normal(x.into())).collect();
        activation.add_error(farthest(&y, &exact));
    }

    let mut shares = Check::within("softmax", 1e-6);
    for scale in [0.1, 2.0, 20.0, 200.0] {
        for _ in 0..4 {
            let (rows, width) = (1 + noise.below(6), 1 + noise.below(260));
            let mut x = noise.numbers(rows * width, scale);
            for row in x.chunks_exact_mut(width) {
                // What is hidden altogether, but never all of a row.
                for _ in 0..noise.below(width) / 3 {
                    row[1 + noise.below(width - 1)] = f32::NEG_INFINITY;
                }
            }
            let y = numbers(&softmax(&tensor(&x, &[rows, width])?)?)?;
            shares.add_error(farthest(&y, &plain_softmax(&x, width)));
        }
    }

    // In units of what an f32 of the row's size is off by after it has been normalized.
    let mut norm = Check::within("layer norm", 1e-6);
    for offset in [0.0, 1.0, 1000.0] {
        for _ in 0..4 {
            let (rows, dim) = (1 + noise.below(6), 1 + noise.below(800));
            let mut x = noise.numbers(rows * dim, 4.0);
            x.iter_mut().for_each(|x| *x += offset);
            let (weight, bias) = (noise.numbers(dim, 2.0), noise.numbers(dim, 2.0));
            let given = [tensor(&weight, &[dim])?, tensor(&bias, &[dim])?];
            let y = layer_norm(&tensor(&x, &[rows, dim])?, &given[0], &given[1], EPS)?;
            for (x, y) in x.chunks_exact(dim).zip(numbers(&y)?.chunks_exact(dim)) {
                let (exact, unit) = plain_layer_norm(x, &weight, &bias);
                norm.add_error(farthest(y, &exact) / unit);
            }
        }
    }
    Ok(vec![activation, shares, norm])
}

const EPS: f32 = 1e-6;

/// Φ(x): half and the integral of the normal density from 0 to x, by Simpson's rule.
fn normal(x: f64) -> f64 {
    const STEPS: usize = 1000;
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let step = x / STEPS as f64;
    let inner = |i: usize| density(i as f64 * step) * if i.is_multiple_of(2) { 2.0 } else { 4.0 };
    let sum = density(0.0) + density(x) + (1..STEPS).map(inner).sum::<f64>();
    0.5 + sum * step / 3.0
}

fn plain_softmax(x: &[f32], width: usize) -> Vec<f64> {
    let rows = x.chunks_exact(width).map(|row| {
        let largest = row.iter().copied().fold(f32::MIN, f32::max);
        let power = move |x: &f32| (f64::from(*x) - f64::from(largest)).exp();
        let sum: f64 = row.iter().map(power).sum();
        row.iter().map(move |x| power(x) / sum)
    });
    rows.flatten().collect()
}

/// A row, normalized, and 1 + the largest |x| / the row's spread.
fn plain_layer_norm(row: &[f32], weight: &[f32], bias: &[f32]) -> (Vec<f64>, f64) {
    let x: Vec<f64> = row.iter().map(|&x| x.into()).collect();
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64;
    let spread = (variance + f64::from(EPS)).sqrt();
    let parameters = weight.iter().zip(bias);
    let normalized = x
        .iter()
        .zip(parameters)
        .map(|(x, (&weight, &bias))| (x - mean) / spread * f64::from(weight) + f64::from(bias));
    let largest = x.iter().map(|x| x.abs()).fold(0.0, f64::max);
    (normalized.collect(), 1.0 + largest / spread)
}
