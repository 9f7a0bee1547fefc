//! Vectors of four numbers, and what packs words from them, against the plain reference, to the bit.

use super::{Check, Noise};
use crate::kernels::four::{Four, portable, rescaled, transposed};

const ROUNDS: usize = 400;

/// What rounds, overflows or is no number.
const SPECIAL: [f32; 11] = [
    0.0,
    -0.0,
    1.5,
    2.5,
    -3.5,
    1e30,
    -1e-40,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    -12_345.6,
];

pub(super) fn checks(noise: &mut Noise) -> Vec<Check> {
    let mut operations = Check::to_the_bit("four numbers");
    let mut words = Check::to_the_bit("four numbers as integers");
    for x in SPECIAL {
        for y in SPECIAL {
            operations.add_differing(differing([x, y, 1.0, y], [y, x, x, -2.0]));
        }
    }
    for _ in 0..ROUNDS {
        // Any bits: numbers of all sizes, subnormal ones, infinities, NaN.
        let mut any = || std::array::from_fn(|_| f32::from_bits(noise.next()));
        operations.add_differing(differing(any(), any()));
        let scale = noise.one_of(&[1.0, 255.0, 65_530.0]);
        let numbers = noise.numbers(8, scale);
        let (a, b) = numbers.split_at(4);
        let four = |x: &[f32]| [x[0], x[1], x[2], x[3]];
        words.add_differing(differing_words(four(a), four(b), noise.below(256) as i16));
    }
    let mut packing = Check::to_the_bit("rescaled and transposed");
    for _ in 0..ROUNDS {
        let bytes: [u8; 16] = std::array::from_fn(|_| noise.next() as u8);
        let ratio = noise.below(2 * 16_384 + 1) as i16 - 16_384;
        let is_other = rescaled(&bytes, ratio) != portable::rescaled(&bytes, ratio);
        packing.add_differing(usize::from(is_other));
        let rows: [[u32; 4]; 4] = std::array::from_fn(|_| std::array::from_fn(|_| noise.next()));
        let rows = [&rows[0], &rows[1], &rows[2], &rows[3]];
        let is_other = transposed(rows) != portable::transposed(rows);
        packing.add_differing(usize::from(is_other));
    }
    vec![operations, words, packing]
}

/// Results of all operations that are not the reference's; one NaN is as good as another.
fn differing(x: [f32; 4], y: [f32; 4]) -> usize {
    let (a, b) = (Four::load(&x), Four::load(&y));
    let (p, q) = (portable::Four(x), portable::Four(y));
    let bound = y[1];
    let pairs = [
        (a + b, p + q),
        (a - b, p - q),
        (a * b, p * q),
        (a / b, p / q),
        (a.signed_max(b), p.signed_max(q)),
        (a.signed_min(b), p.signed_min(q)),
        (a.unsigned_max(b), p.unsigned_max(q)),
        (a.larger(b), p.larger(q)),
        (a.halves_swapped(), p.halves_swapped()),
        (a.neighbours_swapped(), p.neighbours_swapped()),
        (Four::splat(a.first()), portable::Four::splat(p.first())),
        (a.abs(), p.abs()),
        (a.power(), p.power()),
        (a.zero_where_below(b, 1.0), p.zero_where_below(q, 1.0)),
        (a.zero_where_below(b, bound), p.zero_where_below(q, bound)),
        (Four::splat(bound), portable::Four::splat(bound)),
    ];
    let of_pair = |(ours, plain): (Four, portable::Four)| {
        let (mut one, mut other) = ([0.0; 4], [0.0; 4]);
        ours.store(&mut one);
        plain.store(&mut other);
        let lanes = one.into_iter().zip(other);
        let same = |(a, b): &(f32, f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        lanes.filter(|lane| !same(lane)).count()
    };
    pairs.into_iter().map(of_pair).sum()
}

/// Packed words that are not the reference's, of numbers below 32768.
fn differing_words(x: [f32; 4], y: [f32; 4], zero: i16) -> usize {
    let (a, b) = (Four::load(&x), Four::load(&y));
    let (p, q) = (portable::Four(x), portable::Four(y));
    let mut differing = usize::from(Four::pairs(a, b) != portable::Four::pairs(p, q));
    let beside = Four::side_by_side(a, b) != portable::Four::side_by_side(p, q);
    differing += usize::from(beside);
    #[cfg(any(test, target_feature = "relaxed-simd"))]
    {
        let ours = Four::bytes([a, b, b, a], zero);
        let plain = portable::Four::bytes([p, q, q, p], zero);
        differing += usize::from(ours != plain);
    }
    let _ = zero;
    differing
}
