//! Attention on plain slices: head after head, a few rows of scores at a time.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::pack::{Packed, shares};
use super::{NO_TOKEN, Slots};
use crate::kernels::elementwise::{add, exponentials, scale};
use crate::kernels::integer::dot::{self, Dot, Work, with_pairs};
use crate::kernels::parallel;

/// What there is to do. A unit of it is one head of one window.
pub(super) struct Job<'a> {
    /// (tokens, 3, heads, head_dim)
    pub qkv: &'a [f32],
    pub heads: usize,
    pub head_dim: usize,
    pub area: usize,
    pub slots: Option<Slots<'a>>,
    /// (heads, area, area)
    pub bias: Option<&'a [f32]>,
    /// (windows, area, area)
    pub mask: Option<&'a [f32]>,
}

/// Where the outputs go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// To the tokens, (tokens, heads, head_dim).
    Tokens,
    /// One unit after the other, (units, area, head_dim): threads take a range of them each.
    Units,
}

impl Job<'_> {
    /// Writes `mix` (tokens, heads, head_dim) and, where they are not empty, `qks` and `patterns` (units,
    /// area, area).
    pub fn run(&self, units: usize, mix: &mut [f32], qks: &mut [f32], patterns: &mut [f32]) {
        let threads = parallel::threads().min(units);
        if threads < 2 {
            return self.range(0..units, Order::Tokens, [mix, qks, patterns]);
        }
        let each = units.div_ceil(threads);
        let (unit, square) = (self.area * self.head_dim, self.area * self.area);
        let mut mixes = vec![0.0; units * unit];
        let mut qks = qks.chunks_mut(each * square);
        let mut patterns = patterns.chunks_mut(each * square);
        let mut next = |mixes| {
            let (qks, patterns) = (qks.next(), patterns.next());
            [mixes, qks.unwrap_or_default(), patterns.unwrap_or_default()]
        };
        let tasks = mixes.chunks_mut(each * unit).map(&mut next).enumerate();
        parallel::for_each(tasks.collect(), |(index, out)| {
            let units = index * each..((index + 1) * each).min(units);
            self.range(units, Order::Units, out);
        });
        for (unit, mixes) in mixes.chunks_exact(unit).enumerate() {
            for (slot, from) in mixes.chunks_exact(self.head_dim).enumerate() {
                if let Some(to) = self.place(unit, slot) {
                    mix[to..to + self.head_dim].copy_from_slice(from);
                }
            }
        }
    }

    fn range(&self, units: Range<usize>, order: Order, out: [&mut [f32]; 3]) {
        let [mix, qks, patterns] = out;
        with_pairs(Units {
            job: self,
            units,
            order,
            mix,
            qks,
            patterns,
        });
    }

    /// Where a unit's head begins in the row of the token in a slot; `None` where there is no token.
    fn place(&self, unit: usize, slot: usize) -> Option<usize> {
        let (window, head) = (unit / self.heads, unit % self.heads);
        let token = match self.slots {
            None => slot,
            Some(slots) => match slots.tokens[window * slots.area + slot] {
                NO_TOKEN => return None,
                token => token as usize,
            },
        };
        Some((token * self.heads + head) * self.head_dim)
    }

    /// q (`which` = 0), k (1) or v (2) of a unit's head in a slot.
    fn vector(&self, unit: usize, slot: usize, which: usize) -> &[f32] {
        let (head, width) = (unit % self.heads, self.heads * self.head_dim);
        let row = match (self.place(unit, slot), self.slots) {
            (Some(place), _) => &self.qkv[place / width * 3 * width..][..3 * width],
            (None, Some(slots)) => slots.padding,
            (None, None) => &[],
        };
        &row[which * width + head * self.head_dim..][..self.head_dim]
    }
}

struct Units<'a> {
    job: &'a Job<'a>,
    units: Range<usize>,
    order: Order,
    mix: &'a mut [f32],
    qks: &'a mut [f32],
    patterns: &'a mut [f32],
}

impl Work for Units<'_> {
    type Out = ();

    #[inline(always)]
    fn run<D: Dot, const R: usize, const V: usize>(self) {
        let Self {
            job,
            units,
            order,
            mix,
            qks,
            patterns,
        } = self;
        let (area, head_dim) = (job.area, job.head_dim);
        let square = area * area;
        let mut packed = Packed::new::<D, V>(area, head_dim);
        let padded_area = packed.padded_area;
        let mut scores = vec![0.0; R * padded_area];
        let mut shared = vec![0; R * padded_area / 2];
        let mut qks = qks.chunks_exact_mut(square);
        let mut patterns = patterns.chunks_exact_mut(square);
        for unit in units.clone() {
            let (window, head) = (unit / job.heads, unit % job.heads);
            let (mut qk, mut pattern) = (qks.next(), patterns.next());
            packed.fill::<D, V>(area, |which, slot| job.vector(unit, slot, which));
            for first in (0..area).step_by(R) {
                scores_of_tile::<D, R, V>(&packed, first, area, &mut scores);
                let rows = R.min(area - first);
                let each = scores.chunks_exact_mut(padded_area);
                for (row, (scores, shared)) in each
                    .zip(shared.chunks_exact_mut(padded_area / 2))
                    .enumerate()
                {
                    scores[area..].fill(f32::NEG_INFINITY);
                    let at = (first + row.min(rows - 1)) * area;
                    if let Some(qk) = qk.as_mut() {
                        qk[at..at + area].copy_from_slice(&scores[..area]);
                    }
                    if let Some(bias) = job.bias {
                        add(&mut scores[..area], &bias[head * square + at..]);
                    }
                    if let Some(mask) = job.mask {
                        add(&mut scores[..area], &mask[window * square + at..]);
                    }
                    let whole = 1.0 / exponentials(scores);
                    shares(scores, whole, shared);
                    if let Some(pattern) = pattern.as_mut() {
                        let pattern = &mut pattern[at..at + area];
                        pattern.copy_from_slice(&scores[..area]);
                        scale(pattern, whole);
                    }
                }
                let place = |row: usize| match order {
                    Order::Units => Some(((unit - units.start) * area + first + row) * head_dim),
                    Order::Tokens => job.place(unit, first + row),
                };
                let places = std::array::from_fn(|row| (row < rows).then(|| place(row)).flatten());
                mix_of_tile::<D, R, V>(&packed, &shared, places, mix);
            }
        }
    }
}

/// q kᵀ / √d of a tile of rows, (R, padded area): the integer sum · k's scale · q's scale, which has
/// 1/√d in it.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn scores_of_tile<D: Dot, const R: usize, const V: usize>(
    packed: &Packed,
    first: usize,
    area: usize,
    scores: &mut [f32],
) {
    let width = V * D::WIDTH;
    let words = packed.depth / 2;
    let row = |lane: usize| (first + lane).min(area - 1);
    let rows: [&[u32]; R] = std::array::from_fn(|lane| &packed.q[row(lane) * words..][..words]);
    let panels = packed.k.chunks_exact(width * words);
    for (at, (panel, k_scales)) in panels.zip(packed.k_scales.chunks_exact(width)).enumerate() {
        let sums = dot::tile::<D, _, R, V>([[D::zero(); V]; R], rows, panel, words);
        for (lane, sums) in sums.into_iter().enumerate() {
            let q_scale = packed.q_scales[row(lane)];
            let out = &mut scores[lane * packed.padded_area + at * width..][..width];
            for (vector, sums) in sums.into_iter().enumerate() {
                let range = vector * D::WIDTH..(vector + 1) * D::WIDTH;
                let nothing = D::load(&[0.0; 8]);
                let scores = D::scaled(sums, &k_scales[range.clone()], q_scale, nothing);
                D::store(scores, room(&mut out[range]));
            }
        }
    }
}

/// The pattern · v of a tile of rows, each written to `out` from its place on.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn mix_of_tile<D: Dot, const R: usize, const V: usize>(
    packed: &Packed,
    shared: &[u32],
    places: [Option<usize>; R],
    out: &mut [f32],
) {
    let width = V * D::WIDTH;
    let words = packed.padded_area / 2;
    let rows: [&[u32]; R] = std::array::from_fn(|lane| &shared[lane * words..][..words]);
    for (at, panel) in packed.v.chunks_exact(width * words).enumerate() {
        let sums = dot::tile::<D, _, R, V>([[D::zero(); V]; R], rows, panel, words);
        let count = (packed.head_dim - at * width).min(width);
        for (sums, place) in sums.into_iter().zip(places) {
            let Some(place) = place else { continue };
            let out = &mut out[place + at * width..][..count];
            let mut whole = [0.0; 16];
            let to = if count == width {
                &mut *out
            } else {
                &mut whole[..]
            };
            for (vector, sums) in sums.into_iter().enumerate() {
                let nothing = D::load(&[0.0; 8]);
                let mixed = D::scaled(sums, &[packed.v_scale; 8], 1.0, nothing);
                D::store(mixed, room(&mut to[vector * D::WIDTH..]));
            }
            if count < width {
                out.copy_from_slice(&whole[..count]);
            }
        }
    }
}

/// Numbers as a place for others.
#[inline(always)]
fn room(numbers: &mut [f32]) -> &mut [MaybeUninit<f32>] {
    // SAFETY: of the same layout; and what [`Dot::store`] writes there are numbers.
    unsafe { &mut *(std::ptr::from_mut(numbers) as *mut [MaybeUninit<f32>]) }
}
