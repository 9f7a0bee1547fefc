//! What the project asks of itself, beside what was measured.

use serde_json::{Value, json};

use super::report::{items, number, row};

/// How many times faster than onnxruntime-web's better figure Q8_0 must be on one thread, and what
/// 80 % of the measured peak of the micro-kernel would be.
const SPEED: &[(&str, f64, f64)] = &[
    ("deit_tiny", 3.0, 4.4),
    ("swin_tiny", 3.0, 3.7),
    ("vit_small", 2.5, 3.2),
];

/// The same for browsers without relaxed SIMD.
const SPEED_SIMD: f64 = 1.2;

/// Time of a pass that records every attention pattern and every block's output, over one that
/// records nothing.
const RECORDING: f64 = 1.25;

/// Two threads over one.
const TWO_THREADS: f64 = 1.6;
const TWO_THREADS_MODELS: &[&str] = &["vit_small", "swin_tiny"];

/// The wasm as a host sends it, in thousands of bytes.
const BROTLI_KB: f64 = 450.0;

/// From the bytes of DeiT-Tiny in Q8_0 to the engine that is ready.
const READY_MS: f64 = 150.0;

/// What a page of one thread takes, the best first.
const ONE_THREAD: &[&str] = &["relaxed", "simd"];

enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

/// Each bar whose figure was measured: `{what, value, unit, at_least | at_most, aim?, met}`.
pub fn of(report: &Value) -> Value {
    let mut bars = Vec::new();
    for &(model, bar, aim) in SPEED {
        let fastest = |bundle: &&str| speedup(report, model, bundle);
        if let Some((bundle, value)) = first(ONE_THREAD, fastest) {
            let what = format!("{model}, {bundle}, 1 thread, against onnxruntime-web");
            let mut bar = line(&what, value, "x", Bar::AtLeast(bar));
            bar["aim"] = aim.into();
            bars.push(bar);
        }
    }
    for &(model, _, _) in SPEED {
        if let Some(value) = speedup(report, model, "simd") {
            let what = format!("{model}, simd, 1 thread, against onnxruntime-web");
            bars.push(line(&what, value, "x", Bar::AtLeast(SPEED_SIMD)));
        }
    }
    for item in items(&report["recording"]) {
        let (model, bundle) = (&item["model"], &item["bundle"]);
        if item["sites"] == "patterns_and_blocks"
            && let (Some(model), Some(bundle)) = (model.as_str(), bundle.as_str())
            && let Some(ratio) = number(&item["ratio"])
        {
            let what = format!("{model}, {bundle}, recording patterns and blocks");
            bars.push(line(&what, ratio, "x", Bar::AtMost(RECORDING)));
        }
    }
    for model in TWO_THREADS_MODELS {
        if let Some(value) = two_threads(report, model) {
            let what = format!("{model}, 2 threads against 1");
            bars.push(line(&what, value, "x", Bar::AtLeast(TWO_THREADS)));
        }
    }
    let brotli = |bundle: &&str| {
        let size = find(&report["sizes"], bundle)?;
        Some(number(&size["wasm_brotli_bytes"])? / 1000.0)
    };
    if let Some((bundle, value)) = first(ONE_THREAD, brotli) {
        let what = format!("wasm of {bundle}, brotli");
        bars.push(line(&what, value, "kB", Bar::AtMost(BROTLI_KB)));
    }
    let ready = |bundle: &&str| number(&find(&report["load"], bundle)?["ready_ms"]);
    if let Some((bundle, value)) = first(ONE_THREAD, ready) {
        let what = format!("{bundle}, bytes of deit_tiny q8_0 to ready");
        bars.push(line(&what, value, "ms", Bar::AtMost(READY_MS)));
    }
    bars.into()
}

fn line(what: &str, value: f64, unit: &str, bar: Bar) -> Value {
    let (key, bound, met) = match bar {
        Bar::AtLeast(bound) => ("at_least", bound, value >= bound),
        Bar::AtMost(bound) => ("at_most", bound, value <= bound),
    };
    json!({ "what": what, "value": value, "unit": unit, key: bound, "met": met })
}

/// The first of these bundles that has a figure.
fn first<'a>(
    bundles: &[&'a str],
    figure: impl Fn(&&'a str) -> Option<f64>,
) -> Option<(&'a str, f64)> {
    bundles
        .iter()
        .find_map(|bundle| Some((*bundle, figure(bundle)?)))
}

fn speedup(report: &Value, model: &str, bundle: &str) -> Option<f64> {
    number(&row(report, model, "vitrine", bundle, "q8_0", 1)?["speedup"])
}

/// Against one thread of whichever bundle is faster on it.
fn two_threads(report: &Value, model: &str) -> Option<f64> {
    let time = |bundle, threads| {
        let row = row(report, model, "vitrine", bundle, "q8_0", threads)?;
        number(&row["median_ms"])
    };
    let one = ["relaxed", "threads"]
        .into_iter()
        .filter_map(|b| time(b, 1));
    Some(one.reduce(f64::min)? / time("threads", 2)?)
}

fn find<'a>(list: &'a Value, bundle: &str) -> Option<&'a Value> {
    items(list).find(|item| item["engine"] == "vitrine" && item["bundle"] == bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Value {
        let row = |bundle: &str, threads: u32, median_ms: f64| {
            json!({
                "model": "vit_small", "engine": "vitrine", "bundle": bundle, "dtype": "q8_0",
                "threads": threads, "median_ms": median_ms, "speedup": 200.0 / median_ms,
            })
        };
        json!({
            "rows": [row("simd", 1, 180.0), row("relaxed", 1, 80.0), row("threads", 1, 90.0),
                     row("threads", 2, 50.0)],
            "recording": [{ "model": "vit_small", "bundle": "relaxed",
                            "sites": "patterns_and_blocks", "ratio": 1.3 }],
            "load": [],
            "sizes": [{ "engine": "vitrine", "bundle": "simd", "wasm_brotli_bytes": 300_000 }],
        })
    }

    #[test]
    fn every_figure_meets_its_bar_or_not() {
        let bars = of(&report());
        let found: Vec<(&str, f64, bool)> = items(&bars)
            .map(|bar| {
                let text = bar["what"].as_str().unwrap();
                (text, bar["value"].as_f64().unwrap(), bar["met"] == true)
            })
            .collect();
        let expected = [
            (
                "vit_small, relaxed, 1 thread, against onnxruntime-web",
                2.5,
                true,
            ),
            (
                "vit_small, simd, 1 thread, against onnxruntime-web",
                200.0 / 180.0,
                false,
            ),
            (
                "vit_small, relaxed, recording patterns and blocks",
                1.3,
                false,
            ),
            ("vit_small, 2 threads against 1", 1.6, true),
            ("wasm of simd, brotli", 300.0, true),
        ];
        assert_eq!(found, expected);
    }
}
