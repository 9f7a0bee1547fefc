//! GGUF: the header, as much of it as has arrived, and a checkpoint written as one file.
//!
//! candle reads and writes the format; this module bounds what a header may ask for and keeps the
//! model's settings under these keys:
//!
//! | key | value |
//! |---|---|
//! | `general.architecture` | `vit` or `swin` |
//! | `general.name` | what people call the model |
//! | `vitrine.settings` | JSON: input size, heads, windows, eps, pooling, preprocessing (see `model::Settings`) |
//! | `vitrine.labels` | class names in the order of the logits, where they are known |

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use candle_core::quantized::QTensor;
use candle_core::quantized::gguf_file::{self, Content, Value};

use super::Checkpoint;
use super::stream::{Encoding, Entry, Format, Header, Parsed};
use crate::error::{Error, Result};
use crate::model::{Family, Settings};

const ARCHITECTURE: &str = "general.architecture";
const NAME: &str = "general.name";
const SETTINGS: &str = "vitrine.settings";
const LABELS: &str = "vitrine.labels";

fn bad(why: impl Into<String>) -> Error {
    Error::Format {
        format: Format::Gguf.name(),
        why: why.into(),
    }
}

/// The first bytes of a file that is `length` long: what has not come yet is told from what never will.
struct Beginning<'a> {
    bytes: Cursor<&'a [u8]>,
    length: u64,
    starved: bool,
}

impl Read for Beginning<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.bytes.position() < self.length {
            self.starved = true;
        }
        Ok(count)
    }
}

impl Seek for Beginning<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::End(offset) => Ok(self.length.saturating_add_signed(offset)),
            other => self.bytes.seek(other),
        }
    }
}

/// Parses the header from the first bytes of a file.
pub(crate) fn header(head: &[u8], total: Option<u64>, limit: u64) -> Result<Parsed> {
    if let Some(magic) = head.first_chunk::<4>()
        && magic != b"GGUF"
    {
        return Err(bad("it does not begin with the letters GGUF"));
    }
    if has_zero_alignment(head) {
        return Err(bad("it claims an alignment of 0"));
    }
    let mut reader = Beginning {
        bytes: Cursor::new(head),
        length: total.unwrap_or(limit).min(limit),
        starved: false,
    };
    let content = match Content::read(&mut reader) {
        Ok(content) => content,
        Err(_) if reader.starved => return Ok(Parsed::NeedsMore(2 * head.len().max(32) as u64)),
        Err(error) => return Err(bad(format!("its header does not make sense ({error})"))),
    };
    let mut entries = Vec::with_capacity(content.tensor_infos.len());
    for (name, info) in &content.tensor_infos {
        let bytes = size_in_bytes(name, info)?;
        let start = content
            .tensor_data_offset
            .checked_add(info.offset)
            .ok_or_else(|| bad(format!("tensor `{name}` lies beyond any file")))?;
        entries.push(Entry {
            name: name.clone(),
            encoding: Encoding::Ggml(info.ggml_dtype),
            shape: info.shape.dims().to_vec(),
            start,
            end: start
                .checked_add(bytes)
                .ok_or_else(|| bad(format!("tensor `{name}` lies beyond any file")))?,
        });
    }
    Ok(Parsed::Header(Box::new(Header {
        length: reader.bytes.position(),
        entries,
        settings: Some(Box::new(settings(&content)?)),
    })))
}

/// Whether the header claims an alignment of zero, by which candle would divide.
fn has_zero_alignment(head: &[u8]) -> bool {
    let key = b"general.alignment";
    head.windows(key.len()).enumerate().any(|(at, window)| {
        let Some(value) = head.get(at + key.len()..) else {
            return false;
        };
        let width = match value.first_chunk::<4>().map(|tag| u32::from_le_bytes(*tag)) {
            Some(0 | 1) => 1,
            Some(2 | 3) => 2,
            Some(4 | 5) => 4,
            _ => return false,
        };
        window == key
            && value
                .get(4..4 + width)
                .is_some_and(|v| v.iter().all(|&b| b == 0))
    })
}

fn size_in_bytes(name: &str, info: &gguf_file::TensorInfo) -> Result<u64> {
    let dtype = info.ggml_dtype;
    let row = info.shape.dims().last().copied().unwrap_or(1);
    if !row.is_multiple_of(dtype.block_size()) {
        return Err(bad(format!(
            "the rows of tensor `{name}` do not fill whole blocks of {dtype:?}"
        )));
    }
    info.shape
        .dims()
        .iter()
        .try_fold(1u64, |product, &dim| product.checked_mul(dim as u64))
        .map(|elements| elements / dtype.block_size() as u64)
        .and_then(|blocks| blocks.checked_mul(dtype.type_size() as u64))
        .ok_or_else(|| bad(format!("tensor `{name}` claims an impossible size")))
}

fn settings(content: &Content) -> Result<Settings> {
    let text = |key: &str| match content.metadata.get(key) {
        Some(Value::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match text(ARCHITECTURE) {
        Some(name) if Family::of_name(name).is_some() => {}
        Some(other) => {
            return Err(Error::Architecture {
                found: other.to_owned(),
            });
        }
        None => return Err(bad(format!("it does not say its `{ARCHITECTURE}`"))),
    }
    let json = text(SETTINGS).ok_or_else(|| {
        bad(format!(
            "it has no `{SETTINGS}`, so Vitrine did not write it"
        ))
    })?;
    let mut settings: Settings = serde_json::from_str(json)
        .map_err(|error| bad(format!("its `{SETTINGS}` do not make sense ({error})")))?;
    settings.check()?;
    if let Some(Value::Array(labels)) = content.metadata.get(LABELS) {
        let labels: candle_core::Result<Vec<String>> = labels
            .iter()
            .map(|label| label.to_string().cloned())
            .collect();
        settings.labels = Some(labels.map_err(|error| bad(format!("its labels: {error}")))?);
    }
    Ok(settings)
}

/// The checkpoint as the bytes of a GGUF file.
pub fn write(checkpoint: &Checkpoint) -> Result<Vec<u8>> {
    let settings = &checkpoint.settings;
    let json = serde_json::to_string(settings)
        .map_err(|error| Error::Config(format!("The settings cannot be written: {error}.")))?;
    let mut metadata = vec![
        (
            ARCHITECTURE,
            Value::String(checkpoint.family().name().to_owned()),
        ),
        (NAME, Value::String(settings.display_name())),
        (SETTINGS, Value::String(json)),
    ];
    if let Some(labels) = &settings.labels {
        let labels = labels.iter().cloned().map(Value::String).collect();
        metadata.push((LABELS, Value::Array(labels)));
    }
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<(&str, &QTensor)> = checkpoint
        .tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.as_ref()))
        .collect();
    let mut bytes = Cursor::new(Vec::new());
    gguf_file::write(&mut bytes, &metadata, &tensors)?;
    Ok(bytes.into_inner())
}
