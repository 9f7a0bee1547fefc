//! The input transform against timm's and transformers' (Pillow's) pixels.

mod common;

use common::{fixture, tensors};
use serde_json::{Value, json};
use vitrine::image::{Intake, Preprocess};
use vitrine::model::Settings;
use vitrine::photo;

/// A case of tests/fixtures/image/cases.json as the settings that a checkpoint would bring.
fn settings(case: &Value) -> Settings {
    if let Some(preprocessor) = case.get("preprocessor") {
        let model_type = match preprocessor["image_processor_type"].as_str() {
            Some("ViTImageProcessor") => "vit",
            Some("DeiTImageProcessor") => "deit",
            _ => "dinov2",
        };
        let config = json!({ "model_type": model_type }).to_string();
        return Settings::from_json(Some(&config), Some(&preprocessor.to_string())).unwrap();
    }
    let config = json!({ "architecture": "vit_test", "pretrained_cfg": case });
    Settings::from_json(Some(&config.to_string()), None).unwrap()
}

fn intake(preprocess: &Preprocess, size: (usize, usize), source: &photo::Photo) -> Intake {
    let mut intake = Intake::new(preprocess, size, source.width, source.height).unwrap();
    // In strips, as the page does it; the last one is shorter.
    for strip in source.rgba.chunks(source.width * 4 * 7) {
        intake.push(strip).unwrap();
    }
    intake
}

#[test]
fn every_pixel_equals_pillow_s() {
    let folder = fixture("image");
    let cases = std::fs::read_to_string(folder.join("cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let expected = tensors(&folder.join("expected.safetensors"));
    let of = |library: &str| cases[library].as_array().unwrap();
    let cases: Vec<&Value> = of("timm").iter().chain(of("transformers")).collect();
    assert!(cases.len() >= 28);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let settings = settings(case);
        let source = photo::open(&folder.join(case["source"].as_str().unwrap())).unwrap();
        let size = settings.input_size.unwrap();
        let pixels = intake(&settings.preprocess, size, &source)
            .pixels()
            .unwrap();
        let reference: Vec<u8> = expected[name].flatten_all().unwrap().to_vec1().unwrap();
        assert_eq!(pixels.len(), reference.len(), "{name}");
        let wrong = pixels.iter().zip(&reference).filter(|(a, b)| a != b);
        assert_eq!(wrong.count(), 0, "{name}");
        if let Some(input) = expected.get(&format!("{name}.input")) {
            let ours = intake(&settings.preprocess, size, &source)
                .finish()
                .unwrap();
            assert!(common::absolute(&ours, input) <= 1e-6, "{name}");
        }
    }
}

#[test]
fn the_rectangle_seen_lies_where_the_crop_does() {
    let preprocess = Preprocess::default();
    // 451 x 300 to the shorter side 256 (224 / 0.875), 384 x 256; 224 x 224 from column 80, row 16.
    let seen = Intake::new(&preprocess, (224, 224), 451, 300)
        .unwrap()
        .seen();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    near(seen.x, 80.0 * 451.0 / 384.0);
    near(seen.y, 16.0 * 300.0 / 256.0);
    near(seen.width, 224.0 * 451.0 / 384.0);
    near(seen.height, 224.0 * 300.0 / 256.0);
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let preprocess = Preprocess::default();
    let mut intake = Intake::new(&preprocess, (32, 32), 10, 4).unwrap();
    assert!(intake.push(&[0; 39]).is_err());
    assert!(intake.push(&[0; 40 * 5]).is_err());
    intake.push(&[0; 40 * 3]).unwrap();
    assert!(intake.pixels().is_err());
}

#[test]
fn impossible_photos_are_refused_and_extreme_ones_work() {
    let preprocess = Preprocess::default();
    let plan = |width, height| Intake::new(&preprocess, (224, 224), width, height);
    for (width, height) in [(0, 5), (5, 0), (1 << 30, 1), (usize::MAX, usize::MAX)] {
        assert_eq!(plan(width, height).err().unwrap().code(), "photo");
    }
    // A strip one pixel high: only the pixels of the crop are computed, so it costs nothing.
    let mut strip = plan(1 << 20, 1).unwrap();
    strip.push(&vec![255; 4 << 20]).unwrap();
    assert!(strip.pixels().unwrap().iter().all(|&value| value == 255));
}
