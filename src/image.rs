//! RGBA bytes of any photo to the model's input, exactly as timm's evaluation transform makes it.
//!
//! timm resizes 8-bit pixels with Pillow, crops or pads, then normalizes. [`Preprocess::plan`] works
//! out the sizes from the photo's; [`Intake`] takes the photo's rows as they come, so that a photo of
//! fifty megapixels never lies in memory as a whole, and leaves the input tensor (1, 3, H, W).

mod plan;
mod resample;

use candle_core::{Device, Tensor};

pub use plan::{CropMode, Interpolation, Plan, Preprocess, Rect, Resize};
use resample::Resampler;

use crate::error::{Error, Result};

const CHANNELS: usize = 3;

/// A photo on its way in: rows of RGBA pixels, top to bottom, resampled at once.
///
/// Only the pixels that the crop keeps are computed. Alpha is dropped, as Pillow's `convert("RGB")`
/// does.
pub struct Intake {
    plan: Plan,
    preprocess: Preprocess,
    resampler: Resampler,
    taken: usize,
}

impl Intake {
    /// For a photo of `width` x `height` pixels and an input of `size` (height, width).
    pub fn new(
        preprocess: &Preprocess,
        size: (usize, usize),
        width: usize,
        height: usize,
    ) -> Result<Self> {
        let plan = preprocess.plan(size, width, height)?;
        let resampler = Resampler::new(
            plan.photo,
            plan.resized,
            plan.kept_rows(),
            plan.kept_columns(),
            preprocess.interpolation,
        );
        Ok(Self {
            plan,
            preprocess: preprocess.clone(),
            resampler,
            taken: 0,
        })
    }

    /// The rectangle of the photo that the model will see.
    pub fn seen(&self) -> Rect {
        self.plan.seen()
    }

    /// The next whole rows, RGBA.
    pub fn push(&mut self, rgba: &[u8]) -> Result<()> {
        let row_bytes = self.plan.photo.1 * 4;
        let count = rgba.len() / row_bytes;
        if !rgba.len().is_multiple_of(row_bytes) || self.taken + count > self.plan.photo.0 {
            return Err(Error::Photo(format!(
                "{} bytes are no whole rows of a photo {} pixels wide and {} high.",
                rgba.len(),
                self.plan.photo.1,
                self.plan.photo.0
            )));
        }
        for row in rgba.chunks_exact(row_bytes) {
            self.resampler.push(row);
        }
        self.taken += count;
        Ok(())
    }

    /// The 8-bit pixels that the model sees, (H, W, 3), before normalization.
    pub fn pixels(self) -> Result<Vec<u8>> {
        let plan = &self.plan;
        if self.taken != plan.photo.0 {
            return Err(Error::Photo(format!(
                "Only {} of the photo's {} rows have come.",
                self.taken, plan.photo.0
            )));
        }
        let (rows, columns) = (plan.kept_rows(), plan.kept_columns());
        let stride = columns.len() * CHANNELS;
        let kept = self.resampler.finish();
        let (height, width) = plan.crop;
        let mut pixels = Vec::with_capacity(height * width * CHANNELS);
        for row in 0..height {
            let row = row as i64 + plan.offset.0;
            for column in 0..width {
                let column = column as i64 + plan.offset.1;
                let inside = (0..plan.resized.0 as i64).contains(&row)
                    && (0..plan.resized.1 as i64).contains(&column);
                if inside {
                    let at = (row as usize - rows.start) * stride
                        + (column as usize - columns.start) * CHANNELS;
                    pixels.extend_from_slice(&kept[at..at + CHANNELS]);
                } else {
                    pixels.extend_from_slice(&plan.fill);
                }
            }
        }
        Ok(pixels)
    }

    /// The model's input, (1, 3, H, W).
    pub fn finish(self) -> Result<Tensor> {
        let (height, width) = self.plan.crop;
        let preprocess = self.preprocess.clone();
        let pixels = self.pixels()?;
        let mut values = Vec::with_capacity(pixels.len());
        for channel in 0..CHANNELS {
            let (mean, std) = (preprocess.mean[channel], preprocess.std[channel]);
            values.extend(
                pixels
                    .iter()
                    .skip(channel)
                    .step_by(CHANNELS)
                    .map(|&value| (f32::from(value) / 255.0 - mean) / std),
            );
        }
        let shape = (1, CHANNELS, height, width);
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }
}
