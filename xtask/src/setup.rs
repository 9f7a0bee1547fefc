//! What a fresh machine may lack: the wasm target, Node.js, Chromium. Finds it, installs it where
//! that needs no question, or says how to get it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::steps::{command, output, root, run};

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Playwright and the linters need it.
const OLDEST_NODE: u32 = 18;

/// Names under which systems install Chromium, the free one first.
const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];

/// Where it is when it is not on the PATH.
const CHROMIUM_PATHS: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The variable that names a browser outright, for us and for the page tests.
pub const CHROMIUM_VARIABLE: &str = "CHROMIUM";

/// Adds the wasm target to the toolchain when it is missing.
pub fn wasm_target() -> Result<()> {
    if has_wasm_target()? {
        return Ok(());
    }
    ensure!(
        find_program("rustup").is_some(),
        "this Rust has no {WASM_TARGET}, and there is no rustup to add it: install Rust from \
         https://rustup.rs, or your system's package of the standard library for that target"
    );
    run(command("rustup").args(["target", "add", WASM_TARGET]))?;
    ensure!(
        has_wasm_target()?,
        "rustup added {WASM_TARGET} to another toolchain than rustc's"
    );
    Ok(())
}

fn has_wasm_target() -> Result<bool> {
    let mut rustc = command("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    Ok(Path::new(output(&mut rustc)?.trim()).is_dir())
}

/// Adds the source of Rust's own library, which the bundle with threads builds anew, when it is missing.
pub fn rust_source() -> Result<()> {
    if has_rust_source()? {
        return Ok(());
    }
    ensure!(
        find_program("rustup").is_some(),
        "this Rust comes without its library's source, and there is no rustup to add it: install \
         Rust from https://rustup.rs, or your system's package of that source (rust-src)"
    );
    run(command("rustup").args(["component", "add", "rust-src"]))?;
    ensure!(
        has_rust_source()?,
        "rustup added rust-src to another toolchain than rustc's"
    );
    Ok(())
}

fn has_rust_source() -> Result<bool> {
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    Ok(library.join("Cargo.lock").is_file())
}

/// Makes sure of Node.js 18 or newer, with npm.
pub fn node() -> Result<()> {
    if node_version().is_none_or(|version| version < OLDEST_NODE) || find_program("npm").is_none() {
        apt_install(&["nodejs", "npm"]).context(NODE_HELP)?;
    }
    let version = node_version().context(NODE_HELP)?;
    ensure!(
        version >= OLDEST_NODE,
        "Node.js here is version {version}: {NODE_HELP}"
    );
    ensure!(
        find_program("npm").is_some(),
        "Node.js is here without npm: {NODE_HELP}"
    );
    Ok(())
}

const NODE_HELP: &str =
    "the tests need Node.js 18 or newer with npm: get it from https://nodejs.org";

fn node_version() -> Option<u32> {
    find_program("node")?;
    let text = output(command("node").arg("--version")).ok()?;
    text.trim()
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Installs what `package-lock.json` in a folder names, unless that is what is there. No package runs
/// anything of its own meanwhile.
pub fn packages(folder: &str) -> Result<()> {
    node()?;
    let folder = root().join(folder);
    let changed = |name: &str| {
        folder
            .join(name)
            .metadata()
            .and_then(|file| file.modified())
            .ok()
    };
    // npm writes the second file last; older than the first, or missing, means "install".
    let (lock, installed) = ("package-lock.json", "node_modules/.package-lock.json");
    if changed(installed).is_some_and(|installed| Some(installed) >= changed(lock)) {
        eprintln!("   packages unchanged");
        return Ok(());
    }
    let npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    run(command("npm").current_dir(folder).args(npm))
}

/// Finds Chromium, or installs it; gives the path of the program.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os(CHROMIUM_VARIABLE).map(PathBuf::from) {
        ensure!(
            starts(&path),
            "{CHROMIUM_VARIABLE}={} does not start",
            path.display()
        );
        return Ok(path);
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    apt_install(&["chromium"]).context(CHROMIUM_HELP)?;
    find_chromium().context(CHROMIUM_HELP)
}

const CHROMIUM_HELP: &str = "the tests need Chromium or Chrome: install it so that `chromium` or \
     `google-chrome` is on the PATH, or name it in the variable CHROMIUM";

fn find_chromium() -> Option<PathBuf> {
    let on_path = CHROMIUM_NAMES.iter().filter_map(|name| find_program(name));
    let elsewhere = CHROMIUM_PATHS
        .iter()
        .map(PathBuf::from)
        .filter(|path| path.is_file());
    // Started once, because some systems have a `chromium` that only tells how to install it.
    on_path.chain(elsewhere).find(|path| starts(path))
}

fn starts(program: &Path) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Installs packages without a question, which only root on a system with apt-get can.
fn apt_install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if find_program("apt-get").is_none() {
        bail!("{list} is not installed, and there is no apt-get to install it");
    }
    if output(command("id").arg("-u"))?.trim() != "0" {
        bail!("{list} is not installed: run `sudo apt-get install {list}`");
    }
    eprintln!("   installing {list} by apt-get");
    let apt = |arguments: &[&str]| {
        run(command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(arguments))
    };
    apt(&["update", "--quiet"])?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    apt(&[&install[..], packages].concat())
}

/// The full path of a program on the PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path_only() {
        assert!(find_program("cargo").is_some_and(|path| path.is_absolute()));
        assert!(find_program("no-such-program-anywhere").is_none());
    }
}
