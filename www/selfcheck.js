// The self-check: a second engine runs the embedded models on a sample, and its numbers are laid beside those that
// PyTorch and timm gave for the same weights and photo (models/selfcheck.json).

import { Engine } from "./engine.js";
import { fetchOwn } from "./own-files.js";
import { openSample } from "./photo.js";
import { sourceOfEntry } from "./sources.js";
import { NOTHING_LEFT_OUT } from "./state.js";

/** @import {Entry, Tensor} from "./types.js" */

/**
 * What is compared, and how far it may differ at most: the difference of two numbers, not of their ratio.
 * The input is exact up to the last bit of f32. For the rest the reference takes the stored weights at their full
 * value and computes in f32, while the engine rounds the other factor of each matrix product to 8 bits, too: measured
 * on the sample, a weight of attention then differs by up to 0.0085, a logit by up to 0.059. About twice that is let
 * pass; without its mask the embedded Swin is off by 0.49 and 1.0, without its bias by 0.35 and 4.2. What is smaller
 * than the rounding, such as another formula for GELU, this check cannot see: the parity tests in f32 can.
 * @type {Record<string, number>}
 */
export const TOLERANCES = { input: 1e-6, pattern: 0.015, logits: 0.14 };

/** Values from a flat index on. @typedef {{start: number, values: number[]}} Part */
/** @typedef {{site: string, shape: number[], parts: Part[]}} Check */
/** @typedef {{photo: string, made_with: string, models: {id: string, sha256: string, checks: Check[]}[]}} Reference */

/**
 * What one kind of tensor of a model came to.
 * @typedef {object} Finding
 * @property {string} model its title
 * @property {string} kind a key of TOLERANCES
 * @property {number} count numbers compared
 * @property {number} difference the largest; NaN where the tensor has another shape, or the file is another
 * @property {number} tolerance
 * @property {boolean} isPassed
 */

/** @returns {Promise<Reference>} */
async function fetchReference() {
  const url = new URL("models/selfcheck.json", import.meta.url);
  const response = await fetchOwn(url, { cache: "no-cache" });
  return response.json();
}

/**
 * The largest difference from the reference; NaN where one cannot be told, which no tolerance lets pass.
 * @param {Check} check @param {Tensor} tensor
 */
export function largestDifference({ shape, parts }, tensor) {
  if (shape.join() !== tensor.shape.join()) return NaN;
  let largest = 0;
  for (const { start, values } of parts) {
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(tensor.data[start + i] - value);
      if (!(difference <= largest)) largest = difference;
      if (Number.isNaN(largest)) return NaN;
    }
  }
  return largest;
}

/** "pattern" of "blocks.0.attn.pattern" @param {string} site */
const kindOf = (site) => site.slice(site.lastIndexOf(".") + 1);

/** @param {Check[]} checks @param {Map<string, Tensor>} tensors @param {string} model @returns {Finding[]} */
function findingsOf(checks, tensors, model) {
  return Object.entries(TOLERANCES).map(([kind, tolerance]) => {
    const own = checks.filter(({ site }) => kindOf(site) === kind);
    const differences = own.map((check) => {
      const tensor = tensors.get(check.site);
      return tensor ? largestDifference(check, tensor) : NaN;
    });
    const difference = own.length > 0 ? Math.max(...differences) : NaN;
    const count = own
      .flatMap(({ parts }) => parts)
      .reduce((sum, { values }) => sum + values.length, 0);
    const isPassed = difference <= tolerance;
    return { model, kind, count, difference, tolerance, isPassed };
  });
}

/**
 * Runs the check in an engine of its own, so that what the visitor looks at stays as it is.
 * @param {string} bundle
 * @param {Entry[]} entries of the model menu
 * @param {(findings: Finding[]) => void} onFound after each model, all that is known
 * @returns {Promise<{findings: Finding[], bundle: string, reference: Reference, milliseconds: number}>} with the build that ran
 */
export async function runSelfcheck(bundle, entries, onFound) {
  const start = performance.now();
  const reference = await fetchReference();
  const engine = new Engine();
  /** @type {Finding[]} */
  let findings = [];
  try {
    await engine.start(bundle);
    const photo = await openSample(reference.photo);
    for (const { id, sha256, checks } of reference.models) {
      const entry = entries.find((one) => one.id === id && one.file);
      if (!entry) continue;
      /** @type {Map<string, Tensor>} */
      const tensors = new Map();
      // Numbers of another file say nothing of this one.
      if (entry.sha256 === sha256) {
        await engine.load(sourceOfEntry(entry, "", ""));
        await engine.photo(await photo.pixels());
        const sites = checks.map(({ site }) => site);
        await engine.run(sites, NOTHING_LEFT_OUT);
        for (const site of sites) tensors.set(site, await engine.tensor(site));
      }
      findings = [...findings, ...findingsOf(checks, tensors, entry.title)];
      onFound(findings);
    }
  } finally {
    engine.end();
  }
  const milliseconds = performance.now() - start;
  const { bundle: ran } = engine.build;
  return { findings, bundle: ran, reference, milliseconds };
}
