//! A matrix in ggml's Q8_0 or Q4_0 blocks, read in larger groups that share one scale.
//!
//! A scale every 32 numbers costs a fifth of the product's speed in leaving the integers so often.
//! So the blocks of a group are rounded to a common scale, the largest of theirs, while they are
//! unpacked; a group is the most of 96, 64 and 32 numbers that divides a row. The block with the
//! largest scale stays as it is, the others are off by half of a step that is 1/127 (Q8_0) or 1/120
//! (Q4_0) of the group's largest number. The bytes themselves stay as they came, to be saved again.

use crate::kernels::four::{MAGIC, rescaled};

/// Numbers that share one scale in the file.
pub(crate) const BLOCK: usize = 32;

/// Bytes of a block's scale, an f16, before its numbers.
const SCALE: usize = 2;

/// The longest group.
pub(crate) const LONGEST: usize = 96;

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
    [96, 64, BLOCK]
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

    /// Group `index` of row `row` in 8-bit integers, and what one step of them is worth.
    ///
    /// `numbers` is as long as a group.
    #[inline(always)]
    pub(crate) fn group(&self, row: usize, index: usize, numbers: &mut [i16]) -> f32 {
        let size = self.kind.block_bytes();
        let blocks = numbers.len() / BLOCK;
        let first = row * (self.columns / BLOCK) + index * blocks;
        let bytes = &self.bytes[first * size..][..blocks * size];
        let scale = |block: &[u8]| f32_from_f16(u16::from_le_bytes([block[0], block[1]]));
        let mut largest = 0.0f32;
        for block in bytes.chunks_exact(size) {
            largest = largest.max(scale(block).abs());
        }
        let steps = if largest > 0.0 { UNIT / largest } else { 0.0 };
        for (block, numbers) in bytes
            .chunks_exact(size)
            .zip(numbers.chunks_exact_mut(BLOCK))
        {
            let ratio = (scale(block) * steps + MAGIC).to_bits() as i16;
            let (low, high) = match (self.kind, block[SCALE..].as_chunks().0) {
                (Kind::Q8_0, [low, high]) => (*low, *high),
                (Kind::Q4_0, [both]) => {
                    let widened = |four: u8| (four.wrapping_sub(8)).wrapping_mul(15);
                    (
                        both.map(|byte| widened(byte & 15)),
                        both.map(|byte| widened(byte >> 4)),
                    )
                }
                _ => ([0; 16], [0; 16]),
            };
            let (first, second) = numbers.split_at_mut(16);
            first[..16].copy_from_slice(rescaled(&low, ratio).as_flattened());
            second[..16].copy_from_slice(rescaled(&high, ratio).as_flattened());
        }
        largest / f32::from(self.kind.widening())
    }
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
