//! What-if: a hook that puts other tensors in the place of the model's own.

use std::collections::BTreeMap;

use candle_core::Tensor;
use serde::Deserialize;

use crate::error::Result;
use crate::model::Model;
use crate::nn::Windows;
use crate::site::Hook;

/// What to change about Swin's attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Every window where it would be without the roll; then nothing is masked either.
    pub no_shift: bool,
    /// The roll without the mask.
    pub no_mask: bool,
    /// No relative position bias.
    pub no_bias: bool,
}

impl Changes {
    pub fn masks(self) -> bool {
        !self.no_mask && !self.no_shift
    }

    /// The windows after the changes.
    pub fn windows(self, windows: &Windows) -> Windows {
        match self.no_shift {
            true => windows.unshifted(),
            false => *windows,
        }
    }
}

/// Replaces tensors, and shows another hook the pass as it then is.
pub struct WhatIf<'a> {
    changes: Changes,
    /// The windows without the roll, by the site of their index.
    indices: BTreeMap<String, Windows>,
    inner: &'a mut dyn Hook,
}

impl<'a> WhatIf<'a> {
    pub fn new(model: &Model, changes: Changes, inner: &'a mut dyn Hook) -> Self {
        let indices = model.windows().into_iter().filter_map(|(block, windows)| {
            let moved = changes.no_shift && windows.is_shifted();
            moved.then(|| (format!("{block}.attn.index"), windows.unshifted()))
        });
        Self {
            changes,
            indices: indices.collect(),
            inner,
        }
    }

    fn replaces(&self, site: &str) -> bool {
        (self.changes.no_bias && site.ends_with(".attn.bias"))
            || (!self.changes.masks() && site.ends_with(".attn.mask"))
            || self.indices.contains_key(site)
    }
}

impl Hook for WhatIf<'_> {
    fn wants(&self, site: &str) -> bool {
        self.replaces(site) || self.inner.wants(site)
    }

    fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        let replaced = match self.indices.get(site) {
            Some(windows) => Some(Tensor::from_vec(
                windows.index(),
                tensor.shape(),
                tensor.device(),
            )?),
            None if self.replaces(site) => Some(tensor.zeros_like()?),
            None => None,
        };
        if !self.inner.wants(site) {
            return Ok(replaced);
        }
        let shown = self
            .inner
            .visit(site, replaced.as_ref().unwrap_or(tensor))?;
        Ok(shown.or(replaced))
    }
}
