//! The arithmetic worth writing ourselves, each kernel beside its plain reference.
//!
//! All of it is plain f32 and integer arithmetic in a fixed order: a quantized model gives the same
//! bits natively and in wasm.

mod elementwise;
mod four;
mod integer;
mod layer_norm;
mod product;
mod quantized;

use candle_core::{CpuStorage, Layout, bail};

pub use elementwise::{gelu, softmax};
pub use layer_norm::layer_norm;
pub use product::batched_product;
pub use quantized::QuantizedMatrix;

/// The numbers of a contiguous f32 tensor.
fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(data), Some((start, end))) => Ok(&data[start..end]),
        _ => bail!("this kernel takes contiguous f32"),
    }
}
