//! The report as text: a table for each kind of measurement, the bars last.

use serde_json::Value;

use super::table::{fixed, plain, scaled, short, table, times};

/// The elements of a JSON array; none when it is something else.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

pub fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

/// The row of one engine with one model.
pub fn row<'a>(
    report: &'a Value,
    model: &str,
    engine: &str,
    bundle: &str,
    dtype: &str,
    threads: u64,
) -> Option<&'a Value> {
    items(&report["rows"]).find(|row| {
        row["model"] == model
            && row["engine"] == engine
            && row["bundle"] == bundle
            && row["dtype"] == dtype
            && row["threads"] == threads
    })
}

/// Gives each row that is not onnxruntime-web's its `speedup`: how many times faster it is than the
/// better of onnxruntime-web's f32 and int8 with as many threads.
pub fn add_ratios(report: &mut Value) {
    let rows = report["rows"].clone();
    let Some(to) = report["rows"].as_array_mut() else {
        return;
    };
    for row in to.iter_mut().filter(|row| row["engine"] != "ort") {
        let peers = items(&rows).filter(|peer| {
            peer["engine"] == "ort"
                && peer["model"] == row["model"]
                && peer["threads"] == row["threads"]
        });
        let best = peers
            .filter_map(|peer| number(&peer["median_ms"]))
            .reduce(f64::min);
        if let (Some(best), Some(own)) = (best, number(&row["median_ms"])) {
            row["speedup"] = (best / own).into();
        }
    }
}

/// Whether some engine computed another model than the rest: then nothing was compared.
pub fn disagreement(report: &Value) -> Option<String> {
    let mut exact = items(&report["rows"]).filter(|row| row["dtype"] == "f32");
    let odd = exact.find(|row| number(&row["logits_error"]).is_none_or(|error| error > 1e-3))?;
    let name = |key: &str| plain(&odd[key]);
    Some(format!(
        "{} of {}, bundle {}, in f32 has other logits than its peers",
        name("model"),
        name("engine"),
        name("bundle")
    ))
}

/// All of it, for people.
pub fn text(report: &Value) -> String {
    let mut text = String::new();
    let mut section = |title: &str, lines: Vec<Vec<String>>| {
        if lines.len() > 1 {
            text += &format!("{title}\n\n{}\n", table(&lines));
        }
    };
    section(
        "One forward pass that records nothing",
        lines(ROW, &report["rows"], row_cells),
    );
    section(
        "One that records, against one that does not",
        lines(RECORDING, &report["recording"], recording_cells),
    );
    section(
        "Load: deit_tiny, from its bytes in memory",
        lines(LOAD, &report["load"], load_cells),
    );
    section(
        "Kernels alone",
        lines(KERNEL, &with_peaks(&report["kernels"]), kernel_cells),
    );
    section("wasm", lines(SIZE, &report["sizes"], size_cells));
    section("Bars", lines(BAR, &report["bars"], bar_cells));
    for line in items(&report["skipped"]) {
        text += &format!("skipped: {}\n", plain(line));
    }
    text + &machine(&report["machine"])
}

const ROW: &[&str] = &[
    "model",
    "engine",
    "bundle",
    "dtype",
    "threads",
    "ms",
    "quartiles",
    "vs ort",
    "Gop/s",
    "logit error",
    "MB",
];

fn row_cells(row: &Value) -> Vec<String> {
    let quartiles = &row["quartiles_ms"];
    vec![
        plain(&row["model"]),
        plain(&row["engine"]),
        plain(&row["bundle"]),
        plain(&row["dtype"]),
        plain(&row["threads"]),
        fixed(&row["median_ms"], 1),
        format!("{} - {}", fixed(&quartiles[0], 1), fixed(&quartiles[1], 1)),
        times(&row["speedup"]),
        fixed(&row["giga_ops_per_s"], 0),
        number(&row["logits_error"]).map_or_else(|| "-".into(), |error| format!("{error:.1e}")),
        scaled(&row["memory_peak_bytes"], 1e6),
    ]
}

const KERNEL: &[&str] = &["bundle", "kernel", "m", "k", "n", "G/s", "of peak"];

/// Adds to each product its share of what the inner loop does alone in the same bundle.
fn with_peaks(kernels: &Value) -> Value {
    let peak = |bundle: &Value| {
        items(kernels)
            .find(|row| row["kernel"] == "tile" && row["bundle"] == *bundle)
            .and_then(|row| number(&row["per_s"]))
    };
    items(kernels)
        .cloned()
        .map(|mut row| {
            if row["kernel"] == "product"
                && let (Some(peak), Some(own)) = (peak(&row["bundle"]), number(&row["per_s"]))
            {
                row["of_peak"] = (own / peak).into();
            }
            row
        })
        .collect()
}

fn kernel_cells(row: &Value) -> Vec<String> {
    let shape = &row["shape"];
    vec![
        plain(&row["bundle"]),
        plain(&row["kernel"]),
        plain(&shape[0]),
        plain(&shape[1]),
        plain(&shape[2]),
        number(&row["per_s"]).map_or_else(|| "-".into(), |speed| format!("{:.1}", speed / 1e9)),
        number(&row["of_peak"])
            .map_or_else(|| "-".into(), |share| format!("{:.0} %", share * 100.0)),
    ]
}

const RECORDING: &[&str] = &[
    "model",
    "bundle",
    "dtype",
    "recorded",
    "nothing ms",
    "ms",
    "ratio",
];

fn recording_cells(item: &Value) -> Vec<String> {
    vec![
        plain(&item["model"]),
        plain(&item["bundle"]),
        plain(&item["dtype"]),
        plain(&item["sites"]),
        fixed(&item["nothing_ms"], 1),
        fixed(&item["median_ms"], 1),
        times(&item["ratio"]),
    ]
}

const LOAD: &[&str] = &[
    "engine",
    "bundle",
    "dtype",
    "MB",
    "start ms",
    "ready ms",
    "first result ms",
    "all ms",
];

fn load_cells(item: &Value) -> Vec<String> {
    vec![
        plain(&item["engine"]),
        plain(&item["bundle"]),
        plain(&item["dtype"]),
        scaled(&item["bytes"], 1e6),
        fixed(&item["start_ms"], 0),
        fixed(&item["ready_ms"], 0),
        fixed(&item["first_result_ms"], 0),
        fixed(&item["all_ms"], 0),
    ]
}

const SIZE: &[&str] = &["engine", "bundle", "kB", "brotli kB"];

fn size_cells(item: &Value) -> Vec<String> {
    vec![
        plain(&item["engine"]),
        plain(&item["bundle"]),
        scaled(&item["wasm_bytes"], 1e3),
        scaled(&item["wasm_brotli_bytes"], 1e3),
    ]
}

const BAR: &[&str] = &["what", "measured", "met"];

fn bar_cells(item: &Value) -> Vec<String> {
    let unit = plain(&item["unit"]);
    let digits = if unit == "x" { 2 } else { 0 };
    let bound = match number(&item["at_least"]) {
        Some(_) => format!("bar {}", short(&item["at_least"])),
        None => format!("bar at most {}", short(&item["at_most"])),
    };
    let aim = number(&item["aim"]).map_or_else(String::new, |aim| format!(", aim {aim:.1}"));
    let value = fixed(&item["value"], digits);
    vec![
        plain(&item["what"]),
        format!("{value} {unit} ({bound}{aim})"),
        if item["met"] == true { "yes" } else { "NO" }.into(),
    ]
}

fn machine(machine: &Value) -> String {
    let load = &machine["load_average"];
    let mut text = format!(
        "{}, {} cores, Chromium {}, onnxruntime-web {}; load average {} before, {} after\n",
        plain(&machine["cpu"]),
        plain(&machine["cores"]),
        plain(&machine["chromium"]),
        plain(&machine["onnxruntime_web"]),
        fixed(&load["before"], 1),
        fixed(&load["after"], 1),
    );
    if machine["quick"] == true {
        text += "--quick: too few runs for a figure to be quoted\n";
    }
    if number(&load["before"]).is_some_and(|load| load > 0.5) {
        text += "other work was running: times are too long, and ratios rough\n";
    }
    text
}

/// A heading, and a line for each item.
fn lines(heading: &[&str], list: &Value, cells: fn(&Value) -> Vec<String>) -> Vec<Vec<String>> {
    let heading = heading.iter().map(|name| (*name).to_owned()).collect();
    std::iter::once(heading)
        .chain(items(list).map(cells))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_peer_is_its_better_figure_with_as_many_threads() {
        let row = |engine: &str, dtype: &str, threads: u32, median_ms: f64| {
            json!({
                "model": "m", "engine": engine, "bundle": "simd", "dtype": dtype,
                "threads": threads, "median_ms": median_ms, "logits_error": 1e-6,
            })
        };
        let mut report = json!({ "rows": [
            row("vitrine", "q8_0", 1, 50.0),
            row("ort", "f32", 1, 110.0),
            row("ort", "int8", 1, 100.0),
            row("ort", "f32", 2, 60.0),
            row("candle", "q8_0", 4, 70.0),
        ] });
        add_ratios(&mut report);
        assert_eq!(report["rows"][0]["speedup"], 2.0);
        assert_eq!(report["rows"][1]["speedup"], Value::Null);
        assert_eq!(
            report["rows"][4]["speedup"],
            Value::Null,
            "no peer with four"
        );
        assert!(text(&report).contains("2.00 x"));

        assert_eq!(disagreement(&report), None);
        report["rows"][1]["logits_error"] = json!(0.1);
        assert!(disagreement(&report).is_some_and(|text| text.starts_with("m of ort")));
    }

    #[test]
    fn bars_stand_beside_their_figures() {
        let bar = |item: Value| bar_cells(&item)[1].clone();
        let item = json!({ "unit": "x", "value": 3.21, "at_least": 3.0, "aim": 4.4 });
        assert_eq!(bar(item), "3.21 x (bar 3.0, aim 4.4)");
        let item = json!({ "unit": "kB", "value": 449.6, "at_most": 450.0 });
        assert_eq!(bar(item), "450 kB (bar at most 450)");
        let item = json!({ "unit": "x", "value": 1.3, "at_most": 1.25 });
        assert_eq!(bar(item), "1.30 x (bar at most 1.25)");
    }
}
