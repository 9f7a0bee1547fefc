//! Cuts the bytes of a checkpoint file into tensors while they arrive.
//!
//! Only the header and the tensor under construction are held, so a large file never lies in
//! memory as a whole, and a broken connection goes on from [`Stream::received`]. Every count and
//! size that a file claims is checked against the file's own length before anything is allocated.

use std::collections::VecDeque;

use candle_core::quantized::GgmlDType;
use safetensors::tensor::Metadata as SafetensorsMetadata;

use super::gguf;
use crate::error::{Error, Result};
use crate::model::Settings;

/// More than any real header of these models; parsed, a header takes many times its size.
const HEADER_LIMIT: u64 = 16 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Gguf,
    Safetensors,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Gguf => "GGUF",
            Format::Safetensors => "safetensors",
        }
    }

    fn bad(self, why: impl Into<String>) -> Error {
        Error::Format {
            format: self.name(),
            why: why.into(),
        }
    }
}

/// How a tensor's bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Safetensors(safetensors::Dtype),
    Ggml(GgmlDType),
}

/// A tensor's place in the file: bytes `start..end` from the beginning of the file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub name: String,
    pub encoding: Encoding,
    pub shape: Vec<usize>,
    pub start: u64,
    pub end: u64,
}

/// What a header tells: where the tensors lie, and the settings that a GGUF file carries.
pub(crate) struct Header {
    pub length: u64,
    pub entries: Vec<Entry>,
    pub settings: Option<Box<Settings>>,
}

/// One whole tensor as it stood in the file.
pub(crate) struct RawTensor {
    pub entry: Entry,
    pub bytes: Vec<u8>,
}

/// What a stream hands on, in the order in which it comes.
pub(crate) enum Event {
    /// The settings that a GGUF file carries in its header.
    Settings(Box<Settings>),
    Tensor(RawTensor),
}

/// The reading state of one file.
pub struct Stream {
    format: Format,
    total: Option<u64>,
    received: u64,
    head: Vec<u8>,
    /// Bytes of header below which parsing it again is pointless.
    enough: u64,
    body: Option<Body>,
}

struct Body {
    waiting: VecDeque<Entry>,
    position: u64,
    bytes: Vec<u8>,
}

impl Stream {
    /// `total`: the file's length in bytes where it is known.
    pub fn new(format: Format, total: Option<u64>) -> Self {
        Self {
            format,
            total,
            received: 0,
            head: Vec::new(),
            enough: 8,
            body: None,
        }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Bytes taken so far, from the beginning of the file.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Takes the next bytes and hands on every tensor that they complete.
    pub(crate) fn push(
        &mut self,
        chunk: &[u8],
        sink: &mut dyn FnMut(Event) -> Result<()>,
    ) -> Result<()> {
        self.received += chunk.len() as u64;
        if self.total.is_some_and(|total| self.received > total) {
            return Err(self.format.bad("more bytes came than were announced"));
        }
        match &mut self.body {
            Some(body) => body.push(chunk, self.total, sink),
            None => {
                self.head.extend_from_slice(chunk);
                self.try_header(sink)
            }
        }
    }

    /// Checks that every tensor of the header has come.
    pub(crate) fn finish(&mut self, sink: &mut dyn FnMut(Event) -> Result<()>) -> Result<()> {
        if self.received == 0 {
            return Err(self.format.bad("the file is empty"));
        }
        if self.body.is_none() {
            self.total = Some(self.received);
            self.enough = 0;
            self.try_header(sink)?;
        }
        let missing = match &self.body {
            None => Some(self.enough.max(self.received + 1)),
            Some(body) => body.waiting.back().map(|entry| entry.end),
        };
        match missing {
            None => Ok(()),
            Some(expected) => Err(Error::Truncated {
                format: self.format.name(),
                expected,
                received: self.received,
            }),
        }
    }

    fn try_header(&mut self, sink: &mut dyn FnMut(Event) -> Result<()>) -> Result<()> {
        if (self.head.len() as u64) < self.enough && self.total != Some(self.received) {
            return Ok(());
        }
        let parsed = match self.format {
            Format::Gguf => gguf::header(&self.head, self.total, HEADER_LIMIT)?,
            Format::Safetensors => safetensors_header(&self.head, self.total)?,
        };
        let header = match parsed {
            Parsed::Header(header) => header,
            Parsed::NeedsMore(bytes) => {
                self.enough = bytes;
                return Ok(());
            }
        };
        if let Some(settings) = header.settings {
            sink(Event::Settings(settings))?;
        }
        let mut entries = header.entries;
        entries.sort_by_key(|entry| entry.start);
        check_layout(self.format, &entries, header.length, self.total)?;
        let head = std::mem::take(&mut self.head);
        let rest = usize::try_from(header.length)
            .ok()
            .and_then(|length| head.get(length..))
            .unwrap_or_default();
        let body = self.body.insert(Body {
            waiting: entries.into(),
            position: header.length.min(head.len() as u64),
            bytes: Vec::new(),
        });
        body.push(rest, self.total, sink)
    }
}

impl Body {
    fn push(
        &mut self,
        mut chunk: &[u8],
        total: Option<u64>,
        sink: &mut dyn FnMut(Event) -> Result<()>,
    ) -> Result<()> {
        while let Some(entry) = self.waiting.front() {
            let gap = entry.start.saturating_sub(self.position);
            let skip = (chunk.len() as u64).min(gap) as usize;
            chunk = &chunk[skip..];
            self.position += skip as u64;
            if self.position < entry.start {
                return Ok(());
            }
            let wanted = entry.end - self.position;
            let take = (chunk.len() as u64).min(wanted) as usize;
            // With a known length the header was checked against it, so the whole may be reserved.
            let reserve = if total.is_some() && self.bytes.is_empty() {
                entry.end - entry.start
            } else {
                take as u64
            };
            usize::try_from(reserve)
                .ok()
                .and_then(|bytes| self.bytes.try_reserve_exact(bytes).ok())
                .ok_or_else(|| Error::Memory {
                    what: format!("tensor `{}`", entry.name),
                    bytes: reserve,
                })?;
            self.bytes.extend_from_slice(&chunk[..take]);
            chunk = &chunk[take..];
            self.position += take as u64;
            if self.position < entry.end {
                return Ok(());
            }
            if let Some(entry) = self.waiting.pop_front() {
                let bytes = std::mem::take(&mut self.bytes);
                sink(Event::Tensor(RawTensor { entry, bytes }))?;
            }
        }
        self.position += chunk.len() as u64;
        Ok(())
    }
}

pub(crate) enum Parsed {
    Header(Box<Header>),
    /// At least so many bytes from the beginning of the file are needed.
    NeedsMore(u64),
}

fn safetensors_header(head: &[u8], total: Option<u64>) -> Result<Parsed> {
    let bad = |why: String| Format::Safetensors.bad(why);
    let Some(first) = head.first_chunk::<8>() else {
        return Ok(Parsed::NeedsMore(8));
    };
    let length = u64::from_le_bytes(*first);
    let file_ends = total.unwrap_or(u64::MAX);
    if length > file_ends.saturating_sub(8) {
        return Err(bad(format!(
            "its header claims {length} bytes, more than the whole file has"
        )));
    }
    if length > HEADER_LIMIT {
        return Err(bad(format!("its header claims {length} bytes")));
    }
    let end = 8 + length;
    let Some(json) = head.get(8..end as usize) else {
        return Ok(Parsed::NeedsMore(end));
    };
    let metadata: SafetensorsMetadata = serde_json::from_slice(json)
        .map_err(|error| bad(format!("its header does not make sense ({error})")))?;
    let entries = metadata
        .tensors()
        .into_iter()
        .map(|(name, info)| Entry {
            name,
            encoding: Encoding::Safetensors(info.dtype),
            shape: info.shape.clone(),
            start: end + info.data_offsets.0 as u64,
            end: end + info.data_offsets.1 as u64,
        })
        .collect();
    Ok(Parsed::Header(Box::new(Header {
        length: end,
        entries,
        settings: None,
    })))
}

/// Tensors lie one after the other, inside the file.
fn check_layout(format: Format, entries: &[Entry], header: u64, total: Option<u64>) -> Result<()> {
    let mut free_from = header;
    for entry in entries {
        if entry.start < free_from {
            return Err(format.bad(format!(
                "tensor `{}` overlaps what lies before it",
                entry.name
            )));
        }
        free_from = entry.end;
    }
    match total {
        Some(total) if free_from > total => Err(Error::Truncated {
            format: format.name(),
            expected: free_from,
            received: total,
        }),
        _ => Ok(()),
    }
}
