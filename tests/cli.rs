//! The command line as a user calls it: its output, its files, its one-line errors.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Tensors, absolute, fixture, relative, root, shared, tensors};
use serde_json::Value;
use vitrine::model::description::{Description, Layer};

fn vitrine<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vitrine"))
        .args(arguments)
        .output()
        .unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = vitrine(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Fails with exit code 1 and one line that contains `says`.
fn fails(arguments: &[&str], says: &str) {
    let output = vitrine(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains(says), "{errors}");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    folder.join(name)
}

fn model() -> PathBuf {
    fixture("vit_avg/model.safetensors")
}

fn sample() -> PathBuf {
    root().join("www/samples/chelsea.png")
}

/// What `predict --json` prints, with more options.
fn predict(model: &Path, photo: &Path, options: &[&str]) -> String {
    let paths = [
        "predict",
        "--model",
        text(model),
        "--image",
        text(photo),
        "--json",
    ];
    stdout(&[&paths[..], options].concat())
}

/// The arguments of `trace` on the sample.
fn tracing<'a>(model: &'a Path, out: &'a Path, photo: &'a Path) -> [&'a str; 7] {
    [
        "trace",
        "--model",
        text(model),
        "--image",
        text(photo),
        "--out",
        text(out),
    ]
}

#[test]
fn predict_prints_the_documented_json() {
    let json = predict(&model(), &sample(), &["--top", "3"]);
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert!(answer["model"].is_string());
    let predictions = answer["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 3);
    let probability = |p: &Value| p["probability"].as_f64().unwrap();
    assert!(predictions.is_sorted_by(|a, b| probability(a) >= probability(b)));
    for prediction in predictions {
        assert!(prediction["index"].is_u64() && prediction["label"].is_string());
        assert!((0.0..=1.0).contains(&probability(prediction)));
    }
}

#[test]
fn trace_writes_the_sites_asked_for() {
    let out = scratch("trace.safetensors");
    let (model, sample) = (model(), sample());
    let trace = tracing(&model, &out, &sample);
    stdout(&[&trace[..], &["--sites", "blocks.*.attn.pattern,logits"]].concat());
    let written = tensors(&out);
    let mut names: Vec<&String> = written.keys().collect();
    names.sort();
    assert_eq!(
        names,
        ["blocks.0.attn.pattern", "blocks.1.attn.pattern", "logits"]
    );
    let pattern = &written["blocks.1.attn.pattern"];
    let rows = pattern.sum_keepdim(2).unwrap();
    assert!(absolute(&rows, &rows.ones_like().unwrap()) < 1e-5);
    fails(
        &[&trace[..], &["--sites", "blocks.9.out"]].concat(),
        "blocks.9.out",
    );
}

#[test]
fn every_documented_site_has_its_documented_shape() {
    let out = scratch("all.safetensors");
    let (model, sample) = (model(), sample());
    stdout(&tracing(&model, &out, &sample));
    let written = tensors(&out);
    let about = common::open(&fixture("vit_avg"), vitrine::weights::Dtype::F32, None).describe();
    let tokens = about.prefix.len() + about.grid.rows * about.grid.columns;
    let dim = written["pool"].dims()[0];
    let heads = about.layers[0].heads;
    let patches = about.grid.rows * about.grid.columns;
    let hidden = written["blocks.0.mlp.hidden"].dims()[1];
    let mut expected = vec![
        (
            "input".to_owned(),
            vec![1, 3, about.input.height, about.input.width],
        ),
        ("patch_embed".to_owned(), vec![patches, dim]),
        ("pos_embed".to_owned(), vec![tokens, dim]),
        ("norm".to_owned(), vec![tokens, dim]),
        ("pool".to_owned(), vec![dim]),
        ("logits".to_owned(), vec![about.num_classes]),
    ];
    for i in 0..about.layers.len() {
        for (names, shape) in [
            (
                vec![
                    "norm1", "attn.mix", "attn.out", "mid", "norm2", "mlp.out", "out",
                ],
                vec![tokens, dim],
            ),
            (
                vec!["attn.q", "attn.k", "attn.v"],
                vec![heads, tokens, dim / heads],
            ),
            (
                vec!["attn.qk", "attn.scores", "attn.pattern"],
                vec![heads, tokens, tokens],
            ),
            (vec!["mlp.hidden"], vec![tokens, hidden]),
        ] {
            expected.extend(
                names
                    .iter()
                    .map(|name| (format!("blocks.{i}.{name}"), shape.clone())),
            );
        }
    }
    assert_sites(&written, &expected, &about);
}

fn assert_sites(written: &Tensors, expected: &[(String, Vec<usize>)], about: &Description) {
    assert_eq!(written.len(), expected.len());
    for (site, shape) in expected {
        assert_eq!(written[site].dims(), shape, "{site}");
    }
    // The description names the same sites, with the same shapes.
    let steps = about
        .steps
        .iter()
        .flat_map(|step| std::iter::once(step).chain(&step.steps));
    for step in steps {
        assert_eq!(written[&step.site].dims(), step.shape, "{}", step.site);
        for site in &step.sites {
            assert!(written.contains_key(site), "{site}");
        }
    }
    let counted: usize = about.steps.iter().map(|step| step.parameters).sum();
    assert_eq!(counted, about.parameters);
}

#[test]
fn every_documented_site_of_a_swin_has_its_documented_shape() {
    let out = scratch("all-swin.safetensors");
    let folder = fixture("swin_padded");
    stdout(&tracing(&folder.join("model.safetensors"), &out, &sample()));
    let written = tensors(&out);
    let about = common::open(&folder, vitrine::weights::Dtype::F32, None).describe();
    let patches = about.grid.rows * about.grid.columns;
    let last = &about.layers[about.layers.len() - 1];
    let tokens = |layer: &Layer| layer.grid.rows * layer.grid.columns;
    let mut expected = vec![
        (
            "input".to_owned(),
            vec![1, 3, about.input.height, about.input.width],
        ),
        ("patch_embed".to_owned(), vec![patches, about.layers[0].dim]),
        ("norm".to_owned(), vec![tokens(last), last.dim]),
        ("pool".to_owned(), vec![last.dim]),
        ("logits".to_owned(), vec![about.num_classes]),
    ];
    for (i, layer) in about.layers.iter().enumerate() {
        let stream = vec![tokens(layer), layer.dim];
        if i == 0 || about.layers[i - 1].stage != layer.stage {
            if layer.stage > 0 {
                expected.push((format!("layers.{}.downsample", layer.stage), stream.clone()));
            }
            expected.push((format!("layers.{}.out", layer.stage), stream.clone()));
        }
        let windows = layer.windows.as_ref().unwrap();
        let area = windows.rows * windows.columns;
        let count = windows.padded.rows * windows.padded.columns / area;
        let is_shifted = windows.shift.rows + windows.shift.columns > 0;
        let hidden = written[&format!("{}.mlp.hidden", layer.site)].dims()[1];
        let square = vec![count, layer.heads, area, area];
        let head = vec![count, layer.heads, area, layer.dim / layer.heads];
        for (names, shape) in [
            ("norm1 attn.mix attn.out mid norm2 mlp.out out", stream),
            ("attn.q attn.k attn.v", head),
            ("attn.qk attn.scores attn.pattern", square),
            ("attn.bias", vec![1, layer.heads, area, area]),
            ("attn.index", vec![count, area]),
            ("mlp.hidden", vec![tokens(layer), hidden]),
            (
                if is_shifted { "attn.mask" } else { "" },
                vec![count, 1, area, area],
            ),
        ] {
            let names = names.split_whitespace();
            expected.extend(names.map(|name| (format!("{}.{name}", layer.site), shape.clone())));
        }
    }
    assert_sites(&written, &expected, &about);
}

#[test]
fn quantize_makes_a_gguf_that_predicts_alike() {
    let (model, sample) = (model(), sample());
    let out = scratch("model.gguf");
    stdout(&[
        "quantize",
        "--model",
        text(&model),
        "--out",
        text(&out),
        "--dtype",
        "f32",
    ]);
    assert_eq!(predict(&out, &sample, &[]), predict(&model, &sample, &[]));
    let listing = stdout(&["inspect", text(&out)]);
    assert!(listing.contains("blocks.0.attn.qkv.weight"), "{listing}");
}

#[test]
fn another_size_changes_the_grid() {
    let out = scratch("sized.safetensors");
    let (model, sample) = (model(), sample());
    let about = common::open(&fixture("vit_avg"), vitrine::weights::Dtype::F32, None).describe();
    let (rows, columns) = (about.grid.rows + 1, about.grid.columns + 2);
    let size = format!(
        "{}x{}",
        rows * about.patch.height,
        columns * about.patch.width
    );
    stdout(&[&tracing(&model, &out, &sample)[..], &["--size", &size]].concat());
    assert_eq!(tensors(&out)["patch_embed"].dims()[0], rows * columns);
}

#[test]
fn errors_are_one_line_with_the_file() {
    let (model, sample) = (model(), sample());
    let (model, sample) = (text(&model), text(&sample));
    let text_file = root().join("Cargo.toml");
    fails(
        &["predict", "--model", "no-such.gguf", "--image", sample],
        "no-such.gguf",
    );
    fails(
        &["predict", "--model", model, "--image", "no-such.png"],
        "no-such.png",
    );
    fails(
        &["predict", "--model", model, "--image", text(&text_file)],
        "Cargo.toml",
    );
    fails(
        &["predict", "--model", sample, "--image", sample],
        "chelsea.png",
    );
    fails(&["inspect", text(&text_file)], "Cargo.toml");
}

#[test]
fn evaluate_counts_hits_over_a_folder() {
    let (model, samples) = (model(), root().join("www/samples"));
    let mut rows = String::from("file,label,note\n");
    for (photo, off) in [("chelsea.png", 0), ("coffee.png", 0), ("rocket.jpg", 1)] {
        let json = predict(&model, &samples.join(photo), &[]);
        let answer: Value = serde_json::from_str(&json).unwrap();
        let best = answer["predictions"][off]["index"].as_u64().unwrap();
        rows += &format!("{photo},{best},x\n");
    }
    let csv = scratch("labels.csv");
    std::fs::write(&csv, &rows).unwrap();
    let answers = scratch("answers.csv");
    let json = stdout(&[
        "evaluate",
        "--model",
        text(&model),
        "--folder",
        text(&samples),
        "--labels",
        text(&csv),
        "--answers",
        text(&answers),
        "--json",
    ]);
    let scores: Value = serde_json::from_str(&json).unwrap();
    // The third photo's label is the runner-up: a hit among five, not the first.
    assert!(
        (scores["top1"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9,
        "{json}"
    );
    assert_eq!(scores["top5"].as_f64(), Some(1.0));
    assert_eq!(scores["photos"].as_u64(), Some(3));
    assert!(scores["photos_per_second"].as_f64().unwrap() > 0.0);

    let answers = std::fs::read_to_string(&answers).unwrap();
    let lines: Vec<&str> = answers.lines().collect();
    assert_eq!((lines[0], lines.len()), ("photo,answer", 4));
    for (photo, row) in rows.lines().skip(1).enumerate() {
        let label = row.split(',').nth(1).unwrap();
        let is_same = lines[photo + 1] == format!("{photo},{label}");
        assert_eq!(is_same, photo < 2, "{answers}");
    }
}

#[test]
fn trace_of_deit_tiny_from_the_photo_equals_timm() {
    let (Some(weights), Some(photo), Some(golden)) = (
        shared("weights/deit_tiny_patch16_224/model.safetensors"),
        shared("photos/chelsea.png"),
        shared("golden/deit_tiny_chelsea.safetensors"),
    ) else {
        return;
    };
    let out = scratch("deit.safetensors");
    stdout(&tracing(&weights, &out, &photo));
    let (ours, golden) = (tensors(&out), tensors(&golden));
    assert!(absolute(&ours["logits"], &golden["logits"]) < 2e-3);
    assert!(relative(&ours["blocks.11.out"], &golden["blocks.11.out"]) < 1e-4);
}
