// What the glass knows of the current step: its place in the model, the query's place in its tensors, and the tensors.

import {
  findStep,
  layerOfSite,
  leafSteps,
  shownQuery,
  tokenOf,
} from "../state.js";
import { patchName, tokenName, wordOf } from "../views/words.js";
import { t } from "../i18n/i18n.js";

/** @import {Pattern, State} from "../state.js" */
/** @import {Description, Layer, Query, Step, Tensor} from "../types.js" */

/** Steps from q, k and v to the heads' mixes. */
export const MIXING = ["scores", "bias", "mask", "sum", "softmax", "mix"];

/** Steps whose numbers are one chain, from the query to what attention hands on. */
export const ATTENTION = new Set(["windows", "qkv", ...MIXING, "project"]);

/** More numbers than these are not fetched only to be compared with what the page works out from q and k itself. */
const MANY = 16 * 1024 * 1024;

/**
 * @typedef {object} Context
 * @property {Description} description
 * @property {Step} step
 * @property {string} kind
 * @property {string} prefix what the sites of the step's block begin with, "" outside blocks
 * @property {Layer} layer the block; outside blocks the one whose map the step's tokens lie in
 * @property {Query} query
 * @property {number} token the query in the sequence, prefix tokens first
 * @property {number} patch the same without the prefix tokens: negative for these
 * @property {number} head
 * @property {number} headDim numbers a head
 * @property {Pattern | null} pattern the block's attention
 * @property {number} window the query's; 0 where there are no windows
 * @property {number} place of the query among the keys
 * @property {number} keys how many the query has
 * @property {boolean} isUnshifted whether what-if has taken the shift away
 * @property {Map<string, Tensor>} tensors by site, as far as they are here
 */

/**
 * Null while there is no model.
 * @param {State} state @param {Map<string, Tensor>} tensors
 * @returns {Context | null}
 */
export function contextOf(state, tensors) {
  const { model, step: site, head } = state;
  const step = model && findStep(model.description, site);
  if (!step) return null;
  const { description } = model;
  const own = layerOfSite(description, site);
  const layer = mapOf(description, step, own);
  const query = shownQuery(state);
  const token = tokenOf(query, description, layer);
  const patch = token - description.prefix.length;
  const pattern =
    own >= 0 && state.pattern?.layer === own ? state.pattern : null;
  const windows = pattern?.windows;
  const isKnown = windows && token < windows.slotOf.length;
  const slot = isKnown ? windows.slotOf[token] : token;
  return {
    description,
    step,
    kind: wordOf(step),
    prefix: own < 0 ? "" : `${description.layers[own].site}.`,
    layer,
    query,
    token,
    patch,
    head: Math.min(head, layer.heads - 1),
    headDim: headDimOf(description, own, layer),
    pattern,
    window: isKnown ? windows.windowOfToken(token) : 0,
    place: isKnown ? slot % windows.area : token,
    keys: layer.windows
      ? layer.windows.rows * layer.windows.columns
      : description.prefix.length + layer.grid.rows * layer.grid.columns,
    isUnshifted: state.whatif.noShift,
    tensors,
  };
}

/** The block that a step lies in, else the one that shares its map of tokens. @param {Description} description @param {Step} step @param {number} own */
function mapOf({ layers }, { site, kind }, own) {
  if (own >= 0) return layers[own];
  const stage = site.slice(0, site.lastIndexOf(".") + 1);
  const merged = layers.find((layer) => layer.site.startsWith(stage));
  if (kind === "merge" && merged) return merged;
  const isFront = ["input", "patch-embed", "pos-embed"].includes(kind);
  return isFront ? layers[0] : layers[layers.length - 1];
}

/** Heads may be as wide as a checkpoint wishes: the shape of q tells. @param {Description} description @param {number} own @param {Layer} layer */
function headDimOf(description, own, layer) {
  const qkv =
    own >= 0 && findStep(description, `${description.layers[own].site}.attn.q`);
  return qkv ? (qkv.shape.at(-1) ?? 1) : layer.dim / layer.heads;
}

/** Where the residual stream was last written before a step. @param {Context} context */
export function streamBefore({ description, step }) {
  const writes = ["patch-embed", "pos-embed", "merge", "residual"];
  const steps = leafSteps(description.steps);
  const before = steps.slice(0, steps.indexOf(step)).reverse();
  return before.find(({ kind }) => writes.includes(kind))?.site ?? "input";
}

/** Whether what a block adds to the stream is scaled by a learned vector first. @param {Context} context */
export function hasLayerScale({ description, prefix }) {
  return (findStep(description, `${prefix}mid`)?.parameters ?? 0) > 0;
}

/** The map that a merge reads: the stage before. @param {Context} context */
export function stageBefore({ description, layer }) {
  return description.layers.find(({ stage }) => stage === layer.stage - 1);
}

/** The tensors that the row of a step is read from. @param {Context} context @returns {string[]} */
export function sitesOfRow(context) {
  const { description, step, kind, prefix, layer, keys } = context;
  const at = (/** @type {string[]} */ ...names) =>
    names.map((name) => prefix + name);
  if (ATTENTION.has(kind)) {
    const sites = at("attn.q", "attn.k", "attn.v", "attn.mix", "attn.out");
    if (kind === "project") sites.push(streamBefore(context));
    if (!layer.windows) {
      const isMany = layer.heads * keys * keys > MANY;
      return isMany ? sites : [...sites, ...at("attn.qk")];
    }
    sites.push(...at("attn.qk", "attn.bias", "attn.scores"));
    const hasMask = findStep(description, `${prefix}attn.mask`);
    return hasMask ? [...sites, ...at("attn.mask")] : sites;
  }
  switch (kind) {
    case "patch-embed":
      return ["input", step.site];
    case "pos-embed":
      return ["patch_embed", step.site];
    case "merge":
    case "norm":
      return [streamBefore(context), step.site];
    case "residual": {
      const added = step.site.endsWith("mid") ? "attn.out" : "mlp.out";
      return [streamBefore(context), ...at(added), step.site];
    }
    case "mlp":
      return at("norm2", "mlp.hidden", "mlp.out");
    case "pool":
      return ["norm", step.site];
    case "head":
      return ["pool", step.site];
    default:
      return [step.site];
  }
}

/** Whether the class token and a distillation token each have a head. @param {Context} context */
export const isDistilled = ({ description }) =>
  description.prefix.some((name) => name.startsWith("dist"));

/** A token of the step's map by its name. @param {Context} context @param {number} token in the sequence, prefix tokens first */
export function tokenText({ description, layer }, token) {
  const { prefix } = description;
  if (token < prefix.length) return tokenName(prefix[token] ?? "");
  const { columns } = layer.grid;
  const patch = token - prefix.length;
  return patchName(Math.floor(patch / columns), patch % columns);
}

/** A key of the query by its name. @param {Context} context @param {number} key */
export function keyText(context, key) {
  const token = keyToken(context, key);
  return token < 0 ? t("sight.padding") : tokenText(context, token);
}

/** The token behind a key; -1 for padding. @param {Context} context @param {number} key */
export function keyToken({ pattern, window }, key) {
  const windows = pattern?.windows;
  return windows ? windows.tokenAt(window * windows.area + key) : key;
}
