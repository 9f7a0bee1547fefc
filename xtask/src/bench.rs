//! `cargo xtask bench`: Vitrine and onnxruntime-web in headless Chromium, in turn, measured by
//! `bench/bench.js`, which prints JSON; here it gets sizes and bars, and becomes tables.

mod bars;
mod prepare;
mod report;
mod sizes;
mod table;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::bundle;
use crate::setup;
use crate::steps::{Steps, command, output, root};

#[derive(Args)]
pub struct Options {
    /// Models to measure
    #[arg(
        long = "model",
        value_enum,
        value_delimiter = ',',
        value_name = "NAMES"
    )]
    #[arg(default_value = "deit_tiny,vit_small,swin_tiny")]
    models: Vec<Model>,
    /// Engines to measure; candle is Vitrine with candle's own products
    #[arg(
        long = "engine",
        value_enum,
        value_delimiter = ',',
        value_name = "NAMES"
    )]
    #[arg(default_value = "vitrine,ort,candle")]
    engines: Vec<Engine>,
    /// Forward passes of each, after warm-up
    #[arg(long, default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Three passes with hardly a warm-up: to see that it works, not how fast
    #[arg(long)]
    quick: bool,
    /// Measure what lies in pkg/ and target/, building nothing
    #[arg(long)]
    no_build: bool,
    /// Print nothing but JSON on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Model {
    DeitTiny,
    VitSmall,
    SwinTiny,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Vitrine,
    Ort,
    Candle,
}

/// The folder of the bench, from the root of the repository.
const FOLDER: &str = "bench";

/// Makes what is missing, measures, and prints.
pub fn bench(options: &Options) -> Result<()> {
    let mut steps = Steps::new();
    if !options.no_build {
        bundle::build(&mut steps)?;
    }
    let names: Vec<String> = options.models.iter().map(name).collect();
    let models = prepare::models(&mut steps, &names, !options.no_build)?;
    steps.step("Node.js and packages", || setup::packages(FOLDER))?;
    let chromium = steps.step("Chromium", setup::chromium)?;
    let text = steps.step("measure", || {
        let mut bench = command("node");
        bench.current_dir(root().join(FOLDER)).arg("bench.js");
        bench.arg("--models").arg(&models);
        for model in &names {
            bench.args(["--model", model]);
        }
        for engine in &options.engines {
            bench.args(["--engine", &name(engine)]);
        }
        bench.args(["--runs", &options.runs.to_string()]);
        if options.quick {
            bench.arg("--quick");
        }
        output(bench.env(setup::CHROMIUM_VARIABLE, chromium))
    })?;
    let mut report: Value =
        serde_json::from_str(&text).context("bench.js printed something else than JSON")?;
    let rows = report["rows"].as_array().map_or(0, Vec::len);
    ensure!(rows > 0, "nothing was measured");
    report["sizes"] = steps.step("sizes", sizes::of_everything)?;
    report::add_ratios(&mut report);
    report["bars"] = bars::of(&report);
    if options.json {
        println!("{report:#}");
    } else {
        print!("{}", report::text(&report));
    }
    match report::disagreement(&report) {
        Some(who) => bail!("{who}"),
        None => Ok(()),
    }
}

/// As the command line spells it.
fn name(value: &impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}
