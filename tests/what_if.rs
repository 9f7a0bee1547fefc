//! What-if against models that are so from the start: checkpoints and photos changed by hand, no hook.

mod common;

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, IndexOp, Tensor};
use common::{Tensors, absolute, fixture, open, tensors};
use vitrine::Result;
use vitrine::explain::{Changes, WhatIf};
use vitrine::model::Model;
use vitrine::site::{NoHook, Recorder};
use vitrine::weights::{Checkpoint, Dtype};

const VITS: [&str; 4] = ["vit_avg", "deit_distilled", "vit_reg_ls", "vit_nonsquare"];
const SWINS: [&str; 3] = ["swin_window4_64", "swin_padded", "swin_head_dim"];

/// More than the last bits, less than what any change does.
const CHANGED: f64 = 1e-4;

fn given(name: &str) -> (Model, Tensor) {
    let folder = fixture(name);
    let input = tensors(&folder.join("expected.safetensors"))["input"].clone();
    (open(&folder, Dtype::F32, None), input)
}

/// The fixture with one of its tensors made into another.
fn altered(name: &str, alter: impl Fn(&str, Tensor) -> Tensor) -> Model {
    let file = fixture(name).join("model.safetensors");
    let mut checkpoint = Checkpoint::open(&file, None, Dtype::F32).unwrap();
    for (name, stored) in &mut checkpoint.tensors {
        let tensor = stored.dequantize(&Device::Cpu).unwrap();
        let tensor = alter(name, tensor);
        *stored = Arc::new(QTensor::quantize(&tensor, GgmlDType::F32).unwrap());
    }
    Model::new(checkpoint, None).unwrap()
}

fn plain(model: &Model, input: &Tensor) -> Tensor {
    model.forward(input, &mut NoHook).unwrap()
}

fn under(model: &Model, input: &Tensor, changes: &Changes) -> (Tensor, Tensors) {
    let mut recorder = Recorder::new(["*"]);
    let mut hook = WhatIf::new(model, changes, &mut recorder).unwrap();
    let logits = model.forward(input, &mut hook).unwrap();
    // Recording takes another path through attention, so it may differ in the last bits.
    let mut nobody = NoHook;
    let mut hook = WhatIf::new(model, changes, &mut nobody).unwrap();
    let unseen = model.forward(input, &mut hook).unwrap();
    assert!(absolute(&logits, &unseen) < 1e-5);
    (unseen, recorder.tensors.into_iter().collect())
}

/// The changed model says what the whole one says of the `expected` photo, and no longer what it said of `input`.
fn as_if_given(expected: &Tensor, model: &Model, input: &Tensor, changes: &Changes) {
    let (logits, seen) = under(model, input, changes);
    let name = model.describe().name;
    assert_eq!(absolute(&seen["input"], expected), 0.0, "{name}");
    assert_eq!(absolute(&logits, &plain(model, expected)), 0.0, "{name}");
    assert!(absolute(&logits, &plain(model, input)) > CHANGED, "{name}");
}

/// As (row, column, height, width) in pixels.
fn patch_at(model: &Model, patch: usize) -> (usize, usize, usize, usize) {
    let description = model.describe();
    let (height, width) = (description.patch.height, description.patch.width);
    let (row, column) = (
        patch / description.grid.columns,
        patch % description.grid.columns,
    );
    (row * height, column * width, height, width)
}

/// The photo with pixels made by `pixel` from (patch of this place, row and column inside it), per channel.
fn photo(
    model: &Model,
    input: &Tensor,
    pixel: impl Fn(&[Vec<f32>], usize, (usize, usize)) -> f32,
) -> Tensor {
    let grid = model.describe().grid;
    let mut channels: Vec<Vec<Vec<f32>>> = (0..3)
        .map(|channel| input.i((0, channel)).unwrap().to_vec2().unwrap())
        .collect();
    for channel in &mut channels {
        let before = channel.clone();
        for patch in 0..grid.rows * grid.columns {
            let (top, left, height, width) = patch_at(model, patch);
            for y in 0..height {
                for x in 0..width {
                    channel[top + y][left + x] = pixel(&before, patch, (y, x));
                }
            }
        }
    }
    let (_, _, height, width) = input.dims4().unwrap();
    let flat: Vec<f32> = channels.into_iter().flatten().flatten().collect();
    Tensor::from_vec(flat, (1, 3, height, width), &Device::Cpu).unwrap()
}

/// A permutation without fixed points: 5 steps on, and the first half turned round.
fn order(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).map(|place| (place + 5) % count).collect();
    order[..count / 2].reverse();
    order
}

fn count(model: &Model) -> usize {
    let grid = model.describe().grid;
    grid.rows * grid.columns
}

#[test]
fn without_positions_is_a_checkpoint_whose_positions_are_zero() {
    for name in VITS {
        let (model, input) = given(name);
        for (positions, expected) in [0.0, 0.5, 2.0].map(|positions| {
            let scaled = move |name: &str, tensor: Tensor| match name {
                "pos_embed" => (tensor * positions).unwrap(),
                _ => tensor,
            };
            (positions, altered(name, scaled))
        }) {
            let changes = Changes {
                positions,
                ..Changes::default()
            };
            let (logits, seen) = under(&model, &input, &changes);
            let expected_logits = plain(&expected, &input);
            assert_eq!(
                absolute(&logits, &expected_logits),
                0.0,
                "{name} × {positions}"
            );
            let mut recorder = Recorder::new(["pos_embed"]);
            expected.forward(&input, &mut recorder).unwrap();
            let stream = &recorder.tensors["pos_embed"];
            assert_eq!(absolute(&seen["pos_embed"], stream), 0.0, "{name}");
            assert!(absolute(&logits, &plain(&model, &input)) > CHANGED);
        }
    }
}

#[test]
fn a_head_off_is_a_checkpoint_whose_projection_has_zeros_for_it() {
    for name in VITS.into_iter().chain(SWINS) {
        let (model, input) = given(name);
        let layers = model.describe().layers;
        // A head of the first layer, the last of the last, and for company two of the second.
        let last = layers.len() - 1;
        let off = [
            vec![(0, 0)],
            vec![(last, layers[last].heads - 1)],
            vec![(0, 0), (1, 0), (1, layers[1].heads - 1)],
        ];
        for heads in off {
            let without = altered(name, |tensor_name, tensor| {
                let mut tensor = tensor;
                for &(layer, head) in &heads {
                    if tensor_name != format!("{}.attn.proj.weight", layers[layer].site) {
                        continue;
                    }
                    let (_, width) = tensor.dims2().unwrap();
                    let d = width / layers[layer].heads;
                    let kept: Vec<f32> = (0..width)
                        .map(|column| f32::from(column / d != head))
                        .collect();
                    let kept = Tensor::from_vec(kept, width, &Device::Cpu).unwrap();
                    tensor = tensor.broadcast_mul(&kept).unwrap();
                }
                tensor
            });
            let changes = Changes {
                heads: heads.clone(),
                ..Changes::default()
            };
            let (logits, seen) = under(&model, &input, &changes);
            assert!(
                absolute(&logits, &plain(&without, &input)) < 1e-6,
                "{name}, {heads:?}"
            );
            assert!(
                absolute(&logits, &plain(&model, &input)) > 1e-6,
                "{name}, {heads:?}"
            );
            for &(layer, head) in &heads {
                let mix = &seen[&format!("{}.attn.mix", layers[layer].site)];
                let d = mix.dim(1).unwrap() / layers[layer].heads;
                let share = mix.narrow(1, head * d, d).unwrap();
                let zeros = share.zeros_like().unwrap();
                assert_eq!(absolute(&share, &zeros), 0.0);
            }
        }
    }
}

#[test]
fn hidden_patches_are_a_photo_with_grey_in_their_place() {
    for name in VITS.into_iter().chain(SWINS) {
        let (model, input) = given(name);
        let hidden = vec![0, 3, count(&model) - 1];
        let grey = photo(&model, &input, |channel, patch, (y, x)| {
            let (top, left, ..) = patch_at(&model, patch);
            if hidden.contains(&patch) {
                0.0
            } else {
                channel[top + y][left + x]
            }
        });
        let changes = Changes {
            hidden: hidden.clone(),
            ..Changes::default()
        };
        as_if_given(&grey, &model, &input, &changes);
    }
}

#[test]
fn shuffled_patches_are_a_photo_cut_up_and_laid_anew() {
    for name in VITS.into_iter().chain(SWINS) {
        let (model, input) = given(name);
        let order = order(count(&model));
        let laid = photo(&model, &input, |channel, place, (y, x)| {
            let (top, left, ..) = patch_at(&model, order[place]);
            channel[top + y][left + x]
        });
        let changes = Changes {
            order: order.clone(),
            ..Changes::default()
        };
        as_if_given(&laid, &model, &input, &changes);
        // Hidden is what was painted on the photo, wherever the patch goes then.
        let both = Changes {
            hidden: vec![2],
            ..changes
        };
        let (_, seen) = under(&model, &input, &both);
        let hidden_first = photo(&model, &input, |channel, place, (y, x)| {
            let (top, left, ..) = patch_at(&model, order[place]);
            if order[place] == 2 {
                0.0
            } else {
                channel[top + y][left + x]
            }
        });
        assert_eq!(absolute(&seen["input"], &hidden_first), 0.0, "{name}");
    }
}

#[test]
fn without_positions_a_vit_sees_a_bag_of_patches() {
    for name in VITS {
        let (model, input) = given(name);
        let no_positions = Changes {
            positions: 0.0,
            ..Changes::default()
        };
        let shuffled = Changes {
            order: order(count(&model)),
            ..no_positions.clone()
        };
        let (ordered, _) = under(&model, &input, &no_positions);
        let (shuffled, _) = under(&model, &input, &shuffled);
        assert!(absolute(&ordered, &shuffled) < 1e-5, "{name}");
    }
}

#[test]
fn changes_come_together_and_leave_no_trace() {
    let (model, input) = given("vit_avg");
    let before = plain(&model, &input);
    let order = order(count(&model));
    let changes = Changes {
        heads: vec![(0, 1)],
        hidden: vec![5],
        positions: 0.5,
        order: order.clone(),
        ..Changes::default()
    };
    let half = altered("vit_avg", |name, tensor| match name {
        "pos_embed" => (tensor * 0.5).unwrap(),
        "blocks.0.attn.proj.weight" => {
            let heads = model.describe().layers[0].heads;
            let (_, width) = tensor.dims2().unwrap();
            let kept: Vec<f32> = (0..width)
                .map(|column| f32::from(column / (width / heads) != 1))
                .collect();
            tensor
                .broadcast_mul(&Tensor::from_vec(kept, width, &Device::Cpu).unwrap())
                .unwrap()
        }
        _ => tensor,
    });
    let laid = photo(&model, &input, |channel, place, (y, x)| {
        let (top, left, ..) = patch_at(&model, order[place]);
        if order[place] == 5 {
            0.0
        } else {
            channel[top + y][left + x]
        }
    });
    let (logits, _) = under(&model, &input, &changes);
    assert!(absolute(&logits, &plain(&half, &laid)) < 1e-6);
    assert_eq!(absolute(&plain(&model, &input), &before), 0.0);
    let (none, _) = under(&model, &input, &Changes::default());
    assert_eq!(absolute(&none, &before), 0.0);
}

#[test]
fn what_there_is_not_is_refused() {
    let (model, _) = given("vit_avg");
    let patches = count(&model);
    let refused = |changes: Changes| -> Result<()> {
        let mut nobody = NoHook;
        WhatIf::new(&model, &changes, &mut nobody).map(|_| ())
    };
    let none = Changes::default;
    let layers = model.describe().layers;
    let wrong = [
        Changes {
            heads: vec![(layers.len(), 0)],
            ..none()
        },
        Changes {
            heads: vec![(0, layers[0].heads)],
            ..none()
        },
        Changes {
            hidden: vec![patches],
            ..none()
        },
        Changes {
            order: vec![0; patches],
            ..none()
        },
        Changes {
            order: vec![0],
            ..none()
        },
        Changes {
            positions: f64::INFINITY,
            ..none()
        },
    ];
    for changes in wrong {
        assert!(refused(changes.clone()).is_err(), "{changes:?}");
    }
    assert!(refused(none()).is_ok());
}
