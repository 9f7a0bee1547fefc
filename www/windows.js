// The geometry of Swin's windows over the photo, read off the model's own gather (attn.index) and mask (attn.mask):
// which patches share a window, which of them a patch can see, and where a layer's tokens lie. Nothing here knows a
// rule about neighbours, so that what is drawn is what the model did, padded and clipped maps included.

/** @import {Grid, Layer, Rect, Tensor} from "./types.js" */

/** A map of tokens, and what of a layer's windows its geometry needs. @typedef {Pick<Layer, "grid" | "windows">} Windowed */

/**
 * Slots are counted through all windows: slot = window * area + place in the window.
 * @typedef {object} Windows
 * @property {number} count
 * @property {number} area slots of a window
 * @property {Int32Array} slotOf the slot of each token of the layer's map
 * @property {(slot: number) => number} tokenAt the token (row * columns + column), or -1 where the map was padded
 * @property {(token: number) => number} windowOfToken
 * @property {(window: number) => number[]} tokensOfWindow in the order of the slots, padding left out
 */

/** Whether attention stays in windows in any layer. @param {{layers: Pick<Layer, "windows">[]} | undefined} description */
export const hasWindows = (description) =>
  description?.layers.some(({ windows }) => windows) ?? false;

/** What `sight` says of a token: in another window, in the same one but masked, or seen. */
export const OTHER = 0;
export const MASKED = 1;
export const SEEN = 2;

/**
 * @param {Tensor} index (windows, area): the token in each slot
 * @param {Windowed} layer
 * @returns {Windows}
 */
export function windowsOf({ shape, data }, { grid }) {
  const [count, area] = shape;
  const slotOf = new Int32Array(grid.rows * grid.columns).fill(-1);
  for (let slot = 0; slot < data.length; slot++) {
    if (data[slot] >= 0) slotOf[data[slot]] = slot;
  }
  return {
    count,
    area,
    slotOf,
    tokenAt: (slot) => data[slot],
    windowOfToken: (token) => Math.floor(slotOf[token] / area),
    tokensOfWindow: (window) =>
      Array.from(data.subarray(window * area, (window + 1) * area)).filter(
        (token) => token >= 0,
      ),
  };
}

/** Whether the mask keeps one slot from seeing another of its window. @param {Windows} windows @param {Tensor | null} mask (windows, 1, area, area) @param {number} from @param {number} to */
export function isMasked({ area }, mask, from, to) {
  return mask !== null && mask.data[from * area + (to % area)] < 0;
}

/**
 * @typedef {object} Sight
 * @property {Uint8Array} tokens OTHER, MASKED or SEEN for each token of the layer's map
 * @property {number} seen how many tokens, the query among them
 * @property {number} masked
 * @property {number} elsewhere tokens of other windows
 * @property {number} padding slots of the query's window that hold no token
 */

/**
 * What a token can see.
 * @param {Windows} windows @param {Tensor | null} mask null where the block has none @param {number} token
 * @returns {Sight}
 */
export function sight(windows, mask, token) {
  const { area, slotOf, tokenAt } = windows;
  const tokens = new Uint8Array(slotOf.length);
  const from = slotOf[token];
  const first = from - (from % area);
  let [seen, masked, padding] = [0, 0, 0];
  for (let slot = first; slot < first + area; slot++) {
    const other = tokenAt(slot);
    if (other < 0) {
      padding++;
    } else if (isMasked(windows, mask, from, slot)) {
      tokens[other] = MASKED;
      masked++;
    } else {
      tokens[other] = SEEN;
      seen++;
    }
  }
  const elsewhere = tokens.length - seen - masked;
  return { tokens, seen, masked, elsewhere, padding };
}

/**
 * The pieces into which windows and mask cut the photo: tokens of one piece see each other. Numbered from 0 as the
 * photo is read.
 * @param {Windows} windows @param {Tensor | null} mask
 * @returns {Int32Array} one a token
 */
export function regions(windows, mask) {
  const { slotOf, windowOfToken, tokensOfWindow } = windows;
  const pieces = new Int32Array(slotOf.length).fill(-1);
  let count = 0;
  for (let start = 0; start < pieces.length; start++) {
    if (pieces[start] >= 0) continue;
    const piece = count++;
    const others = tokensOfWindow(windowOfToken(start));
    const open = [start];
    pieces[start] = piece;
    for (let token = open.pop(); token !== undefined; token = open.pop()) {
      for (const other of others) {
        if (pieces[other] >= 0) continue;
        if (isMasked(windows, mask, slotOf[token], slotOf[other])) continue;
        pieces[other] = piece;
        open.push(other);
      }
    }
  }
  return pieces;
}

/**
 * The token in every cell of the rolled and padded map, row by row; -1 where it was padded.
 * @param {Windows} windows @param {Windowed} layer
 */
export function rolledFrom({ count, area, tokenAt }, { windows }) {
  if (!windows) throw new Error("a layer without windows is not rolled");
  const { columns: wide, padded } = windows;
  const across = padded.columns / wide;
  const map = new Int32Array(padded.rows * padded.columns);
  for (let slot = 0; slot < count * area; slot++) {
    const window = Math.floor(slot / area);
    const within = slot % area;
    const row =
      Math.floor(window / across) * windows.rows + Math.floor(within / wide);
    const column = (window % across) * wide + (within % wide);
    map[row * padded.columns + column] = tokenAt(slot);
  }
  return map;
}

/**
 * Whether some token sees one that it never touched in the photo: a piece that leaves gaps in the rectangle around it.
 * It happens where the map is padded after the roll, and wherever the mask is left out.
 * @param {Windows} windows @param {Tensor | null} mask @param {Windowed} layer
 */
export function wrapped(windows, mask, { grid: { columns } }) {
  /** @type {{top: number, bottom: number, left: number, right: number, size: number}[]} */
  const boxes = [];
  for (const [token, piece] of regions(windows, mask).entries()) {
    const row = Math.floor(token / columns);
    const column = token % columns;
    // The first token of a piece lies highest: the photo is read from above.
    const start = { top: row, bottom: row, left: column, right: column };
    const box = (boxes[piece] ??= { ...start, size: 0 });
    box.bottom = row;
    box.left = Math.min(box.left, column);
    box.right = Math.max(box.right, column);
    box.size++;
  }
  return boxes.some(
    ({ top, bottom, left, right, size }) =>
      size < (bottom - top + 1) * (right - left + 1),
  );
}

/** Patches along a side of one of the layer's tokens: merging has doubled it stage by stage. @param {Pick<Layer, "stage">} layer */
export function tokenSide({ stage }) {
  return 2 ** stage;
}

/** The token of the layer's map that holds a patch of the patch grid. @param {{row: number, column: number}} patch @param {Pick<Layer, "stage">} layer */
export function layerToken({ row, column }, layer) {
  const side = tokenSide(layer);
  return { row: Math.floor(row / side), column: Math.floor(column / side) };
}

/**
 * Where the layer's whole map lies: beyond the photo's lower and right edge where the patch grid was odd.
 * @param {Rect} crop what the model sees @param {Grid} patches the patch grid @param {Pick<Layer, "grid" | "stage">} layer
 * @returns {Rect}
 */
export function mapRect({ x, y, width, height }, patches, layer) {
  const side = tokenSide(layer);
  return {
    x,
    y,
    width: (width * layer.grid.columns * side) / patches.columns,
    height: (height * layer.grid.rows * side) / patches.rows,
  };
}

/**
 * Where a token lies, clipped to what the model sees.
 * @param {Rect} crop @param {Grid} patches the patch grid @param {Pick<Layer, "stage">} layer
 * @param {number} row of the layer's map @param {number} column
 * @returns {Rect}
 */
export function tokenRect(crop, patches, layer, row, column) {
  const side = tokenSide(layer);
  const across = crop.width / patches.columns;
  const down = crop.height / patches.rows;
  return {
    x: crop.x + column * side * across,
    y: crop.y + row * side * down,
    width: Math.min(side, patches.columns - column * side) * across,
    height: Math.min(side, patches.rows - row * side) * down,
  };
}
