//! Products of f32 rows with Q8_0 and Q4_0 matrices in integers, the same bits on every machine.
//!
//! `blocks` reads a matrix in the file's own bytes, `panel` unpacks it as the inner loop reads it,
//! `activations` rounds rows of f32 to 8 bits, `dot` multiplies with the instructions that the machine
//! has, `product` puts them together.

mod activations;
mod blocks;
pub(super) mod dot;
mod panel;
mod product;
#[cfg(test)]
mod tests;
#[cfg(any(test, target_arch = "wasm32"))]
pub(super) mod twin;

pub(super) use activations::Quantized;
pub use blocks::q8_0_blocks;
pub(super) use blocks::{Blocks, Kind};
pub use panel::Panels;
pub(super) use panel::WIDEST;
pub(super) use product::{Finish, product_rows};
