//! The arithmetic worth writing ourselves, each kernel beside its plain reference.
//!
//! All of it is plain f32 and integer arithmetic in a fixed order: a model whose
//! matrices are all quantized gives the same bits natively and in wasm.

mod attention;
#[cfg(any(test, target_arch = "wasm32"))]
pub mod checks;
mod elementwise;
mod four;

mod integer;
#[cfg(target_arch = "wasm32")]
pub mod laboratory;
mod layer_norm;
mod parallel;
mod patches;
mod product;
mod quantized;

use candle_core::{CpuStorage, Layout, Storage, bail};

pub use attention::{Attended, Attention, Keep, NO_TOKEN, Slots};
pub use elementwise::{gelu, softmax};
pub use integer::q8_0_blocks;
pub use layer_norm::layer_norm;
#[cfg(target_arch = "wasm32")]
pub use parallel::inside;
pub use parallel::{map, rows_in_parts};
pub use patches::patches;
pub use product::batched_product;
pub use quantized::{After, QuantizedMatrix};

/// The numbers of a contiguous f32 tensor.
fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(data), Some((start, end))) => Ok(&data[start..end]),
        _ => bail!("this kernel takes contiguous f32"),
    }
}

/// As many numbers of a contiguous f32 tensor, where there is one.
fn numbers_of<'a>(
    stored: Option<(&'a Storage, &Layout)>,
    count: usize,
) -> candle_core::Result<Option<&'a [f32]>> {
    let Some((storage, layout)) = stored else {
        return Ok(None);
    };
    let numbers = match storage {
        Storage::Cpu(storage) => contiguous(storage, layout)?,
        _ => bail!("this kernel takes numbers on the CPU"),
    };
    if numbers.len() != count {
        bail!("{} numbers where {count} belong", numbers.len());
    }
    Ok(Some(numbers))
}
