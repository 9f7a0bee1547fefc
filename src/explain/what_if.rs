//! What-if: a hook that puts other tensors in the place of the model's own.

use std::collections::BTreeMap;

use candle_core::{DType, Tensor};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::Model;
use crate::nn::Windows;
use crate::nn::window::Extent;
use crate::site::Hook;

/// What to change about a pass. What a model does not have (a ViT no windows, a Swin no position
/// embedding) cannot be changed, and asking for it changes nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Every window where it would be without the roll; then nothing is masked either.
    pub no_shift: bool,
    /// The roll without the mask.
    pub no_mask: bool,
    /// No relative position bias.
    pub no_bias: bool,
    /// Heads switched off, as (layer, head) from 0: their columns of `attn.mix` are zero.
    pub heads: Vec<(usize, usize)>,
    /// Patches hidden, counted row by row: their pixels are zero after normalization.
    pub hidden: Vec<usize>,
    /// Which patch of the photo stands in each place, hidden ones too; empty: each in its own.
    pub order: Vec<usize>,
    /// What a ViT's position embedding is multiplied by; 0 leaves it out.
    pub positions: f64,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            no_shift: false,
            no_mask: false,
            no_bias: false,
            heads: Vec::new(),
            hidden: Vec::new(),
            order: Vec::new(),
            positions: 1.0,
        }
    }
}

impl Changes {
    pub fn masks(&self) -> bool {
        !self.no_mask && !self.no_shift
    }

    /// The windows after the changes.
    pub fn windows(&self, windows: &Windows) -> Windows {
        match self.no_shift {
            true => windows.unshifted(),
            false => *windows,
        }
    }

    fn moves_pixels(&self) -> bool {
        !self.hidden.is_empty() || !self.order.is_empty()
    }

    fn scales_positions(&self) -> bool {
        self.positions != 1.0
    }
}

/// Replaces tensors, and shows another hook the pass as it then is.
pub struct WhatIf<'a> {
    model: &'a Model,
    changes: &'a Changes,
    /// The windows without the roll, by the site of their index.
    indices: BTreeMap<String, Windows>,
    /// What each head's share is multiplied by, 0 or 1, by the site of the mix.
    shares: BTreeMap<String, Vec<f32>>,
    /// The tokens before their positions, kept from one site for the next.
    patches: Option<Tensor>,
    inner: &'a mut dyn Hook,
}

impl<'a> WhatIf<'a> {
    /// An error where the changes name heads or patches that there are not.
    pub fn new(model: &'a Model, changes: &'a Changes, inner: &'a mut dyn Hook) -> Result<Self> {
        let indices = model.windows().into_iter().filter_map(|(block, windows)| {
            let moved = changes.no_shift && windows.is_shifted();
            moved.then(|| (format!("{block}.attn.index"), windows.unshifted()))
        });
        let (rows, columns) = model.grid();
        check_patches(changes, rows * columns)?;
        if !changes.positions.is_finite() {
            return Err(refused("positions cannot be scaled by infinity"));
        }
        Ok(Self {
            model,
            changes,
            indices: indices.collect(),
            shares: shares_of_heads(model, &changes.heads)?,
            patches: None,
            inner,
        })
    }

    fn replaces(&self, site: &str) -> bool {
        let changes = self.changes;
        match site {
            "input" => changes.moves_pixels(),
            "pos_embed" => changes.scales_positions(),
            _ if site.ends_with(".attn.bias") => changes.no_bias,
            _ if site.ends_with(".attn.mask") => !changes.masks(),
            _ => self.indices.contains_key(site) || self.shares.contains_key(site),
        }
    }

    /// Whether a later site is made of this one.
    fn keeps(&self, site: &str) -> bool {
        site == "patch_embed" && self.changes.scales_positions()
    }

    fn replacement(&self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        if !self.replaces(site) {
            return Ok(None);
        }
        if let Some(windows) = self.indices.get(site) {
            let index = Tensor::from_vec(windows.index(), tensor.shape(), tensor.device())?;
            return Ok(Some(index));
        }
        if let Some(shares) = self.shares.get(site) {
            return Ok(Some(with_shares(tensor, shares)?));
        }
        Ok(match site {
            "input" => Some(self.pixels(tensor)?),
            "pos_embed" => {
                let patches = self.patches.as_ref();
                let scaled = patches.map(|x| self.model.embed(x, self.changes.positions));
                scaled.transpose()?.flatten()
            }
            _ => Some(tensor.zeros_like()?),
        })
    }

    /// (1, 3, H, W) with patches hidden, then put in another order.
    fn pixels(&self, input: &Tensor) -> Result<Tensor> {
        let (_, channels, height, width) = input.dims4()?;
        let grid = self.model.grid();
        let pixels: Vec<f32> = input.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
        let mut changed = pixels.clone();
        let patch = (height / grid.0, width / grid.1);
        let mut copy = |from: Option<usize>, to: usize| {
            for channel in 0..channels {
                for row in 0..patch.0 {
                    let start = |number: usize| {
                        let (down, right) = (number / grid.1 * patch.0, number % grid.1 * patch.1);
                        (channel * height + down + row) * width + right
                    };
                    let target = &mut changed[start(to)..][..patch.1];
                    match from {
                        Some(from) => target.copy_from_slice(&pixels[start(from)..][..patch.1]),
                        None => target.fill(0.0),
                    }
                }
            }
        };
        for (place, patch) in self.places(grid) {
            copy(patch, place);
        }
        Ok(Tensor::from_vec(changed, input.shape(), input.device())?)
    }

    /// Which patch comes to each place that changes, none where it is a hidden one.
    fn places(&self, (rows, columns): Extent) -> Vec<(usize, Option<usize>)> {
        let Changes { hidden, order, .. } = self.changes;
        let mut patches: Vec<Option<usize>> = (0..rows * columns).map(Some).collect();
        for &patch in hidden {
            patches[patch] = None;
        }
        (0..rows * columns)
            .map(|place| (place, patches[order.get(place).copied().unwrap_or(place)]))
            .filter(|&(place, patch)| patch != Some(place))
            .collect()
    }
}

impl Hook for WhatIf<'_> {
    fn wants(&self, site: &str) -> bool {
        self.replaces(site) || self.keeps(site) || self.inner.wants(site)
    }

    fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        let replaced = self.replacement(site, tensor)?;
        let shown = match self.inner.wants(site) {
            true => self
                .inner
                .visit(site, replaced.as_ref().unwrap_or(tensor))?,
            false => None,
        };
        let result = shown.or(replaced);
        if self.keeps(site) {
            self.patches = Some(result.as_ref().unwrap_or(tensor).clone());
        }
        Ok(result)
    }
}

fn refused(why: &str) -> Error {
    Error::Config(format!("The what-if: {why}."))
}

fn check_patches(changes: &Changes, count: usize) -> Result<()> {
    if let Some(patch) = changes.hidden.iter().find(|&&patch| patch >= count) {
        return Err(refused(&format!("there is no patch {patch} of {count}")));
    }
    let mut sorted = changes.order.clone();
    sorted.sort_unstable();
    if !sorted.is_empty() && !sorted.iter().copied().eq(0..count) {
        return Err(refused(&format!(
            "an order must name each of the {count} patches once"
        )));
    }
    Ok(())
}

/// Zeros and ones for the heads of each layer that has heads off.
fn shares_of_heads(model: &Model, off: &[(usize, usize)]) -> Result<BTreeMap<String, Vec<f32>>> {
    let layers = model.heads();
    let mut shares = BTreeMap::new();
    for &(layer, head) in off {
        let Some((block, heads)) = layers.get(layer).filter(|(_, heads)| head < *heads) else {
            return Err(refused(&format!(
                "there is no head {head} in layer {layer}"
            )));
        };
        let site = format!("{block}.attn.mix");
        let shares = shares.entry(site).or_insert_with(|| vec![1.0; *heads]);
        shares[head] = 0.0;
    }
    Ok(shares)
}

/// (N, heads · d), the columns of each head multiplied by its share.
fn with_shares(mix: &Tensor, shares: &[f32]) -> Result<Tensor> {
    let (_, width) = mix.dims2()?;
    let per_head = width / shares.len();
    let columns: Vec<f32> = (0..width).map(|column| shares[column / per_head]).collect();
    let columns = Tensor::from_vec(columns, width, mix.device())?.to_dtype(mix.dtype())?;
    Ok(mix.broadcast_mul(&columns)?)
}
