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
