// Small helpers to find and build elements.

/** @import {Rgb} from "../draw/colormap.js" */

/**
 * The element that must be there, of the kind it must be.
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new (...args: any[]) => T} kind
 * @returns {T}
 */
export function find(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`no ${selector} here`);
  return element;
}

/** @param {ParentNode} root @param {string} name @returns {HTMLElement} */
export function byTestId(root, name) {
  return find(root, `[data-testid="${name}"]`, HTMLElement);
}

/**
 * An element with attributes and children; what is null or false is left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null>} [attributes]
 * @param {...(Node | string | null | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function build(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== false) element.append(child);
  }
  return element;
}

/**
 * A button that says words of the dictionary.
 * @param {string} testId @param {string} words
 * @param {(() => void) | null} [onClick]
 * @param {Record<string, string | number | boolean | null>} [attributes] others, or in place of these
 */
export function buildButton(testId, words, onClick = null, attributes = {}) {
  const button = build("button", {
    type: "button",
    class: "control",
    "data-testid": testId,
    "data-i18n": words,
    ...attributes,
  });
  if (onClick) button.addEventListener("click", onClick);
  return button;
}

/**
 * As many children as there are things to show; those that are there stay.
 * @param {HTMLElement} box @param {number} count @param {() => HTMLElement} make
 */
export function keepChildren(box, count, make) {
  while (box.children.length > count) box.lastElementChild?.remove();
  while (box.children.length < count) box.append(make());
}

/**
 * A row of radio buttons that looks like one switch.
 * @param {string} name
 * @param {[value: string, label: string][]} choices
 * @param {string} chosen
 * @param {(value: string) => void} onChange
 */
export function buildSwitch(name, choices, chosen, onChange) {
  const labels = choices.map(([value, label]) => {
    const isChosen = value === chosen;
    const radio = build("input", { type: "radio", name, value });
    radio.checked = isChosen;
    radio.addEventListener("change", () => onChange(value));
    return build("label", {}, radio, build("span", {}, label));
  });
  return build("div", { class: "switch", role: "radiogroup" }, ...labels);
}

/** @param {HTMLSelectElement} select @param {[value: string, label: string][]} options @param {string} chosen */
export function fillSelect(select, options, chosen) {
  select.replaceChildren(
    ...options.map(([value, label]) => build("option", { value }, label)),
  );
  select.value = chosen;
}

/** What there was when the page was last laid out. @type {WeakMap<Element, {width: number, height: number, scrolls: boolean}>} */
const rooms = new WeakMap();

/** Made before any view's own, so that it hears of each change before them. */
const roomKeeper = new ResizeObserver((entries) => {
  for (const { target } of entries) rooms.set(target, measured(target));
});

/** @param {Element} element */
const measured = (element) => ({
  width: element.clientWidth,
  height: element.clientHeight,
  scrolls: getComputedStyle(element).overflowY === "auto",
});

/**
 * An element's inner size, and whether it scrolls what is higher. To ask the element itself lays the page out anew
 * whenever something was written before: several times a frame, where views draw one after the other. This asks once and
 * then hears of changes; a view that draws by it draws again when its size changes.
 * @param {Element} element
 */
export function roomOf(element) {
  let room = rooms.get(element);
  if (!room) {
    room = measured(element);
    rooms.set(element, room);
    roomKeeper.observe(element);
  }
  return room;
}

/** By how much presenting enlarges the page. */
let enlarged = 1;

/** Asked for once a change: to ask for each picture that is drawn would style the page anew each time. */
export function measureZoom() {
  const { body } = document;
  enlarged = body.getBoundingClientRect().width / body.offsetWidth || 1;
}

/** How many pixels the screen has for a CSS pixel. */
export const sharpness = () => devicePixelRatio * enlarged;

/**
 * A canvas with as many pixels as the screen has in its place; what is drawn is measured in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height
 */
export function sharpContext(canvas, width, height) {
  const ratio = sharpness();
  const pixelWidth = Math.max(1, Math.round(width * ratio));
  const pixelHeight = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no 2-D canvas");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** The same, of a canvas that takes this size in the page. @type {typeof sharpContext} */
export function sizedContext(canvas, width, height) {
  setStyle(canvas, "width", `${width}px`);
  setStyle(canvas, "height", `${height}px`);
  return sharpContext(canvas, width, height);
}

/** Reading a computed style may lay out the page; once a theme and colour is enough. @type {Map<string, string>} */
const colours = new Map();

/** A colour of the theme. @param {string} name such as "--ground" */
export function themeColour(name) {
  const root = document.documentElement;
  const key = `${root.dataset["theme"]} ${name}`;
  const known = colours.get(key);
  if (known) return known;
  const colour = getComputedStyle(root).getPropertyValue(name).trim();
  colours.set(key, colour);
  return colour;
}

/** The pane's colour, as numbers: what zero looks like. @returns {Rgb} */
export function paneColour() {
  const hex = themeColour("--pane").replace("#", "");
  const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const at = (/** @type {number} */ i) => parseInt(full.slice(i, i + 2), 16);
  return [at(0), at(2), at(4)];
}

/** The colours of windows, as many as keep neighbours apart. */
export const windowColours = () =>
  [1, 2, 3, 4].map((number) => themeColour(`--window-${number}`));

/** Sets a style only where it changes: setting it anyway would have the page laid out again. @param {HTMLElement} element @param {string} name @param {string} value */
export function setStyle({ style }, name, value) {
  if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
}
