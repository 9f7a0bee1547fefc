//! A checkpoint becomes tensors: read while its bytes arrive, renamed to timm's names, quantized.
//!
//! `stream` cuts the bytes of a GGUF or safetensors file into tensors, `names` gives them timm's
//! names, `quantize` stores each in its target type, `checkpoint` puts together what a format keeps
//! apart, `gguf` writes the result as one file.

mod checkpoint;
pub mod gguf;
mod names;
#[cfg(not(target_arch = "wasm32"))]
mod open;
mod quantize;
pub mod stream;

pub use checkpoint::{Checkpoint, Loader, Weights};
pub use quantize::Dtype;
