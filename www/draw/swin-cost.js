// A small line chart: how two costs grow with the side of the photo.

/**
 * @typedef {object} Growth
 * @property {number[]} x sides of the photo in pixels
 * @property {number} marker the side that is chosen
 * @property {{name: string, colour: string, values: number[], here: number}[]} lines
 */

const MARGIN = { top: 10, right: 8, bottom: 20, left: 8 };
const FONT = "11px system-ui, sans-serif";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{width: number, height: number}} size
 * @param {Growth} growth
 * @param {{ink: string, hairline: string, amount: (value: number) => string}} style
 */
export function drawGrowth(context, size, { x, marker, lines }, style) {
  const left = MARGIN.left;
  const right = size.width - MARGIN.right;
  const bottom = size.height - MARGIN.bottom;
  const top = Math.max(...lines.flatMap(({ values }) => values));
  const first = x[0];
  const last = x[x.length - 1];
  const acrossOf = (/** @type {number} */ value) =>
    left + ((value - first) / (last - first)) * (right - left);
  const heightOf = (/** @type {number} */ value) =>
    bottom - (value / top) * (bottom - MARGIN.top);

  context.lineWidth = 1;
  context.strokeStyle = style.hairline;
  context.beginPath();
  context.moveTo(left, bottom + 0.5);
  context.lineTo(right, bottom + 0.5);
  const at = acrossOf(marker);
  context.moveTo(at, MARGIN.top);
  context.lineTo(at, bottom);
  context.stroke();

  context.font = FONT;
  context.fillStyle = style.ink;
  context.textBaseline = "alphabetic";
  for (const [value, align] of /** @type {[number, CanvasTextAlign][]} */ ([
    [first, "left"],
    [last, "right"],
  ])) {
    context.textAlign = align;
    context.fillText(`${value} px`, acrossOf(value), size.height - 5);
  }
  const isNearEnd = at < left + 70 || at > right - 70;
  context.textAlign = "center";
  if (!isNearEnd) context.fillText(`${marker} px`, at, size.height - 5);

  for (const [i, { name, colour, values, here }] of lines.entries()) {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    for (const [j, value] of values.entries()) {
      context.lineTo(acrossOf(x[j]), heightOf(value));
    }
    context.stroke();
    context.beginPath();
    context.arc(at, heightOf(here), 3.5, 0, 2 * Math.PI);
    context.fill();
    // Both names top left, where the curves leave room, and clear of the marker.
    context.textAlign = "left";
    const text = `${name} ${style.amount(here)}`;
    const start = at < left + 160 ? at + 8 : left + 4;
    context.fillText(text, start, MARGIN.top + 10 + 16 * i);
  }
}
