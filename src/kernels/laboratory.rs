//! The kernels on their own, timed inside the engine that runs them, and made to fail there.

use std::hint::black_box;
use std::mem::MaybeUninit;

use candle_core::{Device, Tensor};

use super::integer::dot::{Dot, Tile, Work, with_products};
use super::integer::{Blocks, Finish, Kind, Panels, Quantized, product_rows, q8_0_blocks};
use super::{Attention, Keep, gelu, layer_norm, softmax};

/// Something to be timed: each call does it once and gives its operations.
pub type Task = Box<dyn FnMut() -> crate::Result<f64>>;

/// `kernel` on numbers without meaning, or nothing for an unknown name. Operations are multiplications
/// and additions of products, numbers of all else.
///
/// - `tile`: a thousand times a tile of the integer product alone, over k, from the first-level cache:
///   its peak
/// - `product`: m rows of k numbers with a Q8_0 matrix of n
/// - `attention`: m tokens, n heads of k
/// - `gelu`, `softmax`, `layer_norm`: m rows of n
pub fn task(kernel: &str, (m, k, n): (usize, usize, usize)) -> crate::Result<Option<Task>> {
    let numbers = |count: usize| -> Vec<f32> {
        (0..count)
            .map(|i| (i * 7919 % 2003) as f32 / 1000.0 - 1.0)
            .collect()
    };
    let tensor =
        |shape: &[usize]| Tensor::from_vec(numbers(shape.iter().product()), shape, &Device::Cpu);
    let size = m as f64 * n as f64;
    Ok(Some(match kernel {
        "tile" => Box::new(move || Ok(with_products(Tiles { k, times: 1000 }))),
        "product" => {
            let (x, bytes) = (numbers(m * k), q8_0_blocks(&numbers(n * k), k));
            let weights = Blocks::new(Kind::Q8_0, &bytes, n, k);
            let Some(Ok(weights)) = weights.map(|blocks| Panels::new(&blocks)) else {
                return Ok(None);
            };
            let mut y = vec![MaybeUninit::uninit(); m * n];
            Box::new(move || {
                let x = Quantized::new(&x, k);
                product_rows(&x, &weights, None, Finish::Nothing, &mut y);
                Ok(2.0 * size * k as f64)
            })
        }
        "attention" => {
            let qkv = tensor(&[m, 3 * n * k])?;
            let attention = Attention {
                heads: n,
                head_dim: k,
                slots: None,
                bias: None,
                mask: None,
            };
            Box::new(move || {
                attention.forward(&qkv, Keep::default())?;
                Ok(4.0 * size * m as f64 * k as f64)
            })
        }
        "gelu" | "softmax" | "layer_norm" => {
            let (x, one) = (tensor(&[m, n])?, tensor(&[n])?);
            let kernel = kernel.to_owned();
            Box::new(move || {
                match &*kernel {
                    "gelu" => gelu(&x)?,
                    "softmax" => softmax(&x)?,
                    _ => layer_norm(&x, &one, &one, 1e-6)?,
                };
                Ok(size)
            })
        }
        _ => return Ok(None),
    }))
}

/// What no pass should do, for the tests of what happens then: one of the threads dies in it.
#[cfg(target_feature = "atomics")]
pub fn abort_elsewhere() {
    super::parallel::abort_elsewhere();
}

/// Tiles over the same words again and again.
struct Tiles {
    k: usize,
    times: usize,
}

impl Work for Tiles {
    type Out = f64;

    #[inline(always)]
    fn run<D: Dot, const R: usize, const V: usize>(self) -> f64 {
        let width = V * D::WIDTH;
        let steps = self.k / D::STEP;
        let rows = vec![1; R * steps];
        let weights = vec![1_u8; width * steps * D::COLUMN];
        let (sums, numbers) = (vec![0; width], vec![0.0; width]);
        let mut out = vec![MaybeUninit::uninit(); R * width];
        let (offsets, row_scales) = ([0; R], [1.0; R]);
        let mut lanes = out.chunks_exact_mut(width);
        let start = [numbers.as_ptr(); R];
        let out: [*mut _; R] =
            std::array::from_fn(|_| lanes.next().unwrap_or_default().as_mut_ptr());
        let tile: Tile<R> = Tile {
            steps,
            rows: std::array::from_fn(|lane| rows[lane * steps..][..steps].as_ptr()),
            weights: weights.as_ptr(),
            offsets: offsets.as_ptr(),
            sums: sums.as_ptr(),
            row_scales: row_scales.as_ptr(),
            scales: numbers.as_ptr(),
            start: start.as_ptr(),
            out: out.as_ptr(),
        };
        for _ in 0..self.times {
            // SAFETY: all of it is there.
            unsafe { black_box(&tile).multiply::<D, V>() };
        }
        2.0 * (R * width * self.k * self.times) as f64
    }
}
