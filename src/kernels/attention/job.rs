//! Attention on plain slices: head after head, a few rows of scores at a time.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use super::pack::{Packed, shares};
use super::{NO_TOKEN, Slots};
use crate::kernels::elementwise::{add, exponentials, scale};
use crate::kernels::integer::WIDEST;
use crate::kernels::integer::dot::{Dot, Tile, Work, with_pairs};
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

/// Where the outputs go, (tokens, heads, head_dim): each unit writes its own head of its own tokens.
#[derive(Clone, Copy)]
struct Mix<'a> {
    numbers: *mut MaybeUninit<f32>,
    count: usize,
    of: PhantomData<&'a mut [MaybeUninit<f32>]>,
}

// SAFETY: as if each thread had those of its units; `Job::run` sees to it that no token is in two.
unsafe impl Send for Mix<'_> {}
// SAFETY: as above.
unsafe impl Sync for Mix<'_> {}

impl<'a> Mix<'a> {
    fn new(room: &'a mut [MaybeUninit<f32>]) -> Self {
        Self {
            numbers: room.as_mut_ptr(),
            count: room.len(),
            of: PhantomData,
        }
    }

    /// Room for `count` numbers from `first` on.
    #[inline(always)]
    fn room(self, first: usize, count: usize) -> *mut MaybeUninit<f32> {
        assert!(count <= self.count && first <= self.count - count);
        // SAFETY: it is within.
        unsafe { self.numbers.add(first) }
    }
}

impl Job<'_> {
    /// Whether every one of the tokens is in one slot, so that all of the mix is written, and once.
    pub fn has_each_once(&self, tokens: usize) -> bool {
        let Some(slots) = self.slots else {
            return true;
        };
        let mut is_there = vec![false; tokens];
        let mut inside = slots.tokens.iter().filter(|token| **token != NO_TOKEN);
        inside.all(|token| !std::mem::replace(&mut is_there[*token as usize], true))
            && is_there.into_iter().all(|is_there| is_there)
    }

    /// Writes `mix` (tokens, heads, head_dim) and, where they are not empty, `qks` and `patterns` (units,
    /// area, area); the tokens are as `once` says, by [`Job::has_each_once`].
    pub fn run(
        &self,
        units: usize,
        once: bool,
        mix: &mut [MaybeUninit<f32>],
        [qks, patterns]: [&mut [f32]; 2],
    ) {
        let threads = parallel::threads().min(units);
        let mix = Mix::new(mix);
        if threads < 2 || !once {
            return self.range(0..units, mix, [qks, patterns]);
        }
        let (each, square) = (units.div_ceil(threads), self.area * self.area);
        let mut qks = qks.chunks_mut(each * square);
        let mut patterns = patterns.chunks_mut(each * square);
        let parts = (0..units).step_by(each).map(|first| {
            let squares = [qks.next(), patterns.next()].map(Option::unwrap_or_default);
            (first..(first + each).min(units), squares)
        });
        parallel::for_each(parts.collect(), |(units, squares)| {
            self.range(units, mix, squares);
        });
    }

    fn range(&self, units: Range<usize>, mix: Mix, [qks, patterns]: [&mut [f32]; 2]) {
        with_pairs(Units {
            job: self,
            units,
            mix,
            qks,
            patterns,
        });
    }

    fn unit(&self, index: usize) -> Unit<'_> {
        let window = index / self.heads;
        Unit {
            job: self,
            tokens: self
                .slots
                .map(|slots| &slots.tokens[window * slots.area..][..slots.area]),
            first: index % self.heads * self.head_dim,
        }
    }
}

/// One head of one window.
struct Unit<'a> {
    job: &'a Job<'a>,
    /// The tokens in its slots; `None`: they are all tokens in order.
    tokens: Option<&'a [u32]>,
    /// Where the head begins in a token's heads.
    first: usize,
}

impl<'a> Unit<'a> {
    #[inline(always)]
    fn token(&self, slot: usize) -> Option<usize> {
        match self.tokens {
            None => Some(slot),
            Some(tokens) => (tokens[slot] != NO_TOKEN).then(|| tokens[slot] as usize),
        }
    }

    /// Where the head begins in the row of the token in a slot; `None` where there is no token.
    #[inline(always)]
    fn place(&self, slot: usize) -> Option<usize> {
        let width = self.job.heads * self.job.head_dim;
        self.token(slot).map(|token| token * width + self.first)
    }

    /// q (`which` = 0), k (1) or v (2) in a slot.
    #[inline(always)]
    fn vector(&self, which: usize, slot: usize) -> &'a [f32] {
        let width = self.job.heads * self.job.head_dim;
        let (numbers, first) = match (self.token(slot), self.job.slots) {
            (Some(token), _) => (self.job.qkv, token * 3 * width),
            (None, Some(slots)) => (slots.padding, 0),
            (None, None) => (&[][..], 0),
        };
        &numbers[first + which * width + self.first..][..self.job.head_dim]
    }
}

struct Units<'a> {
    job: &'a Job<'a>,
    units: Range<usize>,
    mix: Mix<'a>,
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
            mix,
            qks,
            patterns,
        } = self;
        let (area, head_dim) = (job.area, job.head_dim);
        let square = area * area;
        let mut packed = Packed::new::<D, R, V>(area, head_dim);
        let padded_area = packed.padded_area;
        let mut scores = vec![0.0; R * padded_area];
        let mut shared = vec![0; R * padded_area / 2];
        let mut qks = qks.chunks_exact_mut(square);
        let mut patterns = patterns.chunks_exact_mut(square);
        for index in units {
            let (window, head) = (index / job.heads, index % job.heads);
            let unit = job.unit(index);
            let (mut qk, mut pattern) = (qks.next(), patterns.next());
            packed.fill::<D, V>(area, |which, slot| unit.vector(which, slot));
            for first in (0..area).step_by(R) {
                scores_of_tile::<D, R, V>(&packed, first, &mut scores);
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
                let place = |row: usize| {
                    if row < rows {
                        unit.place(first + row)
                    } else {
                        None
                    }
                };
                let places = std::array::from_fn(place);
                mix_of_tile::<D, R, V>(&packed, &shared, places, mix);
            }
        }
    }
}

/// q kᵀ / √d of the tile of rows from `first` on, (R, padded area): the integer sum · k's scale · q's scale, which has
/// 1/√d in it.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
#[allow(clippy::needless_range_loop)] // as in the product
fn scores_of_tile<D: Dot, const R: usize, const V: usize>(
    packed: &Packed,
    first: usize,
    scores: &mut [f32],
) {
    let width = V * D::WIDTH;
    let (words, stride) = (packed.depth / 2, packed.padded_area);
    let q = &packed.q[first * words..][..R * words];
    let rows: [&[u32]; R] = std::array::from_fn(|lane| &q[lane * words..][..words]);
    assert!(scores.len() >= R * stride);
    let start = [NOTHING.as_ptr(); R];
    let mut out = [std::ptr::null_mut(); R];
    let panels = packed.k.chunks_exact(width * words);
    for (at, (panel, scales)) in panels.zip(packed.k_scales.chunks_exact(width)).enumerate() {
        for lane in 0..R {
            // SAFETY: a row of scores has room for all panels.
            out[lane] = unsafe { scores.as_mut_ptr().add(lane * stride + at * width).cast() };
        }
        let tile = tile(
            &rows,
            panel,
            &packed.q_scales[first..],
            scales,
            &start,
            &out,
        );
        // SAFETY: the slices are as long as that.
        unsafe { tile.multiply::<D, V>() };
    }
}

/// Rows of words by a panel, both in pairs: centred, so that nothing has to come off.
#[inline(always)]
fn tile<const R: usize>(
    rows: &[&[u32]; R],
    panel: &[u32],
    row_scales: &[f32],
    scales: &[f32],
    start: &[*const f32; R],
    out: &[*mut MaybeUninit<f32>; R],
) -> Tile<R> {
    Tile {
        steps: rows[0].len(),
        rows: rows.map(<[u32]>::as_ptr),
        weights: panel.as_ptr().cast(),
        offsets: std::ptr::null(),
        sums: std::ptr::null(),
        row_scales: row_scales[..R].as_ptr(),
        scales: scales.as_ptr(),
        start: start.as_ptr(),
        out: out.as_ptr(),
    }
}

/// As many numbers as a tile has columns, or rows, at most.
static NOTHING: [f32; WIDEST] = [0.0; WIDEST];
static ONES: [f32; WIDEST] = [1.0; WIDEST];

/// The pattern · v of a tile of rows, each written to `out` from its place on.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
#[allow(clippy::needless_range_loop)] // as in the product
fn mix_of_tile<D: Dot, const R: usize, const V: usize>(
    packed: &Packed,
    shared: &[u32],
    places: [Option<usize>; R],
    out: Mix,
) {
    let width = V * D::WIDTH;
    let words = packed.padded_area / 2;
    let rows: [&[u32]; R] = std::array::from_fn(|lane| &shared[lane * words..][..words]);
    let scales = [packed.v_scale; WIDEST];
    let mut scratch = [[MaybeUninit::uninit(); WIDEST]; R];
    let start = [NOTHING.as_ptr(); R];
    let mut to = [std::ptr::null_mut(); R];
    for (at, panel) in packed.v.chunks_exact(width * words).enumerate() {
        let count = (packed.head_dim - at * width).min(width);
        for lane in 0..R {
            to[lane] = match places[lane] {
                Some(place) if count == width => out.room(place + at * width, width),
                _ => scratch[lane].as_mut_ptr(),
            };
        }
        let tile = tile(&rows, panel, &ONES, &scales, &start, &to);
        // SAFETY: the slices are as long as that.
        unsafe { tile.multiply::<D, V>() };
        if count < width {
            for (scratch, place) in scratch.iter().zip(places) {
                if let Some(place) = place {
                    let room = out.room(place + at * width, count);
                    // SAFETY: there is room, and elsewhere than in the scratch.
                    unsafe { room.copy_from_nonoverlapping(scratch.as_ptr(), count) };
                }
            }
        }
    }
}
