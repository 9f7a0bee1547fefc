//! Mean attention distance (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>, figure 7 and
//! appendix D.7): how far a head looks, as a receptive field's size says for a convolution.

use super::attention::Pattern;

/// For each head the distance between query and key in pixels of the input, weighted by attention and
/// averaged over all queries that are patches.
///
/// Distances are between the middles of tokens of `token` (height, width) pixels in a map `columns`
/// wide. Prefix tokens and padding have no place: what is given to them is left out, and the rest of
/// each row weighs 1 in all.
pub fn mean_distances(
    pattern: &Pattern,
    prefix: usize,
    columns: usize,
    token: (usize, usize),
) -> Vec<f32> {
    let area = pattern.area;
    let mut sums = vec![0f64; pattern.heads];
    let mut queries = vec![0usize; pattern.heads];
    let mut away = vec![0f32; area];
    for (window, tokens) in pattern.index.chunks_exact(area).enumerate() {
        let places: Vec<Option<(f32, f32)>> = tokens
            .iter()
            .map(|&slot| {
                let patch = usize::try_from(slot).ok()?.checked_sub(prefix)?;
                let (row, column) = (patch / columns, patch % columns);
                Some(((row * token.0) as f32, (column * token.1) as f32))
            })
            .collect();
        for (query, place) in places.iter().enumerate() {
            let Some((y, x)) = place else { continue };
            for (away, place) in away.iter_mut().zip(&places) {
                // No place, no weight: told apart below.
                *away = place.map_or(-1.0, |(v, u)| (v - y).hypot(u - x));
            }
            for head in 0..pattern.heads {
                let row = &pattern.square(window, head)[query * area..][..area];
                let (mut weight, mut weighted) = (0f64, 0f64);
                for (&value, &away) in row.iter().zip(&away) {
                    if away >= 0.0 {
                        weight += f64::from(value);
                        weighted += f64::from(value) * f64::from(away);
                    }
                }
                if weight > 0.0 {
                    sums[head] += weighted / weight;
                    queries[head] += 1;
                }
            }
        }
    }
    let means = sums.iter().zip(queries);
    means
        .map(|(sum, count)| (sum / count.max(1) as f64) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::mean_distances;
    use crate::explain::attention::Pattern;

    #[test]
    fn a_head_that_looks_at_itself_looks_nowhere_and_one_that_looks_away_looks_far() {
        // A class token and two patches of 4 x 6 pixels side by side; two heads.
        let itself = [1.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 1.0];
        let away = [1.0, 0.0, 0.0, 0.2, 0.2, 0.6, 0.0, 1.0, 0.0];
        let pattern = Pattern {
            values: &[itself, away].concat(),
            heads: 2,
            area: 3,
            index: &[0, 1, 2],
        };
        // Of what the first patch gives to patches, three quarters go six pixels far; all of the second's.
        let means = mean_distances(&pattern, 1, 2, (4, 6));
        assert_eq!(means[0], 0.0);
        assert!((means[1] - (4.5 + 6.0) / 2.0).abs() < 1e-6);
    }

    #[test]
    fn places_are_those_of_the_map_and_padding_has_none() {
        // One window of a map three wide: tokens 0 and 5 (a row down, two columns right), and padding.
        let even = [1.0 / 3.0f32; 9];
        let pattern = Pattern {
            values: &even,
            heads: 1,
            area: 3,
            index: &[0, 5, -1],
        };
        let apart = f32::hypot(4.0, 8.0);
        let means = mean_distances(&pattern, 0, 3, (4, 4));
        assert!((means[0] - apart / 2.0).abs() < 1e-6);
    }
}
