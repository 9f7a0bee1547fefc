// What the page derives from attention and weights, computed here from recorded tensors and checkpoint files alone.

/** @import {Tensor} from "./safetensors.js" */
/** @import {Vitrine} from "./vitrine.js" */

/** A square matrix, row by row. @typedef {number[][]} Matrix */
/** @typedef {{site: string, heads: number, stage: number, grid: {rows: number, columns: number}, windows: unknown}} Layer */

/** @param {number[]} values */
export const total = (values) => values.reduce((sum, value) => sum + value, 0);

/** @param {Matrix} a @param {Matrix} b @returns {Matrix} */
export function times(a, b) {
  return a.map((row) => {
    const out = new Array(b[0].length).fill(0);
    for (const [k, value] of row.entries()) {
      if (value === 0) continue;
      for (let j = 0; j < out.length; j++) out[j] += value * b[k][j];
    }
    return out;
  });
}

/**
 * Each head's attention as one matrix over all tokens of the layer's map (prefix tokens first), padding left out.
 * @param {Vitrine} vitrine @param {Layer} layer
 * @returns {Promise<Matrix[]>}
 */
export async function headsOf(vitrine, { site, windows, grid }) {
  const { shape, data } = await vitrine.tensor(`${site}.attn.pattern`);
  const area = shape[shape.length - 1];
  const heads = shape[shape.length - 3];
  const index = windows
    ? Array.from((await vitrine.tensor(`${site}.attn.index`)).data)
    : Array.from({ length: area }, (_, token) => token);
  const tokens = windows ? grid.rows * grid.columns : area;
  return Array.from({ length: heads }, (_, head) => {
    /** @type {Matrix} */
    const matrix = Array.from({ length: tokens }, () =>
      new Array(tokens).fill(0),
    );
    for (const [slot, query] of index.entries()) {
      if (query < 0) continue;
      const window = Math.floor(slot / area);
      const start = ((window * heads + head) * area + (slot % area)) * area;
      const own = index.slice(window * area, (window + 1) * area);
      const held = own.map((key, i) => (key < 0 ? 0 : data[start + i]));
      for (const [i, key] of own.entries()) {
        if (key >= 0) matrix[query][key] = held[i] / total(held);
      }
    }
    return matrix;
  });
}

/** (A + I) / 2, A the mean of the heads. @param {Matrix[]} heads @returns {Matrix} */
export function mixed(heads) {
  return heads[0].map((row, i) =>
    row.map((_, j) => {
      const mean = total(heads.map((head) => head[i][j])) / heads.length;
      return (mean + Number(i === j)) / 2;
    }),
  );
}

/** The equal shares of the tokens that one of the coarser map is merged of. @param {{rows: number, columns: number}} fine @returns {Matrix} */
export function mergingOf({ rows, columns }) {
  const across = Math.ceil(columns / 2);
  return Array.from({ length: Math.ceil(rows / 2) * across }, (_, coarse) => {
    const row = new Array(rows * columns).fill(0);
    const parts = [];
    for (const down of [0, 1]) {
      for (const right of [0, 1]) {
        const y = 2 * Math.floor(coarse / across) + down;
        const x = 2 * (coarse % across) + right;
        if (y < rows && x < columns) parts.push(y * columns + x);
      }
    }
    for (const part of parts) row[part] = 1 / parts.length;
    return row;
  });
}

/**
 * For each head the distance to what it looks at, in pixels.
 * @param {Matrix[]} heads @param {{prefix: number, columns: number, height: number, width: number}} map with a token's size
 */
export function meanDistances(heads, { prefix, columns, height, width }) {
  return heads.map((head) => {
    const rows = head.slice(prefix).map((row, query) => {
      const weights = row.slice(prefix);
      const far = weights.map((weight, key) => {
        const down = Math.floor(key / columns) - Math.floor(query / columns);
        const right = (key % columns) - (query % columns);
        return weight * Math.sqrt((down * height) ** 2 + (right * width) ** 2);
      });
      return total(far) / total(weights);
    });
    return total(rows) / rows.length;
  });
}

/** @param {number[]} logits */
export function softmax(logits) {
  const top = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - top));
  return powers.map((power) => power / total(powers));
}

/** @param {Tensor} tensor of two dimensions @returns {Matrix} */
export function rowsOf({ shape, data }) {
  const columns = shape[shape.length - 1];
  return Array.from({ length: data.length / columns }, (_, i) =>
    Array.from(data.subarray(i * columns, (i + 1) * columns)),
  );
}

/**
 * Norm, class token and head on a stream (N, D), from a checkpoint's own numbers.
 * @param {Map<string, Tensor>} weights @param {number[]} row the class token's
 */
export function readOut(weights, row) {
  const of = (/** @type {string} */ name) => {
    const tensor = weights.get(name);
    if (!tensor) throw new Error(`no ${name}`);
    return tensor;
  };
  const mean = total(row) / row.length;
  const variance = total(row.map((x) => (x - mean) ** 2)) / row.length;
  const [scale, shift] = [of("norm.weight").data, of("norm.bias").data];
  const normed = row.map(
    (x, i) => ((x - mean) / Math.sqrt(variance + 1e-6)) * scale[i] + shift[i],
  );
  const bias = of("head.bias").data;
  return rowsOf(of("head.weight")).map(
    (filter, i) => total(filter.map((value, j) => value * normed[j])) + bias[i],
  );
}
