// Colours for values: viridis for amounts, and a map with a neutral middle for values of both signs.

/** @typedef {[number, number, number]} Rgb */

/**
 * viridis (Smith and van der Walt) as polynomials of degree 6 in t, one row a power: red, green, blue.
 * Fitted by Matt Zucker, released as CC0; at 0, 1/4, 1/2, 3/4 and 1 off the original table by at most 4 of 255 levels.
 */
const VIRIDIS_POWERS = [
  [0.2777273272, 0.0054073445, 0.3340998053],
  [0.1050930431, 1.4046135299, 1.3845901626],
  [-0.3308618287, 0.2148475595, 0.095095163],
  [-4.6342304989, -5.7991009734, -19.3324409563],
  [6.2282699363, 14.1799333668, 56.6905526007],
  [4.7763849977, -13.745145378, -65.3530326334],
  [-5.4354558559, 4.6458526122, 26.3124352496],
];

/** @param {(t: number) => Rgb} colour @returns {Uint8ClampedArray} 256 colours, 3 bytes each */
function table(colour) {
  const bytes = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) bytes.set(colour(i / 255), i * 3);
  return bytes;
}

export const VIRIDIS = table((t) => {
  const channel = (/** @type {number} */ c) =>
    255 * VIRIDIS_POWERS.reduceRight((sum, row) => sum * t + row[c], 0);
  return [channel(0), channel(1), channel(2)];
});

/** Ends of the map for both signs: ColorBrewer's PRGn, safe for every kind of colour blindness. */
const NEGATIVE = [118, 42, 131];
const POSITIVE = [27, 120, 55];

/** @param {Rgb} middle what zero looks like: the ground of the theme */
export function divergingTable(middle) {
  return table((t) => {
    const end = t < 0.5 ? NEGATIVE : POSITIVE;
    const share = Math.abs(t - 0.5) * 2;
    const channel = (/** @type {number} */ c) =>
      middle[c] + (end[c] - middle[c]) * share;
    return [channel(0), channel(1), channel(2)];
  });
}

/** Place in a table of 256 for t in 0..1. @param {number} t */
export function tableIndex(t) {
  return t <= 0 ? 0 : t >= 1 ? 765 : Math.round(t * 255) * 3;
}
