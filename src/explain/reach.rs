//! Which patches can have reached which token after each block, from the real windows and masks.

use std::collections::HashMap;

use crate::nn::Windows;
use crate::nn::window::{Extent, PADDING};

/// What a block does to who has heard of whom.
pub struct Hop<'a> {
    /// Patches of the first map that one token of this block stands for, along each axis.
    pub scale: usize,
    pub windows: &'a Windows,
    /// Whether the mask keeps the pieces of a window apart.
    pub masked: bool,
}

/// For each block, which patches of `grid` (row by row) can have reached the token that holds patch
/// `query` when the block is done.
pub fn reach(grid: Extent, hops: &[Hop], query: Extent) -> Vec<Vec<bool>> {
    let patches = grid.0 * grid.1;
    let mut map = grid;
    let mut scale = 1;
    let mut heard: Vec<Set> = (0..patches).map(|patch| Set::of(patch, patches)).collect();
    hops.iter()
        .map(|hop| {
            while scale < hop.scale {
                (heard, map) = merged(&heard, map);
                scale *= 2;
            }
            exchange(&mut heard, hop);
            let token = query.0 / scale * map.1 + query.1 / scale;
            (0..patches).map(|patch| heard[token].has(patch)).collect()
        })
        .collect()
}

/// A set of patches, one bit each.
#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn of(patch: usize, patches: usize) -> Self {
        let mut bits = vec![0; patches.div_ceil(64)];
        bits[patch / 64] = 1 << (patch % 64);
        Self(bits)
    }

    fn has(&self, patch: usize) -> bool {
        self.0[patch / 64] >> (patch % 64) & 1 == 1
    }

    fn add(&mut self, other: &Self) {
        for (bits, more) in self.0.iter_mut().zip(&other.0) {
            *bits |= more;
        }
    }
}

/// Tokens that see one another all know, afterwards, what any of them knew.
fn exchange(heard: &mut [Set], hop: &Hop) {
    let area = hop.windows.area();
    let regions = hop.windows.regions();
    let mut groups: HashMap<(usize, u8), Vec<usize>> = HashMap::new();
    for (slot, (token, region)) in hop.windows.index().into_iter().zip(regions).enumerate() {
        if token != PADDING {
            let piece = if hop.masked { region } else { 0 };
            let group = groups.entry((slot / area, piece)).or_default();
            group.push(token as usize);
        }
    }
    for tokens in groups.into_values() {
        let mut all = heard[tokens[0]].clone();
        for &token in &tokens[1..] {
            all.add(&heard[token]);
        }
        for token in tokens {
            heard[token].clone_from(&all);
        }
    }
}

/// Patch merging: a token knows what its 2 x 2 parts knew.
fn merged(heard: &[Set], (rows, columns): Extent) -> (Vec<Set>, Extent) {
    let to = (rows.div_ceil(2), columns.div_ceil(2));
    let mut out = Vec::with_capacity(to.0 * to.1);
    for row in (0..rows).step_by(2) {
        for column in (0..columns).step_by(2) {
            let mut set = heard[row * columns + column].clone();
            for (row, column) in [(row, column + 1), (row + 1, column), (row + 1, column + 1)] {
                if row < rows && column < columns {
                    set.add(&heard[row * columns + column]);
                }
            }
            out.push(set);
        }
    }
    (out, to)
}
