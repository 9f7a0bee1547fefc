//! Pillow's 8-bit resampling, bit for bit: fixed-point weights of 22 bits, antialiased when shrinking.
//!
//! Source of the arithmetic: Pillow's `Resample.c` (`precompute_coeffs`, `normalize_coeffs_8bpc`,
//! `ImagingResampleHorizontal_8bpc`), so that the input is timm's to the last bit.

use std::f64::consts::PI;
use std::ops::Range;

use super::plan::Interpolation;

/// 32 bits less 8 for the pixel and 2 for a sum that overshoots.
const PRECISION_BITS: u32 = 32 - 8 - 2;
const ONE: i32 = 1 << PRECISION_BITS;
/// Where sums begin, so that cutting off the fraction rounds.
const HALF: i32 = ONE / 2;

/// Pixels arrive as RGBA and leave as RGB.
const TAKEN: usize = 4;
const KEPT: usize = 3;

/// Both passes over a photo whose rows come one after the other.
///
/// Each pass rounds to 8 bits, so their order shows. Pillow resamples the width first, since
/// version 13 the height where it loses more than twice as many pixels as the width (`vertical_first`).
pub(super) struct Resampler {
    horizontal: Axis,
    vertical: Axis,
    taken: usize,
    halfway: Halfway,
}

/// What is kept of the rows that have come.
enum Halfway {
    /// Rows resampled to the target width, RGB.
    Rows(Vec<u8>),
    /// For each target row the sums over the rows so far, RGBA at the photo's own width.
    Sums(Vec<i32>),
}

/// Whether the height is resampled before the width; sizes are (height, width).
fn vertical_first(from: (usize, usize), to: (usize, usize)) -> bool {
    let lost = |from: usize, to: usize| from as i64 - to as i64;
    to.0 < from.0 && lost(from.0, to.0) > 2 * lost(from.1, to.1)
}

impl Resampler {
    /// From a photo to `resized`, both (height, width); only these rows and columns are wanted.
    pub fn new(
        photo: (usize, usize),
        resized: (usize, usize),
        rows: Range<usize>,
        columns: Range<usize>,
        interpolation: Interpolation,
    ) -> Self {
        let halfway = if vertical_first(photo, resized) {
            Halfway::Sums(vec![HALF; rows.len() * photo.1 * TAKEN])
        } else {
            Halfway::Rows(Vec::new())
        };
        Self {
            horizontal: Axis::new(photo.1, resized.1, columns, interpolation),
            vertical: Axis::new(photo.0, resized.0, rows, interpolation),
            taken: 0,
            halfway,
        }
    }

    /// The photo's next row, RGBA.
    pub fn push(&mut self, row: &[u8]) {
        match &mut self.halfway {
            Halfway::Rows(rows) => self.horizontal.resample_row::<TAKEN>(row, rows),
            Halfway::Sums(sums) => {
                for ((first, weights), sums) in self
                    .vertical
                    .taps
                    .iter()
                    .zip(sums.chunks_exact_mut(row.len()))
                {
                    let tap = self.taken.checked_sub(*first);
                    if let Some(&weight) = tap.and_then(|tap| weights.get(tap)) {
                        add_weighted(sums, row, weight);
                    }
                }
            }
        }
        self.taken += 1;
    }

    /// The wanted rows and columns, RGB, once all rows have come.
    pub fn finish(self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(self.vertical.taps.len() * self.horizontal.taps.len() * KEPT);
        match self.halfway {
            Halfway::Rows(rows) => {
                let stride = self.horizontal.taps.len() * KEPT;
                for (first, weights) in &self.vertical.taps {
                    let mut sums = vec![HALF; stride];
                    let rows = rows[first * stride..].chunks_exact(stride);
                    for (row, &weight) in rows.zip(weights) {
                        add_weighted(&mut sums, row, weight);
                    }
                    out.extend(sums.into_iter().map(clipped));
                }
            }
            Halfway::Sums(sums) => {
                let rows: Vec<u8> = sums.into_iter().map(clipped).collect();
                let stride = rows.len() / self.vertical.taps.len().max(1);
                for row in rows.chunks_exact(stride.max(1)) {
                    self.horizontal.resample_row::<TAKEN>(row, &mut out);
                }
            }
        }
        out
    }
}

/// The weights with which one axis is resampled.
struct Axis {
    /// First input position and weights, for each output position that is kept.
    taps: Vec<(usize, Vec<i32>)>,
}

impl Axis {
    /// From `input` pixels to `output`, of which only the positions `kept` are wanted.
    fn new(input: usize, output: usize, kept: Range<usize>, interpolation: Interpolation) -> Self {
        let taps = if input == output {
            kept.map(|position| (position, vec![ONE])).collect()
        } else {
            kept.map(|position| taps(input, output, position, interpolation))
                .collect()
        };
        Self { taps }
    }

    /// Appends the resampled row as RGB.
    fn resample_row<const CHANNELS: usize>(&self, row: &[u8], out: &mut Vec<u8>) {
        for (first, weights) in &self.taps {
            let pixels = row[first * CHANNELS..].chunks_exact(CHANNELS);
            let mut sums = [HALF; CHANNELS];
            for (pixel, &weight) in pixels.zip(weights) {
                add_weighted(&mut sums, pixel, weight);
            }
            out.extend(sums[..KEPT].iter().map(|&sum| clipped(sum)));
        }
    }
}

fn add_weighted(sums: &mut [i32], values: &[u8], weight: i32) {
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum += i32::from(value) * weight;
    }
}

fn clipped(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

fn taps(
    input: usize,
    output: usize,
    position: usize,
    interpolation: Interpolation,
) -> (usize, Vec<i32>) {
    let scale = input as f64 / output as f64;
    let filter_scale = scale.max(1.0);
    let support = interpolation.support() * filter_scale;
    let center = (position as f64 + 0.5) * scale;
    let narrowing = 1.0 / filter_scale;
    let first = ((center - support + 0.5).trunc() as i64).max(0) as usize;
    let end = ((center + support + 0.5).trunc() as usize).min(input);
    let weights: Vec<f64> = (first..end)
        .map(|at| interpolation.weight((at as f64 - center + 0.5) * narrowing))
        .collect();
    let sum: f64 = weights.iter().sum();
    let fixed = weights.iter().map(|weight| {
        let weight = if sum == 0.0 { *weight } else { weight / sum };
        let scaled = weight * f64::from(ONE);
        (if scaled < 0.0 {
            scaled - 0.5
        } else {
            scaled + 0.5
        }) as i32
    });
    (first, fixed.collect())
}

impl Interpolation {
    /// Half the filter's width, in pixels of the coarser image.
    fn support(self) -> f64 {
        match self {
            Interpolation::Bilinear => 1.0,
            Interpolation::Bicubic => 2.0,
            Interpolation::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Interpolation::Bilinear => (1.0 - x).max(0.0),
            Interpolation::Bicubic => {
                const A: f64 = -0.5;
                if x < 1.0 {
                    ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
                } else if x < 2.0 {
                    (((x - 5.0) * x + 8.0) * x - 4.0) * A
                } else {
                    0.0
                }
            }
            Interpolation::Lanczos if x < 3.0 => sinc(x) * sinc(x / 3.0),
            Interpolation::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else {
        (x * PI).sin() / (x * PI)
    }
}
