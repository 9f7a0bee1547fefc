//! Names for the classes of checkpoints that bring none.

use std::sync::OnceLock;

/// ImageNet-1k's classes, one plain name a line, in the order of the logits.
const IMAGENET_1K: &str = include_str!("../../www/labels/imagenet-1k.txt");

/// The name of a class if the model has as many classes as ImageNet-1k: what timm assumes, too.
pub fn imagenet_1k(index: usize, num_classes: usize) -> Option<String> {
    // Once: to look for each of a thousand lines from the first on takes six milliseconds in wasm.
    static NAMES: OnceLock<Vec<&str>> = OnceLock::new();
    if num_classes != 1000 {
        return None;
    }
    let names = NAMES.get_or_init(|| IMAGENET_1K.lines().collect());
    names.get(index).map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::IMAGENET_1K;
    use std::collections::BTreeSet;

    #[test]
    fn a_thousand_different_names() {
        let names: BTreeSet<&str> = IMAGENET_1K.lines().collect();
        assert_eq!(IMAGENET_1K.lines().count(), 1000);
        assert_eq!(names.len(), 1000);
        assert_eq!(IMAGENET_1K.lines().nth(285), Some("Egyptian cat"));
    }
}
