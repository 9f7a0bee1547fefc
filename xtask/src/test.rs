//! `cargo xtask test`: all that CI checks. Goes on after a failure, so that one run shows them all,
//! and fails at the end.

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::bundle;
use crate::setup::{self, WASM_TARGET};
use crate::steps::{Steps, cargo, command, root, run, target_dir};

/// A part of the tests that can be asked for alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// rustfmt and clippy, natively and for wasm
    Lint,
    /// Format, lint and types of the page's JavaScript
    Javascript,
    /// The Rust tests
    Native,
    /// The engine and the page in headless Chromium
    Browser,
}

/// The folder of the page tests, with the linters of all JavaScript.
const BROWSER_TESTS: &str = "tests/browser";

/// Runs the parts asked for, or all.
pub fn test(only: &[Part]) -> Result<()> {
    let wanted = |part| only.is_empty() || only.contains(&part);
    let mut steps = Steps::new();
    if wanted(Part::Lint) {
        lint(&mut steps);
    }
    if wanted(Part::Native) {
        native(&mut steps);
    }
    if wanted(Part::Javascript) {
        javascript(&mut steps);
    }
    if wanted(Part::Browser) {
        browser(&mut steps);
    }
    steps.summary()
}

fn lint(steps: &mut Steps) {
    steps.attempt("rustfmt", || {
        run(cargo().args(["fmt", "--all", "--check"])).context("`cargo fmt --all` mends it")
    });
    // In the release profile, as all that is native here: one profile builds its crates once.
    steps.attempt("clippy", || {
        run(cargo()
            .args(["clippy", "--release", "--workspace", "--all-targets"])
            .args(DENY))
    });
    steps.attempt("clippy for wasm", || clippy_for_wasm(&[]));
    // To look at the code takes no standard library with threads, only to link it.
    steps.attempt("clippy for wasm with threads", || {
        clippy_for_wasm(&bundle::shared_memory())
    });
}

fn clippy_for_wasm(options: &[String]) -> Result<()> {
    setup::wasm_target()?;
    let mut clippy = cargo();
    // Flags in the environment would replace those of .cargo/config.toml.
    clippy
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    clippy.args(["clippy", "--release", "--target", WASM_TARGET]);
    clippy.args(["-p", "vitrine", "--lib"]).args(options);
    run(clippy.args(DENY))
}

const DENY: &[&str] = &["--", "--deny", "warnings"];

fn native(steps: &mut Steps) {
    steps.attempt("Rust tests", || {
        run(cargo().args(["test", "--release", "--workspace"]))
    });
}

fn javascript(steps: &mut Steps) {
    if !node_modules(steps) {
        return steps.skip("JavaScript", "the step before it failed");
    }
    steps.attempt("prettier", || {
        npm(&["run", "--silent", "format"])
            .context("`npm run format -- --write` in tests/browser mends it")
    });
    steps.attempt("eslint", || npm(&["run", "--silent", "lint"]));
    steps.attempt("types", || npm(&["run", "--silent", "types"]));
}

fn browser(steps: &mut Steps) {
    let ready = steps.attempt("vitrine, the native binary", || {
        run(cargo().args(["build", "--release", "--workspace", "--bins"]))
    });
    let ready = bundle::build(steps).is_ok() && ready;
    let ready = node_modules(steps) && ready;
    let mut chromium = None;
    let ready = steps.attempt("Chromium", || {
        let found = setup::chromium()?;
        eprintln!("   {}", found.display());
        chromium = Some(found);
        Ok(())
    }) && ready;
    let (true, Some(chromium)) = (ready, chromium) else {
        return steps.skip("page tests", "a step before it failed");
    };
    steps.attempt("page tests", || {
        let mut playwright = command("npm");
        playwright
            .current_dir(root().join(BROWSER_TESTS))
            .args(["run", "--silent", "test"])
            .env(setup::CHROMIUM_VARIABLE, chromium);
        for (variable, program) in [("VITRINE_BINARY", "vitrine"), ("XTASK_BINARY", "xtask")] {
            let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
            playwright.env(variable, target_dir()?.join("release").join(file));
        }
        run(&mut playwright)
    });
}

/// Node.js and the packages of the page tests.
fn node_modules(steps: &mut Steps) -> bool {
    steps.attempt("Node.js and packages", || setup::packages(BROWSER_TESTS))
}

fn npm(arguments: &[&str]) -> Result<()> {
    run(command("npm")
        .current_dir(root().join(BROWSER_TESTS))
        .args(arguments))
}
