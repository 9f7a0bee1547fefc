//! The product of f32 rows with a Q8_0 or Q4_0 matrix, in integers.
//!
//! Each row is quantized to 8 bits in blocks of 32 with a scale of its own, as the weights are; a
//! block's product is an integer sum, scaled once. Four rows share the widened weights of a block.
//! candle's own product quantizes activations differently natively and in wasm, so that the page
//! and the command line would differ in the second digit.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, bail};
use half::f16;

use super::contiguous;
use super::lanes::{BLOCK, own};

/// Rows of activations that share the weights they are multiplied with.
const TILE: usize = 4;

/// Bytes of a block's scale, an f16, before its numbers.
const SCALE: usize = 2;

/// A quantized matrix (out, in), ready to be multiplied.
pub struct QuantizedMatrix {
    weights: Arc<QTensor>,
    kind: Kind,
    /// The blocks' scales in f32, `blocks` a row.
    scales: Vec<f32>,
    rows: usize,
    blocks: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    /// 32 numbers of 8 bits.
    Q8_0,
    /// 32 numbers of 4 bits less 8: the low halves of 16 bytes, then the high ones.
    Q4_0,
}

impl Kind {
    fn block_bytes(self) -> usize {
        match self {
            Kind::Q8_0 => SCALE + BLOCK,
            Kind::Q4_0 => SCALE + BLOCK / 2,
        }
    }
}

/// The 16 bytes of a Q4_0 block as 32 numbers, in two's complement.
#[inline(always)]
fn unpacked(bytes: &[u8]) -> [u8; BLOCK] {
    let mut numbers = [0; BLOCK];
    let (low, high) = numbers.split_at_mut(BLOCK / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        *low = (byte & 15).wrapping_sub(8);
        *high = (byte >> 4).wrapping_sub(8);
    }
    numbers
}

impl QuantizedMatrix {
    /// `None` if the matrix is of a type that this kernel does not multiply.
    pub fn new(weights: Arc<QTensor>) -> candle_core::Result<Option<Self>> {
        let kind = match weights.dtype() {
            GgmlDType::Q8_0 => Kind::Q8_0,
            GgmlDType::Q4_0 => Kind::Q4_0,
            _ => return Ok(None),
        };
        let (rows, columns) = weights.shape().dims2()?;
        let data = weights.data()?;
        let scale = |block: &[u8]| f16::from_le_bytes([block[0], block[1]]).to_f32();
        let scales = data.chunks_exact(kind.block_bytes()).map(scale).collect();
        Ok(Some(Self {
            kind,
            scales,
            rows,
            blocks: columns / BLOCK,
            weights,
        }))
    }

    /// Multiplies the rows of a tile and writes them to `out`, (tile rows, self.rows).
    fn tile<const ROWS: usize, const IS_Q4: bool>(
        &self,
        weights: &[u8],
        rows: &Quantized,
        out: &mut [f32],
    ) {
        let kind = if IS_Q4 { Kind::Q4_0 } else { Kind::Q8_0 };
        let block_bytes = kind.block_bytes();
        let columns = weights
            .chunks_exact(block_bytes * self.blocks)
            .zip(self.scales.chunks_exact(self.blocks));
        for (column, (weights, scales)) in columns.enumerate() {
            let mut sums = [own::zero(); ROWS];
            let blocks = weights.chunks_exact(block_bytes).zip(scales);
            for (b, (block, scale)) in blocks.enumerate() {
                let bytes = &block[SCALE..];
                let weights = match bytes.first_chunk::<BLOCK>() {
                    Some(numbers) if !IS_Q4 => own::widened(numbers),
                    _ => own::widened(&unpacked(bytes)),
                };
                for (row, sum) in sums.iter_mut().enumerate() {
                    let at = row * self.blocks + b;
                    let scale = scale * rows.scales[at];
                    *sum = own::add_product(*sum, &rows.numbers[at], &weights, scale);
                }
            }
            for (row, sum) in sums.into_iter().enumerate() {
                out[row * self.rows + column] = own::total(sum);
            }
        }
    }

    fn multiply<const IS_Q4: bool>(&self, weights: &[u8], x: &[f32], out: &mut [f32]) {
        let tile = |(x, out): (&[f32], &mut [f32])| {
            let rows = Quantized::new(x);
            if out.len() == TILE * self.rows {
                return self.tile::<TILE, IS_Q4>(weights, &rows, out);
            }
            for (row, out) in out.chunks_exact_mut(self.rows).enumerate() {
                self.tile::<1, IS_Q4>(weights, &rows.row(row, self.blocks), out);
            }
        };
        let (x_tile, out_tile) = (TILE * self.blocks * BLOCK, TILE * self.rows);
        #[cfg(target_arch = "wasm32")]
        x.chunks(x_tile)
            .zip(out.chunks_mut(out_tile))
            .for_each(tile);
        #[cfg(not(target_arch = "wasm32"))]
        {
            use rayon::prelude::*;
            x.par_chunks(x_tile)
                .zip(out.par_chunks_mut(out_tile))
                .for_each(tile);
        }
    }
}

/// Rows of activations in blocks, each with its scale.
struct Quantized {
    numbers: Vec<[i16; BLOCK]>,
    scales: Vec<f32>,
}

impl Quantized {
    fn new(x: &[f32]) -> Self {
        let blocks = x.len() / BLOCK;
        let (mut numbers, mut scales) = (vec![[0; BLOCK]; blocks], vec![0.0; blocks]);
        let places = numbers.iter_mut().zip(&mut scales);
        for (x, (numbers, scale)) in x.chunks_exact(BLOCK).zip(places) {
            *scale = quantize_block(x, numbers);
        }
        Self { numbers, scales }
    }

    fn row(&self, row: usize, blocks: usize) -> Self {
        let range = row * blocks..(row + 1) * blocks;
        Self {
            numbers: self.numbers[range.clone()].to_vec(),
            scales: self.scales[range].to_vec(),
        }
    }
}

/// Rounds a block of activations to −127..=127; gives what one step of them is worth.
#[inline(always)]
fn quantize_block(x: &[f32], numbers: &mut [i16; BLOCK]) -> f32 {
    /// Added and taken off again, it rounds to the nearest integer, ties to even.
    const ROUND: f32 = 12_582_912.0;
    let largest = x.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
    let scale = largest / 127.0;
    let steps = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    for (number, x) in numbers.iter_mut().zip(x) {
        *number = (x * steps + ROUND - ROUND) as i16;
    }
    scale
}

impl CustomOp1 for QuantizedMatrix {
    fn name(&self) -> &'static str {
        "quantized-product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (count, columns) = layout.shape().dims2()?;
        if columns != self.blocks * BLOCK {
            bail!(
                "rows of {columns} do not fit a matrix of {}",
                self.blocks * BLOCK
            );
        }
        let x = contiguous(x, layout)?;
        let mut out = vec![0.0; count * self.rows];
        let weights = self.weights.data()?;
        match self.kind {
            Kind::Q8_0 => self.multiply::<false>(&weights, x, &mut out),
            Kind::Q4_0 => self.multiply::<true>(&weights, x, &mut out),
        }
        Ok((CpuStorage::F32(out), (count, self.rows).into()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    use super::super::lanes::{BLOCK, own, portable};
    use super::{QuantizedMatrix, quantize_block};

    /// Numbers without pattern, repeatable.
    fn noise(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as f32 / u32::MAX as f32 - 0.5
        };
        (0..count).map(|_| next()).collect()
    }

    /// What the kernel should give, from the dequantized weights and activations, in f64.
    fn plain(x: &[f32], weights: &[f32], columns: usize) -> Vec<f64> {
        let mut rounded = Vec::new();
        for block in x.chunks_exact(BLOCK) {
            let mut numbers = [0; BLOCK];
            let scale = quantize_block(block, &mut numbers);
            rounded.extend(numbers.map(|number| f64::from(number) * f64::from(scale)));
        }
        let dot = |a: &[f64], b: &[f32]| a.iter().zip(b).map(|(a, &b)| a * f64::from(b)).sum();
        rounded
            .chunks_exact(columns)
            .flat_map(|row| weights.chunks_exact(columns).map(move |w| dot(row, w)))
            .collect()
    }

    #[test]
    fn equals_the_plain_product_at_odd_sizes() {
        for (count, columns, rows, seed) in [
            (1, 32, 1, 1),
            (3, 64, 5, 2),
            (4, 96, 7, 3),
            (9, 192, 33, 4),
            (65, 32, 2, 5),
        ] {
            for dtype in [GgmlDType::Q8_0, GgmlDType::Q4_0] {
                let weights = noise(rows * columns, seed);
                let weights = Tensor::from_vec(weights, (rows, columns), &Device::Cpu).unwrap();
                let weights = Arc::new(QTensor::quantize(&weights, dtype).unwrap());
                let x = noise(count * columns, seed + 100);
                let input = Tensor::from_slice(&x, (count, columns), &Device::Cpu).unwrap();
                let matrix = QuantizedMatrix::new(weights.clone()).unwrap().unwrap();
                let out = input.apply_op1_no_bwd(&matrix).unwrap();
                let out: Vec<f32> = out.flatten_all().unwrap().to_vec1().unwrap();
                let weights = weights.dequantize(&Device::Cpu).unwrap();
                let weights: Vec<f32> = weights.flatten_all().unwrap().to_vec1().unwrap();
                let expected = plain(&x, &weights, columns);
                assert_eq!(out.len(), expected.len());
                for (a, b) in out.iter().zip(&expected) {
                    assert!(
                        (f64::from(*a) - b).abs() < 1e-5,
                        "{count} {columns} {rows}: {a} {b}"
                    );
                }
            }
        }
    }

    #[test]
    fn lanes_equal_the_portable_ones_to_the_bit() {
        for seed in 0..200 {
            let a: [i16; BLOCK] = std::array::from_fn(|i| {
                (noise(BLOCK, seed + 1)[i] * 255.0).clamp(-127.0, 127.0) as i16
            });
            let w: [u8; BLOCK] = match seed {
                0 => [128; BLOCK],
                _ => std::array::from_fn(|i| (noise(BLOCK, seed + 999)[i] * 255.0) as i8 as u8),
            };
            let scale = 0.01 + seed as f32;
            let once = own::add_product(own::zero(), &a, &own::widened(&w), 0.3);
            let ours = own::total(own::add_product(once, &a, &own::widened(&w), scale));
            let (zero, w) = (portable::zero(), portable::widened(&w));
            let once = portable::add_product(zero, &a, &w, 0.3);
            let plain = portable::total(portable::add_product(once, &a, &w, scale));
            assert_eq!(ours.to_bits(), plain.to_bits());
        }
    }

    #[test]
    fn a_block_is_off_by_half_a_step_at_most() {
        let x = noise(BLOCK, 7);
        let mut numbers = [0; BLOCK];
        let scale = quantize_block(&x, &mut numbers);
        for (x, number) in x.iter().zip(numbers) {
            assert!((x - f32::from(number) * scale).abs() <= 0.5001 * scale);
        }
        assert_eq!(quantize_block(&[0.0; BLOCK], &mut numbers), 0.0);
        assert_eq!(numbers, [0; BLOCK]);
    }
}
