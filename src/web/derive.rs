//! What the page asks of `explain`: one export, the question as JSON, the answer as small tensors.

use candle_core::{Device, Tensor};
use js_sys::{Array, Reflect};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{Engine, js_tensor, json};
use crate::error::{Error, Result};
use crate::explain::{self, Attentions, Direction};
use crate::model::description::Description;
use crate::site::Recorder;

/// What to derive.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Question {
    /// (layers, tokens): `explain::rollout` of a token of the first map, prefix tokens first.
    Rollout { token: usize, direction: Direction },
    /// (heads of all layers, one after the other): `explain::mean_distances`, in pixels of the input.
    Distance,
    /// (patches asked for, patches): `explain::cosines` of the position embeddings.
    Similarity { patches: Vec<usize> },
    /// (components, P, P, 3), and `shares` of the variance: `explain::components`.
    Filters { count: usize },
    /// JSON, an array of `explain::Reading`.
    Lens,
}

#[wasm_bindgen]
impl Engine {
    /// The answer to a [`Question`] about the last run's photo and what-if.
    pub fn derive(&mut self, question: &str) -> Result<JsValue, JsValue> {
        let question = serde_json::from_str(question)
            .map_err(|error| Error::Config(format!("What is to be derived: {error}.")))?;
        let answer = match question {
            Question::Rollout { token, direction } => self.rollout(token, direction),
            Question::Distance => self.distances(),
            Question::Similarity { patches } => self.similarity(&patches),
            Question::Filters { count } => self.filters(count),
            Question::Lens => self.lens().map(JsValue::from),
        };
        Ok(answer?)
    }

    /// `{shape, data}` of the tensors at several sites, by at most one more pass.
    pub fn tensors(&mut self, sites: Vec<String>) -> Result<Array, JsValue> {
        let known = |site: &String| self.record.tensors.contains_key(site);
        let missing: Vec<String> = sites.iter().filter(|site| !known(site)).cloned().collect();
        let mut once = Recorder::new(missing);
        if sites.iter().any(|site| !known(site)) {
            self.forward(&mut once)?;
        }
        let answers = Array::new();
        for site in sites {
            let tensor = self.record.tensors.get(&site).or(once.tensors.get(&site));
            let tensor = tensor.ok_or_else(|| Error::Site(site.clone()))?;
            answers.push(&js_tensor(tensor)?);
        }
        Ok(answers)
    }
}

impl Engine {
    /// Every layer's attention in small, from one pass for all questions about one run.
    fn attentions(&mut self) -> Result<&Attentions> {
        let made = match self.attentions.take() {
            Some(made) => made,
            None => {
                let mut attentions = Attentions::new(&self.model.describe());
                self.forward(&mut attentions)?;
                attentions
            }
        };
        Ok(self.attentions.insert(made))
    }

    fn rollout(&mut self, token: usize, direction: Direction) -> Result<JsValue> {
        let Description { grid, prefix, .. } = self.model.describe();
        let tokens = prefix.len() + grid.rows * grid.columns;
        if token >= tokens {
            return Err(Error::Size(format!(
                "There is no token {token} of {tokens}."
            )));
        }
        let grid = (grid.rows, grid.columns);
        let layers = &self.attentions()?.mixings;
        let maps = explain::rollout(grid, prefix.len(), layers, token, direction);
        let shape = [maps.len(), tokens];
        js_numbers(maps.into_iter().flatten().collect(), &shape)
    }

    fn distances(&mut self) -> Result<JsValue> {
        let all = self.attentions()?.distances.concat();
        let shape = [all.len()];
        js_numbers(all, &shape)
    }

    fn similarity(&self, patches: &[usize]) -> Result<JsValue> {
        let table = self.model.positions();
        let table = table.ok_or_else(|| Error::Site("pos_embed".to_owned()))?;
        let maps = explain::cosines(table, patches)?;
        let shape = [patches.len(), table.dim(0)?];
        js_numbers(maps.into_iter().flatten().collect(), &shape)
    }

    fn filters(&self, count: usize) -> Result<JsValue> {
        let (filters, (height, width)) = self.model.filters()?;
        let found = explain::components(&filters, count)?;
        let shares: Vec<f32> = found.iter().map(|component| component.share).collect();
        let shape = [found.len(), height, width, 3];
        let values = found.into_iter().flat_map(|component| component.values);
        let answer = js_numbers(values.collect(), &shape)?;
        let shares = js_sys::Float32Array::from(shares.as_slice());
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&answer, &"shares".into(), &shares);
        Ok(answer)
    }

    fn lens(&self) -> Result<String> {
        let description = self.model.describe();
        let site = |layer: usize| format!("{}.out", description.layers[layer].site);
        let readable = explain::readable(&description);
        let mut record = Recorder::new(readable.iter().map(|&layer| site(layer)));
        let logits = self.forward(&mut record)?;
        let streams: Vec<(usize, &Tensor)> = readable
            .iter()
            .filter_map(|&layer| Some((layer, record.tensors.get(&site(layer))?)))
            .collect();
        json(&explain::lens(&self.model, &streams, &logits)?)
    }
}

fn js_numbers(values: Vec<f32>, shape: &[usize]) -> Result<JsValue> {
    js_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
}
