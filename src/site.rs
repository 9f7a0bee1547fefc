//! The names of the places in a forward pass, and the hook that sees, or replaces, what passes there.
//!
//! Stepping, overlays, what-ifs, parity tests and export all use this one mechanism: every tensor
//! worth seeing passes a named site. Names follow timm's module names (`blocks.3.attn.pattern`);
//! ARCHITECTURE.md lists them with their shapes. A tensor that no hook wants is not materialized.

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::error::Result;

/// Looks at tensors on their way through a model.
pub trait Hook {
    /// Whether the tensor at this site should be computed and shown to [`Hook::visit`].
    fn wants(&self, site: &str) -> bool;

    /// Sees the tensor at a wanted site; `Some` replaces it for the rest of the pass.
    fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>>;
}

/// Wants nothing: the model takes its fastest path.
pub struct NoHook;

impl Hook for NoHook {
    fn wants(&self, _site: &str) -> bool {
        false
    }

    fn visit(&mut self, _site: &str, _tensor: &Tensor) -> Result<Option<Tensor>> {
        Ok(None)
    }
}

/// Keeps the tensors at all sites that match one of its patterns.
#[derive(Default)]
pub struct Recorder {
    patterns: Vec<String>,
    /// What was recorded, by site; contiguous, on the CPU.
    pub tensors: BTreeMap<String, Tensor>,
}

impl Recorder {
    /// `patterns`: site names in which `*` matches any characters, dots too.
    pub fn new<S: Into<String>>(patterns: impl IntoIterator<Item = S>) -> Self {
        Self {
            patterns: patterns.into_iter().map(Into::into).collect(),
            tensors: BTreeMap::new(),
        }
    }
}

impl Hook for Recorder {
    fn wants(&self, site: &str) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern, site))
    }

    fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        // A copy of its own: a view would keep the larger tensor that it was cut from alive.
        self.tensors
            .insert(site.to_owned(), tensor.force_contiguous()?);
        Ok(None)
    }
}

/// The hook as seen from inside one module: a prefix for names, and the way to pass a tensor by.
pub struct Sites<'a> {
    prefix: String,
    hook: &'a mut dyn Hook,
}

impl<'a> Sites<'a> {
    pub fn new(hook: &'a mut dyn Hook) -> Self {
        Self {
            prefix: String::new(),
            hook,
        }
    }

    /// The same hook inside the named child module.
    pub fn within(&mut self, module: &str) -> Sites<'_> {
        Sites {
            prefix: self.name(module) + ".",
            hook: self.hook,
        }
    }

    pub fn wants(&self, name: &str) -> bool {
        self.hook.wants(&self.name(name))
    }

    /// Shows the tensor to the hook if it wants it; returns it, or what the hook put in its place.
    pub fn pass(&mut self, name: &str, tensor: Tensor) -> Result<Tensor> {
        Ok(self.show(name, &tensor)?.unwrap_or(tensor))
    }

    /// Shows the tensor to the hook if it wants it; returns what the hook puts in its place, if anything.
    pub fn show(&mut self, name: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        let site = self.name(name);
        match self.hook.wants(&site) {
            true => self.hook.visit(&site, tensor),
            false => Ok(None),
        }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Whether `name` fits `pattern`, in which `*` stands for any characters.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn star_matches_any_characters() {
        for (pattern, name, expected) in [
            ("logits", "logits", true),
            ("logits", "logits2", false),
            ("blocks.*.attn.pattern", "blocks.11.attn.pattern", true),
            ("blocks.*.out", "blocks.0.attn.out", true),
            ("*", "anything.at.all", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "a.b.b.c", true),
            ("a*b*c", "a.c.b", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} on {name}");
        }
    }
}
