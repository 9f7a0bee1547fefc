//! `cargo xtask bench`: Vitrine's forward pass in headless Chromium, measured by
//! `tests/browser/bench.js`, which prints JSON; here it becomes a table.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::bundle::{self, BUNDLES};
use crate::setup;
use crate::steps::{Steps, command, output, root};
use crate::test::{BROWSER_TESTS, install_packages};

/// Measures the embedded models and the given files in every bundle.
pub fn bench(as_json: bool, models: &[PathBuf]) -> Result<()> {
    let mut steps = Steps::new();
    let models = models
        .iter()
        .map(|model| {
            model
                .canonicalize()
                .with_context(|| format!("{} not found", model.display()))
        })
        .collect::<Result<Vec<_>>>()?;
    bundle::build(&mut steps)?;
    steps.step("Node.js and packages", install_packages)?;
    let chromium = steps.step("Chromium", setup::chromium)?;
    let text = steps.step("measure", || {
        let mut bench = command("node");
        bench
            .current_dir(root().join(BROWSER_TESTS))
            .arg("bench.js");
        for bundle in BUNDLES {
            bench.args(["--bundle", bundle.name]);
        }
        for model in &models {
            bench.arg("--model").arg(model);
        }
        output(bench.env(setup::CHROMIUM_VARIABLE, chromium))
    })?;
    let mut report: Value =
        serde_json::from_str(&text).context("bench.js printed something else than JSON")?;
    report["bundles"] = steps.step("sizes", sizes)?;
    if as_json {
        println!("{report:#}");
    } else {
        print_tables(&report)?;
    }
    Ok(())
}

/// Bytes of each bundle's wasm, as it is and as a host would send it.
fn sizes() -> Result<Value> {
    let mut sizes = Vec::new();
    for bundle in BUNDLES {
        let wasm = fs::read(bundle::folder(bundle).join("vitrine_bg.wasm"))
            .with_context(|| format!("bundle {} cannot be read", bundle.name))?;
        let mut compressed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams::default(); // quality 11, as hosts do
        brotli::BrotliCompress(&mut wasm.as_slice(), &mut compressed, &parameters)?;
        sizes.push(json!({
            "bundle": bundle.name,
            "wasm_bytes": wasm.len(),
            "wasm_brotli_bytes": compressed.len(),
        }));
    }
    Ok(sizes.into())
}

const ROW: &[&str] = &[
    "model",
    "engine",
    "bundle",
    "dtype",
    "threads",
    "median_ms",
    "record_all_ms",
    "load_ms",
];
const SIZE: &[&str] = &["bundle", "wasm_bytes", "wasm_brotli_bytes"];

fn print_tables(report: &Value) -> Result<()> {
    print!("{}", table(ROW, &report["rows"])?);
    print!("\n{}", table(SIZE, &report["bundles"])?);
    println!(
        "\nmedian_ms: one forward pass that records nothing; record_all_ms: one that records every \
         attention pattern; load_ms: from the file's bytes to the ready engine"
    );
    Ok(())
}

/// A table with a line for each object, as wide as what stands in it.
fn table(columns: &[&str], rows: &Value) -> Result<String> {
    let rows = rows.as_array().context("the measurement has no rows")?;
    ensure!(!rows.is_empty(), "nothing was measured");
    let cell = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.2}", number.as_f64().unwrap_or(f64::NAN))
        }
        other => other.to_string(),
    };
    let mut lines = vec![
        columns
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>(),
    ];
    lines.extend(
        rows.iter()
            .map(|row| columns.iter().map(|name| cell(&row[*name])).collect()),
    );
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns.len()).filter_map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:<width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = json!([{"a": "long name", "b": 1.5}, {"a": "x", "b": 12}]);
        let text = table(&["a", "b"], &rows).unwrap();
        assert_eq!(text, "a          b\nlong name  1.50\nx          12\n");
        assert!(table(&["a"], &json!([])).is_err());
    }
}
