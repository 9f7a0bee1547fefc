//! Windows over a map of tokens: which token sits in which slot after the roll, and who may see whom.

use candle_core::{Device, Tensor};

use crate::error::Result;

/// What the mask adds to a score that must not count (Liu et al. 2021, timm's −100).
const MASKED: f32 = -100.0;

/// What [`Windows::index`] says of a slot that holds no token.
pub const PADDING: i64 = -1;

/// Rows and columns.
pub type Extent = (usize, usize);

/// The windows of one block over its map, as timm cuts them.
///
/// A window is clipped to the map along each axis, and an axis that one window covers is not shifted.
/// The map is rolled up and left by `shift` first and padded below and right after: where there is
/// padding, rows that went round can share a window unmasked with rows they never touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Of the tokens.
    pub map: Extent,
    /// Of one window, in tokens.
    pub size: Extent,
    pub shift: Extent,
    /// Of the map rounded up to whole windows.
    pub padded: Extent,
}

impl Windows {
    /// Windows of `size`, shifted by half of it or not, on a map of `map`.
    pub fn new(map: Extent, size: Extent, shifted: bool) -> Self {
        let axis = |map: usize, size: usize| {
            let size = size.min(map);
            let shift = if shifted && map > size { size / 2 } else { 0 };
            (size, shift, map.next_multiple_of(size))
        };
        let (rows, columns) = (axis(map.0, size.0), axis(map.1, size.1));
        Self {
            map,
            size: (rows.0, columns.0),
            shift: (rows.1, columns.1),
            padded: (rows.2, columns.2),
        }
    }

    /// The same windows without the roll.
    pub fn unshifted(&self) -> Self {
        Self {
            shift: (0, 0),
            ..*self
        }
    }

    pub fn count(&self) -> usize {
        (self.padded.0 / self.size.0) * (self.padded.1 / self.size.1)
    }

    /// Slots of one window.
    pub fn area(&self) -> usize {
        self.size.0 * self.size.1
    }

    pub fn is_shifted(&self) -> bool {
        self.shift != (0, 0)
    }

    pub fn is_padded(&self) -> bool {
        self.padded != self.map
    }

    /// The places of the rolled and padded map in the order of the slots: window by window, in each
    /// row by row.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let (height, width) = self.size;
        let across = self.padded.1 / width;
        let area = self.area();
        (0..self.count() * area).map(move |slot| {
            let (window, within) = (slot / area, slot % area);
            (
                window / across * height + within / width,
                window % across * width + within % width,
            )
        })
    }

    /// The token (row · columns + column of the map before the roll) in each slot, or [`PADDING`].
    pub fn index(&self) -> Vec<i64> {
        let (rows, columns) = self.map;
        let token = |(row, column): (usize, usize)| {
            if row >= rows || column >= columns {
                return PADDING;
            }
            let row = (row + self.shift.0) % rows;
            let column = (column + self.shift.1) % columns;
            (row * columns + column) as i64
        };
        self.places().map(token).collect()
    }

    /// The piece of the map that each slot belongs to, numbered as timm's `img_mask`: slots of one
    /// window see each other if their numbers are equal.
    pub fn regions(&self) -> Vec<u8> {
        let axis = |place: usize, padded: usize, size: usize, shift: usize| -> u8 {
            // timm's last slice, `-0:`, covers an axis that is not shifted whole.
            if place >= padded - shift || shift == 0 {
                2
            } else if place >= padded - size {
                1
            } else {
                0
            }
        };
        let region = |(row, column): (usize, usize)| {
            3 * axis(row, self.padded.0, self.size.0, self.shift.0)
                + axis(column, self.padded.1, self.size.1, self.shift.1)
        };
        self.places().map(region).collect()
    }

    /// (windows, area, area) of zeros and −100; `None` where nothing is shifted.
    pub fn mask(&self) -> Result<Option<Tensor>> {
        if !self.is_shifted() {
            return Ok(None);
        }
        let area = self.area();
        let regions = self.regions();
        let mut mask = Vec::with_capacity(self.count() * area * area);
        for window in regions.chunks_exact(area) {
            for query in window {
                mask.extend(
                    window
                        .iter()
                        .map(|key| if key == query { 0.0 } else { MASKED }),
                );
            }
        }
        let shape = (self.count(), area, area);
        Ok(Some(Tensor::from_vec(mask, shape, &Device::Cpu)?))
    }
}

#[cfg(test)]
mod tests {
    use super::Windows;

    #[test]
    fn windows_and_shift_are_clipped_along_each_axis() {
        let windows = Windows::new((2, 16), (7, 7), true);
        assert_eq!(windows.size, (2, 7));
        assert_eq!(windows.shift, (0, 3));
        assert_eq!(windows.padded, (2, 21));
        assert_eq!(windows.count(), 3);
    }

    #[test]
    fn the_roll_brings_the_first_rows_to_the_end() {
        let windows = Windows::new((4, 4), (2, 2), true);
        let index = windows.index();
        assert_eq!(&index[..4], &[5, 6, 9, 10]);
        assert_eq!(&index[12..], &[15, 12, 3, 0]);
        assert_eq!(&windows.regions()[12..], &[4, 5, 7, 8]);
    }

    #[test]
    fn every_token_has_one_slot() {
        for (map, size) in [((10, 14), (4, 4)), ((9, 9), (4, 4)), ((2, 16), (7, 7))] {
            for shifted in [false, true] {
                let windows = Windows::new(map, size, shifted);
                let mut tokens = windows.index();
                tokens.retain(|token| *token >= 0);
                tokens.sort_unstable();
                let all: Vec<i64> = (0..(map.0 * map.1) as i64).collect();
                assert_eq!(tokens, all, "{map:?} {size:?}");
            }
        }
    }
}
