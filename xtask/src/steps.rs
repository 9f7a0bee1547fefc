//! Timed steps, and commands whose failure says what was run and what to do.
//!
//! All of it goes to stderr, so that stdout stays free for results (`cargo xtask bench --json`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The root of the repository: the folder above this crate.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// Cargo's target folder, wherever environment or configuration put it.
pub fn target_dir() -> Result<PathBuf> {
    let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).context("cargo metadata printed something else than JSON")?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder
        .context("cargo metadata names no target_directory")?
        .into())
}

/// Cargo, run in the root of the repository.
pub fn cargo() -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
}

/// Any program, run in the root of the repository.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Runs a command to its end, showing what it prints. An exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    let status = command.status().with_context(|| could_not_start(command))?;
    if !status.success() {
        bail!(
            "`{}` failed ({status}); its own words are above",
            shown(command)
        );
    }
    Ok(())
}

/// Runs a command to its end and gives what it printed on stdout.
pub fn output(command: &mut Command) -> Result<String> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().with_context(|| could_not_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn could_not_start(command: &Command) -> String {
    format!(
        "`{}` could not be started: is it installed and on the PATH?",
        shown(command)
    )
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// What was done so far, how long it took and how it ended.
#[derive(Default)]
pub struct Steps {
    done: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    pub fn new() -> Self {
        Self::default()
    }

    /// Does one step, timed.
    ///
    /// # Errors
    /// Those of the step, with its name in front.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("── {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let outcome = match &result {
            Ok(_) => Outcome::Passed,
            Err(_) => Outcome::Failed,
        };
        eprintln!("   {name}: {} {}", word(&outcome), seconds(took));
        self.done.push((name.into(), took, outcome));
        result.with_context(|| name.to_owned())
    }

    /// Does one step and goes on when it fails; gives whether it passed.
    pub fn attempt(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        let result = self.step(name, work);
        if let Err(error) = &result {
            eprintln!("   {error:#}");
        }
        result.is_ok()
    }

    /// Notes a step that could not be tried.
    pub fn skip(&mut self, name: &str, why: &str) {
        eprintln!("── {name}: skipped, {why}");
        self.done
            .push((name.into(), Duration::ZERO, Outcome::Skipped));
    }

    /// Prints a line for each step.
    ///
    /// # Errors
    /// When a step failed or was skipped.
    pub fn summary(&self) -> Result<()> {
        eprintln!("\n── summary");
        for (name, took, outcome) in &self.done {
            eprintln!("   {:<8} {:>8}  {name}", word(outcome), seconds(*took));
        }
        let total = self.done.iter().map(|(_, took, _)| *took).sum();
        eprintln!("            {:>5}  in all", seconds(total));
        let bad: Vec<&str> = self
            .done
            .iter()
            .filter(|(_, _, outcome)| !matches!(outcome, Outcome::Passed))
            .map(|(name, _, _)| name.as_str())
            .collect();
        if !bad.is_empty() {
            bail!("did not pass: {}", bad.join(", "));
        }
        Ok(())
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "FAILED",
        Outcome::Skipped => "SKIPPED",
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_summary_and_is_named() {
        let mut steps = Steps::new();
        assert!(steps.attempt("good", || Ok(())));
        assert!(steps.summary().is_ok());
        assert!(!steps.attempt("bad", || bail!("no")));
        steps.skip("later", "bad failed");
        let error = steps.summary().unwrap_err().to_string();
        assert_eq!(error, "did not pass: bad, later");
    }

    #[test]
    fn a_command_that_fails_or_is_missing_is_named() {
        let error = run(cargo().arg("no-such-command")).unwrap_err();
        assert!(error.to_string().contains("no-such-command"), "{error}");
        let error = run(&mut command("no-such-program-anywhere")).unwrap_err();
        assert!(
            error.to_string().contains("no-such-program-anywhere"),
            "{error}"
        );
    }
}
