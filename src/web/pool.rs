//! The threads of the bundle `threads`: rayon's pool, whose first thread is the engine's own worker.
//!
//! What the other threads run on are workers that the engine's worker starts (`www/threads.js`), so that it hears of one that
//! cannot start, and of one that dies. With one thread fewer than wasm-bindgen-rayon's pool, where the engine's worker
//! waits beside it, two cores need one more worker.

use std::sync::{Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};

/// Threads of the pool that no worker runs yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// `openPool(n)`: makes the caller the first of `threads` threads, once and for all.
///
/// Gives the module that each of the others is to be started from, on this memory; what they do not
/// take up in time the caller does itself.
#[wasm_bindgen(js_name = openPool)]
pub fn open_pool(threads: usize) -> Result<JsValue, JsValue> {
    let refused = |error| Error::Config(format!("The pool of threads: {error}."));
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .use_current_thread()
        .spawn_handler(|thread| {
            waiting().push(thread);
            Ok(())
        })
        .build()
        .map_err(refused)?;
    // To drop it would be to end it.
    std::mem::forget(pool);
    Ok(wasm_bindgen::module())
}

/// `runThread()`: makes the caller one of the threads that the pool still lacks. Does not return before
/// its worker ends.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let thread = waiting().pop();
    if let Some(thread) = thread {
        thread.run();
    }
}

fn waiting() -> std::sync::MutexGuard<'static, Vec<ThreadBuilder>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}
