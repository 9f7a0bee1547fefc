//! From pixels to tokens.

use candle_core::Tensor;

use super::Linear;
use crate::error::{Error, Result};
use crate::kernels::patches;
use crate::weights::Weights;

/// Cuts the photo into patches of P x P pixels and projects each to D numbers.
///
/// The same as a P x P convolution with stride P (Dosovitskiy et al. 2020, section 3.1), written as
/// what it is: one row of P·P·3 numbers a patch (row, column, channel), and one matrix product.
pub struct PatchEmbed {
    pub proj: Linear,
    /// (height, width) of a patch in pixels.
    pub patch_size: (usize, usize),
}

impl PatchEmbed {
    /// `patch_embed` of a checkpoint and the D that it projects to; patches are square where nothing
    /// tells their size.
    pub fn of_checkpoint(
        weights: &Weights,
        patch_size: Option<(usize, usize)>,
    ) -> Result<(Self, usize)> {
        let proj = "patch_embed.proj.weight";
        let Some(&[dim, numbers]) = weights.shape(proj) else {
            return Err(Error::MissingTensor { name: proj.into() });
        };
        let side = (numbers / 3).isqrt();
        let (height, width) = patch_size.unwrap_or((side, side));
        if height * width * 3 != numbers || numbers == 0 {
            return Err(Error::Config(format!(
                "The patch embedding has {numbers} numbers a patch, which is not {height} x {width} x 3."
            )));
        }
        let embed = Self {
            proj: Linear::load(&weights.within("patch_embed.proj"), numbers, dim)?,
            patch_size: (height, width),
        };
        Ok((embed, dim))
    }

    /// (rows, columns) of patches in a photo of that size.
    pub fn grid(&self, (height, width): (usize, usize)) -> Result<(usize, usize)> {
        let (patch_height, patch_width) = self.patch_size;
        if height == 0
            || width == 0
            || !height.is_multiple_of(patch_height)
            || !width.is_multiple_of(patch_width)
        {
            return Err(Error::Size(format!(
                "An input of {height} x {width} pixels cannot be cut into patches of {patch_height} x {patch_width}: choose multiples."
            )));
        }
        Ok((height / patch_height, width / patch_width))
    }

    /// (1, 3, H, W) to (patches, D), patches row by row.
    pub fn forward(&self, photo: &Tensor) -> Result<Tensor> {
        let (_, _, height, width) = photo.dims4()?;
        self.grid((height, width))?;
        self.proj.forward(&patches(photo, self.patch_size)?)
    }
}
