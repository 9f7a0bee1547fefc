//! Numbers without pattern, the same for the same seed on every machine.

use crate::kernels::integer::Kind;

/// Xorshift (Marsaglia 2003) in 32 bits.
pub(crate) struct Noise(u32);

impl Noise {
    pub fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(2_654_435_761) | 1)
    }

    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Makes a quarter of the rows positive and another negative: patches of a bright photo, of a dark one.
    pub fn shift_rows(&mut self, x: &mut [f32], columns: usize) {
        for row in x.chunks_exact_mut(columns) {
            match self.below(4) {
                0 => row.iter_mut().for_each(|x| *x = x.abs()),
                1 => row.iter_mut().for_each(|x| *x = -x.abs()),
                _ => {}
            }
        }
    }

    /// In −scale / 2..scale / 2.
    pub fn numbers(&mut self, count: usize, scale: f32) -> Vec<f32> {
        let mut next = || (self.next() as f32 / u32::MAX as f32 - 0.5) * scale;
        (0..count).map(|_| next()).collect()
    }

    /// Blocks with scales of all sizes, negative and zero ones too.
    pub fn blocks(&mut self, kind: Kind, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count * kind.block_bytes())
            .map(|_| self.next() as u8)
            .collect();
        for block in bytes.chunks_exact_mut(kind.block_bytes()) {
            block[1] = match self.below(20) {
                0 => 0,
                sign => (sign as u8 & 1) << 7 | 0x10 | block[1] & 0x17,
            };
        }
        bytes
    }
}
