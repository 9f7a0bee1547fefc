//! The wasm bundles: cargo builds the library for wasm32, wasm-bindgen writes `pkg/<bundle>/`.
//!
//! A wasm module is validated whole when it loads, so each set of wasm features that browsers
//! differ in is a bundle of its own. wasm-bindgen is linked as a library, so that its version is
//! the one of Cargo.lock.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::listing;
use crate::setup;
use crate::site::Site;
use crate::steps::{Steps, cargo, command, root, run, target_dir};

/// One set of wasm features.
pub struct Bundle {
    pub name: &'static str,
    /// Flags for rustc beyond those in `.cargo/config.toml`.
    rustflags: &'static [&'static str],
    /// Features that wasm-opt must be allowed beyond `WASM_OPT`.
    wasm_opt: &'static [&'static str],
}

/// Every bundle that is built, the one that runs everywhere first.
pub const BUNDLES: &[Bundle] = &[Bundle {
    name: "simd",
    rustflags: &[],
    wasm_opt: &[],
}];

/// What rustc and wasm-bindgen emit for every bundle.
const WASM_OPT: &[&str] = &[
    "-O3",
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// File in a bundle's folder that says from what it was made.
const STAMP: &str = ".made-from";

/// Builds every bundle into `pkg/`.
pub fn build(steps: &mut Steps) -> Result<()> {
    steps.step("wasm target", setup::wasm_target)?;
    for bundle in BUNDLES {
        let wasm = steps.step(&format!("build bundle {}", bundle.name), || compile(bundle))?;
        steps.step(&format!("pack bundle {}", bundle.name), || {
            pack(bundle, &wasm)
        })?;
    }
    steps.step("list the site", || listing::write(&Site::of_repository()))
}

/// The folder of a bundle.
pub fn folder(bundle: &Bundle) -> PathBuf {
    root().join("pkg").join(bundle.name)
}

/// Runs cargo; gives the path of the .wasm file.
fn compile(bundle: &Bundle) -> Result<PathBuf> {
    // A target folder for each bundle: with one for all, their flags would rebuild each other.
    let target = target_dir()?.join("bundles").join(bundle.name);
    let mut cargo = cargo();
    // Flags in the environment would replace those of .cargo/config.toml, SIMD among them.
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.args(["build", "--profile", "wasm", "--target", setup::WASM_TARGET]);
    cargo
        .args(["--package", "vitrine", "--lib", "--target-dir"])
        .arg(&target);
    if !bundle.rustflags.is_empty() {
        // Added to the list in .cargo/config.toml: cargo joins lists.
        let flags = bundle.rustflags;
        cargo
            .arg("--config")
            .arg(format!("target.{}.rustflags={flags:?}", setup::WASM_TARGET));
    }
    run(&mut cargo)?;
    let wasm = target
        .join(setup::WASM_TARGET)
        .join("wasm")
        .join("vitrine.wasm");
    ensure!(wasm.is_file(), "cargo built no {}", wasm.display());
    Ok(wasm)
}

/// wasm-bindgen and, where it is on the PATH, wasm-opt: `pkg/<bundle>/vitrine.js` and
/// `vitrine_bg.wasm`. Does nothing when they were made from the same input.
fn pack(bundle: &Bundle, wasm: &Path) -> Result<()> {
    let out = folder(bundle);
    let wasm_opt = setup::find_program("wasm-opt");
    let stamp = stamp(bundle, wasm, wasm_opt.as_deref())?;
    if fs::read_to_string(out.join(STAMP)).is_ok_and(|made_from| made_from == stamp) {
        eprintln!("   unchanged");
        return Ok(());
    }
    let _ = fs::remove_file(out.join(STAMP));
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .typescript(true)
        .out_name("vitrine")
        .input_path(wasm);
    bindgen.generate(&out).with_context(|| {
        format!(
            "wasm-bindgen cannot read {}: if it says that versions differ, \
             `cargo update -p wasm-bindgen -p wasm-bindgen-cli-support` aligns them",
            wasm.display()
        )
    })?;
    match wasm_opt {
        Some(program) => {
            let module = out.join("vitrine_bg.wasm");
            let smaller = out.join("vitrine_bg.opt.wasm");
            let mut command = command(&program.to_string_lossy());
            command
                .args(WASM_OPT)
                .args(bundle.wasm_opt)
                .arg(&module)
                .arg("-o")
                .arg(&smaller);
            run(&mut command)?;
            fs::rename(&smaller, &module).context("could not replace vitrine_bg.wasm")?;
        }
        None => eprintln!("   wasm-opt is not on the PATH: the bundle stays about a tenth larger"),
    }
    fs::write(out.join(STAMP), stamp).context("could not write the bundle's stamp")
}

/// What a packed bundle depends on; the .wasm file carries wasm-bindgen's version in itself.
fn stamp(bundle: &Bundle, wasm: &Path, wasm_opt: Option<&Path>) -> Result<String> {
    let bytes = fs::read(wasm).with_context(|| format!("could not read {}", wasm.display()))?;
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let wasm_opt = match wasm_opt {
        Some(program) => format!("{} {WASM_OPT:?} {:?}", program.display(), bundle.wasm_opt),
        None => "none".into(),
    };
    Ok(format!("{hash}\nwasm-opt {wasm_opt}\n"))
}
