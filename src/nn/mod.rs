//! The layers that models are made of, in the order in which a photo meets them.

mod attention;
mod gather;
mod linear;
mod merge;
mod mlp;
mod norm;
mod patch;
pub mod position;
mod relative_position;
mod residual;
pub mod window;
mod window_attention;

pub use attention::Attention;
pub use gather::Gather;
pub use linear::Linear;
pub use merge::PatchMerging;
pub use mlp::Mlp;
pub use norm::LayerNorm;
pub use patch::PatchEmbed;
pub use residual::Residual;
pub use window::Windows;
pub use window_attention::WindowAttention;
