//! How many bytes a visitor fetches before any model: each engine's wasm.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::FOLDER;
use crate::bundle::{self, BUNDLES};
use crate::steps::root;

const ORT: &str = "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm";

/// Vitrine's bundles as they are and as a host would send them, and the peer's wasm as it is.
pub fn of_everything() -> Result<Value> {
    let mut sizes = Vec::new();
    for bundle in BUNDLES {
        let path = bundle::folder(bundle).join("vitrine_bg.wasm");
        if !path.is_file() {
            continue;
        }
        let wasm = read(&path)?;
        let mut compressed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams::default(); // quality 11, as hosts do
        brotli::BrotliCompress(&mut wasm.as_slice(), &mut compressed, &parameters)?;
        sizes.push(json!({
            "engine": "vitrine",
            "bundle": bundle.name,
            "wasm_bytes": wasm.len(),
            "wasm_brotli_bytes": compressed.len(),
        }));
    }
    let ort = read(&root().join(FOLDER).join(ORT))?;
    sizes.push(json!({ "engine": "ort", "bundle": "threads", "wasm_bytes": ort.len() }));
    Ok(sizes.into())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
