//! A checkpoint from a file, for the native command line.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::stream::Format;
use super::{Checkpoint, Dtype, Loader};
use crate::error::{Error, Result};
use crate::model::Settings;

impl Checkpoint {
    /// Opens a `.gguf` file, or a `.safetensors` file with the `config.json` given or beside it.
    ///
    /// `dtype` is what the matrices of a safetensors file are stored as.
    pub fn open(path: &Path, config: Option<&Path>, dtype: Dtype) -> Result<Self> {
        let at = |path: &Path, source| Error::File {
            path: path.display().to_string(),
            source,
        };
        let mut file = File::open(path).map_err(|error| at(path, error))?;
        let length = file.metadata().map_err(|error| at(path, error))?.len();
        let is_gguf = path
            .extension()
            .is_some_and(|extension| extension == "gguf");
        let mut loader = if is_gguf {
            Loader::new(Format::Gguf, Some(length), Settings::default(), dtype, None)
        } else {
            let settings = settings_beside(path, config)?;
            Loader::new(Format::Safetensors, Some(length), settings, dtype, None)
        };
        let mut chunk = vec![0; 1 << 20];
        loop {
            match file.read(&mut chunk).map_err(|error| at(path, error))? {
                0 => return loader.finish(),
                count => loader.push(&chunk[..count])?,
            }
        }
    }
}

fn settings_beside(model: &Path, config: Option<&Path>) -> Result<Settings> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|source| Error::File {
            path: path.display().to_string(),
            source,
        })
    };
    let config = match config {
        Some(path) => Some(path.to_owned()),
        None => Some(model.with_file_name("config.json")).filter(|path| path.exists()),
    };
    let preprocessor = config
        .as_deref()
        .unwrap_or(model)
        .with_file_name("preprocessor_config.json");
    let preprocessor = preprocessor.exists().then_some(preprocessor);
    Settings::from_json(
        config.as_deref().map(read).transpose()?.as_deref(),
        preprocessor.as_deref().map(read).transpose()?.as_deref(),
    )
}
