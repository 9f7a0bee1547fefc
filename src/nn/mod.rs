//! The layers that models are made of, in the order in which a photo meets them.

mod attention;
mod linear;
mod mlp;
mod norm;
mod patch;
pub mod position;

pub use attention::Attention;
pub use linear::Linear;
pub use mlp::Mlp;
pub use norm::LayerNorm;
pub use patch::PatchEmbed;
