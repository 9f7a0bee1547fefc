//! Attention against its definition in f64, over random shapes, windows, biases and masks.

use candle_core::{Device, Tensor};

use super::{Attention, Keep, NO_TOKEN, Slots};
use crate::kernels::integer::twin::Noise;

struct Case {
    tokens: usize,
    heads: usize,
    head_dim: usize,
    area: usize,
    qkv: Vec<f32>,
    /// (windows, area)
    index: Vec<u32>,
    padding: Vec<f32>,
    bias: Vec<f32>,
    mask: Vec<f32>,
}

/// The mix, (tokens, heads · head_dim), q·k / √d and the pattern, (windows · heads, area, area).
fn plain(case: &Case) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let Case {
        heads,
        head_dim: d,
        area,
        ..
    } = *case;
    let width = heads * d;
    let mut mix = vec![0.0; case.tokens * width];
    let (mut qks, mut patterns) = (Vec::new(), Vec::new());
    for (window, slots) in case.index.chunks_exact(area).enumerate() {
        for head in 0..heads {
            let vector = |slot: usize, which: usize| {
                let row = match slots[slot] {
                    NO_TOKEN => &case.padding[..],
                    token => &case.qkv[token as usize * 3 * width..][..3 * width],
                };
                let row = &row[which * width + head * d..][..d];
                row.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>()
            };
            for (query, token) in slots.iter().enumerate() {
                let q = vector(query, 0);
                let scores: Vec<f64> = (0..area)
                    .map(|key| {
                        let qk: f64 = q.iter().zip(vector(key, 1)).map(|(q, k)| q * k).sum();
                        let bias = f64::from(case.bias[(head * area + query) * area + key]);
                        let mask = f64::from(case.mask[(window * area + query) * area + key]);
                        qks.push(qk / (d as f64).sqrt());
                        qk / (d as f64).sqrt() + bias + mask
                    })
                    .collect();
                let largest = scores.iter().copied().fold(f64::MIN, f64::max);
                let sum: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
                for (key, score) in scores.iter().enumerate() {
                    let share = (score - largest).exp() / sum;
                    patterns.push(share);
                    if *token != NO_TOKEN {
                        let to = *token as usize * width + head * d;
                        for (mix, v) in mix[to..].iter_mut().zip(vector(key, 2)) {
                            *mix += share * v;
                        }
                    }
                }
            }
        }
    }
    (mix, qks, patterns)
}

#[test]
fn is_near_its_definition() {
    let mut noise = Noise::new(4);
    for (area, windows, heads, head_dim, padded) in [
        (1, 1, 1, 1, 0),
        (5, 1, 3, 7, 0),
        (17, 1, 2, 16, 0),
        (197, 1, 3, 64, 0),
        (16, 4, 3, 16, 0),
        (49, 4, 3, 32, 0),
        (49, 2, 2, 32, 20),
        (9, 3, 1, 24, 5),
    ] {
        let tokens = area * windows - padded;
        let mut index: Vec<u32> = (0..(area * windows) as u32)
            .map(|slot| {
                if (slot as usize) < tokens {
                    slot
                } else {
                    NO_TOKEN
                }
            })
            .collect();
        for slot in (1..index.len()).rev() {
            index.swap(slot, noise.below(slot + 1));
        }
        let is_windowed = windows > 1;
        if !is_windowed {
            index.sort_unstable();
        }
        let width = 3 * heads * head_dim;
        let square = area * area;
        let zeros = |count: usize| vec![0.0; count];
        let mut mask = zeros(windows * square);
        if is_windowed {
            for masked in &mut mask {
                *masked = if noise.below(3) == 0 { -100.0 } else { 0.0 };
            }
        }
        let case = Case {
            tokens,
            heads,
            head_dim,
            area,
            qkv: noise.numbers(tokens * width, 6.0),
            padding: noise.numbers(width, 6.0),
            bias: match is_windowed {
                true => noise.numbers(heads * square, 4.0),
                false => zeros(heads * square),
            },
            mask,
            index,
        };
        let tensor =
            |data: &[f32], shape: &[usize]| Tensor::from_slice(data, shape, &Device::Cpu).unwrap();
        let (bias, mask) = (
            tensor(&case.bias, &[heads, area, area]),
            tensor(&case.mask, &[windows, area, area]),
        );
        let attention = Attention {
            heads,
            head_dim,
            slots: is_windowed.then_some(Slots {
                tokens: &case.index,
                area,
                padding: &case.padding,
            }),
            bias: is_windowed.then_some(&bias),
            mask: is_windowed.then_some(&mask),
        };
        let qkv = tensor(&case.qkv, &[tokens, width]);
        let keep = |qk, pattern| attention.forward(&qkv, Keep { qk, pattern }).unwrap();
        let (all, alone) = (keep(true, true), keep(false, false));
        assert!(alone.qk.is_none() && alone.pattern.is_none());
        assert!(keep(true, false).pattern.is_none());
        let numbers = |x: &Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(numbers(&all.mix), numbers(&alone.mix));
        let (plain_mix, plain_qk, plain_pattern) = plain(&case);
        let worst = |ours: &Tensor, plain: &[f64]| {
            let ours = numbers(ours);
            assert_eq!(ours.len(), plain.len());
            ours.iter()
                .zip(plain)
                .map(|(a, b)| (f64::from(*a) - b).abs())
                .fold(0.0, f64::max)
        };
        assert!(
            worst(&all.pattern.unwrap(), &plain_pattern) < 2e-3,
            "{area} {head_dim}"
        );
        assert!(
            worst(&all.qk.unwrap(), &plain_qk) < 5e-3,
            "{area} {head_dim}"
        );
        assert!(worst(&all.mix, &plain_mix) < 5e-3, "{area} {head_dim}");
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let qkv = Tensor::zeros((4, 12), candle_core::DType::F32, &Device::Cpu).unwrap();
    let attention = |slots| Attention {
        heads: 2,
        head_dim: 2,
        slots,
        bias: None,
        mask: None,
    };
    assert!(attention(None).forward(&qkv, Keep::default()).is_ok());
    let slots = |tokens| {
        Some(Slots {
            tokens,
            area: 2,
            padding: &[0.0; 12],
        })
    };
    assert!(
        attention(slots(&[0, 1, 2, 3]))
            .forward(&qkv, Keep::default())
            .is_ok()
    );
    assert!(
        attention(slots(&[0, 1, 2, 4]))
            .forward(&qkv, Keep::default())
            .is_err()
    );
    let wrong = Attention {
        heads: 3,
        ..attention(None)
    };
    assert!(wrong.forward(&qkv, Keep::default()).is_err());
}
