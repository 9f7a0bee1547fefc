//! Weights as the tile reads them: a panel is as many outputs as a tile has columns.
//!
//! Panels are unpacked from the file's own bytes for each product, a few at a time into a buffer that
//! stays in the second-level cache, which saves a second copy of all weights.

use super::blocks::{Blocks, LONGEST, group_of};
use super::dot::Dot;
use crate::kernels::four::transpose;

/// Vectors of outputs in a tile.
pub(crate) const VECTORS: usize = 2;

/// The most outputs in a panel.
pub(crate) const WIDEST: usize = VECTORS * 8;

/// Words unpacked at a time, about.
const BUFFER: usize = 16 * 1024;

pub(crate) const fn panel_width<D: Dot>() -> usize {
    VECTORS * D::WIDTH
}

/// Some panels of a matrix, unpacked.
pub(crate) struct Panels {
    /// (panels, k / STEP, width)
    words: Vec<u32>,
    /// What one step is worth: (panels, groups, width).
    scales: Vec<f32>,
    /// The sums of each group's numbers: (panels, groups, width); empty if no product needs them.
    sums: Vec<i32>,
    columns: usize,
    group: usize,
}

/// One panel of them.
pub(crate) struct Panel<'a> {
    pub words: &'a [u32],
    pub scales: &'a [f32],
    pub sums: &'a [i32],
}

impl Panels {
    /// Room for some panels of a matrix with so many columns.
    pub fn new<D: Dot>(columns: usize) -> Self {
        let width = panel_width::<D>();
        let group = group_of(columns);
        let words = columns / D::STEP * width;
        let panels = (BUFFER / words).max(1);
        let scales = panels * width * (columns / group);
        Self {
            words: vec![0; panels * words],
            scales: vec![0.0; scales],
            sums: vec![0; if D::CENTRED { 0 } else { scales }],
            columns,
            group,
        }
    }

    /// Outputs that fit.
    pub fn room<D: Dot>(&self) -> usize {
        self.words.len() / (self.columns / D::STEP)
    }

    /// Unpacks the outputs from `first` on, as many as fit; zeros where the matrix ends.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn fill<D: Dot>(&mut self, weights: &Blocks, first: usize) {
        let width = panel_width::<D>();
        let groups = self.columns / self.group;
        let steps = self.group / D::STEP;
        let mut numbers = [0i16; LONGEST];
        let numbers = &mut numbers[..self.group];
        let mut rows = [[0u32; LONGEST / 2]; WIDEST];
        for (at, words) in self.words.chunks_exact_mut(width * steps).enumerate() {
            let (panel, group) = (at / groups, at % groups);
            for (lane, row) in rows[..width].iter_mut().enumerate() {
                let output = first + panel * width + lane;
                self.scales[at * width + lane] = if output < weights.rows {
                    weights.group(output, group, numbers)
                } else {
                    numbers.fill(0);
                    0.0
                };
                if !D::CENTRED {
                    self.sums[at * width + lane] = numbers.iter().map(|&x| i32::from(x)).sum();
                }
                let places = row.chunks_exact_mut(16 / D::STEP);
                for (words, numbers) in places.zip(numbers.as_chunks().0) {
                    D::pack_weights(numbers, words);
                }
            }
            transpose(rows.as_flattened(), LONGEST / 2, width, words);
        }
    }

    /// The panels that hold the first `outputs` outputs.
    #[inline(always)]
    pub fn iter<D: Dot>(&self, outputs: usize) -> impl Iterator<Item = Panel<'_>> {
        let width = panel_width::<D>();
        let scales = width * (self.columns / self.group);
        self.words
            .chunks_exact(width * (self.columns / D::STEP))
            .take(outputs.div_ceil(width))
            .enumerate()
            .map(move |(at, words)| Panel {
                words,
                scales: &self.scales[at * scales..][..scales],
                sums: match D::CENTRED {
                    true => &[],
                    false => &self.sums[at * scales..][..scales],
                },
            })
    }
}
