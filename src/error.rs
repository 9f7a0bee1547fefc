//! Everything that can go wrong, each with a code for programs and one sentence for people.

use thiserror::Error;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One variant per kind of trouble; the sentence says what, where and what to do.
#[derive(Debug, Error)]
pub enum Error {
    /// The photo could not be decoded, or its bytes do not fit the size announced.
    #[error("{0}")]
    Photo(String),
    /// The file is not what its name or header promises.
    #[error("This is not a usable {format} file: {why}.")]
    Format { format: &'static str, why: String },
    /// The file ends before all of its tensors have come.
    #[error(
        "The {format} file is cut off: {received} of {expected} bytes are there. Load the whole file again."
    )]
    Truncated {
        format: &'static str,
        expected: u64,
        received: u64,
    },
    #[error(
        "The checkpoint has no tensor `{name}`, which this model needs. Is it a complete ViT, DeiT or Swin checkpoint?"
    )]
    MissingTensor { name: String },
    #[error(
        "The checkpoint has a tensor `{name}` that is part of no ViT or Swin known to Vitrine, so the result would be wrong."
    )]
    UnknownTensor { name: String },
    #[error("Tensor `{name}` has shape {found}, but {expected} is needed here.")]
    Shape {
        name: String,
        expected: String,
        found: String,
    },
    #[error(
        "Tensor `{name}` is stored as {dtype}; Vitrine reads f32, f16, bf16, and in GGUF also Q8_0 and Q4_0."
    )]
    Dtype { name: String, dtype: String },
    /// The configuration contradicts itself, or lacks what the shapes do not tell.
    #[error("{0}")]
    Config(String),
    #[error(
        "config.json describes a `{found}`; Vitrine runs ViT, DeiT and Swin (timm or transformers)."
    )]
    Architecture { found: String },
    #[error(
        "The file's SHA-256 is {found}, but {expected} was expected: it was damaged or replaced on the way. Load it again."
    )]
    Hash { expected: String, found: String },
    /// An input size that the model cannot take.
    #[error("{0}")]
    Size(String),
    #[error("There is no site `{0}` in this model.")]
    Site(String),
    #[error("Not enough memory for {what} ({bytes} bytes).")]
    Memory { what: String, bytes: u64 },
    #[error("There is no photo yet: give one first.")]
    NoPhoto,
    #[error("{path}: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error("The engine failed: {0}")]
    Engine(#[from] candle_core::Error),
}

impl Error {
    /// A short name that programs can rely on; the page keeps it beside the sentence.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Photo(_) => "photo",
            Error::Format { .. } => "format",
            Error::Truncated { .. } => "truncated",
            Error::MissingTensor { .. } => "missing-tensor",
            Error::UnknownTensor { .. } => "unknown-tensor",
            Error::Shape { .. } => "shape",
            Error::Dtype { .. } => "dtype",
            Error::Config(_) => "config",
            Error::Architecture { .. } => "architecture",
            Error::Hash { .. } => "hash",
            Error::Size(_) => "size",
            Error::Site(_) => "site",
            Error::Memory { .. } => "memory",
            Error::NoPhoto => "no-photo",
            Error::File { .. } => "file",
            Error::Engine(_) => "engine",
        }
    }

    pub(crate) fn shape(name: &str, expected: &[usize], found: &[usize]) -> Self {
        Error::Shape {
            name: name.to_owned(),
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        }
    }
}
