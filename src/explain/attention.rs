//! A pass over every attention pattern that keeps what is small: the heads' mean of each layer, and how
//! far each head looks.

use candle_core::{DType, Tensor};

use super::distance::mean_distances;
use super::rollout::Mixing;
use crate::error::{Error, Result};
use crate::model::description::{Description, Layer};
use crate::site::Hook;

/// The means of all layers may take so much: beside them stands the pattern of one layer, all heads.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// One layer's pattern: who in which window looks at whom.
pub struct Pattern<'a> {
    /// (windows, heads, area, area), rows are queries.
    pub values: &'a [f32],
    pub heads: usize,
    /// Slots of a window.
    pub area: usize,
    /// The token in each slot of each window, negative for padding. Without windows one of all tokens.
    pub index: &'a [i64],
}

impl Pattern<'_> {
    pub fn windows(&self) -> usize {
        self.index.len() / self.area
    }

    /// (area, area) of one head in one window.
    pub fn square(&self, window: usize, head: usize) -> &[f32] {
        let size = self.area * self.area;
        &self.values[(window * self.heads + head) * size..][..size]
    }
}

/// A hook that makes a [`Mixing`] and mean attention distances of each pattern that passes, and drops
/// the pattern.
pub struct Attentions {
    layers: Vec<Layer>,
    prefix: usize,
    /// (height, width) of a patch in pixels of the input.
    patch: (usize, usize),
    /// The index of the layer whose pattern comes next, where it has windows.
    index: Option<Vec<i64>>,
    bytes: u64,
    /// By layer.
    pub mixings: Vec<Mixing>,
    /// By layer and head, in pixels of the input.
    pub distances: Vec<Vec<f32>>,
}

impl Attentions {
    pub fn new(description: &Description) -> Self {
        Self {
            layers: description.layers.clone(),
            prefix: description.prefix.len(),
            patch: (description.patch.height, description.patch.width),
            index: None,
            bytes: 0,
            mixings: Vec::new(),
            distances: Vec::new(),
        }
    }

    /// (windows, heads, area, area), or (heads, N, N) where attention knows no windows.
    fn take(&mut self, layer: &Layer, tensor: &Tensor) -> Result<()> {
        let dims = tensor.dims();
        let [heads, area] = [dims[dims.len() - 3], dims[dims.len() - 1]];
        let windows = tensor.elem_count() / (heads * area * area);
        self.bytes += (windows * area * area * size_of::<f32>()) as u64;
        if self.bytes > MOST_BYTES {
            return Err(Error::Memory {
                what: "the attention of all layers".to_owned(),
                bytes: self.bytes,
            });
        }
        let index = match self.index.take() {
            Some(index) => index,
            None => (0..area as i64).collect(),
        };
        let values: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
        let pattern = Pattern {
            values: &values,
            heads,
            area,
            index: &index,
        };
        let side = 1 << layer.stage;
        let token = (self.patch.0 * side, self.patch.1 * side);
        let columns = layer.grid.columns;
        self.distances
            .push(mean_distances(&pattern, self.prefix, columns, token));
        self.mixings.push(Mixing::new(&pattern, side));
        Ok(())
    }
}

impl Hook for Attentions {
    fn wants(&self, site: &str) -> bool {
        site.ends_with(".attn.pattern") || site.ends_with(".attn.index")
    }

    fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        if site.ends_with(".attn.index") {
            let index = tensor.to_dtype(DType::I64)?.flatten_all()?;
            self.index = Some(index.to_vec1()?);
        } else if let Some(layer) = self.layers.get(self.mixings.len()).cloned() {
            self.take(&layer, tensor)?;
        }
        Ok(None)
    }
}
