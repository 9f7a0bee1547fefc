// A canvas context that writes SVG: what the stage draws on pixels it draws here as shapes, by the same code. It knows
// what draw/ and the stage use, and no more.

import { build } from "../views/dom.js";

const ATTRIBUTES = /[&<>"]/g;
/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
export const escaped = (text) =>
  text.replace(ATTRIBUTES, (sign) => ENTITIES[sign]);

/** A tenth of a thousandth of a pixel is enough for any screen. @param {number} value */
const short = (value) => String(Number(value.toFixed(4)));

/** @param {Record<string, string | number>} attributes */
function written(attributes) {
  return Object.entries(attributes)
    .map(([name, value]) => {
      const text = typeof value === "number" ? short(value) : escaped(value);
      return ` ${name}="${text}"`;
    })
    .join("");
}

/** Pixels as a PNG inside the file, at their own number. @param {CanvasImageSource} image @param {number[]} part x, y, width, height */
export function pngAddress(image, [x, y, width, height]) {
  const canvas = build("canvas", {
    width: Math.max(1, Math.round(width)),
    height: Math.max(1, Math.round(height)),
  });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no 2-D canvas");
  context.imageSmoothingEnabled = false;
  const to = [0, 0, canvas.width, canvas.height];
  context.drawImage(image, x, y, width, height, to[0], to[1], to[2], to[3]);
  return canvas.toDataURL("image/png");
}

/** What `save` keeps. */
const KEPT = /** @type {const} */ ([
  "fillStyle",
  "strokeStyle",
  "lineWidth",
  "lineCap",
  "lineJoin",
  "globalAlpha",
  "font",
  "textAlign",
  "textBaseline",
  "imageSmoothingEnabled",
]);

export class SvgContext {
  fillStyle = "#000";
  strokeStyle = "#000";
  lineWidth = 1;
  /** @type {CanvasLineCap} */
  lineCap = "butt";
  /** @type {CanvasLineJoin} */
  lineJoin = "miter";
  globalAlpha = 1;
  font = "10px sans-serif";
  textAlign = "start";
  textBaseline = "alphabetic";
  imageSmoothingEnabled = true;
  imageSmoothingQuality = "high";
  /** @type {string[]} */
  #parts = [];
  #path = "";
  /** @type {number[]} */
  #dash = [];
  #clips = 0;
  /** Groups that a clip has opened since the last save. */
  #open = 0;
  /** @type {{values: Record<string, unknown>, dash: number[], open: number}[]} */
  #stack = [];

  /** @param {number} width @param {number} height in CSS pixels */
  constructor(width, height) {
    this.width = width;
    this.height = height;
  }

  save() {
    const values = Object.fromEntries(KEPT.map((name) => [name, this[name]]));
    this.#stack.push({ values, dash: this.#dash, open: this.#open });
    this.#open = 0;
  }

  restore() {
    const before = this.#stack.pop();
    if (!before) return;
    this.#parts.push("</g>".repeat(this.#open));
    Object.assign(this, before.values);
    this.#dash = before.dash;
    this.#open = before.open;
  }

  beginPath() {
    this.#path = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.#path += `M${short(x)} ${short(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.#path += `L${short(x)} ${short(y)}`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    const size = `h${short(width)}v${short(height)}h${short(-width)}z`;
    this.#path += `M${short(x)} ${short(y)}${size}`;
  }

  /** @param {CanvasFillRule} [rule] */
  clip(rule = "nonzero") {
    const id = `clip-${++this.#clips}`;
    const path = written({ d: this.#path, "clip-rule": rule });
    this.#parts.push(
      `<clipPath id="${id}"><path${path}/></clipPath><g clip-path="url(#${id})">`,
    );
    this.#open++;
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.#dash = dash;
  }

  #stroke() {
    return {
      fill: "none",
      stroke: this.strokeStyle,
      "stroke-width": this.lineWidth,
      "stroke-linecap": this.lineCap,
      "stroke-linejoin": this.lineJoin,
      "stroke-dasharray": this.#dash.join(" ") || "none",
      opacity: this.globalAlpha,
    };
  }

  #fill() {
    return { fill: this.fillStyle, opacity: this.globalAlpha };
  }

  /** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
  #add(tag, attributes, text = "") {
    const inside = text ? `>${escaped(text)}</${tag}>` : "/>";
    this.#parts.push(`<${tag}${written(attributes)}${inside}`);
  }

  stroke() {
    this.#add("path", { d: this.#path, ...this.#stroke() });
  }

  /** @param {CanvasFillRule} [rule] */
  fill(rule = "nonzero") {
    this.#add("path", { d: this.#path, "fill-rule": rule, ...this.#fill() });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    this.#add("rect", { x, y, width, height, ...this.#stroke() });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.#add("rect", { x, y, width, height, ...this.#fill() });
  }

  /** @param {number} x @param {number} y */
  #textAt(x, y) {
    // "600 14px mono, …", as canvas writes it.
    const [, weight, size, family] =
      /^(?:(\d+) )?([\d.]+)px (.*)$/.exec(this.font) ?? [];
    return {
      x,
      y,
      "text-anchor": this.textAlign === "center" ? "middle" : "start",
      "dominant-baseline": this.textBaseline === "middle" ? "central" : "auto",
      "font-family": family ?? "sans-serif",
      "font-weight": weight ?? "400",
      "font-size": Number(size ?? 10),
    };
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    this.#add("text", { ...this.#textAt(x, y), ...this.#fill() }, text);
  }

  /** @param {string} text @param {number} x @param {number} y */
  strokeText(text, x, y) {
    this.#add("text", { ...this.#textAt(x, y), ...this.#stroke() }, text);
  }

  /**
   * (image, x, y, width, height), or with the part of the image before them.
   * @param {HTMLCanvasElement | OffscreenCanvas | ImageBitmap} image @param {number[]} place
   */
  drawImage(image, ...place) {
    const whole = [0, 0, image.width, image.height];
    const part = place.length > 4 ? place.slice(0, 4) : whole;
    const [x, y, width, height] = place.slice(-4);
    this.#add("image", {
      x,
      y,
      width,
      height,
      preserveAspectRatio: "none",
      // No style attribute: a page's policy may forbid those.
      "image-rendering": this.imageSmoothingEnabled ? "auto" : "pixelated",
      href: pngAddress(image, part),
    });
  }

  /** @param {string} title what the picture shows */
  toString(title) {
    const { width, height } = this;
    const view = `0 0 ${short(width)} ${short(height)}`;
    const size = written({ width, height, viewBox: view });
    return `<svg xmlns="http://www.w3.org/2000/svg"${size} role="img"><title>${escaped(title)}</title>${this.#parts.join("")}${"</g>".repeat(this.#open)}</svg>`;
  }
}
