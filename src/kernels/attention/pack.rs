//! One head's q, k and v in 16-bit integers, in the order in which the tile reads them.

use crate::kernels::four::{Four, across, padded, transposed};
use crate::kernels::integer::dot::Dot;

/// What the largest share of a pattern, 1, is in integers.
const WHOLE: f32 = 32767.0;

/// Rows packed side by side.
const ROWS: usize = 4;

/// The largest number of a row, or of all of v, that is taken for zeros.
const NOTHING: f32 = 1e-30;

/// Buffers for a head, kept from one to the next.
pub(super) struct Packed {
    /// (area and more, depth / 2): past the end the last slot again, for whole tiles.
    pub q: Vec<u32>,
    /// What one step is worth, with 1/√d in it: (area and more).
    pub q_scales: Vec<f32>,
    /// (panels, depth / 2, width)
    pub k: Vec<u32>,
    /// (padded area)
    pub k_scales: Vec<f32>,
    /// (panels, padded area / 2, width)
    pub v: Vec<u32>,
    /// What one step of v is worth where a share is in steps of 1 / `WHOLE`.
    pub v_scale: f32,
    pub head_dim: usize,
    /// head_dim, made a multiple of 8.
    pub depth: usize,
    /// The area, made whole panels: past its end the last slot again.
    pub padded_area: usize,
    /// The largest integer of q and k.
    most: f32,
    /// `ROWS` rows of `depth`, zeros where they end.
    longer: Vec<f32>,
}

impl Packed {
    pub fn new<D: Dot, const R: usize, const V: usize>(area: usize, head_dim: usize) -> Self {
        let width = V * D::WIDTH;
        let depth = head_dim.next_multiple_of(8);
        let padded_area = area.next_multiple_of(width);
        let rows = area.next_multiple_of(R).next_multiple_of(ROWS);
        let most = (f64::from(i32::MAX) / head_dim as f64).sqrt().floor();
        Self {
            q: vec![0; rows * depth / 2],
            q_scales: vec![0.0; rows],
            k: vec![0; padded_area * depth / 2],
            k_scales: vec![0.0; padded_area],
            v: vec![0; depth.next_multiple_of(width) * padded_area / 2],
            v_scale: 0.0,
            head_dim,
            depth,
            padded_area,
            most: most.min(32767.0) as f32,
            longer: vec![0.0; ROWS * depth],
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
        let width = V * D::WIDTH;
        let rows = |which: usize, at: usize| -> [&'a [f32]; ROWS] {
            std::array::from_fn(|row| vector(which, (ROWS * at + row).min(area - 1)))
        };
        self.fill_q(|at| rows(0, at));
        self.fill_k(width, |at| rows(1, at));
        let largest = largest_of((0..area).map(|slot| vector(2, slot)));
        self.fill_v(width, largest, |at| rows(2, at));
    }

    #[inline(always)]
    fn fill_q<'a>(&mut self, rows: impl Fn(usize) -> [&'a [f32]; ROWS]) {
        let words = self.depth / 2;
        let softening = Four::splat(1.0 / (self.head_dim as f32).sqrt());
        let scales = self.q_scales.as_chunks_mut().0;
        let q = self.q.chunks_exact_mut(ROWS * words).zip(scales);
        for (at, (out, scales)) in q.enumerate() {
            let rows = lengthened(rows(at), &mut self.longer);
            let worth = round_rows(rows, self.most, |eight, rounded| {
                for (out, four) in out.chunks_exact_mut(words).zip(rounded) {
                    out[4 * eight..][..4].copy_from_slice(&four);
                }
            });
            (worth * softening).store(scales);
        }
    }

    #[inline(always)]
    fn fill_k<'a>(&mut self, width: usize, rows: impl Fn(usize) -> [&'a [f32]; ROWS]) {
        let words = self.depth / 2;
        for (at, scales) in self.k_scales.as_chunks_mut().0.iter_mut().enumerate() {
            let (panel, lane) = (ROWS * at / width, ROWS * at % width);
            let out = &mut self.k[panel * width * words..][..width * words];
            let rows = lengthened(rows(at), &mut self.longer);
            let worth = round_rows(rows, self.most, |eight, [a, b, c, d]| {
                let columns = transposed([&a, &b, &c, &d]);
                let out = out[4 * eight * width..].chunks_exact_mut(width);
                for (out, column) in out.zip(columns) {
                    out[lane..][..ROWS].copy_from_slice(&column);
                }
            });
            worth.store(scales);
        }
    }

    /// All of v has one scale, from its `largest` number: the rows are summed, with shares of 1.
    #[inline(always)]
    fn fill_v<'a>(
        &mut self,
        width: usize,
        largest: f32,
        rows: impl Fn(usize) -> [&'a [f32]; ROWS],
    ) {
        self.v_scale = largest / WHOLE / WHOLE;
        let steps = steps_of(Four::splat(largest), WHOLE);
        let panel = self.padded_area / 2 * width;
        for at in 0..self.padded_area / ROWS {
            let [a, b, c, d] = lengthened(rows(at), &mut self.longer).map(|row| row.as_chunks().0);
            for (two, (even, odd)) in [(a, b), (c, d)].into_iter().enumerate() {
                let fours = even.chunks(width / 4).zip(odd.chunks(width / 4));
                for (out, (even, odd)) in self.v.chunks_exact_mut(panel).zip(fours) {
                    let out = &mut out[(ROWS / 2 * at + two) * width..][..width];
                    for ((out, even), odd) in out.as_chunks_mut().0.iter_mut().zip(even).zip(odd) {
                        *out =
                            Four::side_by_side(Four::load(even) * steps, Four::load(odd) * steps);
                    }
                }
            }
        }
    }
}

/// The rows, each with zeros up to a `ROWS`th of `room` where it is shorter.
#[inline(always)]
fn lengthened<'a>(rows: [&'a [f32]; ROWS], room: &'a mut [f32]) -> [&'a [f32]; ROWS] {
    let depth = room.len() / ROWS;
    if rows[0].len() == depth {
        return rows;
    }
    for (row, room) in rows.iter().zip(room.chunks_exact_mut(depth)) {
        room[..row.len()].copy_from_slice(row);
    }
    std::array::from_fn(|row| &room[row * depth..][..depth])
}

/// Rounds rows to −`most`..=`most`, each by itself, two numbers a word, and puts each eight of numbers of
/// all rows; gives what their steps are worth.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // of four slices
fn round_rows(
    rows: [&[f32]; ROWS],
    most: f32,
    mut put: impl FnMut(usize, [[u32; 4]; ROWS]),
) -> Four {
    let rows: [&[[f32; 8]]; ROWS] = rows.map(|row| row.as_chunks().0);
    let eights = rows.map(<[_]>::len).into_iter().min().unwrap_or(0);
    let rows = rows.map(|row| &row[..eights]);
    let mut largest = [Four::splat(0.0); ROWS];
    for eight in 0..eights {
        for (row, largest) in rows.iter().zip(&mut largest) {
            let [low, high] = halves(&row[eight]);
            *largest = largest.signed_max(low.abs()).signed_max(high.abs());
        }
    }
    let lanes = largest.map(|largest| {
        let mut lanes = [0.0; 4];
        largest.store(&mut lanes);
        lanes.map(f32::to_bits)
    });
    let [a, b, c, d] = transposed([&lanes[0], &lanes[1], &lanes[2], &lanes[3]])
        .map(|lanes| Four::load(&lanes.map(f32::from_bits)));
    let largest = a.signed_max(b).signed_max(c.signed_max(d));
    let mut steps = [0.0; ROWS];
    steps_of(largest, most).store(&mut steps);
    let steps = steps.map(Four::splat);
    for eight in 0..eights {
        let rounded = std::array::from_fn(|row| {
            let [low, high] = halves(&rows[row][eight]);
            Four::pairs(low * steps[row], high * steps[row])
        });
        put(eight, rounded);
    }
    largest / Four::splat(most)
}

#[inline(always)]
fn halves(x: &[f32; 8]) -> [Four; 2] {
    let [a, b, c, d, e, f, g, h] = *x;
    [Four::load(&[a, b, c, d]), Four::load(&[e, f, g, h])]
}

/// What makes `most` of the largest number, in each lane.
#[inline(always)]
fn steps_of(largest: Four, most: f32) -> Four {
    (Four::splat(most) / largest).zero_where_below(largest, NOTHING)
}

/// The largest magnitude in rows; no number, or any, where one of them is none.
#[inline(always)]
fn largest_of<'a>(rows: impl Iterator<Item = &'a [f32]>) -> f32 {
    let mut largest = [Four::splat(0.0); 2];
    for row in rows {
        let (eights, rest) = row.as_chunks::<8>();
        for eight in eights {
            let [low, high] = halves(eight).map(Four::abs);
            largest = [largest[0].signed_max(low), largest[1].signed_max(high)];
        }
        for rest in rest.chunks(4) {
            largest[0] = largest[0].signed_max(Four::load(&padded(rest)).abs());
        }
    }
    let [a, b] = largest;
    across(a.signed_max(b), Four::signed_max).first()
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
        let [low, high] = halves(x);
        *words = Four::pairs(low * steps, high * steps);
    }
}
