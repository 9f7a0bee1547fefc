//! The native command line: the same engine as in the page.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use candle_core::Tensor;
use clap::{Args, Parser, Subcommand};
use vitrine::evaluate::{Labelled, evaluate};
use vitrine::model::Model;
use vitrine::site::{NoHook, Recorder};
use vitrine::weights::{Checkpoint, Dtype, gguf};
use vitrine::{Error, Result, photo};

/// See inside a vision transformer.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The likeliest classes for a photo
    Predict {
        #[command(flatten)]
        model: ModelArgs,
        #[arg(long)]
        image: PathBuf,
        /// How many classes
        #[arg(long, default_value_t = 5)]
        top: usize,
        #[arg(long)]
        json: bool,
    },
    /// Writes the tensors at the sites asked for
    Trace {
        #[command(flatten)]
        model: ModelArgs,
        #[arg(long)]
        image: PathBuf,
        /// A safetensors file
        #[arg(long)]
        out: PathBuf,
        /// Site names, `*` for any characters, separated by commas
        #[arg(long, default_value = "*", value_delimiter = ',')]
        sites: Vec<String>,
    },
    /// Top-1 and top-5 over labelled photos
    Evaluate {
        #[command(flatten)]
        model: ModelArgs,
        /// An npz with the arrays webp, offsets, labels
        #[arg(long, required_unless_present = "folder")]
        data: Option<PathBuf>,
        #[arg(long, conflicts_with = "data", requires = "labels")]
        folder: Option<PathBuf>,
        /// A csv with the columns file and label (the class index)
        #[arg(long)]
        labels: Option<PathBuf>,
        /// Where to write the first class of each photo, as csv
        #[arg(long)]
        answers: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Writes a checkpoint as one GGUF file
    Quantize {
        /// A safetensors file
        #[arg(long)]
        model: PathBuf,
        /// config.json, if not beside the model
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        dtype: Dtype,
    },
    /// Architecture, tensors and sizes of a checkpoint
    Inspect {
        model: PathBuf,
        /// config.json, if not beside the model
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[derive(Args)]
struct ModelArgs {
    /// A .gguf, or a .safetensors with its config.json
    #[arg(long)]
    model: PathBuf,
    /// config.json, if not beside the model
    #[arg(long)]
    config: Option<PathBuf>,
    /// Another input size than the model's own: N or HxW
    #[arg(long, value_parser = vitrine::model::size_from_text)]
    size: Option<(usize, usize)>,
}

impl ModelArgs {
    fn open(&self) -> Result<Model> {
        let open = || {
            let checkpoint = Checkpoint::open(&self.model, self.config.as_deref(), Dtype::F32)?;
            Model::new(checkpoint, self.size)
        };
        about(&self.model, open())
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // candle adds a backtrace below where one was asked for.
            eprintln!("{}", error.to_string().lines().next().unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

/// Puts the file that a result is about in front of its error.
fn about<T>(path: &Path, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        Error::File { .. } => error,
        other => Error::Config(format!("{}: {other}", path.display())),
    })
}

fn input(model: &Model, image: &Path) -> Result<Tensor> {
    about(
        image,
        photo::open(image).and_then(|photo| photo.input_for(model)),
    )
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|source| Error::File {
        path: path.display().to_string(),
        source,
    })
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Predict {
            model: args,
            image,
            top,
            json,
        } => {
            let model = args.open()?;
            let logits = model.forward(&input(&model, &image)?, &mut NoHook)?;
            let predictions = model.predictions(&logits, top)?;
            if json {
                let name = model.checkpoint().settings.display_name();
                println!(
                    "{}",
                    serde_json::json!({ "model": name, "predictions": predictions })
                );
            } else if predictions.is_empty() {
                println!("the model has no head, so it names no classes");
            } else {
                for prediction in predictions {
                    let percent = 100.0 * prediction.probability;
                    println!("{percent:5.1} %  {}", prediction.label);
                }
            }
        }
        Command::Trace {
            model: args,
            image,
            out,
            sites,
        } => {
            let model = args.open()?;
            let mut recorder = Recorder::new(sites.clone());
            model.forward(&input(&model, &image)?, &mut recorder)?;
            let sites_here: Vec<&String> = recorder.tensors.keys().collect();
            for pattern in &sites {
                if !sites_here
                    .iter()
                    .any(|site| vitrine::site::matches(pattern, site))
                {
                    return Err(Error::Site(pattern.clone()));
                }
            }
            let tensors: HashMap<String, Tensor> = recorder.tensors.into_iter().collect();
            candle_core::safetensors::save(&tensors, &out)?;
        }
        Command::Evaluate {
            model: args,
            data,
            folder,
            labels,
            answers,
            json,
        } => {
            let photos = match (data, folder, labels) {
                (Some(npz), _, _) => Labelled::from_npz(&npz)?,
                (None, Some(folder), Some(csv)) => Labelled::from_folder(&folder, &csv)?,
                _ => {
                    return Err(Error::Config(
                        "Give --data, or --folder with --labels.".to_owned(),
                    ));
                }
            };
            let scores = evaluate(&args.open()?, &photos)?;
            if let Some(path) = answers {
                write(&path, scores.csv().as_bytes())?;
            }
            if json {
                println!("{}", serde_json::json!(scores));
            } else {
                println!(
                    "top-1 {:.2} %, top-5 {:.2} % of {} photos, {:.1} photos a second",
                    100.0 * scores.top1,
                    100.0 * scores.top5,
                    scores.photos,
                    scores.photos_per_second
                );
            }
        }
        Command::Quantize {
            model,
            config,
            out,
            dtype,
        } => {
            let open = || {
                let checkpoint = Checkpoint::open(&model, config.as_deref(), dtype)?;
                // Building the model proves that the checkpoint is whole.
                gguf::write(Model::new(checkpoint, None)?.checkpoint())
            };
            write(&out, &about(&model, open())?)?;
        }
        Command::Inspect { model, config } => inspect(&model, config.as_deref())?,
    }
    Ok(())
}

fn inspect(path: &Path, config: Option<&Path>) -> Result<()> {
    let checkpoint = about(path, Checkpoint::open(path, config, Dtype::F32))?;
    for (name, tensor) in &checkpoint.tensors {
        let shape = format!("{:?}", tensor.shape().dims());
        println!("{name:40} {shape:20} {:?}", tensor.dtype());
    }
    let model = about(path, Model::new(checkpoint, None))?;
    let about = model.describe();
    println!(
        "{} ({}): {} parameters, {} bytes as {}, input {} x {}, patches {} x {}, {} blocks, {} heads, {} classes",
        about.name,
        about.architecture.as_deref().unwrap_or(about.family.name()),
        about.parameters,
        about.bytes,
        about.dtype,
        about.input.height,
        about.input.width,
        about.grid.rows,
        about.grid.columns,
        about.layers.len(),
        about.layers.first().map_or(0, |layer| layer.heads),
        about.num_classes
    );
    for note in about.notes {
        println!("note: {note}");
    }
    Ok(())
}
