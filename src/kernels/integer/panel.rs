//! Weights as the tile reads them: a panel is as many outputs as a tile has columns.
//!
//! Panels are unpacked from the file's own bytes for each product, a few at a time into a buffer that
//! stays in the second-level cache, which saves a second copy of all weights.

use super::blocks::{BLOCK, Blocks, LONGEST, group_of};
use super::dot::Dot;

/// The most outputs in a panel.
pub(crate) const WIDEST: usize = 16;

/// Words unpacked at a time, about.
const BUFFER: usize = 16 * 1024;

/// Some panels of a matrix, unpacked, for a tile of `V` vectors.
pub(crate) struct Panels<const V: usize> {
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

impl<const V: usize> Panels<V> {
    /// Room for some panels of a matrix with so many columns.
    pub fn new<D: Dot>(columns: usize) -> Self {
        let width = V * D::WIDTH;
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
        let width = V * D::WIDTH;
        let groups = self.columns / self.group;
        let (steps, blocks) = (self.group / D::STEP, self.group / BLOCK);
        let mut ratios = [[0; LONGEST / BLOCK]; 4];
        for (panel, words) in self
            .words
            .chunks_exact_mut(width * steps * groups)
            .enumerate()
        {
            let outputs = first + panel * width;
            if outputs >= weights.rows {
                return;
            }
            let scales = &mut self.scales[panel * groups * width..][..groups * width];
            // Four outputs at a time along the whole of k, as the file holds them: memory is read ahead.
            for lane in (0..width).step_by(4) {
                for (group, words) in words.chunks_exact_mut(width * steps).enumerate() {
                    let bytes: [&[u8]; 4] = std::array::from_fn(|row| {
                        let output = outputs + lane + row;
                        if output >= weights.rows {
                            return &[][..];
                        }
                        let ratios = &mut ratios[row][..blocks];
                        let (bytes, scale) = weights.group(output, group, ratios);
                        scales[group * width + lane + row] = scale;
                        bytes
                    });
                    let sixteens = words.chunks_exact_mut(width * (16 / D::STEP));
                    for (sixteen, words) in sixteens.enumerate() {
                        let (block, half) = (sixteen / 2, sixteen % 2);
                        let rows = std::array::from_fn(|row| match bytes[row].is_empty() {
                            true => [0; 16],
                            false => weights.sixteen(bytes[row], block, half, ratios[row][block]),
                        });
                        D::pack_columns(&rows, width, &mut words[lane..]);
                    }
                }
            }
            if !D::CENTRED {
                let sums = &mut self.sums[panel * groups * width..][..groups * width];
                let groups = words.chunks_exact(width * steps);
                for (words, sums) in groups.zip(sums.chunks_exact_mut(width)) {
                    sums_of_columns::<D>(words, sums);
                }
            }
        }
    }

    /// The panels that hold the first `outputs` outputs.
    #[inline(always)]
    pub fn iter<D: Dot>(&self, outputs: usize) -> impl Iterator<Item = Panel<'_>> {
        let width = V * D::WIDTH;
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

/// Sums along k of 8-bit weights (k / STEP, columns).
#[inline(always)]
pub(crate) fn sums_of_columns<D: Dot>(words: &[u32], sums: &mut [i32]) {
    /// Four activations of one.
    const ONES: u32 = 0x0101_0101;
    let width = sums.len();
    for (at, out) in sums.chunks_exact_mut(D::WIDTH).enumerate() {
        let mut sums = D::zero();
        for words in words.chunks_exact(width) {
            let words = &words[at * D::WIDTH..][..D::WIDTH];
            // SAFETY: both are there.
            sums = unsafe { D::add(sums, &ONES, words.as_ptr()) };
        }
        D::store_sums(sums, out);
    }
}
