//! The build tool of Vitrine: `cargo xtask serve | build | test | bench`.
//!
//! Each command sets up what it needs on a fresh machine, prints timed steps, and says what to do
//! where it cannot go on.

mod bench;
mod bundle;
mod listing;
mod range;
mod respond;
mod serve;
mod setup;
mod site;
mod steps;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, serve, test and measure Vitrine")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the wasm bundles and serve the page at http://127.0.0.1:8080
    Serve {
        /// Port to listen on; 0 takes any free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build the page as a static site for any host
    Build {
        /// Folder to write the site to, if not dist/ in the repository
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Do everything that CI does: format, lint, native tests, wasm and page tests in a browser
    Test {
        /// Only these steps, in their usual order
        #[arg(value_enum)]
        only: Vec<test::Part>,
    },
    /// Measure Vitrine against onnxruntime-web in headless Chromium
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve { port } => serve::serve(port),
        Command::Build { out } => site::build(&out.unwrap_or_else(|| steps::root().join("dist"))),
        Command::Test { only } => test::test(&only),
        Command::Bench(options) => bench::bench(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
