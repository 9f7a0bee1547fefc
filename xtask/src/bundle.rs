//! The wasm bundles: cargo builds the library for wasm32, wasm-bindgen writes `pkg/<bundle>/`.
//!
//! A wasm module is validated whole when it loads, so each set of wasm features that browsers
//! differ in is a bundle of its own. wasm-bindgen is linked as a library, so that its version is
//! the one of Cargo.lock.

use std::env;
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
    /// Flags for rustc beyond those in `.cargo/config.toml`, for the crate `vitrine` alone: what it
    /// is built on is the same in every bundle.
    rustc: &'static [&'static str],
    /// Whether its memory is shared among threads: then the standard library and all dependencies are
    /// built for that too.
    threads: bool,
    /// Features that wasm-opt must be allowed beyond `WASM_OPT`.
    wasm_opt: &'static [&'static str],
}

/// Instructions in the order in which the source has them: LLVM's own order keeps more values at once than
/// V8 has registers for, and the inner loop of a product then runs at 130 instead of 215 Gop/s.
const AS_WRITTEN: &str = "llvm-args=-pre-RA-sched=linearize";

/// Every bundle that is built, the one that runs everywhere first.
pub const BUNDLES: &[Bundle] = &[
    Bundle {
        name: "simd",
        rustc: &["-C", AS_WRITTEN],
        threads: false,
        wasm_opt: &[],
    },
    Bundle {
        name: "relaxed",
        rustc: &["-C", "target-feature=+relaxed-simd", "-C", AS_WRITTEN],
        threads: false,
        wasm_opt: &["--enable-relaxed-simd"],
    },
    Bundle {
        name: "threads",
        rustc: &["-C", "target-feature=+relaxed-simd", "-C", AS_WRITTEN],
        threads: true,
        wasm_opt: &["--enable-relaxed-simd", "--enable-threads"],
    },
];

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

/// What rustc needs for memory that threads share: the instructions, and from the linker a memory that
/// is imported and may grow as large as the other bundles' (address space is reserved for all of it:
/// where that is refused, the page takes another bundle), with what threads need to find their own
/// parts of it.
const SHARED_MEMORY: &[&str] = &[
    "-C",
    "target-feature=+atomics,+bulk-memory",
    "-C",
    "link-arg=--shared-memory",
    "-C",
    "link-arg=--import-memory",
    "-C",
    "link-arg=--max-memory=4294967296",
    "-C",
    "link-arg=--export=__heap_base",
    "-C",
    "link-arg=--export=__wasm_init_tls",
    "-C",
    "link-arg=--export=__tls_size",
    "-C",
    "link-arg=--export=__tls_align",
    "-C",
    "link-arg=--export=__tls_base",
];

/// The variable that, set to anything, keeps the names of functions in the bundles.
const NAMES_VARIABLE: &str = "VITRINE_WASM_NAMES";

/// File in a bundle's folder that says from what it was made.
const STAMP: &str = ".made-from";

/// Builds every bundle into `pkg/`.
pub fn build(steps: &mut Steps) -> Result<()> {
    steps.step("wasm target", setup::wasm_target)?;
    steps.step("Rust's own source", setup::rust_source)?;
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

/// What cargo must be told for memory that threads share; it adds this to the list in
/// `.cargo/config.toml`.
pub fn shared_memory() -> [String; 2] {
    let flags = format!("target.{}.rustflags={SHARED_MEMORY:?}", setup::WASM_TARGET);
    ["--config".into(), flags]
}

/// Runs cargo; gives the path of the .wasm file.
fn compile(bundle: &Bundle) -> Result<PathBuf> {
    // A target folder for each bundle: in one for all, their wasm files would have one name.
    let bundles = target_dir()?.join("bundles");
    let target = bundles.join(bundle.name);
    let first = bundles.join(BUNDLES[0].name);
    if !bundle.threads && !target.exists() && first.exists() {
        share_dependencies(&first, &target)?;
    }
    let mut cargo = cargo();
    // Flags in the environment would replace those of .cargo/config.toml, SIMD among them.
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.args(["rustc", "--profile", "wasm", "--target", setup::WASM_TARGET]);
    cargo
        .args(["--package", "vitrine", "--lib", "--target-dir"])
        .arg(&target);
    if bundle.threads {
        // Stable Rust builds its own library anew only when told that it may.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.arg("-Zbuild-std=std,panic_abort");
        cargo.args(shared_memory());
    }
    cargo.arg("--").args(bundle.rustc);
    run(&mut cargo)?;
    let wasm = target
        .join(setup::WASM_TARGET)
        .join("wasm")
        .join("vitrine.wasm");
    ensure!(wasm.is_file(), "cargo built no {}", wasm.display());
    Ok(wasm)
}

/// Gives a new target folder what an old one built for the crates below `vitrine`, as links: a
/// bundle's own flags do not concern them, and they are most of the work. (Not where memory is shared: what
/// is built anew there, through a link, would make the old folder's stale.)
fn share_dependencies(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("could not make {}", to.display()))?;
    let entries =
        fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().contains("vitrine") {
            continue;
        }
        let (old, new) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            share_dependencies(&old, &new)?;
        } else if fs::hard_link(&old, &new).is_err() {
            fs::copy(&old, &new).with_context(|| format!("could not copy {}", old.display()))?;
        }
    }
    Ok(())
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
    // All of it: what an older build left would be listed, and kept for visits without a network.
    let _ = fs::remove_dir_all(&out);
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .typescript(true)
        .remove_name_section(!wants_names())
        .remove_producers_section(true)
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

/// Whether the functions' names stay in, which a profiler shows and nobody else needs: a twelfth of the
/// bundle.
fn wants_names() -> bool {
    env::var_os(NAMES_VARIABLE).is_some()
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
    let names = if wants_names() { "kept" } else { "none" };
    Ok(format!("{hash}\nwasm-opt {wasm_opt}\nnames {names}\n"))
}
