//! Windows, masks and reach: timm's own numbers, and brute force on small maps.

mod common;

use candle_core::{DType, Device, Tensor};
use common::{Tensors, absolute, fixture, open, tensors, traced};
use vitrine::explain::{Changes, WhatIf};
use vitrine::model::Model;
use vitrine::nn::Windows;
use vitrine::site::{NoHook, Recorder};
use vitrine::weights::Dtype;

fn integers(tensor: &Tensor) -> Vec<i64> {
    let tensor = tensor.flatten_all().unwrap().to_dtype(DType::I64).unwrap();
    tensor.to_vec1().unwrap()
}

/// `region_10x14_w4` as (10, 14) and 4.
fn case(key: &str) -> ((usize, usize), usize) {
    let mut parts = key.split('_').skip(1);
    let (rows, columns) = parts.next().unwrap().split_once('x').unwrap();
    let window = parts.next().unwrap().trim_start_matches('w');
    (
        (rows.parse().unwrap(), columns.parse().unwrap()),
        window.parse().unwrap(),
    )
}

#[test]
fn regions_and_index_are_those_of_timm() {
    let fixture = tensors(&fixture("windows.safetensors"));
    let mut seen = (0, 0);
    for (key, expected) in &fixture {
        let (map, size) = case(key);
        let shifted = !key.ends_with("_s0");
        let windows = Windows::new(map, (size, size), shifted);
        if key.starts_with("index_") {
            assert_eq!(windows.index(), integers(expected), "{key}");
            seen.0 += 1;
            continue;
        }
        // timm's ids lie on the rolled and padded map row by row, ours window by window.
        let (padded_rows, padded_columns) = expected.dims2().unwrap();
        assert_eq!(windows.padded, (padded_rows, padded_columns), "{key}");
        let on_map = integers(expected);
        let across = padded_columns / windows.size.1;
        for (slot, region) in windows.regions().into_iter().enumerate() {
            let (window, within) = (slot / windows.area(), slot % windows.area());
            let row = window / across * windows.size.0 + within / windows.size.1;
            let column = window % across * windows.size.1 + within % windows.size.1;
            assert_eq!(
                i64::from(region),
                on_map[row * padded_columns + column],
                "{key}"
            );
        }
        seen.1 += 1;
    }
    assert!(seen.0 >= 18 && seen.1 >= 9, "{seen:?}");
}

fn model(name: &str) -> (Model, Tensors) {
    let folder = fixture(name);
    (
        open(&folder, Dtype::F32, None),
        tensors(&folder.join("expected.safetensors")),
    )
}

/// Reach as it shows in the numbers: a patch reaches a token if changing its pixels changes the token.
fn reached_by_changing_pixels(
    model: &Model,
    input: &Tensor,
    changes: &Changes,
) -> Vec<Vec<Vec<bool>>> {
    let description = model.describe();
    let (grid, patch) = (description.grid, description.patch);
    let outs = |input: &Tensor| -> Vec<Vec<Vec<f32>>> {
        let mut recorder = Recorder::new(["*.out"]);
        let mut hook = WhatIf::new(model, changes, &mut recorder).unwrap();
        model.forward(input, &mut hook).unwrap();
        let layers = description.layers.iter();
        let out = |site: &str| recorder.tensors[&format!("{site}.out")].to_vec2().unwrap();
        layers.map(|layer| out(&layer.site)).collect()
    };
    let before = outs(input);
    let (_, _, height, width) = input.dims4().unwrap();
    // [patch][layer][token]
    let changed = (0..grid.rows * grid.columns).map(|changed| {
        let mut pixels: Vec<f32> = input.flatten_all().unwrap().to_vec1().unwrap();
        let (row, column) = (changed / grid.columns, changed % grid.columns);
        for y in row * patch.height..(row + 1) * patch.height {
            for x in column * patch.width..(column + 1) * patch.width {
                pixels[y * width + x] += 3.0;
            }
        }
        let input = Tensor::from_vec(pixels, (1, 3, height, width), &Device::Cpu).unwrap();
        let after = outs(&input);
        let differs = |(a, b): (&Vec<Vec<f32>>, &Vec<Vec<f32>>)| -> Vec<bool> {
            a.iter().zip(b).map(|(a, b)| a != b).collect()
        };
        before.iter().zip(&after).map(differs).collect()
    });
    changed.collect()
}

#[test]
fn reach_is_what_changing_each_patch_shows() {
    let all = [
        Changes::default(),
        Changes {
            no_shift: true,
            ..Changes::default()
        },
        Changes {
            no_mask: true,
            ..Changes::default()
        },
    ];
    for (name, changes) in ["swin_clipped", "swin_padded", "swin_old_names"]
        .into_iter()
        .flat_map(|name| all.iter().map(move |changes| (name, changes)))
    {
        let (model, reference) = model(name);
        let shown = reached_by_changing_pixels(&model, &reference["input"], changes);
        let description = model.describe();
        let grid = description.grid;
        for query in 0..grid.rows * grid.columns {
            let (row, column) = (query / grid.columns, query % grid.columns);
            let blocks = model.reach((row, column), changes).unwrap();
            assert_eq!(blocks.len(), description.layers.len());
            for (block, (reached, layer)) in blocks.iter().zip(&description.layers).enumerate() {
                let token = (row >> layer.stage) * layer.grid.columns + (column >> layer.stage);
                for (patch, reached) in reached.iter().enumerate() {
                    assert_eq!(
                        *reached, shown[patch][block][token],
                        "{name}, {changes:?}: patch {patch} at {query} after {}",
                        layer.site
                    );
                }
            }
        }
    }
}

#[test]
fn a_vit_reaches_everything_at_once() {
    let (model, _) = model("vit_avg");
    let blocks = model.reach((0, 0), &Changes::default()).unwrap();
    assert!(blocks.iter().flatten().all(|reached| *reached));
    assert!(model.reach((4, 0), &Changes::default()).is_err());
}

/// What a hook sees under a what-if is what was computed, and the rest follows from it.
#[test]
fn what_if_replaces_index_mask_and_bias() {
    let (model, reference) = model("swin_window4_64");
    let input = &reference["input"];
    let plain = model.forward(input, &mut NoHook).unwrap();
    let run = |changes: Changes| {
        let mut recorder = Recorder::new([
            "*.attn.index",
            "*.attn.mask",
            "*.attn.bias",
            "*.attn.pattern",
        ]);
        let mut hook = WhatIf::new(&model, &changes, &mut recorder).unwrap();
        let logits = model.forward(input, &mut hook).unwrap();
        (logits, recorder.tensors)
    };
    let (logits, seen) = run(Changes::default());
    assert!(absolute(&logits, &plain) <= 1e-5);
    let shifted = "layers.0.blocks.1.attn";
    let sum = |tensor: &Tensor| {
        tensor
            .abs()
            .unwrap()
            .sum_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap()
    };
    assert!(sum(&seen[&format!("{shifted}.mask")]) > 0.0);

    let no_shift = Changes {
        no_shift: true,
        ..Changes::default()
    };
    let (logits, changed) = run(no_shift);
    assert!(absolute(&logits, &plain) > 1e-3);
    assert_eq!(
        integers(&changed[&format!("{shifted}.index")]),
        integers(&seen["layers.0.blocks.0.attn.index"])
    );
    assert_eq!(sum(&changed[&format!("{shifted}.mask")]), 0.0);

    let (logits, changed) = run(Changes {
        no_mask: true,
        ..Changes::default()
    });
    assert!(absolute(&logits, &plain) > 1e-3);
    assert_eq!(sum(&changed[&format!("{shifted}.mask")]), 0.0);
    assert_eq!(
        integers(&changed[&format!("{shifted}.index")]),
        integers(&seen[&format!("{shifted}.index")])
    );

    let (logits, changed) = run(Changes {
        no_bias: true,
        ..Changes::default()
    });
    assert!(absolute(&logits, &plain) > 1e-3);
    assert!(
        changed
            .iter()
            .filter(|(site, _)| site.ends_with(".bias"))
            .all(|(_, bias)| sum(bias) == 0.0)
    );
}

/// The same model wherever its tensors are kept: through a GGUF file and back.
#[test]
fn a_swin_survives_gguf() {
    let (model, reference) = model("swin_padded");
    let bytes = vitrine::weights::gguf::write(model.checkpoint()).unwrap();
    let path = std::env::temp_dir().join(format!("vitrine-swin-{}.gguf", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let again = vitrine::weights::Checkpoint::open(&path, None, Dtype::F32);
    std::fs::remove_file(&path).unwrap();
    let again = Model::new(again.unwrap(), None).unwrap();
    let (_, expected) = traced(&model, &reference["input"]);
    let (_, logits) = traced(&again, &reference["input"]);
    assert_eq!(absolute(&logits, &expected), 0.0);
}
