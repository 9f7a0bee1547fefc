//! To which size a photo is resized and what is cut out of it, by timm's or transformers' rules.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    Bilinear,
    Bicubic,
    Lanczos,
}

/// timm's `crop_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CropMode {
    Center,
    Squash,
    Border,
}

/// How the resized photo's size follows from the input's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// timm's evaluation transform.
    Timm { crop_pct: f64, crop_mode: CropMode },
    /// transformers with a fixed size, as `resized / input` for height and width; then a centre crop.
    Stretch { ratio: (f64, f64) },
    /// transformers with `shortest_edge`, as `shortest_edge / input`; then a centre crop.
    ShortestEdge { ratio: f64 },
}

/// Pixels on a side of a photo, and of the resized photo, of which only the crop is computed.
const MAX_SIDE: usize = 1 << 20;
const MAX_RESIZED: usize = 1 << 30;

/// Everything between a photo's pixels and the model's input but the input's size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocess {
    pub interpolation: Interpolation,
    pub resize: Resize,
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

impl Default for Preprocess {
    /// timm's defaults.
    fn default() -> Self {
        Self {
            interpolation: Interpolation::Bicubic,
            resize: Resize::Timm {
                crop_pct: 0.875,
                crop_mode: CropMode::Center,
            },
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        }
    }
}

/// A rectangle in photo pixels; parts of it may lie outside the photo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Sizes as (height, width).
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub photo: (usize, usize),
    pub resized: (usize, usize),
    pub crop: (usize, usize),
    /// Where the crop begins in the resized photo; negative where it is padded.
    pub offset: (i64, i64),
    /// The colour of what lies outside.
    pub fill: [u8; 3],
}

impl Preprocess {
    /// What becomes of a photo of `width` x `height` pixels for an input of `size` (height, width).
    pub fn plan(&self, size: (usize, usize), width: usize, height: usize) -> Result<Plan> {
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(Error::Photo(format!(
                "A photo of {width} x {height} pixels cannot be used: each side must have 1 to {MAX_SIDE}."
            )));
        }
        let photo = (height, width);
        let mut fill = [0; 3];
        let resized = match self.resize {
            Resize::Timm {
                crop_pct,
                crop_mode,
            } => {
                let scale = (
                    (size.0 as f64 / crop_pct).floor() as usize,
                    (size.1 as f64 / crop_pct).floor() as usize,
                );
                match crop_mode {
                    CropMode::Squash => scale,
                    CropMode::Border => {
                        fill = self.mean.map(|m| (255.0 * f64::from(m)).round() as u8);
                        kept_ratio(photo, scale, true)
                    }
                    CropMode::Center if scale.0 == scale.1 => shortest_edge(photo, scale.0),
                    CropMode::Center => kept_ratio(photo, scale, false),
                }
            }
            Resize::Stretch { ratio } => (scaled(size.0, ratio.0), scaled(size.1, ratio.1)),
            Resize::ShortestEdge { ratio } => {
                shortest_edge(photo, scaled(size.0.min(size.1), ratio))
            }
        };
        if !(1..=MAX_RESIZED).contains(&resized.0) || !(1..=MAX_RESIZED).contains(&resized.1) {
            return Err(Error::Photo(format!(
                "A photo of {width} x {height} pixels is too narrow for this model: scaled to its input, one side vanishes or explodes."
            )));
        }
        let offset = match self.resize {
            Resize::Timm { .. } => timm_offset,
            Resize::Stretch { .. } | Resize::ShortestEdge { .. } => transformers_offset,
        };
        Ok(Plan {
            photo,
            resized,
            crop: size,
            offset: (offset(resized.0, size.0), offset(resized.1, size.1)),
            fill,
        })
    }
}

impl Plan {
    /// Rows of the resized photo that the crop keeps.
    pub fn kept_rows(&self) -> Range<usize> {
        kept(self.offset.0, self.crop.0, self.resized.0)
    }

    /// Columns of the resized photo that the crop keeps.
    pub fn kept_columns(&self) -> Range<usize> {
        kept(self.offset.1, self.crop.1, self.resized.1)
    }

    /// Where the crop lies on the photo.
    pub fn seen(&self) -> Rect {
        let scale_y = self.photo.0 as f64 / self.resized.0 as f64;
        let scale_x = self.photo.1 as f64 / self.resized.1 as f64;
        Rect {
            x: self.offset.1 as f64 * scale_x,
            y: self.offset.0 as f64 * scale_y,
            width: self.crop.1 as f64 * scale_x,
            height: self.crop.0 as f64 * scale_y,
        }
    }
}

fn kept(offset: i64, crop: usize, resized: usize) -> Range<usize> {
    let end = (offset + crop as i64).clamp(0, resized as i64) as usize;
    let start = offset.clamp(0, end as i64) as usize;
    start..end
}

fn scaled(size: usize, ratio: f64) -> usize {
    (size as f64 * ratio).round() as usize
}

/// torchvision's `Resize` with one number: that is the shorter side, the other is rounded down.
fn shortest_edge((height, width): (usize, usize), size: usize) -> (usize, usize) {
    let longer = |long: usize, short: usize| {
        usize::try_from(size as u64 * long as u64 / short as u64).unwrap_or(usize::MAX)
    };
    if width <= height {
        (longer(height, width), size)
    } else {
        (size, longer(width, height))
    }
}

/// timm's `ResizeKeepRatio`: the photo just covers the target, or (`longest`) just fits into it.
fn kept_ratio(photo: (usize, usize), target: (usize, usize), longest: bool) -> (usize, usize) {
    let ratio_y = photo.0 as f64 / target.0 as f64;
    let ratio_x = photo.1 as f64 / target.1 as f64;
    let ratio = if longest {
        ratio_y.max(ratio_x)
    } else {
        ratio_y.min(ratio_x)
    };
    let side = |length: usize| (length as f64 / ratio).round_ties_even() as usize;
    (side(photo.0), side(photo.1))
}

/// torchvision's `CenterCrop`: half the difference to even, padding rounded towards the top left.
fn timm_offset(resized: usize, crop: usize) -> i64 {
    if crop > resized {
        -(((crop - resized) / 2) as i64)
    } else {
        ((resized - crop) as f64 / 2.0).round_ties_even() as i64
    }
}

/// transformers' `center_crop`: half the difference down, whether it crops or pads.
fn transformers_offset(resized: usize, crop: usize) -> i64 {
    (resized as i64 - crop as i64).div_euclid(2)
}
