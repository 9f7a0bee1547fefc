//! Patch merging: 2 x 2 neighbours become one token, the map half as wide and high.

use candle_core::{Device, Tensor};

use super::{LayerNorm, Linear};
use crate::error::{Error, Result};
use crate::weights::Weights;

/// Four neighbours side by side (4C numbers), normalized, then a linear layer to 2C
/// (Liu et al. 2021, section 3.1).
pub struct PatchMerging {
    pub norm: LayerNorm,
    pub reduction: Linear,
    /// Rows and columns before merging; an odd map is continued by zeros below and on the right.
    from: (usize, usize),
    /// The four neighbours of each new token.
    rows: Tensor,
}

impl PatchMerging {
    pub fn load(weights: &Weights, dim: usize, from: (usize, usize), eps: f64) -> Result<Self> {
        let name = "reduction.weight";
        let Some(&[out, _]) = weights.shape(name) else {
            return Err(Error::MissingTensor {
                name: weights.name(name),
            });
        };
        let (rows, columns) = from;
        let neighbour = |row: usize, column: usize| {
            let inside = row < rows && column < columns;
            (if inside {
                row * columns + column
            } else {
                rows * columns
            }) as u32
        };
        let to = Self::halved(from);
        let mut index = Vec::with_capacity(4 * to.0 * to.1);
        for row in (0..rows).step_by(2) {
            for column in (0..columns).step_by(2) {
                // Down before right, as timm and the paper's own code order them.
                for (down, right) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    index.push(neighbour(row + down, column + right));
                }
            }
        }
        Ok(Self {
            norm: LayerNorm::load(&weights.within("norm"), 4 * dim, eps)?,
            reduction: Linear::load(&weights.within("reduction"), 4 * dim, out)?,
            from,
            rows: Tensor::from_vec(index, 4 * to.0 * to.1, &Device::Cpu)?,
        })
    }

    /// Rows and columns after merging.
    pub fn halved((rows, columns): (usize, usize)) -> (usize, usize) {
        (rows.div_ceil(2), columns.div_ceil(2))
    }

    /// (rows · columns, C) to (⌈rows/2⌉ · ⌈columns/2⌉, 2C).
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let dim = x.dim(1)?;
        let (rows, columns) = self.from;
        let is_odd = rows % 2 == 1 || columns % 2 == 1;
        let x = match is_odd {
            true => x.pad_with_zeros(0, 0, 1)?,
            false => x.clone(),
        };
        let neighbours = x.index_select(&self.rows, 0)?.reshape(((), 4 * dim))?;
        self.reduction.forward(&self.norm.forward(&neighbours)?)
    }
}
