//! What attention refuses; how near it is to its definition is in `checks/attention.rs`.

use candle_core::{Device, Tensor};

use super::{Attention, Keep, Slots};

#[test]
fn what_does_not_fit_is_an_error() {
    let qkv = Tensor::zeros((4, 12), candle_core::DType::F32, &Device::Cpu).unwrap();
    let attention = |slots| Attention {
        heads: 2,
        head_dim: 2,
        slots,
        bias: None,
        mask: None,
    };
    assert!(attention(None).forward(&qkv, Keep::default()).is_ok());
    let slots = |tokens| {
        Some(Slots {
            tokens,
            area: 2,
            padding: &[0.0; 12],
        })
    };
    assert!(
        attention(slots(&[0, 1, 2, 3]))
            .forward(&qkv, Keep::default())
            .is_ok()
    );
    assert!(
        attention(slots(&[0, 1, 2, 4]))
            .forward(&qkv, Keep::default())
            .is_err()
    );
    let wrong = Attention {
        heads: 3,
        ..attention(None)
    };
    assert!(wrong.forward(&qkv, Keep::default()).is_err());
}

#[test]
fn a_token_in_two_slots_takes_the_later_and_one_in_none_is_zero() {
    let qkv = Tensor::arange(0f32, 48.0, &Device::Cpu).unwrap();
    let qkv = (qkv.reshape((4, 12)).unwrap() / 48.0).unwrap();
    let mix = |tokens: &[u32]| -> Vec<Vec<f32>> {
        let attention = Attention {
            heads: 2,
            head_dim: 2,
            slots: Some(Slots {
                tokens,
                area: 2,
                padding: &[0.0; 12],
            }),
            bias: None,
            mask: None,
        };
        let attended = attention.forward(&qkv, Keep::default()).unwrap();
        attended.mix.to_vec2().unwrap()
    };
    let (once, twice) = (mix(&[0, 1, 1, 2]), mix(&[0, 1, 2, 3]));
    assert_eq!(once[0], twice[0]);
    assert_eq!(once[3], [0.0; 4]);
    assert_ne!(once[1], twice[1]);
    assert_eq!(mix(&[1, 2, 0, 3])[1], once[1]);
}
