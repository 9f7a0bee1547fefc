//! Photos from files, for the native command line; in a browser the browser decodes them.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use candle_core::Tensor;
use image::{DynamicImage, ImageDecoder, ImageReader};

use crate::error::{Error, Result};
use crate::model::Model;

/// Decoded pixels, upright, four bytes a pixel.
pub struct Photo {
    pub width: usize,
    pub height: usize,
    pub rgba: Vec<u8>,
}

/// Reads PNG, JPEG, WebP, GIF (first frame) or BMP; EXIF orientation is applied.
pub fn open(path: &Path) -> Result<Photo> {
    let file = File::open(path).map_err(|source| Error::File {
        path: path.display().to_string(),
        source,
    })?;
    decode(BufReader::new(file))
}

/// The same from bytes in memory.
pub fn from_bytes(bytes: &[u8]) -> Result<Photo> {
    decode(Cursor::new(bytes))
}

fn decode(bytes: impl BufRead + Seek) -> Result<Photo> {
    let bad = |error: &dyn std::fmt::Display| {
        Error::Photo(format!("This is not a photo that can be read: {error}."))
    };
    let reader = ImageReader::new(bytes)
        .with_guessed_format()
        .map_err(|error| bad(&error))?;
    let mut decoder = reader.into_decoder().map_err(|error| bad(&error))?;
    let orientation = decoder.orientation().map_err(|error| bad(&error))?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| bad(&error))?;
    image.apply_orientation(orientation);
    let rgba = image.into_rgba8();
    Ok(Photo {
        width: rgba.width() as usize,
        height: rgba.height() as usize,
        rgba: rgba.into_raw(),
    })
}

impl Photo {
    /// The photo as this model's input, (1, 3, H, W).
    pub fn input_for(&self, model: &Model) -> Result<Tensor> {
        let mut intake = model.intake(self.width, self.height)?;
        intake.push(&self.rgba)?;
        intake.finish()
    }
}
