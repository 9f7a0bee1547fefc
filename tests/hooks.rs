//! Hooks that replace what passes a site, and what is computed when nobody looks.

mod common;

use std::cell::RefCell;

use candle_core::Tensor;
use common::{absolute, fixture, open, tensors, traced};
use vitrine::Result;
use vitrine::site::Hook;
use vitrine::weights::Dtype;

/// Puts one tensor in place of what passes a site, and notes every site it is asked about.
struct Replace {
    site: &'static str,
    with: Tensor,
    asked: RefCell<Vec<String>>,
}

impl Hook for Replace {
    fn wants(&self, site: &str) -> bool {
        self.asked.borrow_mut().push(site.to_owned());
        site == self.site
    }

    fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
        assert_eq!(site, self.site);
        assert_eq!(tensor.dims(), self.with.dims());
        Ok(Some(self.with.clone()))
    }
}

#[test]
fn what_a_hook_puts_in_place_is_what_goes_on() {
    let folder = fixture("vit_reg_ls");
    let model = open(&folder, Dtype::F32, None);
    let one = tensors(&folder.join("expected.safetensors"))["input"].clone();
    let other = (&one * 0.5).unwrap();
    let (of_one, _) = traced(&model, &one);
    let (of_other, expected) = traced(&model, &other);
    assert!(
        absolute(&of_one["logits"], &expected) > 1e-2,
        "the two differ"
    );
    // From any cut through the whole stream on, the pass on one photo becomes that on the other.
    for site in [
        "input",
        "patch_embed",
        "pos_embed",
        "blocks.0.out",
        "blocks.1.mid",
        "norm",
        "pool",
    ] {
        // `mid` and later hold everything; a tensor on a side branch would not.
        let mut hook = Replace {
            site,
            with: of_other[site].clone(),
            asked: RefCell::default(),
        };
        let logits = model.forward(&one, &mut hook).unwrap();
        assert!(absolute(&logits, &expected) <= 1e-5, "{site}");
        let asked = hook.asked.into_inner();
        for known in of_one.keys() {
            assert!(asked.contains(known), "{known} was not offered");
        }
    }
}

#[test]
fn a_replaced_pattern_mixes_the_values_accordingly() {
    let folder = fixture("vit_avg");
    let model = open(&folder, Dtype::F32, None);
    let input = tensors(&folder.join("expected.safetensors"))["input"].clone();
    let (plain, _) = traced(&model, &input);
    let pattern = &plain["blocks.0.attn.pattern"];
    let tokens = pattern.dim(2).unwrap() as f64;
    let uniform = (pattern.ones_like().unwrap() / tokens).unwrap();
    struct Both {
        uniform: Tensor,
        mix: Option<Tensor>,
    }
    impl Hook for Both {
        fn wants(&self, site: &str) -> bool {
            site == "blocks.0.attn.pattern" || site == "blocks.0.attn.mix"
        }
        fn visit(&mut self, site: &str, tensor: &Tensor) -> Result<Option<Tensor>> {
            if site.ends_with("mix") {
                self.mix = Some(tensor.clone());
                return Ok(None);
            }
            Ok(Some(self.uniform.clone()))
        }
    }
    let mut hook = Both { uniform, mix: None };
    model.forward(&input, &mut hook).unwrap();
    // Every token gets the mean of the values, heads side by side.
    let v = &plain["blocks.0.attn.v"];
    let mean = v.mean(1).unwrap().flatten_all().unwrap();
    let mix = hook.mix.unwrap();
    let expected = mean.broadcast_as(mix.shape()).unwrap();
    assert!(absolute(&mix, &expected.contiguous().unwrap()) < 1e-5);
}
