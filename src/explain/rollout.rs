//! Attention rollout (Abnar and Zuidema 2020, <https://arxiv.org/abs/2005.00928>, section 3): how much of
//! each token comes from each patch when attention is followed through all blocks.
//!
//! A block's attention, the mean A of its heads, takes half; the residual stream keeps the other half:
//! A' = (A + I) / 2, and the blocks up to l together are A'_l … A'_1. The MLPs and the values
//! themselves do not count. Only one row or one column of that product is ever made.

use serde::Deserialize;

use super::attention::Pattern;
use crate::nn::window::Extent;

/// Which way to follow attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Back from a token to what it is made of: the row of the product, which sums to 1.
    Row,
    /// From a token of the first map on to all whom it reaches: the column.
    Column,
}

/// How one block mixes its tokens: the mean pattern of its heads.
pub struct Mixing {
    /// Patches along a side of one token: Swin's merging doubles it stage by stage.
    side: usize,
    area: usize,
    /// The token in each slot of each window, negative for padding.
    index: Vec<i64>,
    /// (windows, area, area); rows of slots that hold a token sum to 1 over slots that do.
    weights: Vec<f32>,
}

impl Mixing {
    /// The mean over heads. Padding is no part of the photo: what a head gives to it counts as not
    /// given, and the rest of its row as all there is.
    pub fn new(pattern: &Pattern, side: usize) -> Self {
        let area = pattern.area;
        let share = 1.0 / pattern.heads as f32;
        let mut weights = vec![0f32; pattern.windows() * area * area];
        for (window, square) in weights.chunks_exact_mut(area * area).enumerate() {
            let tokens = &pattern.index[window * area..][..area];
            for head in 0..pattern.heads {
                let rows = pattern.square(window, head).chunks_exact(area);
                for (means, row) in square.chunks_exact_mut(area).zip(rows) {
                    let held = |(value, token): (&f32, &i64)| if *token < 0 { 0.0 } else { *value };
                    let given: f32 = row.iter().zip(tokens).map(held).sum();
                    let scale = if given > 0.0 { share / given } else { 0.0 };
                    for (mean, place) in means.iter_mut().zip(row.iter().zip(tokens)) {
                        *mean += held(place) * scale;
                    }
                }
            }
        }
        Self {
            side,
            area,
            index: pattern.index.to_vec(),
            weights,
        }
    }

    /// `values`, one a token, times (A + I) / 2: as a row from the left, or as a column from the right.
    fn apply(&self, values: &[f32], direction: Direction) -> Vec<f32> {
        let area = self.area;
        let mut out: Vec<f32> = values.iter().map(|value| value / 2.0).collect();
        let token = |slot: usize| usize::try_from(self.index[slot]).ok();
        for (slot, row) in self.weights.chunks_exact(area).enumerate() {
            let Some(query) = token(slot) else { continue };
            let first = slot / area * area;
            for (key, weight) in row.iter().enumerate() {
                let Some(key) = token(first + key) else {
                    continue;
                };
                match direction {
                    Direction::Row => out[key] += values[query] * weight / 2.0,
                    Direction::Column => out[query] += weight * values[key] / 2.0,
                }
            }
        }
        out
    }
}

/// For each block, prefix tokens and patches of `grid` (row by row): how much of the token that holds
/// `token` comes from them (`Row`), or how much of them comes from `token` (`Column`). Tokens are
/// counted in the first map, prefix tokens before its patches.
///
/// Merging is a matrix over four tokens side by side, which has no attention: its parts count alike.
pub fn rollout(
    grid: Extent,
    prefix: usize,
    layers: &[Mixing],
    token: usize,
    direction: Direction,
) -> Vec<Vec<f32>> {
    let first = |map: Extent| prefix + map.0 * map.1;
    match direction {
        Direction::Row => (0..layers.len())
            .map(|last| {
                let mut side = layers[last].side;
                let mut values = vec![0.0; first(map_of(grid, side))];
                values[token_in(grid, side, prefix, token)] = 1.0;
                for layer in layers[..=last].iter().rev() {
                    while side > layer.side {
                        values = split(&values, grid, side);
                        side /= 2;
                    }
                    values = layer.apply(&values, direction);
                }
                spread(values, grid, prefix, side, true)
            })
            .collect(),
        Direction::Column => {
            let mut side = 1;
            let mut values = vec![0.0; first(grid)];
            values[token] = 1.0;
            let blocks = layers.iter().map(|layer| {
                while side < layer.side {
                    side *= 2;
                    values = merge(&values, grid, side);
                }
                values = layer.apply(&values, direction);
                spread(values.clone(), grid, prefix, side, false)
            });
            blocks.collect()
        }
    }
}

/// The map whose tokens have `side` patches along a side.
fn map_of(grid: Extent, side: usize) -> Extent {
    (grid.0.div_ceil(side), grid.1.div_ceil(side))
}

/// The token that holds a token of the first map.
fn token_in(grid: Extent, side: usize, prefix: usize, token: usize) -> usize {
    match token.checked_sub(prefix) {
        None => token,
        Some(patch) => {
            let (row, column) = (patch / grid.1, patch % grid.1);
            prefix + row / side * map_of(grid, side).1 + column / side
        }
    }
}

/// From tokens of `side` to the finer ones that they were merged of, in equal shares.
fn split(values: &[f32], grid: Extent, side: usize) -> Vec<f32> {
    let (rows, columns) = map_of(grid, side / 2);
    let across = map_of(grid, side).1;
    let tokens = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let share = |(row, column): (usize, usize)| {
        let parts = parts_of(row / 2, rows) * parts_of(column / 2, columns);
        values[row / 2 * across + column / 2] / parts as f32
    };
    tokens.map(share).collect()
}

/// To tokens of `side`, the mean of what they are merged of.
fn merge(values: &[f32], grid: Extent, side: usize) -> Vec<f32> {
    let (rows, columns) = map_of(grid, side / 2);
    let (down, across) = map_of(grid, side);
    let mut out = vec![0.0; down * across];
    for (token, value) in values.iter().enumerate() {
        let (row, column) = (token / columns / 2, token % columns / 2);
        let parts = parts_of(row, rows) * parts_of(column, columns);
        out[row * across + column] += value / parts as f32;
    }
    out
}

/// How many of the finer rows (or columns) are in one of the coarser: one at the edge of an odd map.
fn parts_of(coarse: usize, fine: usize) -> usize {
    (fine - 2 * coarse).min(2)
}

/// On the patches of the first map: shares of a sum are divided among them, other values are theirs too.
fn spread(
    mut values: Vec<f32>,
    grid: Extent,
    prefix: usize,
    mut side: usize,
    are_shares: bool,
) -> Vec<f32> {
    if side == 1 {
        return values;
    }
    if are_shares {
        while side > 1 {
            values = split(&values, grid, side);
            side /= 2;
        }
        return values;
    }
    (0..prefix + grid.0 * grid.1)
        .map(|token| values[token_in(grid, side, prefix, token)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Direction, Mixing, rollout};
    use crate::explain::attention::Pattern;

    /// Numbers without a pattern, from 0 to 1, the same each time.
    fn noise(count: usize, mut seed: u32) -> Vec<f32> {
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 24) as f32
        };
        (0..count).map(|_| next()).collect()
    }

    fn mixing(index: &[i64], area: usize, heads: usize, side: usize, seed: u32) -> Mixing {
        let mut values = noise(index.len() * area * heads, seed);
        for row in values.chunks_exact_mut(area) {
            let sum: f32 = row.iter().sum();
            row.iter_mut().for_each(|value| *value /= sum);
        }
        let pattern = Pattern {
            values: &values,
            heads,
            area,
            index,
        };
        Mixing::new(&pattern, side)
    }

    /// Row r of the column for c is column c of the row for r, whatever lies between.
    fn agree(grid: (usize, usize), prefix: usize, layers: &[Mixing]) {
        let tokens = prefix + grid.0 * grid.1;
        let all = |direction| -> Vec<Vec<Vec<f32>>> {
            (0..tokens)
                .map(|token| rollout(grid, prefix, layers, token, direction))
                .collect()
        };
        let (rows, columns) = (all(Direction::Row), all(Direction::Column));
        for (query, row) in rows.iter().enumerate() {
            for (layer, row) in row.iter().enumerate() {
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                for (key, value) in row.iter().enumerate() {
                    let other = columns[key][layer][query];
                    assert!((value - other).abs() < 1e-6, "{layer}: {query}, {key}");
                }
            }
        }
    }

    #[test]
    fn rows_and_columns_are_of_one_matrix() {
        let all: Vec<i64> = (0..7).collect();
        let layers = [mixing(&all, 7, 3, 1, 1), mixing(&all, 7, 3, 1, 2)];
        agree((2, 3), 1, &layers);
    }

    #[test]
    fn padding_gives_and_takes_nothing_and_merging_shares_alike() {
        // 3 x 3 patches in windows of 2 x 2 on a padded map, then 2 x 2 tokens in one window.
        let fine = [0, 1, 3, 4, 2, -1, 5, -1, 6, 7, -1, -1, 8, -1, -1, -1];
        let coarse = [0, 1, 2, 3];
        let layers = [mixing(&fine, 4, 2, 1, 3), mixing(&coarse, 4, 2, 2, 4)];
        agree((3, 3), 0, &layers);
        // The last patch was alone in its window, and is alone in its merged token.
        let alone = rollout((3, 3), 0, &layers, 8, Direction::Row);
        assert_eq!(alone[0][8], 1.0);
    }
}
