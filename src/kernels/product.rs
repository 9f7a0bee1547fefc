//! Batches of small f32 products, as attention needs them, with one order of summation everywhere.
//!
//! Every output is summed over k from the first to the last, one multiplication and one addition at a
//! time, whatever the tile: so edges, other instruction sets and other tilings give the same bits.

use candle_core::{CpuStorage, CustomOp2, Layout, Shape, Tensor, bail};

use super::contiguous;

const ROWS: usize = 4;
const COLUMNS: usize = 8;

struct Product;

/// (batch, m, k) · (batch, k, n) → (batch, m, n).
pub fn batched_product(a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
    a.contiguous()?.apply_op2_no_bwd(&b.contiguous()?, &Product)
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "batched-product"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (batch, m, k) = a_layout.shape().dims3()?;
        let (b_batch, b_k, n) = b_layout.shape().dims3()?;
        if (batch, k) != (b_batch, b_k) {
            bail!(
                "{:?} and {:?} cannot be multiplied",
                a_layout.shape(),
                b_layout.shape()
            );
        }
        let (a, b) = (contiguous(a, a_layout)?, contiguous(b, b_layout)?);
        let mut out = vec![0.0; batch * m * n];
        if m * n * k > 0 {
            let matrices = a.chunks_exact(m * k).zip(b.chunks_exact(k * n));
            for ((a, b), out) in matrices.zip(out.chunks_exact_mut(m * n)) {
                multiply(a, b, out, k, n);
            }
        }
        Ok((CpuStorage::F32(out), (batch, m, n).into()))
    }
}

fn multiply(a: &[f32], b: &[f32], out: &mut [f32], k: usize, n: usize) {
    for (a, out) in a.chunks(ROWS * k).zip(out.chunks_mut(ROWS * n)) {
        let mut column = 0;
        if a.len() == ROWS * k {
            while column + COLUMNS <= n {
                tile::<ROWS, COLUMNS>(a, &b[column..], &mut out[column..], k, n);
                column += COLUMNS;
            }
            while column < n {
                tile::<ROWS, 1>(a, &b[column..], &mut out[column..], k, n);
                column += 1;
            }
            continue;
        }
        for (a, out) in a.chunks_exact(k).zip(out.chunks_exact_mut(n)) {
            let mut column = 0;
            while column + COLUMNS <= n {
                tile::<1, COLUMNS>(a, &b[column..], &mut out[column..], k, n);
                column += COLUMNS;
            }
            while column < n {
                tile::<1, 1>(a, &b[column..], &mut out[column..], k, n);
                column += 1;
            }
        }
    }
}

/// R rows of `a` by C columns of `b`; both slices begin where the tile does.
#[inline(always)]
fn tile<const R: usize, const C: usize>(a: &[f32], b: &[f32], out: &mut [f32], k: usize, n: usize) {
    let mut sums = [[0.0f32; C]; R];
    let rows: [&[f32]; R] = std::array::from_fn(|row| &a[row * k..(row + 1) * k]);
    for i in 0..k {
        let b = &b[i * n..i * n + C];
        for (row, sums) in rows.iter().zip(&mut sums) {
            let a = row[i];
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += a * b;
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        out[row * n..row * n + C].copy_from_slice(sums);
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::batched_product;

    #[test]
    fn equals_sums_in_order_to_the_bit() {
        for (batch, m, k, n) in [(1, 1, 1, 1), (2, 5, 3, 9), (3, 4, 64, 8), (1, 7, 65, 197)] {
            let value = |i: usize| ((i * 7919 % 1009) as f32 - 500.0) / 300.0;
            let a: Vec<f32> = (0..batch * m * k).map(value).collect();
            let b: Vec<f32> = (0..batch * k * n).map(|i| value(i + 17)).collect();
            let tensor = |data: &[f32], shape: (usize, usize, usize)| {
                Tensor::from_slice(data, shape, &Device::Cpu).unwrap()
            };
            let out = batched_product(&tensor(&a, (batch, m, k)), &tensor(&b, (batch, k, n)));
            let out: Vec<f32> = out.unwrap().flatten_all().unwrap().to_vec1().unwrap();
            for (at, out) in out.iter().enumerate() {
                let (batch, row, column) = (at / (m * n), at / n % m, at % n);
                let mut sum = 0.0f32;
                for i in 0..k {
                    sum += a[(batch * m + row) * k + i] * b[(batch * k + i) * n + column];
                }
                assert_eq!(out.to_bits(), sum.to_bits(), "{m} {k} {n}");
            }
        }
    }
}
