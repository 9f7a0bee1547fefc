//! The engine against timm and transformers: their numbers, made by tests/fixtures/generate.py.

mod common;

use std::path::Path;

use candle_core::Tensor;
use common::{Tensors, absolute, fixture, open, relative, shared, tensors, traced};
use vitrine::photo;
use vitrine::weights::Dtype;

/// Compares every tensor that the reference holds; a site that is missing here fails.
fn compare(name: &str, ours: &Tensors, reference: &Tensors, logits_within: f64) {
    // Of the logits, the patterns and everything else.
    let mut worst = [0.0f64; 3];
    for (site, expected) in reference {
        let Some(found) = ours.get(site) else {
            panic!("{name}: no site `{site}`");
        };
        let (distance, limit) = if site == "logits" {
            (absolute(found, expected), logits_within)
        } else if site.ends_with(".index") || site.ends_with(".mask") {
            // Whole numbers: one wrong slot among thousands must show.
            (absolute(found, expected), 0.0)
        } else if site.ends_with(".pattern") || site == "input" {
            (absolute(found, expected), 1e-4)
        } else {
            (relative(found, expected), 1e-4)
        };
        let kind = match site.as_str() {
            "logits" => 0,
            site if site.ends_with(".pattern") => 1,
            _ => 2,
        };
        worst[kind] = distance.max(worst[kind]);
        // A distance that is not a number fails, too.
        assert!(distance <= limit, "{name}: `{site}` is off by {distance:e}");
    }
    let [logits, patterns, outputs] = worst;
    println!("{name}: logits {logits:.1e}, patterns {patterns:.1e}, outputs {outputs:.1e}");
}

fn size_of(expected: &Path) -> Option<(usize, usize)> {
    let bytes = std::fs::read(expected).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let size = header.metadata().as_ref()?.get("size")?.clone();
    Some(vitrine::model::size_from_text(&size).unwrap())
}

fn parity(name: &str) {
    let folder = fixture(name);
    let expected = folder.join("expected.safetensors");
    let reference = tensors(&expected);
    let model = open(&folder, Dtype::F32, size_of(&expected));
    let (ours, logits) = traced(&model, &reference["input"]);
    assert!(reference.contains_key("logits"), "{name} has no logits");
    assert_eq!(absolute(&logits, &ours["logits"]), 0.0);
    compare(name, &ours, &reference, 1e-3);
}

macro_rules! parity {
    ($($name:ident)*) => { $(#[test] fn $name() { parity(stringify!($name)); })* };
}

parity! {
    vit_avg vit_reg_ls deit_distilled vit_nonsquare vit_resized vit_nohead vit_lucid
    vit_resized_mixed hf_vit hf_vit_new hf_deit hf_dinov2_reg vit_no_qkv_bias vit_regs_embed_class vit_clsless_avg
    swin_window7_224 swin_window4_64 swin_padded swin_clipped swin_old_names swin_no_head swin_resized
    swin_resized_mixed swin_head_dim swin_s3 hf_swin hf_swin_new
}

/// The tensors at all sites must not depend on whether anybody looks.
#[test]
fn a_pass_without_a_hook_gives_the_same_logits() {
    for name in ["vit_avg", "vit_reg_ls", "deit_distilled", "swin_padded"] {
        let folder = fixture(name);
        let reference = tensors(&folder.join("expected.safetensors"));
        let model = open(&folder, Dtype::F32, None);
        let (_, seen) = traced(&model, &reference["input"]);
        let unseen = model
            .forward(&reference["input"], &mut vitrine::site::NoHook)
            .unwrap();
        assert!(absolute(&seen, &unseen) <= 1e-5, "{name}");
    }
}

#[test]
fn position_embedding_resampled_as_timm_does() {
    let fixture = tensors(&fixture("pos_embed.safetensors"));
    let input = fixture["in"].squeeze(0).unwrap();
    let grid = input.narrow(0, 1, input.dim(0).unwrap() - 1).unwrap();
    for (name, to) in [("out_7x3", (7, 3)), ("out_2x9", (2, 9))] {
        let expected = fixture[name].squeeze(0).unwrap();
        let expected = expected.narrow(0, 1, to.0 * to.1).unwrap();
        let ours = vitrine::nn::position::resampled(&grid, (4, 4), to).unwrap();
        assert!(absolute(&ours, &expected) < 1e-5, "{name}");
    }
}

#[test]
fn deit_tiny_on_a_real_photo_equals_timm() {
    let (Some(weights), Some(golden), Some(photo)) = (
        shared("weights/deit_tiny_patch16_224"),
        shared("golden/deit_tiny_chelsea.safetensors"),
        shared("photos/chelsea.png"),
    ) else {
        return;
    };
    let golden = tensors(&golden);
    let model = open(&weights, Dtype::F32, None);
    let (ours, _) = traced(&model, &golden["input"]);
    compare("DeiT-Tiny", &ours, &golden, 2e-3);

    let input = photo::open(&photo).unwrap().input_for(&model).unwrap();
    // One 8-bit level is 1 / 255 / std, at most 1 / 255 / 0.224.
    assert!(absolute(&input, &golden["input"]) <= 1.0 / 255.0 / 0.224 + 1e-6);
    let top = |logits: &Tensor| -> Vec<usize> {
        let predictions = model.predictions(logits, 5).unwrap();
        predictions.into_iter().map(|class| class.index).collect()
    };
    let (_, logits) = traced(&model, &input);
    assert_eq!(top(&logits), top(&golden["logits"].squeeze(0).unwrap()));
}
