//! One head's q, k and v in 16-bit integers, in the order in which the tile reads them.

use crate::kernels::four::{Four, padded, transpose};
use crate::kernels::integer::dot::Dot;

/// What the largest share of a pattern, 1, is in integers.
const WHOLE: f32 = 32767.0;

/// Buffers for a head, kept from one to the next.
pub(super) struct Packed {
    /// (area, depth / 2)
    pub q: Vec<u32>,
    /// What one step is worth, with 1/√d in it: (area).
    pub q_scales: Vec<f32>,
    /// (panels, depth / 2, width)
    pub k: Vec<u32>,
    /// (panels, width); 0 past the last slot.
    pub k_scales: Vec<f32>,
    /// (panels, padded area / 2, width)
    pub v: Vec<u32>,
    /// What one step of v is worth where a share is in steps of 1 / `WHOLE`.
    pub v_scale: f32,
    /// Some rows of k in integers.
    rows: Vec<u32>,
    pub head_dim: usize,
    /// head_dim, made a multiple of 8.
    pub depth: usize,
    /// The area, made whole panels.
    pub padded_area: usize,
    /// The largest integer of q and k.
    most: f32,
}

impl Packed {
    pub fn new<D: Dot, const V: usize>(area: usize, head_dim: usize) -> Self {
        let width = V * D::WIDTH;
        let depth = head_dim.next_multiple_of(8);
        let padded_area = area.next_multiple_of(width);
        let most = (f64::from(i32::MAX) / head_dim as f64).sqrt().floor();
        Self {
            q: vec![0; area * depth / 2],
            q_scales: vec![0.0; area],
            k: vec![0; padded_area * depth / 2],
            k_scales: vec![0.0; padded_area],
            v: vec![0; head_dim.next_multiple_of(width) * padded_area / 2],
            v_scale: 0.0,
            rows: vec![0; width * depth / 2],
            head_dim,
            depth,
            padded_area,
            most: most.min(32767.0) as f32,
        }
    }

    /// Packs the rows that `vector` gives for q, k, v (0, 1, 2) and slot.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn fill<'a, D: Dot, const V: usize>(
        &mut self,
        area: usize,
        vector: impl Fn(usize, usize) -> &'a [f32],
    ) {
        let (words, width) = (self.depth / 2, V * D::WIDTH);
        let softening = 1.0 / (self.head_dim as f32).sqrt();
        let q = self.q.chunks_exact_mut(words).zip(&mut self.q_scales);
        for (slot, (row, scale)) in q.enumerate() {
            *scale = round_row(vector(0, slot), self.most, row) * softening;
        }
        let k = self.k.chunks_exact_mut(width * words);
        for (at, (panel, scales)) in k.zip(self.k_scales.chunks_exact_mut(width)).enumerate() {
            let rows = self.rows.chunks_exact_mut(words);
            for (lane, (row, scale)) in rows.zip(scales).enumerate() {
                *scale = match at * width + lane {
                    slot if slot < area => round_row(vector(1, slot), self.most, row),
                    _ => {
                        row.fill(0);
                        0.0
                    }
                };
            }
            transpose(&self.rows, words, width, panel);
        }
        self.fill_v(area, width, |slot| vector(2, slot));
    }

    #[inline(always)]
    fn fill_v<'a>(&mut self, area: usize, width: usize, v: impl Fn(usize) -> &'a [f32]) {
        let largest = (0..area).fold(0.0, |largest, slot| largest_of(v(slot), largest));
        let steps = Four::splat(steps_of(largest, WHOLE));
        self.v_scale = largest / WHOLE / WHOLE;
        let panel = self.padded_area / 2 * width;
        for slot in (0..area).step_by(2) {
            let even = v(slot);
            let odd = if slot + 1 < area { v(slot + 1) } else { &[] };
            for (at, even) in even.chunks(width).enumerate() {
                let words = &mut self.v[at * panel + slot / 2 * width..][..width];
                let odd = odd.get(at * width..).unwrap_or(&[]);
                for (four, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                    let part = |x: &[f32]| match x.get(4 * four..) {
                        Some([a, b, c, d, ..]) => Four::load(&[*a, *b, *c, *d]) * steps,
                        Some(rest) => Four::load(&padded(rest)) * steps,
                        None => Four::splat(0.0),
                    };
                    *words = Four::side_by_side(part(even), part(odd));
                }
            }
        }
    }
}

/// A row of e^(score − the largest) as the tile reads it, in shares of the whole: `whole` is one over
/// the row's sum.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub(super) fn shares(row: &[f32], whole: f32, shares: &mut [u32]) {
    let steps = Four::splat(whole * WHOLE);
    for (words, x) in shares
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .zip(row.as_chunks::<8>().0)
    {
        let (fours, _) = x.as_chunks();
        *words = Four::pairs(Four::load(&fours[0]) * steps, Four::load(&fours[1]) * steps);
    }
}

/// Rounds `x` to −`most`..=`most`, two a word; gives a step's worth.
#[inline(always)]
fn round_row(x: &[f32], most: f32, row: &mut [u32]) -> f32 {
    let largest = largest_of(x, 0.0);
    let steps = Four::splat(steps_of(largest, most));
    for (words, x) in row.as_chunks_mut().0.iter_mut().zip(x.chunks(8)) {
        let (low, high) = match x.as_chunks().0 {
            [low, high] => (Four::load(low), Four::load(high)),
            _ => {
                let (low, high) = x.split_at(x.len().min(4));
                (Four::load(&padded(low)), Four::load(&padded(high)))
            }
        };
        *words = Four::pairs(low * steps, high * steps);
    }
    largest / most
}

#[inline(always)]
fn steps_of(largest: f32, most: f32) -> f32 {
    if largest > 1e-30 { most / largest } else { 0.0 }
}

#[inline(always)]
fn largest_of(x: &[f32], start: f32) -> f32 {
    let mut largest = Four::splat(start);
    let (fours, rest) = x.as_chunks();
    for four in fours {
        largest = largest.signed_max(Four::load(four).abs());
    }
    let mut lanes = [0.0; 4];
    largest
        .signed_max(Four::load(&padded(rest)).abs())
        .store(&mut lanes);
    lanes
        .into_iter()
        .fold(start, |a, b| if b > a { b } else { a })
}
