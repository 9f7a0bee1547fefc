//! How often the engine agrees with timm on a hundred real photos, in every type of weights.

mod common;

use candle_core::Tensor;
use common::{open, relative, shared, tensors};
use vitrine::model::Model;
use vitrine::photo;
use vitrine::site::NoHook;
use vitrine::weights::Dtype;

struct Row {
    /// Our input, from our own decoder.
    input: Tensor,
    /// timm's logits for the same file.
    timm: Vec<f32>,
}

fn top(logits: &[f32]) -> usize {
    let order = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    order.unwrap()
}

/// How far the first class leads the second, in logits.
fn lead(logits: &[f32]) -> f32 {
    let mut sorted = logits.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted[0] - sorted[1]
}

/// Half of the photos in each of two threads.
fn logits(model: &Model, rows: &[Row]) -> Vec<Tensor> {
    let forward = |row: &Row| model.forward(&row.input, &mut NoHook).unwrap();
    let (first, second) = rows.split_at(rows.len() / 2);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| second.iter().map(forward).collect::<Vec<_>>());
        let mut all: Vec<Tensor> = first.iter().map(forward).collect();
        all.extend(second.join().unwrap());
        all
    })
}

#[test]
fn agrees_with_timm() {
    let (Some(weights), Some(photos)) = (
        shared("weights/deit_tiny_patch16_224"),
        shared("photos/imagenet-100"),
    ) else {
        return;
    };
    // Whole photos side by side instead of threads inside each product, which wait for each other.
    // SAFETY: this file holds one test, and the thread that started it only waits.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", "1") };
    let csv = std::fs::read_to_string(photos.join("deit_tiny_top5.csv")).unwrap();
    let timm = &tensors(&photos.join("deit_tiny_logits.safetensors"));
    let timm: Vec<Vec<f32>> = timm.values().next().unwrap().to_vec2().unwrap();
    let f32_model = open(&weights, Dtype::F32, None);
    let rows: Vec<Row> = csv
        .lines()
        .skip(1)
        .zip(timm)
        .map(|(line, timm)| {
            let file = photos.join(line.split(',').next().unwrap());
            let photo = photo::open(&file).unwrap();
            let input = photo.input_for(&f32_model).unwrap();
            Row { input, timm }
        })
        .collect();
    assert_eq!(rows.len(), 100);

    let plain = logits(&f32_model, &rows);
    for (dtype, least) in [(Dtype::F32, 98), (Dtype::Q8_0, 95), (Dtype::Q4_0, 0)] {
        let ours = match dtype {
            Dtype::F32 => plain.clone(),
            _ => logits(&open(&weights, dtype, None), &rows),
        };
        let (mut agree, mut clear_flips, mut error) = (0, 0, 0.0);
        for ((row, ours), plain) in rows.iter().zip(&ours).zip(&plain) {
            let same = top(&ours.to_vec1::<f32>().unwrap()) == top(&row.timm);
            agree += usize::from(same);
            clear_flips += usize::from(!same && lead(&row.timm) > 0.5);
            error += relative(ours, plain) / rows.len() as f64;
        }
        println!(
            "{}: {agree} of 100 as timm, {clear_flips} flips of a clear lead, logits off by {error:.4}",
            dtype.name()
        );
        assert!(agree >= least, "{}: {agree}", dtype.name());
        if dtype != Dtype::Q4_0 {
            assert_eq!(clear_flips, 0, "{}", dtype.name());
            assert!(error <= 0.08, "{}: {error}", dtype.name());
        }
    }
}
