//! Vitrine's engine: a Vision Transformer or a Swin Transformer that can be looked into while it runs.
//!
//! The modules in the order in which a photo meets them:
//!
//! - [`image`]: RGBA bytes to the model's input, exactly as timm's evaluation transform
//! - [`weights`]: a checkpoint (GGUF, safetensors; timm's or transformers' names) becomes tensors
//! - [`nn`]: the layers, written in tensors
//! - [`kernels`]: the arithmetic worth writing ourselves, each beside its plain reference
//! - [`model`]: the Vision Transformer and the Swin Transformer, their settings, and their description as data
//! - [`site`]: the names of the places in a forward pass, and the hook that sees what passes there
//! - [`explain`]: what is derived from a model: which patches reach which, how far heads look, what if it were otherwise
//! - [`error`]: everything that can go wrong, with a code and a sentence
//!
//! and on the two sides of it: `web` (the wasm-bindgen surface), `photo` and `evaluate` (files, for
//! the native command line).
//!
//! ```no_run
//! use vitrine::{model::Model, site::Recorder, weights::Checkpoint};
//!
//! # fn main() -> vitrine::Result<()> {
//! let checkpoint = Checkpoint::open("deit_tiny/model.safetensors".as_ref(), None, vitrine::weights::Dtype::F32)?;
//! let model = Model::new(checkpoint, None)?;
//! let photo = vitrine::photo::open("cat.png".as_ref())?;
//! let mut recorder = Recorder::new(["blocks.*.attn.pattern"]);
//! let logits = model.forward(&photo.input_for(&model)?, &mut recorder)?;
//! println!("{:?}", model.predictions(&logits, 5)?);
//! # Ok(())
//! # }
//! ```

pub mod error;
#[cfg(not(target_arch = "wasm32"))]
pub mod evaluate;
pub mod explain;
pub mod image;
pub mod kernels;
pub mod model;
pub mod nn;
#[cfg(not(target_arch = "wasm32"))]
pub mod photo;
pub mod site;
#[cfg(target_arch = "wasm32")]
mod web;
pub mod weights;

pub use error::{Error, Result};
