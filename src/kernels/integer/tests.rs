//! Every fast kernel against its twin, over random shapes and values.

use std::mem::MaybeUninit;

use super::activations::Quantized;
use super::blocks::{Blocks, Kind};
use super::dot::{Dot, Work, portable};
use super::panel::Panels;
use super::product::{Finish, Multiply, product_rows};
use super::twin;
use crate::kernels::checks::Noise;

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn products_equal_their_definition_to_the_bit_on_every_instruction_set() {
    let mut noise = Noise::new(1);
    for round in 0..60 {
        let any = 32 * (1 + noise.below(14));
        let k = noise.one_of(&[768, 1152, any]);
        let m = 1 + noise.below(40);
        let n = 1 + noise.below(70);
        let kind = [Kind::Q8_0, Kind::Q4_0][round % 2];
        let mut x = noise.numbers(m * k, [1e-3, 1.0, 300.0][round % 3]);
        noise.shift_rows(&mut x, k);
        if round % 5 == 0 {
            x[..k].fill(0.0);
        }
        let bytes = noise.blocks(kind, n * k / 32);
        let weights = Blocks::new(kind, &bytes, n, k).unwrap();
        let bias = noise.numbers(n, 1.0);
        let bias = (round % 4 > 0).then_some(&bias[..]);
        let mut expected = vec![0.0; m * n];
        twin::product(&x, (kind, &bytes), k, bias, &mut expected);

        let quantized = Quantized::new(&x, k);
        let mut y = vec![MaybeUninit::uninit(); m * n];
        let panels = Panels::new(&weights).unwrap();
        let y = product_rows(&quantized, &panels, bias, Finish::Nothing, &mut y);
        assert_eq!(bits(y), bits(&expected), "{m} {k} {n}");

        fn other<D: Dot, const R: usize, const V: usize>(
            (x, k): (&[f32], usize),
            weights: &Blocks,
            bias: Option<&[f32]>,
        ) -> Vec<u32> {
            let quantized = Quantized::new_with::<D, R>(x, k, false);
            let mut y = vec![MaybeUninit::uninit(); x.len() / k * weights.rows];
            let work = Multiply {
                x: &quantized,
                weights: &Panels::new_with::<D, V>(weights).unwrap(),
                bias,
                finish: Finish::Nothing,
                y: &mut y,
            };
            bits(work.run::<D, R, V>())
        }
        let given = (&x[..], k);
        for y in [
            other::<portable::Pairs<1>, 5, 2>(given, &weights, bias),
            other::<portable::Quads<false>, 6, 2>(given, &weights, bias),
            other::<portable::Quads<true>, 3, 3>(given, &weights, bias),
        ] {
            assert_eq!(y, bits(&expected), "{m} {k} {n}");
        }
    }
}

#[test]
fn products_are_near_the_exact_ones() {
    let mut noise = Noise::new(2);
    let (m, k, n) = (9, 192, 50);
    for (kind, bound) in [(Kind::Q8_0, 0.02), (Kind::Q4_0, 0.02)] {
        let x = noise.numbers(m * k, 2.0);
        let mut bytes = noise.blocks(kind, n * k / 32);
        for block in bytes.chunks_exact_mut(kind.block_bytes()) {
            // Scales of one size, as real ones are.
            block[1] = 0x14;
        }
        let weights = twin::dequantized(kind, &bytes);
        let quantized = Quantized::new(&x, k);
        let mut y = vec![MaybeUninit::uninit(); m * n];
        let y = product_rows(
            &quantized,
            &Panels::new(&Blocks::new(kind, &bytes, n, k).unwrap()).unwrap(),
            None,
            Finish::Nothing,
            &mut y,
        );
        let (mut off, mut all) = (0.0, 0.0);
        for (at, y) in y.iter().enumerate() {
            let pairs = x[at / n * k..][..k].iter().zip(&weights[at % n * k..]);
            let exact: f64 = pairs.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
            off += (f64::from(*y) - exact).powi(2);
            all += exact * exact;
        }
        assert!(
            (off / all).sqrt() < bound,
            "{kind:?} {}",
            (off / all).sqrt()
        );
    }
}
