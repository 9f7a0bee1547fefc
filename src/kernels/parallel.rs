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
