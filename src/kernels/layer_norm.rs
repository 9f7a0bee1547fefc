//! LayerNorm in two passes over a row: mean first, then the variance around it.
//!
//! candle's own takes the variance as E[x²] − E[x]² in one pass, which cancels where a row's mean is
//! large beside its spread, as residual streams of deep ViTs are.

use std::mem::MaybeUninit;

use candle_core::{CpuStorage, CustomOp3, Layout, Shape, Tensor, bail};

use super::four::{Four, across, padded};
use super::{contiguous, parallel};

struct LayerNorm {
    eps: f32,
}

/// Normalizes the rows of `x` (…, D) and applies `weight` and `bias`, both (D).
pub fn layer_norm(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    eps: f32,
) -> candle_core::Result<Tensor> {
    x.contiguous()?.apply_op3_no_bwd(
        &weight.contiguous()?,
        &bias.contiguous()?,
        &LayerNorm { eps },
    )
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = contiguous(x, x_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        let dim = weight.len();
        if dim == 0 || bias.len() != dim || !x.len().is_multiple_of(dim) {
            bail!(
                "{:?} cannot be normalized with {dim} weights",
                x_layout.shape()
            );
        }
        let mut out = Vec::with_capacity(x.len());
        let room = &mut out.spare_capacity_mut()[..x.len()];
        let length = parallel::rows_at_once(x.len() / dim) * dim;
        let parts = x.chunks(length).zip(room.chunks_mut(length)).collect();
        parallel::for_each(parts, |(x, out)| {
            rows_normalized(x, weight, bias, self.eps, out);
        });
        // SAFETY: as long as x, of which every row was normalized.
        unsafe { out.set_len(x.len()) };
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

fn rows_normalized(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    eps: f32,
    out: &mut [MaybeUninit<f32>],
) {
    let dim = weight.len();
    let ((weights, last_weights), (biases, last_biases)) = (weight.as_chunks(), bias.as_chunks());
    for (row, out) in x.chunks_exact(dim).zip(out.chunks_exact_mut(dim)) {
        let mean = Four::splat(sum_of(row, |x| x) / dim as f32);
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / dim as f32;
        let scale = Four::splat(1.0 / (variance + eps).sqrt());
        let normalized = |x: &[f32; 4], weight: &[f32; 4], bias: &[f32; 4]| {
            (Four::load(x) - mean) * scale * Four::load(weight) + Four::load(bias)
        };
        let ((fours, last), (outs, last_out)) = (row.as_chunks(), out.as_chunks_mut::<4>());
        let parameters = weights.iter().zip(biases);
        for ((out, x), (weight, bias)) in outs.iter_mut().zip(fours).zip(parameters) {
            let mut lanes = [0.0; 4];
            normalized(x, weight, bias).store(&mut lanes);
            out.write_copy_of_slice(&lanes);
        }
        let mut lanes = [0.0; 4];
        normalized(&padded(last), &padded(last_weights), &padded(last_biases)).store(&mut lanes);
        last_out.write_copy_of_slice(&lanes[..last.len()]);
    }
}

/// The sum of `f` of each number, in sixteen lanes, which also rounds less than one.
#[inline(always)]
fn sum_of(row: &[f32], f: impl Fn(Four) -> Four) -> f32 {
    let mut sums = [Four::splat(0.0); 4];
    let (fours, last) = row.as_chunks::<4>();
    let (sixteens, fours) = fours.as_chunks::<4>();
    for [a, b, c, d] in sixteens {
        sums[0] = sums[0] + f(Four::load(a));
        sums[1] = sums[1] + f(Four::load(b));
        sums[2] = sums[2] + f(Four::load(c));
        sums[3] = sums[3] + f(Four::load(d));
    }
    for four in fours {
        sums[0] = sums[0] + f(Four::load(four));
    }
    let [a, b, c, d] = sums;
    let rest: f32 = last.iter().map(|x| f(Four::splat(*x)).first()).sum();
    across((a + b) + (c + d), |x, y| x + y).first() + rest
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::rows_normalized;

    /// The definition, in f64.
    fn plain(row: &[f32], weight: &[f32], bias: &[f32], eps: f32) -> Vec<f64> {
        let n = row.len() as f64;
        let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let square = |&x: &f32| (f64::from(x) - mean).powi(2);
        let variance = row.iter().map(square).sum::<f64>() / n;
        let scale = 1.0 / (variance + f64::from(eps)).sqrt();
        row.iter()
            .zip(weight.iter().zip(bias))
            .map(|(&x, (&w, &b))| (f64::from(x) - mean) * scale * f64::from(w) + f64::from(b))
            .collect()
    }

    #[test]
    fn equals_the_definition_far_from_zero_and_at_odd_widths() {
        for dim in [1, 3, 8, 9, 50, 192] {
            for offset in [0.0f32, 1000.0] {
                let value = |i: usize| ((i * 7919 % 101) as f32 - 50.0) / 50.0;
                let row: Vec<f32> = (0..dim).map(|i| value(i) + offset).collect();
                let weight: Vec<f32> = (0..dim).map(|i| 1.0 + value(i + 3) / 5.0).collect();
                let bias: Vec<f32> = (0..dim).map(|i| value(i + 11)).collect();
                let mut out = vec![MaybeUninit::new(f32::NAN); dim];
                rows_normalized(&row, &weight, &bias, 1e-6, &mut out);
                // SAFETY: numbers from the first.
                let out = unsafe { out.assume_init_ref() };
                for (a, b) in out.iter().zip(plain(&row, &weight, &bias, 1e-6)) {
                    // At 1000 an f32 carries 6e-5, which the spread of about 0.6 doubles.
                    let allowed = if offset == 0.0 { 2e-6 } else { 5e-4 };
                    assert!(
                        (f64::from(*a) - b).abs() < allowed,
                        "{dim} {offset}: {a} {b}"
                    );
                }
            }
        }
    }
}
