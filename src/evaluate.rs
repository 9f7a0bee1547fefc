//! Top-1 and top-5 over a set of labelled photos.

use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::npy::NpzTensors;
use candle_core::{DType, Tensor};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::Model;
use crate::photo;
use crate::site::NoHook;

/// Photos still encoded, each with its class.
pub enum Photos {
    /// The bytes of all photos one after the other, and where each begins and ends.
    Packed {
        bytes: Vec<u8>,
        offsets: Vec<i64>,
    },
    Files(Vec<PathBuf>),
}

pub struct Labelled {
    pub photos: Photos,
    pub labels: Vec<usize>,
}

/// Fractions of the photos whose class came first, or among the first five.
#[derive(Debug, Clone, Serialize)]
pub struct Scores {
    pub top1: f64,
    pub top5: f64,
    pub photos: usize,
    pub photos_per_second: f64,
    /// The class that came first for each photo.
    #[serde(skip)]
    pub answers: Vec<usize>,
}

impl Scores {
    /// The answers as csv, to be compared with another program's.
    pub fn csv(&self) -> String {
        let answers = self.answers.iter().enumerate();
        let rows = answers.map(|(photo, answer)| format!("{photo},{answer}\n"));
        std::iter::once("photo,answer\n".to_owned())
            .chain(rows)
            .collect()
    }
}

impl Labelled {
    /// An `.npz` with `webp` (u8, all files one after the other), `offsets` (i64, n + 1) and `labels`
    /// (u8, n), as `train/README.md` describes it.
    pub fn from_npz(path: &Path) -> Result<Self> {
        let bad = |why: String| Error::Config(format!("{}: {why}.", path.display()));
        let file = NpzTensors::new(path).map_err(|error| bad(format!("not an npz ({error})")))?;
        let array = |name: &str| -> Result<Tensor> {
            file.get(name)
                .map_err(|error| bad(format!("array `{name}`: {error}")))?
                .ok_or_else(|| bad(format!("there is no array `{name}`")))
        };
        let bytes = array("webp")?.to_vec1::<u8>()?;
        let offsets = array("offsets")?.to_dtype(DType::I64)?.to_vec1::<i64>()?;
        let labels = array("labels")?.to_dtype(DType::U32)?.to_vec1::<u32>()?;
        let in_order = offsets
            .windows(2)
            .all(|pair| 0 <= pair[0] && pair[0] <= pair[1]);
        if offsets.len() != labels.len() + 1
            || !in_order
            || offsets.last().is_some_and(|&end| end > bytes.len() as i64)
        {
            return Err(bad("`offsets` do not fit `labels` and `webp`".to_owned()));
        }
        Ok(Self {
            photos: Photos::Packed { bytes, offsets },
            labels: labels.into_iter().map(|label| label as usize).collect(),
        })
    }

    /// A folder of photos and a csv with the columns `file` and `label` (class index) among others.
    pub fn from_folder(folder: &Path, csv: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(csv).map_err(|source| Error::File {
            path: csv.display().to_string(),
            source,
        })?;
        let bad = |line: usize, why: &str| {
            Error::Config(format!("{}, line {line}: {why}.", csv.display()))
        };
        let mut lines = text.lines().enumerate();
        let head: Vec<&str> = lines
            .next()
            .map_or(Vec::new(), |(_, line)| line.split(',').collect());
        let column = |name: &str| {
            head.iter()
                .position(|title| title.trim() == name)
                .ok_or_else(|| bad(1, &format!("there is no column `{name}`")))
        };
        let (file, label) = (column("file")?, column("label")?);
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let class = cells.get(label).and_then(|cell| cell.parse().ok());
            let (Some(name), Some(class)) = (cells.get(file), class) else {
                return Err(bad(number + 1, "a file name and a class index are needed"));
            };
            files.push(folder.join(name));
            labels.push(class);
        }
        Ok(Self {
            photos: Photos::Files(files),
            labels,
        })
    }

    fn decoded(&self, index: usize) -> Result<photo::Photo> {
        match &self.photos {
            Photos::Packed { bytes, offsets } => {
                photo::from_bytes(&bytes[offsets[index] as usize..offsets[index + 1] as usize])
            }
            Photos::Files(files) => photo::open(&files[index])
                .map_err(|error| Error::Photo(format!("{}: {error}", files[index].display()))),
        }
    }
}

/// Runs the model on every photo, as many at once as there are cores.
pub fn evaluate(model: &Model, data: &Labelled) -> Result<Scores> {
    if data.labels.is_empty() {
        return Err(Error::Config(
            "There are no photos to evaluate on.".to_owned(),
        ));
    }
    let start = Instant::now();
    let best: Vec<Vec<usize>> = (0..data.labels.len())
        .into_par_iter()
        .map(|index| {
            let input = data.decoded(index)?.input_for(model)?;
            let logits = model.forward(&input, &mut NoHook)?;
            let best = model.predictions(&logits, 5)?;
            Ok(best.iter().map(|prediction| prediction.index).collect())
        })
        .collect::<Result<_>>()?;
    let photos = best.len();
    let among_first = |count: usize| {
        let pairs = best.iter().zip(&data.labels);
        let hits =
            pairs.filter(|(best, label)| best.iter().take(count).any(|index| index == *label));
        hits.count() as f64 / photos as f64
    };
    Ok(Scores {
        top1: among_first(1),
        top5: among_first(5),
        photos,
        photos_per_second: photos as f64 / start.elapsed().as_secs_f64(),
        // A model without head names no classes.
        answers: best
            .iter()
            .filter_map(|best| best.first().copied())
            .collect(),
    })
}
