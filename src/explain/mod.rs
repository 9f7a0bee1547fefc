//! What is derived from a model and its tensors: reach, rollout, attention distance, how alike positions
//! are, what the patch projection listens to, what the head would say earlier; and the passes of what-if.

mod attention;
mod distance;
mod eigen;
mod filters;
mod lens;
mod reach;
mod rollout;
mod similarity;
mod what_if;

pub use attention::{Attentions, Pattern};
pub use distance::mean_distances;
pub use filters::{Component, components};
pub use lens::{Reading, lens, readable};
pub use reach::{Hop, reach};
pub use rollout::{Direction, Mixing, rollout};
pub use similarity::cosines;
pub use what_if::{Changes, WhatIf};
