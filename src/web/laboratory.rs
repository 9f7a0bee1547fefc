//! The kernels on their own: timed for the bench, and for the tests held to their twins or made to fail.

use wasm_bindgen::prelude::*;

use super::{json, now};
use crate::error::Error;
use crate::kernels::{checks, laboratory};

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

/// Every kernel against its twin over shapes and values that follow from `seed`: JSON,
/// `[{kernel, cases, worst, allowed}]` (see [`checks::Check`]).
#[wasm_bindgen(js_name = kernelChecks)]
pub fn kernel_checks(seed: u32) -> Result<String, JsValue> {
    let checks = checks::all(seed)?;
    Ok(json(&checks)?)
}

/// One of the threads aborts amid work that they share; does not return where there are several.
#[cfg(target_feature = "atomics")]
#[wasm_bindgen(js_name = abortElsewhere)]
pub fn abort_elsewhere() {
    laboratory::abort_elsewhere();
}
