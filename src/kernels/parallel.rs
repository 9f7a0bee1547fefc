//! Work shared among the threads that there are: rayon's natively and in the bundle `threads`, none
//! else.

use std::ops::Range;

use candle_core::Tensor;

/// Multiplications and additions of a pass below which threads save nothing in a browser: some
/// milliseconds, while which the browser itself still compiles on the other cores.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
const SHARED_FROM: u64 = 1_000_000_000;

/// Whether what runs is shared.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
static IS_SHARED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(true);

/// How many threads share what [`for_each`] is given.
pub(super) fn threads() -> usize {
    #[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
    if !IS_SHARED.load(std::sync::atomic::Ordering::Relaxed) {
        return 1;
    }
    #[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
    return rayon::current_num_threads();
    #[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
    1
}

/// Rows below which sharing them among threads costs more than it saves.
const ROWS_A_THREAD: usize = 24;

/// Rows that are worth a part of their own: with more parts than threads, one that was held up leaves some to the
/// others.
const ROWS_A_PART: usize = 192;

/// Into how large parts `count` rows are cut: as many for each thread.
pub(super) fn rows_at_once(count: usize) -> usize {
    match threads() {
        1 => count.max(1),
        threads => {
            let each = (count / ROWS_A_PART / threads).max(1);
            count.div_ceil(threads * each).max(ROWS_A_THREAD)
        }
    }
}

/// Does `work` with each task.
pub(super) fn for_each<T: Send>(tasks: Vec<T>, work: impl Fn(T) + Send + Sync) {
    #[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
    if tasks.len() > 1 && threads() > 1 {
        use rayon::prelude::*;
        return tasks.into_par_iter().for_each(work);
    }
    tasks.into_iter().for_each(work);
}

/// What `work` makes of each task, in their order.
pub fn map<T: Send, U: Send>(tasks: Vec<T>, work: impl Fn(T) -> U + Send + Sync) -> Vec<U> {
    #[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
    if tasks.len() > 1 && threads() > 1 {
        use rayon::prelude::*;
        return tasks.into_par_iter().map(work).collect();
    }
    tasks.into_iter().map(work).collect()
}

/// What `work` makes of all of `count` rows, part by part, one below the other.
///
/// # Errors
/// The first part's that `work` fails with.
pub fn rows_in_parts(
    count: usize,
    work: impl Fn(Range<usize>) -> candle_core::Result<Tensor> + Send + Sync,
) -> candle_core::Result<Tensor> {
    let at_once = rows_at_once(count);
    if at_once >= count {
        return work(0..count);
    }
    let firsts = (0..count).step_by(at_once);
    let parts = firsts.map(|first| first..(first + at_once).min(count));
    let parts = map(parts.collect(), work).into_iter();
    Tensor::cat(&parts.collect::<candle_core::Result<Vec<_>>>()?, 0)
}

/// Does `work` on one of the threads while the others look out for parts of it, where there are
/// several in a browser: to wake one takes a good part of a millisecond there, and a pass has
/// more than fifty [`for_each`]. A pass of few `operations` stays with the caller.
#[cfg(target_arch = "wasm32")]
pub fn inside<T: Send>(operations: u64, work: impl FnOnce() -> T + Send) -> T {
    #[cfg(target_feature = "atomics")]
    {
        use std::sync::atomic::{AtomicBool, Ordering};
        if operations < SHARED_FROM {
            IS_SHARED.store(false, Ordering::Relaxed);
            let result = work();
            IS_SHARED.store(true, Ordering::Relaxed);
            return result;
        }
        let is_done = AtomicBool::new(false);
        return rayon::scope(|scope| {
            for _ in 1..threads() {
                scope.spawn(|_| {
                    // The caller, which alone can end the wait below. (It does not get here as long as
                    // who steals takes what was pushed first.)
                    if rayon::current_thread_index() == Some(0) {
                        return;
                    }
                    while !is_done.load(Ordering::Acquire) {
                        if rayon::yield_now() != Some(rayon::Yield::Executed) {
                            std::hint::spin_loop();
                        }
                    }
                });
            }
            let result = work();
            is_done.store(true, Ordering::Release);
            result
        });
    }
    #[cfg(not(target_feature = "atomics"))]
    {
        let _ = operations;
        work()
    }
}

/// Aborts in another thread than the caller's, amid work that they share: the caller waits for ever.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
pub(super) fn abort_elsewhere() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let is_taken = AtomicBool::new(false);
    inside(u64::MAX, || {
        for_each((0..threads()).collect(), |_| {
            if rayon::current_thread_index() != Some(0) {
                is_taken.store(true, Ordering::Release);
                std::process::abort();
            }
            while threads() > 1 && !is_taken.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
        });
    });
}
