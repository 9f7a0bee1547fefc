//! What is derived from a model and its tensors: reach, and the passes of what-if.

mod reach;
mod what_if;

pub use reach::{Hop, reach};
pub use what_if::{Changes, WhatIf};
