// A part of the page as SVG: its canvases as pictures, its drawings as they are, its words where they stand. That is
// how head grid, charts and strips leave the page with their labels.

import { escaped } from "./svg-context.js";

/** What of an element of a drawing its style may decide, and a file would not know. */
const DRAWN = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
  "visibility",
];

/** What is there to be pressed, not to be read. */
const CONTROLS = "button.menu-button, select, input, [popover], dialog";

/** @typedef {{left: number, top: number}} Corner */

/** @param {number} value */
const short = (value) => String(Number(value.toFixed(2)));

/** @param {DOMRect} box @param {Corner} corner */
function placed({ left, top, width, height }, corner) {
  return `x="${short(left - corner.left)}" y="${short(top - corner.top)}" width="${short(width)}" height="${short(height)}"`;
}

/** @param {string} colour */
const isSeen = (colour) => !/^(transparent|rgba\(.*, 0\))$/.test(colour);

/** Ground and frame of a box. @param {Element} element @param {Corner} corner */
function boxOf(element, corner) {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const hasGround = isSeen(style.backgroundColor);
  const edges = ["top", "right", "bottom", "left"].map((side) =>
    parseFloat(style.getPropertyValue(`border-${side}-width`)),
  );
  const isFramed = edges.every((width) => width > 0);
  if (box.width === 0 || !(hasGround || isFramed)) return "";
  const fill = hasGround ? style.backgroundColor : "none";
  const stroke = isFramed ? style.borderTopColor : "none";
  const radius = parseFloat(style.borderTopLeftRadius) || 0;
  return `<rect ${placed(box, corner)} rx="${short(radius)}" fill="${fill}" stroke="${stroke}"/>`;
}

/** A text, line by line as the page has broken it. @param {Text} node @param {Corner} corner */
function textOf(node, corner) {
  const parent = node.parentElement;
  const whole = node.data;
  if (!parent || !whole.trim()) return "";
  const style = getComputedStyle(parent);
  const range = document.createRange();
  /** @type {{text: string, box: DOMRect}[]} */
  const lines = [];
  for (let i = 0; i < whole.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) last.text += whole[i];
    else lines.push({ text: whole[i], box });
  }
  const size = parseFloat(style.fontSize);
  return lines
    .map(({ text, box }) => {
      const x = short(box.left - corner.left);
      const y = short(box.top + box.height / 2 - corner.top);
      return `<text x="${x}" y="${y}" dominant-baseline="central" font-family="${escaped(style.fontFamily)}" font-size="${short(size)}" font-weight="${style.fontWeight}" fill="${style.color}" xml:space="preserve">${escaped(text)}</text>`;
    })
    .join("");
}

/** @param {SVGElement} drawing @param {Corner} corner */
function drawingOf(drawing, corner) {
  const copy = /** @type {SVGElement} */ (drawing.cloneNode(true));
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [i, original] of originals.entries()) {
    const style = getComputedStyle(original);
    for (const name of DRAWN) {
      copies[i].setAttribute(name, style.getPropertyValue(name));
    }
    for (const { name } of [...copies[i].attributes]) {
      if (/^(class|style|data-.*|tabindex|aria-.*)$/.test(name)) {
        copies[i].removeAttribute(name);
      }
    }
  }
  const box = drawing.getBoundingClientRect();
  copy.setAttribute("x", short(box.left - corner.left));
  copy.setAttribute("y", short(box.top - corner.top));
  copy.setAttribute("width", short(box.width));
  copy.setAttribute("height", short(box.height));
  return new XMLSerializer().serializeToString(copy);
}

/** @param {Node} node @param {Corner} corner @returns {string} */
function partOf(node, corner) {
  if (node instanceof Text) return textOf(node, corner);
  if (!(node instanceof Element) || node.matches(CONTROLS)) return "";
  if (!node.checkVisibility({ visibilityProperty: true })) return "";
  if (node instanceof HTMLCanvasElement) {
    const box = placed(node.getBoundingClientRect(), corner);
    return `<image ${box} preserveAspectRatio="none" href="${node.toDataURL("image/png")}"/>`;
  }
  if (node instanceof SVGElement) return drawingOf(node, corner);
  const inside = [...node.childNodes].map((child) => partOf(child, corner));
  return boxOf(node, corner) + inside.join("");
}

/** Room around the picture, in CSS pixels. */
const MARGIN = 12;

/**
 * @param {HTMLElement} element @param {string} title what the picture shows
 * @returns {{svg: string, width: number, height: number}} in CSS pixels
 */
export function elementToSvg(element, title) {
  const box = element.getBoundingClientRect();
  // What scrolls is saved whole.
  const width = Math.max(box.width, element.scrollWidth) + 2 * MARGIN;
  const height = Math.max(box.height, element.scrollHeight) + 2 * MARGIN;
  const corner = {
    left: box.left - element.scrollLeft - MARGIN,
    top: box.top - element.scrollTop - MARGIN,
  };
  const ground = getComputedStyle(document.body).getPropertyValue("--ground");
  const size = `width="${short(width)}" height="${short(height)}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${short(width)} ${short(height)}" role="img"><title>${escaped(title)}</title><rect ${size} fill="${ground.trim()}"/>${partOf(element, corner)}</svg>`;
  return { svg, width, height };
}
