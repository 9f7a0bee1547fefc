//! A photo cut into patches, as a candle operation: candle's own permutation copies number by number
//! and takes seven times as long.

use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor, bail};

use super::{contiguous, parallel};

/// Patches of (height, width) pixels.
struct Cut(usize, usize);

/// (1, C, H, W) to (patches, height · width · C), patches row by row, in each row, column, channel.
///
/// # Errors
/// If the photo is no whole number of patches high and wide.
pub fn patches(photo: &Tensor, (height, width): (usize, usize)) -> candle_core::Result<Tensor> {
    photo.contiguous()?.apply_op1_no_bwd(&Cut(height, width))
}

impl CustomOp1 for Cut {
    fn name(&self) -> &'static str {
        "patches"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let Self(height, width) = *self;
        let (count, channels, rows, columns) = layout.shape().dims4()?;
        let x = contiguous(x, layout)?;
        let is_whole = |length: usize, part: usize| part > 0 && length.is_multiple_of(part);
        if count != 1 || !is_whole(rows, height) || !is_whole(columns, width) {
            bail!("{count} photos of {rows} x {columns} cannot be cut into {height} x {width}");
        }
        let mut out = vec![0.0; x.len()];
        let line = width * channels;
        let bands = out.chunks_exact_mut((height * columns * channels).max(1));
        parallel::for_each(
            bands.enumerate().collect(),
            |(band, out): (usize, &mut [f32])| {
                for (column, out) in out.chunks_exact_mut(height * line).enumerate() {
                    for (row, out) in out.chunks_exact_mut(line).enumerate() {
                        let first = (band * height + row) * columns + column * width;
                        for channel in 0..channels {
                            let line = &x[channel * rows * columns + first..][..width];
                            let out = out[channel..].iter_mut().step_by(channels);
                            out.zip(line).for_each(|(out, x)| *out = *x);
                        }
                    }
                }
            },
        );
        let patches = (rows / height) * (columns / width);
        Ok((CpuStorage::F32(out), (patches, height * line).into()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::patches;

    #[test]
    fn equals_the_permutation() {
        for (channels, rows, columns, height, width) in
            [(3, 8, 12, 4, 4), (1, 6, 4, 2, 1), (4, 5, 7, 5, 7)]
        {
            let count = channels * rows * columns;
            let photo = Tensor::arange(0f32, count as f32, &Device::Cpu).unwrap();
            let photo = photo.reshape((1, channels, rows, columns)).unwrap();
            let parts = (channels, rows / height, height, columns / width, width);
            let permuted = photo
                .reshape(parts)
                .unwrap()
                .permute((1, 3, 2, 4, 0))
                .unwrap();
            let permuted: Vec<f32> = permuted.flatten_all().unwrap().to_vec1().unwrap();
            let cut = patches(&photo, (height, width)).unwrap();
            let shape = (rows / height * (columns / width), height * width * channels);
            assert_eq!(cut.dims2().unwrap(), shape);
            assert_eq!(
                cut.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
                permuted
            );
        }
        let photo = Tensor::zeros((1, 3, 8, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(patches(&photo, (3, 4)).is_err());
        assert!(patches(&photo, (4, 0)).is_err());
    }
}
