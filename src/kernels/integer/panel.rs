//! Weights as the tile reads them: a panel is as many outputs as a tile has columns.
//!
//! Unpacked once, when a model is loaded: to do it again for each product took a twelfth of a pass. It
//! costs as many bytes as the matrix has numbers, also where products are of 16 bits: a load that
//! widens costs no more than one of twice the bytes.

use std::collections::TryReserveError;

use super::blocks::{BLOCK, Blocks, LONGEST, group_of};
use super::dot::{Dot, Work, split, with_products};

/// The most outputs in a panel.
pub(crate) const WIDEST: usize = 16;

/// A matrix W (rows, columns) = (out, in) in panels.
pub struct Panels {
    /// (panels, k / STEP, width, STEP)
    bytes: Vec<u8>,
    /// What one step is worth: (panels, groups, width).
    scales: Vec<f32>,
    /// The sums of each group's numbers, split: (panels, groups, width); empty if no product needs them.
    sums: Vec<i32>,
    pub rows: usize,
    pub columns: usize,
    group: usize,
}

/// One panel of them.
pub(crate) struct Panel<'a> {
    pub bytes: &'a [u8],
    pub scales: &'a [f32],
    pub sums: &'a [i32],
}

struct Unpack<'a, 'b>(&'a Blocks<'b>);

impl Work for Unpack<'_, '_> {
    type Out = Result<Panels, TryReserveError>;

    #[inline(always)]
    fn run<D: Dot, const R: usize, const V: usize>(self) -> Self::Out {
        Panels::new_with::<D, V>(self.0)
    }
}

impl Panels {
    /// For the instruction set that this machine multiplies best with.
    ///
    /// # Errors
    /// If there is no room for them.
    pub fn new(weights: &Blocks) -> Result<Self, TryReserveError> {
        with_products(Unpack(weights))
    }

    /// For a tile of `V` vectors; zeros where the matrix ends within a panel.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(crate) fn new_with<D: Dot, const V: usize>(
        weights: &Blocks,
    ) -> Result<Self, TryReserveError> {
        let (rows, columns) = (weights.rows, weights.columns);
        let width = V * D::WIDTH;
        let group = group_of(columns);
        let panels = rows.div_ceil(width);
        let scales = panels * width * (columns / group);
        let mut bytes = Vec::new();
        let count = panels * width * columns;
        bytes.try_reserve_exact(count)?;
        bytes.resize(count, 0);
        let mut this = Self {
            bytes,
            scales: vec![0.0; scales],
            sums: vec![0; if D::CENTRED { 0 } else { scales }],
            rows,
            columns,
            group,
        };
        this.fill::<D>(weights, width);
        Ok(this)
    }

    #[inline(always)]
    fn fill<D: Dot>(&mut self, weights: &Blocks, width: usize) {
        let groups = self.columns / self.group;
        let blocks = self.group / BLOCK;
        let mut ratios = [[0; LONGEST / BLOCK]; 4];
        for (panel, bytes) in self
            .bytes
            .chunks_exact_mut(width * self.columns)
            .enumerate()
        {
            let outputs = panel * width;
            let scales = &mut self.scales[panel * groups * width..][..groups * width];
            // Four outputs at a time along the whole of k, as the file holds them: memory is read ahead.
            for lane in (0..width).step_by(4) {
                for (group, bytes) in bytes.chunks_exact_mut(width * self.group).enumerate() {
                    let stored: [&[u8]; 4] = std::array::from_fn(|row| {
                        let output = outputs + lane + row;
                        if output >= weights.rows {
                            return &[][..];
                        }
                        let ratios = &mut ratios[row][..blocks];
                        let (stored, scale) = weights.group(output, group, ratios);
                        scales[group * width + lane + row] = scale;
                        stored
                    });
                    let sixteens = bytes.chunks_exact_mut(width * 16);
                    for (sixteen, bytes) in sixteens.enumerate() {
                        let (block, half) = (sixteen / 2, sixteen % 2);
                        let rows = std::array::from_fn(|row| match stored[row].is_empty() {
                            true => [0; 16],
                            false => weights.sixteen(stored[row], block, half, ratios[row][block]),
                        });
                        pack_columns::<D>(&rows, width * D::STEP, &mut bytes[lane * D::STEP..]);
                    }
                }
            }
            if !D::CENTRED {
                let sums = &mut self.sums[panel * groups * width..][..groups * width];
                let groups = bytes.chunks_exact(width * self.group);
                for (bytes, sums) in groups.zip(sums.chunks_exact_mut(width)) {
                    sums_of_columns::<D>(bytes, sums);
                    sums.iter_mut().for_each(|sum| *sum = split(*sum));
                }
            }
        }
    }

    /// The panel of the outputs `width` · `index` and on.
    #[inline(always)]
    pub(crate) fn panel<D: Dot>(&self, width: usize, index: usize) -> Panel<'_> {
        let bytes = width * self.columns;
        let scales = width * (self.columns / self.group);
        Panel {
            bytes: &self.bytes[index * bytes..][..bytes],
            scales: &self.scales[index * scales..][..scales],
            sums: match D::CENTRED {
                true => &[],
                false => &self.sums[index * scales..][..scales],
            },
        }
    }
}

/// Sixteen weights of each of four outputs side by side as the tile reads them, `stride` bytes a step.
#[inline(always)]
fn pack_columns<D: Dot>(rows: &[[u8; 16]; 4], stride: usize, bytes: &mut [u8]) {
    for (step, bytes) in bytes.chunks_mut(stride).enumerate() {
        for (row, bytes) in rows.iter().zip(bytes.chunks_exact_mut(D::STEP)) {
            bytes.copy_from_slice(&row[step * D::STEP..][..D::STEP]);
        }
    }
}

/// Sums along k of 8-bit weights (k / STEP, columns, STEP).
#[inline(always)]
fn sums_of_columns<D: Dot>(bytes: &[u8], sums: &mut [i32]) {
    /// Four activations of one.
    const ONES: u32 = 0x0101_0101;
    let width = sums.len();
    for (at, out) in sums.chunks_exact_mut(D::WIDTH).enumerate() {
        let mut sums = D::zero();
        for bytes in bytes.chunks_exact(width * D::STEP) {
            let bytes = &bytes[at * D::WIDTH * D::STEP..][..D::WIDTH * D::STEP];
            // SAFETY: both are there.
            sums = unsafe { D::add(sums, &ONES, bytes.as_ptr()) };
        }
        D::store_sums(sums, out);
    }
}
