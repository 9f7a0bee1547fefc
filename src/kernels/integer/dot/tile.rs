//! The inner loop of every integer product.

use std::mem::MaybeUninit;

use super::Dot;

/// `R` rows of activations by some vectors of columns, along `steps` steps of k that share their scales.
///
/// Pointers, and as few as do: with slices, and what is the same for many tiles given for each, to get here took
/// a seventh of a product at k = 384.
pub(crate) struct Tile<const R: usize> {
    pub steps: usize,
    /// Each row's words.
    pub rows: [*const u32; R],
    /// (steps, columns) of [`Dot::COLUMN`] bytes.
    pub weights: *const u8,
    /// What each of a row's activations is too much, by [`twice`](super::twice): (R). Not read where
    /// activations are centred, as `sums`.
    pub offsets: *const i32,
    /// The columns' sums along k, by [`split`](super::split).
    pub sums: *const i32,
    /// What a step of each row is worth: (R).
    pub row_scales: *const f32,
    /// What a step of each column is worth.
    pub scales: *const f32,
    /// What each row is added to: (R).
    pub start: *const *const f32,
    /// Where each row goes: (R).
    pub out: *const *mut MaybeUninit<f32>,
}

impl<const R: usize> Tile<R> {
    /// Multiplies, scales, adds to the start and writes.
    ///
    /// A function of its own in wasm, with nothing in it but this: else V8 runs out of registers inside the
    /// loop. To call it costs nothing that can be measured, not even at k = 96. (Not so on x86, where it
    /// would lose its caller's instruction set.)
    ///
    /// # Safety
    /// All that the fields point to must be there for `V` · WIDTH columns, aligned or not.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    #[allow(clippy::needless_range_loop)] // iterators make LLVM keep the sums in memory
    pub unsafe fn multiply<D: Dot, const V: usize>(&self) {
        let mut sums = [[D::zero(); V]; R];
        // SAFETY: they are there, as the caller says. (With slices the loop spends a third of its time on
        // their bounds.)
        unsafe {
            if !D::CENTRED {
                for lane in 0..R {
                    for vector in 0..V {
                        let columns = self.sums.add(vector * D::WIDTH);
                        sums[lane][vector] = D::less(*self.offsets.add(lane), columns);
                    }
                }
            }
            for step in 0..self.steps {
                let first = self.weights.add(step * V * D::WIDTH * D::COLUMN);
                for lane in 0..R {
                    for vector in 0..V {
                        let weights = first.add(vector * D::WIDTH * D::COLUMN);
                        let activations = self.rows[lane].add(step);
                        sums[lane][vector] = D::add(sums[lane][vector], activations, weights);
                    }
                }
            }
            // All of them first: LLVM cannot know that what is written below is none of them.
            let scales: [D::Numbers; V] =
                std::array::from_fn(|vector| D::load(self.scales.add(vector * D::WIDTH)));
            for lane in 0..R {
                let (start, out) = (*self.start.add(lane), *self.out.add(lane));
                let scale = *self.row_scales.add(lane);
                for vector in 0..V {
                    let at = vector * D::WIDTH;
                    let start = D::load(start.add(at));
                    let value = D::scaled(sums[lane][vector], scales[vector], scale, start);
                    D::store(value, out.add(at));
                }
            }
        }
    }
}
