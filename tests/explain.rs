//! What `explain` derives, against PyTorch and NumPy: tests/fixtures/generate_explain.py.

mod common;

use candle_core::{Device, Tensor};
use common::{Tensors, absolute, fixture, open, relative, tensors};
use vitrine::explain::{Attentions, Direction, components, cosines, lens, readable, rollout};
use vitrine::model::Model;
use vitrine::site::Recorder;
use vitrine::weights::Dtype;

const VITS: [&str; 4] = ["vit_avg", "vit_reg_ls", "deit_distilled", "vit_nonsquare"];
const SWINS: [&str; 3] = ["swin_padded", "swin_window4_64", "swin_clipped"];
const COMPONENTS: usize = 8;

fn expected() -> Tensors {
    tensors(&fixture("explain.safetensors"))
}

/// The fixture's model and the input that the reference ran on.
fn opened(name: &str) -> (Model, Tensor) {
    let folder = fixture(name);
    let input = tensors(&folder.join("expected.safetensors"))["input"].clone();
    (open(&folder, Dtype::F32, None), input)
}

fn watched(name: &str) -> (Model, Attentions) {
    let (model, input) = opened(name);
    let mut attentions = Attentions::new(&model.describe());
    model.forward(&input, &mut attentions).unwrap();
    (model, attentions)
}

fn tensor(values: &[Vec<f32>]) -> Tensor {
    Tensor::new(values.to_vec(), &Device::Cpu).unwrap()
}

/// What the engine rolls out for one token: (layers, tokens).
fn rolled(model: &Model, attentions: &Attentions, token: usize, direction: Direction) -> Tensor {
    let description = model.describe();
    let grid = (description.grid.rows, description.grid.columns);
    let prefix = description.prefix.len();
    let layers = &attentions.mixings;
    tensor(&rollout(grid, prefix, layers, token, direction))
}

#[test]
fn rollout_is_the_product_of_all_layers() {
    let expected = expected();
    for name in VITS {
        let (model, attentions) = watched(name);
        let product = &expected[&format!("{name}/rollout")];
        for token in 0..product.dim(1).unwrap() {
            let row = rolled(&model, &attentions, token, Direction::Row);
            let column = rolled(&model, &attentions, token, Direction::Column);
            let one = |axis: usize| {
                let one = product.narrow(axis, token, 1).unwrap();
                one.squeeze(axis).unwrap()
            };
            assert!(absolute(&row, &one(1)) < 1e-5, "{name}: row {token}");
            assert!(absolute(&column, &one(2)) < 1e-5, "{name}: column {token}");
        }
    }
}

#[test]
fn rollout_goes_through_windows_padding_and_merging() {
    let expected = expected();
    for name in SWINS {
        let (model, attentions) = watched(name);
        let grid = model.describe().grid;
        let last = grid.rows * grid.columns - 1;
        let rows = &expected[&format!("{name}/rollout")];
        for (i, token) in [0, 21, last].into_iter().enumerate() {
            let found = rolled(&model, &attentions, token, Direction::Row);
            let one = rows.narrow(1, i, 1).unwrap().squeeze(1).unwrap();
            assert!(absolute(&found, &one) < 1e-5, "{name}: row {token}");
        }
        let found = rolled(&model, &attentions, 0, Direction::Column);
        let column = &expected[&format!("{name}/rolled")];
        assert!(absolute(&found, column) < 1e-5, "{name}: column");
    }
}

#[test]
fn heads_look_as_far_as_their_weights_say() {
    let expected = expected();
    for name in VITS.iter().chain(&SWINS) {
        let (_, attentions) = watched(name);
        let all = attentions.distances.concat();
        let found = Tensor::new(all, &Device::Cpu).unwrap();
        let distance = &expected[&format!("{name}/distance")];
        assert!(relative(&found, distance) < 1e-5, "{name}");
    }
}

#[test]
fn the_lens_reads_every_block_as_the_head_reads_the_last() {
    let expected = expected();
    for name in VITS.iter().chain(&SWINS) {
        let (model, input) = opened(name);
        let description = model.describe();
        let layers = readable(&description);
        let site = |layer: usize| format!("{}.out", description.layers[layer].site);
        let mut record = Recorder::new(layers.iter().map(|&layer| site(layer)));
        let logits = model.forward(&input, &mut record).unwrap();
        let streams: Vec<(usize, &Tensor)> = layers
            .iter()
            .map(|&layer| (layer, &record.tensors[&site(layer)]))
            .collect();
        let reference = &expected[&format!("{name}/lens")];
        assert_eq!(reference.dim(0).unwrap(), layers.len(), "{name}");
        for (i, &(_, stream)) in streams.iter().enumerate() {
            let found = model.read_out(stream).unwrap();
            let one = reference.get(i).unwrap();
            assert!(absolute(&found, &one) < 1e-3, "{name}: {i}");
        }
        let readings = lens(&model, &streams, &logits).unwrap();
        let last = model.top_class(&logits).unwrap();
        for (i, reading) in readings.iter().enumerate() {
            let one = reference.get(i).unwrap();
            let chances = candle_nn::ops::softmax(&one, 0).unwrap();
            let chances: Vec<f32> = chances.to_vec1().unwrap();
            assert_eq!(reading.layer, layers[i]);
            let top = &reading.predictions[0];
            assert_eq!(top.index, model.top_class(&one).unwrap(), "{name}: {i}");
            assert!((top.probability - chances[top.index]).abs() < 1e-4);
            assert!((reading.of_last - chances[last]).abs() < 1e-4);
        }
        let end = &readings.last().unwrap().predictions[0];
        assert_eq!(
            (end.index, layers.last()),
            (last, Some(&(description.layers.len() - 1)))
        );
    }
}

#[test]
fn a_model_without_head_has_nothing_to_read() {
    let (model, input) = opened("vit_nohead");
    let mut record = Recorder::new(["blocks.0.out"]);
    let features = model.forward(&input, &mut record).unwrap();
    let stream = &record.tensors["blocks.0.out"];
    assert!(lens(&model, &[(0, stream)], &features).unwrap().is_empty());
}

#[test]
fn positions_are_alike_as_their_cosine_says() {
    let expected = expected();
    for name in VITS {
        let (model, _) = opened(name);
        let table = model.positions().unwrap();
        let all: Vec<usize> = (0..table.dim(0).unwrap()).collect();
        let found = tensor(&cosines(table, &all).unwrap());
        let similarity = &expected[&format!("{name}/similarity")];
        assert!(absolute(&found, similarity) < 1e-5, "{name}");
    }
    assert!(opened("swin_padded").0.positions().is_none());
}

/// Of each component the angle to the reference's, and its share; singular vectors have no sign.
fn compare_components(filters: &Tensor, rows: &Tensor, shares: &Tensor, within: f64) {
    let found = components(filters, rows.dim(0).unwrap()).unwrap();
    assert_eq!(found.len(), rows.dim(0).unwrap());
    let rows: Vec<Vec<f32>> = rows.to_vec2().unwrap();
    let shares: Vec<f32> = shares.to_vec1().unwrap();
    for (i, component) in found.iter().enumerate() {
        assert!((component.share - shares[i]).abs() < 1e-4, "share {i}");
        let pairs = component.values.iter().zip(&rows[i]);
        let along: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        assert!((along.abs() - 1.0).abs() < within, "component {i}: {along}");
        let largest = component.values.iter().fold(0.0f32, |most, &value| {
            if value.abs() > most.abs() {
                value
            } else {
                most
            }
        });
        assert!(largest > 0.0, "component {i} stands on its head");
    }
}

#[test]
fn components_are_numpys_singular_vectors() {
    let expected = expected();
    let all = (&expected["components"], &expected["shares"]);
    compare_components(&expected["filters"], all.0, all.1, 1e-4);
    for name in VITS.iter().chain(&SWINS) {
        let (model, _) = opened(name);
        let (filters, _) = model.filters().unwrap();
        let rows = &expected[&format!("{name}/components")];
        // As many as numbers and filters leave room for: of six centred filters five are free.
        let free = (filters.dim(0).unwrap() - 1).min(COMPONENTS);
        let rows = rows.narrow(0, 0, free).unwrap();
        let shares = expected[&format!("{name}/shares")]
            .narrow(0, 0, free)
            .unwrap();
        compare_components(&filters, &rows, &shares, 1e-3);
        let (dim, numbers) = filters.dims2().unwrap();
        let most = components(&filters, dim.max(numbers)).unwrap();
        assert!(most.len() < dim.max(numbers), "{name}");
        let sum: f32 = most.iter().map(|component| component.share).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{name}: {sum}");
    }
}
