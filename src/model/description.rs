//! A model described as data: what the page draws its rail from, whatever the architecture.

mod swin;
mod vit;

use serde::Serialize;

use super::settings::Accuracy;
use super::{Family, Network};
use crate::nn::window::Extent;
use crate::weights::Checkpoint;

#[derive(Debug, Clone, Serialize)]
pub struct Description {
    pub name: String,
    pub family: Family,
    pub architecture: Option<String>,
    /// The type that the matrices are kept in.
    pub dtype: &'static str,
    pub parameters: usize,
    /// Multiplications and additions in the matrix products of one forward pass.
    pub operations: u64,
    /// Size of the weights in memory.
    pub bytes: usize,
    pub input: Size,
    /// Red, green and blue, 0 to 1, that normalization makes zero.
    pub mean: [f32; 3],
    pub patch: Size,
    pub grid: Grid,
    /// What the tokens in front of the patches are called.
    pub prefix: Vec<String>,
    pub layers: Vec<Layer>,
    pub num_classes: usize,
    pub accuracy: Option<Accuracy>,
    pub notes: Vec<String>,
    pub steps: Vec<Step>,
}

/// In pixels.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Size {
    pub height: usize,
    pub width: usize,
}

/// In patches, or in tokens.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Grid {
    pub rows: usize,
    pub columns: usize,
}

impl From<Extent> for Size {
    fn from((height, width): Extent) -> Self {
        Self { height, width }
    }
}

impl From<Extent> for Grid {
    fn from((rows, columns): Extent) -> Self {
        Self { rows, columns }
    }
}

/// An attention layer; its pattern is at `{site}.attn.pattern`.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    pub site: String,
    pub title: String,
    pub heads: usize,
    /// Numbers a token.
    pub dim: usize,
    /// Of a Swin, counted from 0.
    pub stage: usize,
    /// Of this layer's tokens (without prefix).
    pub grid: Grid,
    pub windows: Option<LayerWindows>,
}

/// How a Swin block cuts its map into windows; see `nn::Windows`.
#[derive(Debug, Clone, Serialize)]
pub struct LayerWindows {
    pub rows: usize,
    pub columns: usize,
    pub shift: Grid,
    pub padded: Grid,
}

/// A station on the way through the model, and the stations inside it.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Where the tensor that stands for this step passes.
    pub site: String,
    pub kind: &'static str,
    pub title: String,
    /// All sites of this step.
    pub sites: Vec<String>,
    /// Of the tensor at `site`.
    pub shape: Vec<usize>,
    pub parameters: usize,
    pub operations: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

impl Step {
    fn new(site: impl Into<String>, kind: &'static str, title: &str, shape: &[usize]) -> Self {
        let site = site.into();
        Self {
            sites: vec![site.clone()],
            site,
            kind,
            title: title.to_owned(),
            shape: shape.to_vec(),
            parameters: 0,
            operations: 0,
            steps: Vec::new(),
        }
    }

    fn costs(mut self, parameters: usize, operations: u64) -> Self {
        self.parameters = parameters;
        self.operations = operations;
        self
    }

    fn at(mut self, sites: &[String]) -> Self {
        self.sites = sites.to_vec();
        self
    }
}

/// What the families describe each for themselves.
struct Parts {
    patch: Extent,
    grid: Extent,
    prefix: Vec<String>,
    layers: Vec<Layer>,
    steps: Vec<Step>,
    notes: Vec<String>,
}

pub(super) fn of(checkpoint: &Checkpoint, network: &Network) -> Description {
    let settings = &checkpoint.settings;
    let (parts, input, num_classes) = match network {
        Network::Vit(model) => {
            let parts = vit::parts(model, checkpoint.parameters());
            (parts, model.input_size, model.num_classes())
        }
        Network::Swin(model) => (swin::parts(model), model.input_size, model.num_classes()),
    };
    Description {
        name: settings.display_name(),
        family: checkpoint.family(),
        architecture: settings.architecture.clone(),
        dtype: checkpoint.dtype().name(),
        parameters: checkpoint.parameters(),
        operations: parts.steps.iter().map(|step| step.operations).sum(),
        bytes: checkpoint.bytes(),
        input: input.into(),
        mean: settings.preprocess.mean,
        patch: parts.patch.into(),
        grid: parts.grid.into(),
        prefix: parts.prefix,
        layers: parts.layers,
        num_classes,
        accuracy: settings.accuracy.clone(),
        notes: settings.notes.iter().cloned().chain(parts.notes).collect(),
        steps: parts.steps,
    }
}

/// A block out of its steps: what it costs and which sites it has follow from them.
fn block(site: String, title: &str, steps: Vec<Step>) -> Step {
    let shape = steps.last().map_or(Vec::new(), |step| step.shape.clone());
    let mut block = Step::new(site, "block", title, &shape).costs(
        steps.iter().map(|step| step.parameters).sum(),
        steps.iter().map(|step| step.operations).sum(),
    );
    block.sites = steps.iter().flat_map(|step| step.sites.clone()).collect();
    block.steps = steps;
    block
}
