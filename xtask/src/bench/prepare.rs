//! What the bench loads, made once under `bench/cache`: by `bench/models.py`, in a virtual
//! environment of its own, each model as safetensors and as ONNX; by Vitrine itself, as GGUF.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::FOLDER;
use crate::setup;
use crate::steps::{Steps, cargo, command, root, run, target_dir};

/// The variable that names a Python which has what `bench/requirements.txt` asks for.
const PYTHON_VARIABLE: &str = "VITRINE_BENCH_PYTHON";

/// Where real weights may lie, seen from the root; the other models have random ones.
const REAL_WEIGHTS: &[(&str, &str)] = &[("deit_tiny", "../shared/weights/deit_tiny_patch16_224")];

/// The number types of the GGUF files.
const DTYPES: &[&str] = &["f32", "q8_0", "q4_0"];

/// Names the file in a folder that says from what it was made.
const STAMP: &str = ".made-from";

/// Makes what is missing or older than what it is made from; gives the folder with a folder for
/// each model.
pub fn models(steps: &mut Steps, names: &[String], build: bool) -> Result<PathBuf> {
    let folder = root().join(FOLDER).join("cache").join("models");
    for name in names {
        let weights = real_weights(name);
        let stamp = stamp(weights.as_deref())?;
        let folder = folder.join(name);
        if is_stamped(&folder, &stamp) {
            continue;
        }
        let python = steps.step("Python", python)?;
        steps.step(&format!("model {name}"), || {
            let mut script = command(&python.to_string_lossy());
            script
                .current_dir(root().join(FOLDER))
                .args(["models.py", name])
                .arg(&folder);
            if let Some(weights) = &weights {
                script.arg("--weights").arg(weights);
            }
            run(&mut script)?;
            write_stamp(&folder, &stamp)
        })?;
    }
    let vitrine = target_dir()?
        .join("release")
        .join(format!("vitrine{}", env::consts::EXE_SUFFIX));
    if build {
        steps.step("vitrine, the native binary", || {
            run(cargo().args(["build", "--release", "--package", "vitrine", "--bins"]))
        })?;
    }
    steps.step("GGUF files", || {
        names
            .iter()
            .try_for_each(|name| quantize(&vitrine, &folder.join(name)))
    })?;
    Ok(folder)
}

/// One file for each number type, by the project's own command line.
fn quantize(vitrine: &Path, folder: &Path) -> Result<()> {
    ensure!(
        vitrine.is_file(),
        "there is no {}: leave --no-build out",
        vitrine.display()
    );
    let model = folder.join("model.safetensors");
    for dtype in DTYPES {
        let out = folder.join(format!("{dtype}.gguf"));
        if is_newer(&out, &[vitrine, &model]) {
            continue;
        }
        let mut quantize = command(&vitrine.to_string_lossy());
        quantize.arg("quantize").arg("--model").arg(&model);
        run(quantize.arg("--out").arg(&out).args(["--dtype", dtype]))?;
    }
    Ok(())
}

fn is_newer(file: &Path, than: &[&Path]) -> bool {
    let changed = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    let made = changed(file);
    made.is_some() && than.iter().all(|path| changed(path) <= made)
}

/// A Python with the packages that `models.py` imports: the one that the variable names, or that of
/// a virtual environment, which is made here.
fn python() -> Result<PathBuf> {
    if let Some(python) = env::var_os(PYTHON_VARIABLE) {
        return Ok(python.into());
    }
    let venv = root().join(FOLDER).join("cache").join("venv");
    let python = match cfg!(windows) {
        true => venv.join("Scripts").join("python.exe"),
        false => venv.join("bin").join("python"),
    };
    let requirements = root().join(FOLDER).join("requirements.txt");
    let text = fs::read_to_string(&requirements).context("bench/requirements.txt is missing")?;
    if is_stamped(&venv, &text) {
        return Ok(python);
    }
    let system = ["python3", "python"]
        .into_iter()
        .find(|name| setup::find_program(name).is_some())
        .with_context(|| {
            format!(
                "the models of the bench are made with Python 3.11 or newer: install it, or name \
                 one that has the packages of bench/requirements.txt in {PYTHON_VARIABLE}"
            )
        })?;
    eprintln!("   some gigabytes, this once; {PYTHON_VARIABLE} names a Python to take instead");
    run(command(system).args(["-m", "venv", "--clear"]).arg(&venv)).context(
        "some systems keep this apart from Python: `apt-get install python3-venv` adds it",
    )?;
    let mut pip = command(&python.to_string_lossy());
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    run(pip.arg(&requirements))?;
    write_stamp(&venv, &text)?;
    Ok(python)
}

/// The folder of a model's real weights, where they are.
fn real_weights(name: &str) -> Option<PathBuf> {
    let (_, folder) = REAL_WEIGHTS.iter().find(|(model, _)| *model == name)?;
    let folder = root().join(folder);
    folder.join("model.safetensors").is_file().then_some(folder)
}

/// What a model's files depend on.
fn stamp(weights: Option<&Path>) -> Result<String> {
    let mut hash = Sha256::new();
    for name in ["models.py", "requirements.txt"] {
        let file = root().join(FOLDER).join(name);
        hash.update(fs::read(file).with_context(|| format!("bench/{name} is missing"))?);
    }
    let hash: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let kind = weights.map_or("random", |_| "real");
    Ok(format!("{hash}\n{kind} weights\n"))
}

fn is_stamped(folder: &Path, stamp: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|made_from| made_from == stamp)
}

fn write_stamp(folder: &Path, stamp: &str) -> Result<()> {
    let file = folder.join(STAMP);
    fs::write(&file, stamp).with_context(|| format!("could not write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_anew_when_it_is_missing_or_older() {
        let folder = env::temp_dir().join(format!("vitrine-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (old, new) = (folder.join("old"), folder.join("new"));
        fs::write(&old, "").unwrap();
        let later = old.metadata().unwrap().modified().unwrap() + std::time::Duration::from_secs(9);
        fs::File::create(&new).unwrap().set_modified(later).unwrap();
        assert!(is_newer(&new, &[&old]));
        assert!(!is_newer(&old, &[&new]));
        assert!(!is_newer(&folder.join("missing"), &[&old]));
        assert!(!is_stamped(&folder, "a"));
        write_stamp(&folder, "a").unwrap();
        assert!(is_stamped(&folder, "a") && !is_stamped(&folder, "b"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
