//! Attention against its definition in f64: all tokens or windows, with padding, bias and mask.

use super::{Check, Noise, differing, farthest, numbers, tensor};
use crate::kernels::{Attention, Keep, NO_TOKEN, Slots};

const SHAPES: usize = 10;

pub(super) fn checks(noise: &mut Noise) -> candle_core::Result<Vec<Check>> {
    // Over numbers in −3..3.
    let mut qk = Check::within("attention, q k / √d", QK);
    let mut pattern = Check::within("attention, pattern", PATTERN);
    let mut mix = Check::within("attention, mix", MIX);
    let mut unhooked = Check::to_the_bit("attention, nothing kept");
    for shape in 0..SHAPES {
        let case = match shape {
            0 => Case::new(noise, (197, 1), 2, 64),
            _ => Case::random(noise),
        };
        let [exact_mix, exact_qk, exact_pattern] = plain(&case);
        let kept = case.attend(true)?;
        qk.add_error(farthest(&kept[1], &exact_qk));
        pattern.add_error(farthest(&kept[2], &exact_pattern));
        mix.add_error(farthest(&kept[0], &exact_mix));
        unhooked.add_differing(differing(&case.attend(false)?[0], &kept[0]));
    }
    Ok(vec![qk, pattern, mix, unhooked])
}

const QK: f64 = 5e-3;
const PATTERN: f64 = 1e-3;
const MIX: f64 = 5e-3;

struct Case {
    tokens: usize,
    heads: usize,
    head_dim: usize,
    area: usize,
    windows: usize,
    /// (tokens, 3, heads, head_dim)
    qkv: Vec<f32>,
    /// (windows, area)
    index: Vec<u32>,
    /// Whether the kernel is told of the windows: one that holds all tokens in order needs no telling.
    has_slots: bool,
    padding: Vec<f32>,
    bias: Option<Vec<f32>>,
    mask: Option<Vec<f32>>,
}

impl Case {
    fn random(noise: &mut Noise) -> Self {
        let area = (1 + noise.below(60), 1 + noise.below(4));
        let (heads, head_dim) = (1 + noise.below(4), 1 + noise.below(72));
        Self::new(noise, area, heads, head_dim)
    }

    fn new(
        noise: &mut Noise,
        (area, windows): (usize, usize),
        heads: usize,
        head_dim: usize,
    ) -> Self {
        let has_slots = windows > 1;
        let padded = if has_slots { noise.below(area) } else { 0 };
        let tokens = area * windows - padded;
        let mut index: Vec<u32> = (0..tokens as u32).collect();
        index.resize(area * windows, NO_TOKEN);
        if has_slots {
            for slot in (1..index.len()).rev() {
                index.swap(slot, noise.below(slot + 1));
            }
        }
        let (width, square) = (3 * heads * head_dim, area * area);
        let has_bias = noise.below(2) == 0;
        let has_mask = noise.below(2) == 0;
        let mut masked = || [-100.0, 0.0, 0.0][noise.below(3)];
        let mask = (0..windows * square).map(|_| masked()).collect();
        Self {
            tokens,
            heads,
            head_dim,
            area,
            windows,
            qkv: noise.numbers(tokens * width, 6.0),
            index,
            has_slots,
            padding: noise.numbers(width, 6.0),
            bias: has_bias.then(|| noise.numbers(heads * square, 4.0)),
            mask: has_mask.then_some(mask),
        }
    }

    /// What the kernel gives: the mix, and q k / √d and the pattern where they are kept.
    fn attend(&self, keep: bool) -> candle_core::Result<Vec<Vec<f32>>> {
        let (heads, area, windows) = (self.heads, self.area, self.windows);
        let bias = self.bias.as_ref();
        let bias = bias.map(|bias| tensor(bias, &[heads, area, area]));
        let mask = self.mask.as_ref();
        let mask = mask.map(|mask| tensor(mask, &[windows, area, area]));
        let (bias, mask) = (bias.transpose()?, mask.transpose()?);
        let attention = Attention {
            heads,
            head_dim: self.head_dim,
            slots: self.has_slots.then_some(Slots {
                tokens: &self.index,
                area,
                padding: &self.padding,
            }),
            bias: bias.as_ref(),
            mask: mask.as_ref(),
        };
        let qkv = tensor(&self.qkv, &[self.tokens, 3 * heads * self.head_dim])?;
        let (qk, pattern) = (keep, keep);
        let attended = attention.forward(&qkv, Keep { qk, pattern })?;
        let all = [Some(attended.mix), attended.qk, attended.pattern];
        all.iter().flatten().map(numbers).collect()
    }
}

/// The mix, (tokens, heads · head_dim), q k / √d and the pattern, (windows · heads, area, area).
fn plain(case: &Case) -> [Vec<f64>; 3] {
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
            let vectors = |which: usize| -> Vec<Vec<f64>> {
                let row = |token: &u32| match *token {
                    NO_TOKEN => &case.padding[..],
                    token => &case.qkv[token as usize * 3 * width..][..3 * width],
                };
                let first = which * width + head * d;
                let vector =
                    |row: &[f32]| row[first..first + d].iter().map(|&x| x.into()).collect();
                slots.iter().map(|token| vector(row(token))).collect()
            };
            let [q, k, v] = [0, 1, 2].map(vectors);
            for (query, token) in slots.iter().enumerate() {
                let mut scores = Vec::with_capacity(area);
                for (key, k) in k.iter().enumerate() {
                    let qk: f64 = q[query].iter().zip(k).map(|(q, k)| q * k).sum();
                    let added = |table: &Option<Vec<f32>>, index: usize| {
                        let at = (index * area + query) * area + key;
                        table.as_ref().map_or(0.0, |table| f64::from(table[at]))
                    };
                    let qk = qk / (d as f64).sqrt();
                    qks.push(qk);
                    scores.push(qk + added(&case.bias, head) + added(&case.mask, window));
                }
                let largest = scores.iter().copied().fold(f64::MIN, f64::max);
                let sum: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
                for (score, v) in scores.iter().zip(&v) {
                    let share = (score - largest).exp() / sum;
                    patterns.push(share);
                    if *token != NO_TOKEN {
                        let to = *token as usize * width + head * d;
                        let mix = &mut mix[to..to + d];
                        mix.iter_mut().zip(v).for_each(|(mix, v)| *mix += share * v);
                    }
                }
            }
        }
    }
    [mix, qks, patterns]
}
