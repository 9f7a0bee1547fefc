// Rows and columns of an attention pattern (heads, N, N).

/** @import {Tensor} from "./safetensors.js" */

/**
 * What a query looks at (row), or who looks at it (column): N numbers.
 * @param {Tensor} pattern @param {number} head @param {number} token
 * @param {"row" | "column"} direction
 */
export function attentionOf({ shape, data }, head, token, direction) {
  const n = shape[2];
  return Array.from({ length: n }, (_, i) =>
    direction === "row"
      ? data[(head * n + token) * n + i]
      : data[(head * n + i) * n + token],
  );
}
