//! The largest eigenvalues of a symmetric matrix and their vectors.

use candle_core::{Device, Tensor};

use crate::error::Result;

/// Vectors iterated beside those that are wanted: convergence depends on how much smaller the first
/// eigenvalue left out is.
const SPARE: usize = 20;
const MOST_ROUNDS: usize = 120;
/// What is left of a vector that was found, as a share of the largest eigenvalue.
const RESIDUAL: f64 = 2e-6;
/// Jacobi's sweeps; it converges quadratically, and a dozen is already much.
const SWEEPS: usize = 30;

/// The `count` largest eigenvalues of a symmetric matrix (n, n) without negative ones, largest first,
/// and a unit vector (n) for each.
///
/// Subspace iteration with the Rayleigh–Ritz step (Saad 2011, Numerical Methods for Large Eigenvalue
/// Problems, section 5.2); where all are wanted, that step alone.
pub fn leading(matrix: &Tensor, count: usize) -> Result<Vec<(f64, Vec<f64>)>> {
    let n = matrix.dim(0)?;
    let count = count.min(n);
    let block = n.min(count + SPARE);
    let mut basis = start(n, block);
    for round in 0.. {
        orthonormalize(&mut basis);
        let image = product(matrix, &basis)?;
        let inner = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let small: Vec<Vec<f64>> = basis
            .iter()
            .map(|a| image.iter().map(|b| inner(a, b)).collect())
            .collect();
        let (values, turns) = jacobi(small);
        let turned = |vectors: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let turn = |turn: &Vec<f64>| {
                let mut sum = vec![0.0; n];
                for (vector, share) in vectors.iter().zip(turn) {
                    for (sum, value) in sum.iter_mut().zip(vector) {
                        *sum += share * value;
                    }
                }
                sum
            };
            turns.iter().map(turn).collect()
        };
        let (vectors, image) = (turned(&basis), turned(&image));
        let left = |i: usize| -> f64 {
            let parts = vectors[i].iter().zip(&image[i]);
            let squares = parts.map(|(vector, image)| (image - values[i] * vector).powi(2));
            squares.sum::<f64>().sqrt()
        };
        let is_done = block == n || (0..count).all(|i| left(i) <= RESIDUAL * values[0].abs());
        if is_done || round == MOST_ROUNDS {
            return Ok(values.into_iter().zip(vectors).take(count).collect());
        }
        basis = image;
    }
    Ok(Vec::new())
}

/// Vectors in no direction of note, the same each time.
fn start(n: usize, count: usize) -> Vec<Vec<f64>> {
    let mut seed = 1u64;
    let mut next = || {
        // Knuth's MMIX constants.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / (1u64 << 30) as f64 - 1.0
    };
    (0..count)
        .map(|_| (0..n).map(|_| next()).collect())
        .collect()
}

/// Gram and Schmidt, twice: once is not enough where vectors have become alike.
fn orthonormalize(vectors: &mut [Vec<f64>]) {
    for i in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(i);
        let vector = &mut rest[0];
        for other in before.iter().chain(before.iter()) {
            let along: f64 = other.iter().zip(vector.iter()).map(|(a, b)| a * b).sum();
            for (value, other) in vector.iter_mut().zip(other) {
                *value -= along * other;
            }
        }
        let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > 1e-300 {
            vector.iter_mut().for_each(|value| *value /= length);
        }
    }
}

/// The matrix times each vector. This is all the work there is, and candle's product does it in f32.
fn product(matrix: &Tensor, vectors: &[Vec<f64>]) -> Result<Vec<Vec<f64>>> {
    let n = matrix.dim(0)?;
    let flat: Vec<f32> = vectors
        .iter()
        .flatten()
        .map(|&value| value as f32)
        .collect();
    let rows = Tensor::from_vec(flat, (vectors.len(), n), &Device::Cpu)?;
    // The matrix is its own transpose.
    let image: Vec<Vec<f32>> = rows.matmul(matrix)?.to_vec2()?;
    let wide = |row: Vec<f32>| row.into_iter().map(f64::from).collect();
    Ok(image.into_iter().map(wide).collect())
}

/// All eigenvalues of a small symmetric matrix, largest first, and a unit vector for each, by Jacobi's
/// rotations (Golub and Van Loan 2013, Matrix Computations, section 8.5).
fn jacobi(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut vectors: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    let scale: f64 = (0..n).map(|i| a[i][i].abs()).fold(0.0, f64::max);
    for _ in 0..SWEEPS {
        let mut largest = 0.0f64;
        for p in 0..n {
            for q in p + 1..n {
                // The product in f32 has left the two halves apart by its rounding.
                let off = (a[p][q] + a[q][p]) / 2.0;
                largest = largest.max(off.abs());
                if off.abs() <= 1e-15 * scale {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * off);
                let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let sine = tangent * cosine;
                a[p][q] = off;
                a[q][p] = off;
                for row in &mut a {
                    let (x, y) = (row[p], row[q]);
                    row[p] = cosine * x - sine * y;
                    row[q] = sine * x + cosine * y;
                }
                for rows in [&mut a, &mut vectors] {
                    let (upper, lower) = rows.split_at_mut(q);
                    for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
                        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
                    }
                }
            }
        }
        if largest <= 1e-12 * scale {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    let values = order.iter().map(|&i| a[i][i]).collect();
    (values, order.iter().map(|&i| vectors[i].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::leading;
    use candle_core::{Device, Tensor};

    /// The path graph's Laplacian: λ_k = 2 − 2 cos(kπ / n), v_k[i] = cos(kπ (i + ½) / n).
    #[test]
    fn eigenvalues_and_vectors_of_a_matrix_that_has_them_in_closed_form() {
        for (n, count) in [(12, 12), (12, 3), (90, 4)] {
            // Its third power: the same vectors, eigenvalues further apart.
            let entry = |i: usize, j: usize| match i.abs_diff(j) {
                0 if i == 0 || i == n - 1 => 1.0f32,
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            };
            let flat: Vec<f32> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
            let one = Tensor::from_vec(flat, (n, n), &Device::Cpu).unwrap();
            let matrix = one.matmul(&one).unwrap().matmul(&one).unwrap();
            let found = leading(&matrix, count).unwrap();
            assert_eq!(found.len(), count);
            for (i, (value, vector)) in found.iter().enumerate() {
                let angle = std::f64::consts::PI * (n - 1 - i) as f64 / n as f64;
                let expected = (2.0 - 2.0 * angle.cos()).powi(3);
                assert!((value - expected).abs() < 1e-3, "{n}: {value} {expected}");
                let wave = |at: usize| (angle * (at as f64 + 0.5)).cos();
                let length = (0..n).map(|at| wave(at).powi(2)).sum::<f64>().sqrt();
                let along: f64 = vector.iter().enumerate().map(|(at, v)| v * wave(at)).sum();
                assert!((along.abs() / length - 1.0).abs() < 1e-3, "{n}: vector {i}");
            }
        }
    }
}
