//! Products: with quantized matrices against their definition to the bit, with each finish; and of
//! batches of f32 matrices against sums in order.

use candle_core::Device;
use candle_core::quantized::{GgmlDType, QStorage, QTensor};

use super::{Check, Noise, differing, numbers, tensor};
use crate::error::Result;
use crate::kernels::integer::{Kind, twin};
use crate::kernels::{After, QuantizedMatrix, batched_product, gelu};

/// Shapes of each kind and finish.
const SHAPES: usize = 6;

pub(super) fn checks(noise: &mut Noise) -> Result<Vec<Check>> {
    let finishes = [
        (Kind::Q8_0, Finish::Nothing, "product q8_0"),
        (Kind::Q8_0, Finish::Gelu, "product q8_0, gelu"),
        (Kind::Q8_0, Finish::Onto, "product q8_0, onto"),
        (Kind::Q4_0, Finish::Nothing, "product q4_0"),
        (Kind::Q4_0, Finish::Gelu, "product q4_0, gelu"),
        (Kind::Q4_0, Finish::Onto, "product q4_0, onto"),
    ];
    let mut checks = Vec::new();
    for (kind, finish, name) in finishes {
        let mut check = Check::to_the_bit(name);
        for _ in 0..SHAPES {
            check.add_differing(quantized(noise, kind, finish)?);
        }
        checks.push(check);
    }
    let mut check = Check::to_the_bit("products q8_0 with gelu between");
    for _ in 0..SHAPES {
        check.add_differing(through_gelu(noise)?);
    }
    checks.push(check);
    let mut check = Check::to_the_bit("product f32, batched");
    for _ in 0..SHAPES {
        check.add_differing(batched(noise)?);
    }
    checks.push(check);
    Ok(checks)
}

#[derive(Clone, Copy)]
enum Finish {
    Nothing,
    Gelu,
    Onto,
}

/// Of one random product, the outputs that differ.
fn quantized(noise: &mut Noise, kind: Kind, finish: Finish) -> Result<usize> {
    // Up to three batches, rows of up to three groups, and every ragged edge.
    let (m, n) = (1 + noise.below(450), 1 + noise.below(50));
    let k = 32 * (1 + noise.below(25));
    let scale = noise.one_of(&[1e-39, 1e-3, 1.0, 300.0]);
    let mut x = noise.numbers(m * k, scale);
    noise.shift_rows(&mut x, k);
    if noise.below(5) == 0 {
        x[..k].fill(0.0);
    }
    let bytes = noise.blocks(kind, n * k / 32);
    let bias = noise.numbers(n, 1.0);
    let bias = (noise.below(4) > 0).then_some(&bias[..]);
    let start = noise.numbers(m * n, 1.0);

    let mut twin = vec![0.0; m * n];
    twin::product(&x, (kind, &bytes), k, bias, &mut twin);
    let start_tensor = tensor(&start, &[m, n])?;
    let after = match finish {
        Finish::Nothing => After::Nothing,
        Finish::Gelu => {
            twin = numbers(&gelu(&tensor(&twin, &[m, n])?)?)?;
            After::Gelu
        }
        Finish::Onto => {
            twin.iter_mut().zip(&start).for_each(|(y, x)| *y += x);
            After::Onto(&start_tensor)
        }
    };

    let Some(matrix) = matrix(kind, bytes, (n, k), bias)? else {
        return Ok(m * n);
    };
    let y = matrix.forward(&tensor(&x, &[m, k])?, after)?;
    Ok(differing(&numbers(&y)?, &twin))
}

/// Of one random pair of products with a GELU between them, the outputs that differ.
fn through_gelu(noise: &mut Noise) -> Result<usize> {
    // More rows than go through both at once, now and then.
    let (m, k) = (1 + noise.below(450), 32 * (1 + noise.below(4)));
    let (hidden, n) = (32 * (1 + noise.below(5)), 1 + noise.below(50));
    let x = noise.numbers(m * k, 3.0);
    let first = noise.blocks(Kind::Q8_0, hidden * k / 32);
    let last = noise.blocks(Kind::Q8_0, n * hidden / 32);
    let (bias, start) = (noise.numbers(hidden, 1.0), noise.numbers(m * n, 1.0));

    let mut between = vec![0.0; m * hidden];
    twin::product(&x, (Kind::Q8_0, &first), k, Some(&bias), &mut between);
    let between = numbers(&gelu(&tensor(&between, &[m, hidden])?)?)?;
    let mut twin = vec![0.0; m * n];
    twin::product(&between, (Kind::Q8_0, &last), hidden, None, &mut twin);
    twin.iter_mut().zip(&start).for_each(|(y, x)| *y += x);

    let first = matrix(Kind::Q8_0, first, (hidden, k), Some(&bias))?;
    let last = matrix(Kind::Q8_0, last, (n, hidden), None)?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(m * n);
    };
    let start = tensor(&start, &[m, n])?;
    let y = first.forward_through_gelu(&last, &tensor(&x, &[m, k])?, After::Onto(&start))?;
    Ok(differing(&numbers(&y)?, &twin))
}

/// A matrix of these blocks as a model would load it.
fn matrix(
    kind: Kind,
    bytes: Vec<u8>,
    (n, k): (usize, usize),
    bias: Option<&[f32]>,
) -> Result<Option<QuantizedMatrix>> {
    let dtype = match kind {
        Kind::Q8_0 => GgmlDType::Q8_0,
        Kind::Q4_0 => GgmlDType::Q4_0,
    };
    let storage = QStorage::from_data(bytes.into(), &Device::Cpu, dtype)?;
    let bias = bias.map(|bias| tensor(bias, &[n])).transpose()?;
    QuantizedMatrix::new(&QTensor::new(storage, (n, k))?, bias.as_ref())
}

fn batched(noise: &mut Noise) -> Result<usize> {
    let (batch, m) = (1 + noise.below(4), 1 + noise.below(30));
    let (k, n) = (1 + noise.below(90), 1 + noise.below(60));
    let a = noise.numbers(batch * m * k, 4.0);
    let b = noise.numbers(batch * k * n, 4.0);
    let mut twin = Vec::with_capacity(batch * m * n);
    for at in 0..batch * m * n {
        let (batch, row, column) = (at / (m * n), at / n % m, at % n);
        let mut sum = 0.0;
        for i in 0..k {
            sum += a[(batch * m + row) * k + i] * b[(batch * k + i) * n + column];
        }
        twin.push(sum);
    }
    let y = batched_product(&tensor(&a, &[batch, m, k])?, &tensor(&b, &[batch, k, n])?)?;
    Ok(differing(&numbers(&y)?, &twin))
}
