// Medians and quartiles.

/** The value below which the given part lies, between the two nearest ones; to a thousandth. @param {number[]} values @param {number} part 0 to 1 */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  const value = low + (at % 1) * (sorted[Math.ceil(at)] - low);
  return Math.round(1000 * value) / 1000;
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/** ‖a − b‖ / ‖b‖ @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function relativeError(a, b) {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}
