// The relative position bias: what a head's M² x M² matrix says of each offset, and where an offset stands in it.

/** @import {Grid, Tensor} from "../../types.js" */

/** Where the key lies, seen from the query. @typedef {{down: number, right: number}} Offset */

/** @param {number} slot @param {Grid} window */
const placeOf = (slot, { columns }) => ({
  row: Math.floor(slot / columns),
  column: slot % columns,
});

/** @param {number} query a slot of the window @param {number} key @param {Grid} window @returns {Offset} */
export function offsetOf(query, key, window) {
  const from = placeOf(query, window);
  const to = placeOf(key, window);
  return { down: to.row - from.row, right: to.column - from.column };
}

/** All pairs of slots with this offset. @param {Offset} offset @param {Grid} window */
export function pairsOf({ down, right }, { rows, columns }) {
  const pairs = [];
  for (let row = Math.max(0, -down); row < Math.min(rows, rows - down); row++) {
    for (
      let column = Math.max(0, -right);
      column < Math.min(columns, columns - right);
      column++
    ) {
      const query = row * columns + column;
      pairs.push({ query, key: query + down * columns + right });
    }
  }
  return pairs;
}

/**
 * The (2M-1) x (2M-1) table, read off the matrix. The query stands in the middle and each cell lies where its key
 * does; timm stores the same numbers the other way round, by query minus key.
 * @param {Tensor} bias (1, heads, M², M²)
 * @param {number} head
 * @param {Grid} window
 */
export function tableOf(bias, head, window) {
  const rows = 2 * window.rows - 1;
  const columns = 2 * window.columns - 1;
  const matrix = matrixOf(bias, head);
  const area = window.rows * window.columns;
  const values = new Float32Array(rows * columns);
  for (let cell = 0; cell < values.length; cell++) {
    const [{ query, key }] = pairsOf(offsetAt(cell, window), window);
    values[cell] = matrix[query * area + key];
  }
  return { rows, columns, values };
}

/** @param {Tensor} bias @param {number} head */
export function matrixOf({ shape, data }, head) {
  const size = shape[2] * shape[3];
  return data.subarray(head * size, (head + 1) * size);
}

/** @param {number} cell of the table @param {Grid} window @returns {Offset} */
export function offsetAt(cell, { rows, columns }) {
  const across = 2 * columns - 1;
  return {
    down: Math.floor(cell / across) - (rows - 1),
    right: (cell % across) - (columns - 1),
  };
}

/** @param {Offset} offset @param {Grid} window */
export function cellAt({ down, right }, { rows, columns }) {
  return (down + rows - 1) * (2 * columns - 1) + right + columns - 1;
}
