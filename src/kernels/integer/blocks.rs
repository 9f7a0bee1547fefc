//! A matrix in ggml's Q8_0 or Q4_0 blocks, read in larger groups that share one scale.
//!
//! A scale every 32 numbers costs a fifth of the product's speed in leaving the integers so often.
//! So the blocks of a group are rounded to a common scale, the largest of theirs, while they are
//! unpacked; a group is the most of 384, 192, 96, 64 and 32 numbers that divides a row. The block with
//! the largest scale stays as it is, the others are off by half of a step that is 1/127 (Q8_0) or
//! 1/120 (Q4_0) of the group's largest number. The bytes themselves stay as they came, to be saved
//! again. (`weights/quantize.rs` gives a group one scale at once, which spares the second rounding.)

use half::f16;

use crate::kernels::four::{MAGIC, rescaled};

/// Numbers that share one scale in the file.
pub(crate) const BLOCK: usize = 32;

/// Bytes of a block's scale, an f16, before its numbers.
const SCALE: usize = 2;

/// The longest group: 384 · 255 · 128 fits an i32 many times.
pub(crate) const LONGEST: usize = 384;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// 32 numbers of 8 bits.
    Q8_0,
    /// 32 numbers of 4 bits less 8: the low halves of 16 bytes, then the high ones.
    Q4_0,
}

impl Kind {
    pub const fn block_bytes(self) -> usize {
        match self {
            Kind::Q8_0 => SCALE + BLOCK,
            Kind::Q4_0 => SCALE + BLOCK / 2,
        }
    }

    /// What a block's numbers are multiplied with to fill 8 bits.
    const fn widening(self) -> i16 {
        match self {
            Kind::Q8_0 => 1,
            Kind::Q4_0 => 15,
        }
    }
}

/// Numbers along k that share a scale in the product: the same for weights and activations.
pub(crate) fn group_of(columns: usize) -> usize {
    [384, 192, 96, 64, BLOCK]
        .into_iter()
        .find(|group| columns.is_multiple_of(*group))
        .unwrap_or(BLOCK)
}

/// A matrix W (rows, columns) = (out, in) as a GGUF file holds it.
#[derive(Clone, Copy)]
pub struct Blocks<'a> {
    kind: Kind,
    bytes: &'a [u8],
    pub rows: usize,
    pub columns: usize,
}

impl<'a> Blocks<'a> {
    /// `None` if the columns are no multiple of 32 or the bytes are not as many as the shape asks.
    pub fn new(kind: Kind, bytes: &'a [u8], rows: usize, columns: usize) -> Option<Self> {
        let expected = (columns / BLOCK)
            .checked_mul(kind.block_bytes())?
            .checked_mul(rows)?;
        let fits = columns > 0 && columns.is_multiple_of(BLOCK) && bytes.len() == expected;
        fits.then_some(Self {
            kind,
            bytes,
            rows,
            columns,
        })
    }

    /// The blocks of group `index` of row `row`, and what one step of its 8-bit integers is worth.
    ///
    /// `ratios` becomes how much a step of each block is of that, in steps of 1 / `UNIT`.
    #[inline(always)]
    pub(crate) fn group(&self, row: usize, index: usize, ratios: &mut [i16]) -> (&'a [u8], f32) {
        let size = self.kind.block_bytes();
        let first = row * (self.columns / BLOCK) + index * ratios.len();
        let bytes = &self.bytes[first * size..][..ratios.len() * size];
        let bits = |block: &[u8]| u16::from_le_bytes([block[0], block[1]]);
        let blocks = bytes.chunks_exact(size);
        let wide = f32::from(self.kind.widening());
        // Files that Vitrine writes have one scale a group.
        if blocks.clone().all(|block| bits(block) == bits(bytes)) {
            let scale = f32_from_f16(bits(bytes));
            ratios.fill(if scale < 0.0 {
                -UNIT as i16
            } else {
                UNIT as i16
            });
            return (bytes, scale.abs() / wide);
        }
        let scale = |block: &[u8]| f32_from_f16(bits(block));
        let largest = blocks
            .clone()
            .map(|block| scale(block).abs())
            .fold(0.0, f32::max);
        let steps = if largest > 0.0 { UNIT / largest } else { 0.0 };
        for (ratio, block) in ratios.iter_mut().zip(blocks) {
            *ratio = (scale(block) * steps + MAGIC).to_bits() as i16;
        }
        (bytes, largest / wide)
    }

    /// Numbers 16 · `half` to 16 · `half` + 15 of block `index` of a group's `bytes`, as 8-bit integers.
    #[inline(always)]
    pub(crate) fn sixteen(&self, bytes: &[u8], index: usize, half: usize, ratio: i16) -> [u8; 16] {
        let first = index * self.kind.block_bytes() + SCALE;
        let stored = |from: usize| *bytes[from..].first_chunk().unwrap_or(&[0; 16]);
        let numbers = match self.kind {
            Kind::Q8_0 => stored(first + 16 * half),
            Kind::Q4_0 => {
                stored(first).map(|byte| (byte >> (4 * half) & 15).wrapping_sub(8).wrapping_mul(15))
            }
        };
        match ratio == UNIT as i16 {
            true => numbers,
            false => rescaled(&numbers, ratio),
        }
    }
}

/// Rows of numbers as Q8_0 blocks, of which those of a group have one scale: the product then takes
/// them as they are, where it would round blocks with scales of their own a second time.
///
/// # Panics
/// If `columns` is no multiple of 32.
pub fn q8_0_blocks(numbers: &[f32], columns: usize) -> Vec<u8> {
    assert!(columns.is_multiple_of(BLOCK));
    let mut bytes = Vec::with_capacity(numbers.len() / BLOCK * Kind::Q8_0.block_bytes());
    for group in numbers.chunks_exact(group_of(columns)) {
        let largest = group.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
        let scale = f16::from_f32(largest / 127.0);
        let steps = match scale.to_f32() {
            0.0 => 0.0,
            scale => 1.0 / scale,
        };
        for block in group.chunks_exact(BLOCK) {
            bytes.extend(scale.to_le_bytes());
            // The scale is rounded too, so that the largest may come to 127.06.
            let rounded = |x: &f32| (x * steps).round().clamp(-127.0, 127.0) as i8 as u8;
            bytes.extend(block.iter().map(rounded));
        }
    }
    bytes
}

/// One in the fixed point of a block's scale relative to its group's.
const UNIT: f32 = 16384.0;

fn f32_from_f16(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    if magnitude >= 0x7c00 << 13 {
        return f32::from_bits(sign | 0x7f80_0000 | magnitude);
    }
    // As an f32's bits it is 2^112 too small, subnormal or not.
    const UP: f32 = f32::from_bits((127 + 112) << 23);
    f32::from_bits(sign | (f32::from_bits(magnitude) * UP).to_bits())
}
