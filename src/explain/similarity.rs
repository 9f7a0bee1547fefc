//! How alike the position embeddings of patches are (Dosovitskiy et al. 2020,
//! <https://arxiv.org/abs/2010.11929>, figure 7, centre).

use candle_core::Tensor;

use crate::error::{Error, Result};

/// The cosine between the rows `chosen` of a table (patches, D) and all of its rows:
/// (chosen, patches), from −1 to 1; 0 for a row of zeros.
pub fn cosines(table: &Tensor, chosen: &[usize]) -> Result<Vec<Vec<f32>>> {
    let rows: Vec<Vec<f32>> = table.to_vec2()?;
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    let lengths: Vec<f64> = rows.iter().map(|row| dot(row, row).sqrt()).collect();
    let cosine = |a: usize, b: usize| match lengths[a] * lengths[b] {
        0.0 => 0.0,
        both => (dot(&rows[a], &rows[b]) / both) as f32,
    };
    let one = |&row: &usize| -> Result<Vec<f32>> {
        if row >= rows.len() {
            let count = rows.len();
            return Err(Error::Size(format!("There is no patch {row} of {count}.")));
        }
        Ok((0..rows.len()).map(|other| cosine(row, other)).collect())
    };
    chosen.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::cosines;
    use candle_core::{Device, Tensor};

    #[test]
    fn length_does_not_count_and_zeros_are_like_nothing() {
        let rows: [[f32; 2]; 4] = [[1.0, 0.0], [5.0, 5.0], [-2.0, 0.0], [0.0, 0.0]];
        let table = Tensor::new(&rows, &Device::Cpu).unwrap();
        let half = 0.5f32.sqrt();
        let found = cosines(&table, &[0, 3]).unwrap();
        for (found, expected) in found[0].iter().zip([1.0, half, -1.0, 0.0]) {
            assert!((found - expected).abs() < 1e-6);
        }
        assert_eq!(found[1], [0.0; 4]);
        assert!(cosines(&table, &[4]).is_err());
    }
}
