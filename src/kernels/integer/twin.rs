//! The definitions, one number at a time, that the fast kernels are held to.

use super::blocks::Kind;

fn scale_of(block: &[u8]) -> f32 {
    let bits = u16::from_le_bytes([block[0], block[1]]);
    let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, f32::from(bits & 1023) / 1024.0);
    let magnitude = match exponent {
        0 => fraction * (-14f32).exp2(),
        _ => (1.0 + fraction) * (f32::from(exponent) - 15.0).exp2(),
    };
    if sign == 1 { -magnitude } else { magnitude }
}

fn group_of(columns: usize) -> usize {
    [384, 192, 96, 64, 32]
        .into_iter()
        .find(|group| columns.is_multiple_of(*group))
        .unwrap_or(32)
}

/// What a GGUF reader makes of the blocks.
#[cfg(test)]
pub fn dequantized(kind: Kind, bytes: &[u8]) -> Vec<f32> {
    let blocks = bytes.chunks_exact(kind.block_bytes());
    let numbers = |block: &[u8]| -> Vec<i32> {
        match kind {
            Kind::Q8_0 => block[2..]
                .iter()
                .map(|&byte| i32::from(byte as i8))
                .collect(),
            Kind::Q4_0 => (0..32)
                .map(|i| i32::from(block[2 + i % 16] >> (i / 16 * 4) & 15) - 8)
                .collect(),
        }
    };
    blocks
        .flat_map(|block| {
            numbers(block)
                .into_iter()
                .map(|x| x as f32 * scale_of(block))
        })
        .collect()
}

/// A row of the matrix in 8-bit integers with the groups' scales.
fn regrouped(kind: Kind, row: &[u8], group: usize) -> (Vec<i64>, Vec<f32>) {
    let (mut numbers, mut scales) = (Vec::new(), Vec::new());
    for blocks in row.chunks_exact(group / 32 * kind.block_bytes()) {
        let each = blocks.chunks_exact(kind.block_bytes());
        let largest = each
            .clone()
            .map(|block| scale_of(block).abs())
            .fold(0.0, f32::max);
        let wide = if kind == Kind::Q4_0 { 15 } else { 1 };
        for block in each {
            let steps = if largest > 0.0 {
                16384.0 / largest
            } else {
                0.0
            };
            let ratio = (scale_of(block) * steps).round_ties_even() as i64;
            for i in 0..32 {
                let number = match kind {
                    Kind::Q8_0 => i64::from(block[2 + i] as i8),
                    Kind::Q4_0 => i64::from(block[2 + i % 16] >> (i / 16 * 4) & 15) - 8,
                };
                numbers.push(((number * wide * ratio + 8192) >> 14).min(127));
            }
        }
        scales.push(largest / wide as f32);
    }
    (numbers, scales)
}

/// Activations in 8-bit integers, their zero taken off, with the groups' scales.
fn activations(x: &[f32], group: usize) -> (Vec<i64>, Vec<f32>) {
    let (mut numbers, mut scales) = (Vec::new(), Vec::new());
    for x in x.chunks_exact(group) {
        let low = x.iter().copied().fold(0.0, f32::min);
        let high = x.iter().copied().fold(0.0, f32::max);
        let scale = (high - low) / 255.0;
        let steps = if scale < f32::MIN_POSITIVE {
            0.0
        } else {
            1.0 / scale
        };
        let zero = (-low * steps).round_ties_even();
        numbers.extend(
            x.iter()
                .map(|x| (x * steps).min(255.0 - zero).round_ties_even() as i64),
        );
        scales.push(if steps == 0.0 { 0.0 } else { scale });
    }
    (numbers, scales)
}

/// y = x Wᵀ + b as the integer product defines it, to the bit.
pub fn product(
    x: &[f32],
    (kind, bytes): (Kind, &[u8]),
    columns: usize,
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    let group = group_of(columns);
    let row_bytes = columns / 32 * kind.block_bytes();
    let outputs = bytes.len() / row_bytes;
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(outputs)) {
        let (a, a_scales) = activations(x, group);
        for (output, (y, row)) in y.iter_mut().zip(bytes.chunks_exact(row_bytes)).enumerate() {
            let (w, w_scales) = regrouped(kind, row, group);
            let mut sum = bias.map_or(0.0, |bias| bias[output]);
            for g in 0..columns / group {
                let range = g * group..(g + 1) * group;
                let dot: i64 = a[range.clone()]
                    .iter()
                    .zip(&w[range])
                    .map(|(a, w)| a * w)
                    .sum();
                sum += (dot as f32 * w_scales[g]) * a_scales[g];
            }
            *y = sum;
        }
    }
}
