// The live numbers that a lesson's text can name: read off the running model, for the layer, head and query in view.

import { entropyBits } from "../draw/attention.js";
import { className, formatNumber } from "../i18n/i18n.js";
import { tokenOf } from "../state.js";
import { shownAttention, shownCut, shownSight } from "../views/shown.js";
import { costsOf } from "../views/swin/costs.js";
import {
  amount,
  layerName,
  mapText,
  patchName,
  percent,
  valueText,
} from "../views/words.js";
import { distanceOf, evenDistance, leakOf } from "./measures.js";

/** @import {State} from "../state.js" */
/** @import {Description, Layer, Tensor} from "../types.js" */

/**
 * @typedef {object} Context
 * @property {State} state
 * @property {(site: string) => Promise<Tensor>} tensor
 * @property {(row: number, column: number) => Promise<Uint8Array[]>} reach
 * @property {{row: number, column: number} | null} picked the patch that the visitor chose as an answer
 */

/** @typedef {{value: number | null, text: string}} Fact */

/** A fact that cannot be told now: no model, or one without such a thing. @type {Fact} */
export const UNKNOWN = { value: null, text: "…" };

/** @param {number} value @returns {Fact} */
const count = (value) => ({ value, text: formatNumber(value) });
/** @param {number} value @returns {Fact} */
const exact = (value) => ({ value, text: valueText(value) });
/** @param {number} value @returns {Fact} */
const share = (value) => ({ value, text: percent(value) });
/** @param {number} value @returns {Fact} */
const short = (value) => ({
  value,
  text: formatNumber(value, { maximumFractionDigits: 1 }),
});
/** @param {number} value @returns {Fact} */
const large = (value) => ({ value, text: amount(value) });
/** @param {string} text @returns {Fact} */
const word = (text) => ({ value: null, text });

/** @typedef {{description: Description, layer: Layer, at: number, state: State, context: Context}} Seen */

/** @type {Record<string, (seen: Seen) => Fact | Promise<Fact>>} */
const OF_MODEL = {
  model: ({ description }) => word(description.name),
  parameters: ({ description }) => large(description.parameters),
  input: ({ description: { input } }) =>
    word(`${input.height} × ${input.width}`),
  patch_side: ({ description }) => count(description.patch.height),
  patch_numbers: ({ description: { patch } }) =>
    count(patch.height * patch.width * 3),
  grid: ({ description }) => word(mapText(description.grid)),
  rows: ({ description }) => count(description.grid.rows),
  columns: ({ description }) => count(description.grid.columns),
  patches: ({ description: { grid } }) => count(grid.rows * grid.columns),
  tokens: ({ description: { grid, prefix } }) =>
    count(grid.rows * grid.columns + prefix.length),
  tokens_squared: ({ description: { grid, prefix } }) =>
    count((grid.rows * grid.columns + prefix.length) ** 2),
  layers: ({ description }) => count(description.layers.length),
  stages: ({ description: { layers } }) =>
    count(new Set(layers.map(({ stage }) => stage)).size),
  classes: ({ description }) => count(description.num_classes),
  layer: ({ description, at }) => word(layerName(description, at)),
  layer_number: ({ at }) => count(at + 1),
  dim: ({ layer }) => count(layer.dim),
  heads: ({ layer }) => count(layer.heads),
  head: ({ state }) => count(state.head + 1),
  head_dim: ({ layer }) => count(layer.dim / layer.heads),
  head_root: ({ layer }) => exact(Math.sqrt(layer.dim / layer.heads)),
  map: ({ layer }) => word(mapText(layer.grid)),
  map_tokens: ({ layer: { grid } }) => count(grid.rows * grid.columns),
  dims: ({ description }) =>
    word(
      stagesOf(description)
        .map(({ dim }) => dim)
        .join(", "),
    ),
  maps: ({ description }) =>
    word(
      stagesOf(description)
        .map(({ grid }) => mapText(grid))
        .join(", "),
    ),
  merge_in: ({ description }) => count(4 * stagesOf(description)[0].dim),
  merge_out: ({ description }) =>
    stagesOf(description)[1] ? count(stagesOf(description)[1].dim) : UNKNOWN,
};

/** The first layer of each stage. @param {Description} description */
function stagesOf({ layers }) {
  return layers.filter(
    ({ stage }, i) => i === 0 || layers[i - 1].stage !== stage,
  );
}

/** @type {typeof OF_MODEL} */
const OF_RESULT = {
  first: ({ state }) =>
    word(className(state.result?.predictions[0]?.label ?? "…")),
  first_share: ({ state }) =>
    share(state.result?.predictions[0]?.probability ?? 0),
  second: ({ state }) =>
    word(className(state.result?.predictions[1]?.label ?? "…")),
  before: ({ state }) => word(className(wholeOf(state)[0]?.label ?? "…")),
  before_share: ({ state }) => share(wholeOf(state)[0]?.probability ?? 0),
  largest_change: ({ state }) => {
    const after = state.result?.predictions ?? [];
    const changes = wholeOf(state).map(({ index, probability }) => {
      const same = after.find((one) => one.index === index);
      return same ? Math.abs(same.probability - probability) : 0;
    });
    return share(Math.max(0, ...changes));
  },
  milliseconds: ({ state }) => short(state.result?.milliseconds ?? 0),
};

/** What the whole model says. @param {State} state */
const wholeOf = ({ baseline, result }) => baseline ?? result?.predictions ?? [];

/** @type {typeof OF_MODEL} */
const OF_ATTENTION = {
  most: ({ state }) => {
    const { best, layer } = mostOf(state);
    const { columns } = layer.grid;
    return word(patchName(Math.floor(best / columns), best % columns));
  },
  most_value: ({ state }) => {
    const { map, best, prefix } = mostOf(state);
    return exact(map[prefix + best]);
  },
  even: ({ state }) => exact(1 / mostOf(state).map.length),
  times_even: ({ state }) => {
    const { map, best, prefix } = mostOf(state);
    return short(map[prefix + best] * map.length);
  },
  self_value: ({ state }) => {
    const { map, token } = mostOf(state);
    return exact(map[token]);
  },
  on_class: ({ state }) => {
    const { map, prefix } = mostOf(state);
    return prefix > 0 ? share(map[0]) : UNKNOWN;
  },
  entropy: ({ state }) => exact(entropyBits(mostOf(state).map)),
  entropy_most: ({ state }) => exact(Math.log2(mostOf(state).map.length)),
  covering: ({ state }) => {
    const sorted = [...mostOf(state).map].sort((a, b) => b - a);
    let sum = 0;
    return count(sorted.findIndex((one) => (sum += one) >= 0.5) + 1);
  },
  picked: ({ context, layer }) => {
    const { picked } = context;
    const side = 2 ** layer.stage;
    return picked
      ? word(
          patchName(
            Math.floor(picked.row / side),
            Math.floor(picked.column / side),
          ),
        )
      : UNKNOWN;
  },
  picked_value: ({ state, context, description, layer }) => {
    const { map } = mostOf(state);
    if (!context.picked) return UNKNOWN;
    const token = tokenOf(
      { kind: "patch", ...context.picked },
      description,
      layer,
    );
    return exact(map[token] ?? 0);
  },
  distance: async (seen) =>
    exact((await distances(seen, seen.at))[seen.state.head]),
  distance_first: async (seen) => exact(mean(await distances(seen, 0))),
  distance_last: async (seen) =>
    exact(mean(await distances(seen, seen.description.layers.length - 1))),
  distance_nearest: async (seen) =>
    exact(Math.min(...(await distances(seen, seen.at)))),
  distance_farthest: async (seen) =>
    exact(Math.max(...(await distances(seen, seen.at)))),
  distance_even: ({ description: { grid } }) => exact(evenDistance(grid)),
  nearest_head: async (seen) => {
    const all = await distances(seen, seen.at);
    return count(all.indexOf(Math.min(...all)) + 1);
  },
  farthest_head: async (seen) => {
    const all = await distances(seen, seen.at);
    return count(all.indexOf(Math.max(...all)) + 1);
  },
  deeper_is_wider: async (seen) => {
    const last = seen.description.layers.length - 1;
    const [first, deep] = [
      await distances(seen, 0),
      await distances(seen, last),
    ];
    return count(Math.sign(mean(deep) - mean(first)));
  },
};

/** The shown head's map and its largest patch. @param {State} state */
function mostOf(state) {
  const shown = shownAttention(state);
  const map = shown?.heads[state.head];
  if (!shown || !map) throw new Untold();
  const { prefix, layer, token } = shown;
  const patches = map.subarray(prefix);
  const best = patches.indexOf(Math.max(...patches));
  return { map, best, prefix, layer, token };
}

/** What a fact throws where there is nothing to tell. */
class Untold extends Error {}

/** @param {number[]} values */
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** How far each head of a layer looks on average, in patches. @param {Seen} seen @param {number} at */
async function distances({ description, context }, at) {
  const layer = description.layers[at];
  if (layer.windows) throw new Untold();
  const pattern = await context.tensor(`${layer.site}.attn.pattern`);
  const { prefix } = description;
  return Array.from({ length: pattern.shape[0] }, (_, head) =>
    distanceOf(pattern, head, prefix.length, layer.grid),
  );
}

/** @type {typeof OF_MODEL} */
const OF_WINDOWS = {
  window: ({ layer: { windows } }) =>
    windows ? word(`${windows.rows} × ${windows.columns}`) : UNKNOWN,
  window_side: ({ layer: { windows } }) =>
    windows ? count(windows.rows) : UNKNOWN,
  window_area: ({ layer: { windows } }) =>
    windows ? count(windows.rows * windows.columns) : UNKNOWN,
  window_others: ({ layer: { windows } }) =>
    windows ? count(windows.rows * windows.columns - 1) : UNKNOWN,
  shift: ({ layer: { windows } }) =>
    windows ? count(windows.shift.rows) : UNKNOWN,
  windows: ({ state }) => count(cutOf(state).windows.count),
  pieces: ({ state }) => count(new Set(cutOf(state).pieces).size),
  seen: ({ state }) => count(sightOf(state).seen),
  masked: ({ state }) => count(sightOf(state).masked),
  bias_numbers: ({ layer: { windows } }) =>
    windows
      ? count((2 * windows.rows - 1) * (2 * windows.columns - 1))
      : UNKNOWN,
  bias_pairs: ({ layer: { windows } }) =>
    windows ? count((windows.rows * windows.columns) ** 2) : UNKNOWN,
  leaked: ({ state, layer }) => {
    const { map, token } = mostOf(state);
    return share(leakOf(map, layer, token));
  },
  reach_first: async (seen) => count(await reachedAfter(seen, 0)),
  reach_second: async (seen) => count(await reachedAfter(seen, 1)),
  reach_here: async (seen) => count(await reachedAfter(seen, seen.at)),
  reach_before: async (seen) => count(await reachedAfter(seen, seen.at - 1)),
};

/** @param {State} state */
function cutOf(state) {
  const cut = shownCut(state);
  if (!cut) throw new Untold();
  return cut;
}

/** @param {State} state */
function sightOf(state) {
  const sight = shownSight(state);
  if (!sight) throw new Untold();
  return sight;
}

/** How many patches can have told the query anything after a layer. @param {Seen} seen @param {number} at */
async function reachedAfter({ state, context }, at) {
  const { query } = state;
  if (query.kind !== "patch" || at < 0) throw new Untold();
  const reach = await context.reach(query.row, query.column);
  return reach[at].reduce((sum, one) => sum + one, 0);
}

/** The costs of the chosen layer's attention, and on photos so many times its side. @param {Layer} layer @param {number} [times] */
function costs({ grid, dim, windows }, times = 1) {
  const map = { rows: grid.rows * times, columns: grid.columns * times };
  return costsOf(map, dim, windows ?? map);
}

/** @type {typeof OF_MODEL} */
const OF_COST = {
  cost_projections: ({ layer }) => large(costs(layer).projections),
  cost_global: ({ layer }) => large(costs(layer).global),
  cost_windowed: ({ layer }) => large(costs(layer).windowed),
  cost_msa: ({ layer }) =>
    large(costs(layer).projections + costs(layer).global),
  cost_wmsa: ({ layer }) =>
    large(costs(layer).projections + costs(layer).windowed),
  cost_times: ({ layer }) => short(costs(layer).global / costs(layer).windowed),
  cost_global_double: ({ layer }) => large(costs(layer, 2).global),
  cost_windowed_double: ({ layer }) => large(costs(layer, 2).windowed),
  cost_times_double: ({ layer }) =>
    short(costs(layer, 2).global / costs(layer, 2).windowed),
  growth_global: ({ layer }) =>
    short(costs(layer, 2).global / costs(layer).global),
  growth_windowed: ({ layer }) =>
    short(costs(layer, 2).windowed / costs(layer).windowed),
};

const FACTS = {
  ...OF_MODEL,
  ...OF_RESULT,
  ...OF_ATTENTION,
  ...OF_WINDOWS,
  ...OF_COST,
};

export const FACT_NAMES = Object.keys(FACTS);

/**
 * @param {string} name one of FACT_NAMES
 * @param {Context} context
 * @returns {Promise<Fact>}
 */
export async function factOf(name, context) {
  const { state } = context;
  const layer = state.model?.description.layers[state.layer];
  if (!state.model || !layer) return UNKNOWN;
  const { description } = state.model;
  const seen = { description, layer, at: state.layer, state, context };
  try {
    return await FACTS[name](seen);
  } catch (error) {
    if (error instanceof Untold) return UNKNOWN;
    throw error;
  }
}
