// The page's words: one dictionary a language, filled in with numbers and names.

import { fetchOwn } from "../own-files.js";

/** Languages, each called by its own name. @type {Record<string, string>} */
export const LANGUAGES = { en: "English", zh: "简体中文" };

/** What the embedded models tell apart: a line a class, its number at WordNet, English, Chinese. */
const CLASSES = new URL("../labels/tiny-imagenet.tsv", import.meta.url);

/** @type {Record<string, string>} */
let words = {};
let current = "en";

/** The language to begin with. @param {string | null} wished */
export function pickLanguage(wished) {
  const candidates = [wished, ...navigator.languages];
  for (const candidate of candidates) {
    const short = candidate?.slice(0, 2) ?? "";
    if (short in LANGUAGES) return short;
  }
  return "en";
}

/** @param {string} language a key of LANGUAGES */
export async function useLanguage(language) {
  const [response, classes] = await Promise.all([
    fetchOwn(new URL(`${language}.json`, import.meta.url)),
    // Without them they are called as the model calls them.
    language === "zh" ? chineseClasses().catch(() => ({})) : {},
  ]);
  words = { ...classes, ...(await response.json()) };
  current = language;
}

/** The keys of `className`. @returns {Promise<Record<string, string>>} */
async function chineseClasses() {
  const lines = (await (await fetchOwn(CLASSES)).text()).trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [, english, chinese] = line.split("\t");
      return [`class.${english}`, chinese];
    }),
  );
}

/** A class of photos in the visitor's language, where it is known in that. @param {string} label as the model has it */
export function className(label) {
  return localized(`class.${label}`, label);
}

/**
 * The words for a key, `{name}` replaced by `params.name`.
 * @param {string} key
 * @param {Record<string, string | number>} [params]
 */
export function t(key, params = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    name in params ? String(params[name]) : whole,
  );
}

/** @param {string} key */
export function has(key) {
  return key in words;
}

/**
 * Words that the engine said in English: themselves in English, else the dictionary's, where it has them.
 * @param {string} key @param {string} english
 * @param {Record<string, string | number>} [params]
 */
export function localized(key, english, params) {
  if (english && (current === "en" || !has(key))) return english;
  return t(key, params);
}

/** To make one takes longer than to use it, and a move over the photo writes some dozen numbers. @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function formatNumber(value, options) {
  const key = `${current} ${options ? JSON.stringify(options) : ""}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(current, options);
    formats.set(key, format);
  }
  return format.format(value);
}

/** @param {ParentNode} root @param {string} selector */
function allIn(root, selector) {
  const inside = [...root.querySelectorAll(selector)];
  const isOne = root instanceof Element && root.matches(selector);
  return isOne ? [root, ...inside] : inside;
}

/** Fills in every element that names its words. @param {ParentNode} root */
export function translatePage(root) {
  document.documentElement.lang = current === "zh" ? "zh-Hans" : current;
  for (const element of allIn(root, "[data-i18n]")) {
    element.textContent = t(element.getAttribute("data-i18n") ?? "");
  }
  for (const element of allIn(root, "[data-i18n-label]")) {
    const label = t(element.getAttribute("data-i18n-label") ?? "");
    element.setAttribute("aria-label", label);
    if (element instanceof HTMLButtonElement) element.title = label;
  }
}
