//! The kernels on their own, for the bench.

use wasm_bindgen::prelude::*;

use super::now;
use crate::error::Error;
use crate::kernels::laboratory;

/// How many operations a second a kernel does (see [`laboratory::task`]), over so many milliseconds.
#[wasm_bindgen(js_name = kernelSpeed)]
pub fn kernel_speed(
    kernel: &str,
    m: usize,
    k: usize,
    n: usize,
    milliseconds: f64,
) -> Result<f64, JsValue> {
    let unknown = || Error::Config(format!("There is no kernel {kernel:?}."));
    let mut task = laboratory::task(kernel, (m, k, n))?.ok_or_else(unknown)?;
    task()?;
    let (start, mut operations) = (now(), 0.0);
    loop {
        operations += task()?;
        let passed = now() - start;
        if passed >= milliseconds {
            return Ok(operations / passed * 1e3);
        }
    }
}
