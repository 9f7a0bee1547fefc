//! Work shared among the threads that there are: rayon's natively and in the bundle `threads`, none
//! else.

/// How many threads share what [`for_each`] is given.
pub(super) fn threads() -> usize {
    #[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
    return rayon::current_num_threads();
    #[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
    1
}

/// Does `work` with each task.
pub(super) fn for_each<T: Send>(tasks: Vec<T>, work: impl Fn(T) + Send + Sync) {
    #[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
    if tasks.len() > 1 {
        use rayon::prelude::*;
        return tasks.into_par_iter().for_each(work);
    }
    tasks.into_iter().for_each(work);
}

/// Does `work` on one of the threads while the others look out for parts of it, where there are
/// several in a browser: to wake one takes a good part of a millisecond there, and a pass has
/// more than fifty [`for_each`].
pub fn inside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    #[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
    {
        use std::sync::atomic::{AtomicBool, Ordering};
        let is_done = AtomicBool::new(false);
        return rayon::scope(|scope| {
            for _ in 1..threads() {
                scope.spawn(|_| {
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
    #[cfg(not(all(target_arch = "wasm32", target_feature = "atomics")))]
    work()
}

/// Aborts in another thread than the caller's, amid work that they share: the caller waits for ever.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
pub(super) fn abort_elsewhere() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let is_taken = AtomicBool::new(false);
    inside(|| {
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
