// The page's modules as their own import statements tie them together.

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { WWW } from "./paths.js";

/** `import … from "…"`, `import "…"` and `export … from "…"`; not `import("…")`, which comes later. */
const STATIC = /^(?:import|export)\b(?:[^;"]*?\bfrom)?\s*"(\.[^"]+)"/gm;

/** @param {string} file from www/ @returns {string[]} */
function importsOf(file) {
  const text = readFileSync(join(WWW, file), "utf8");
  return [...text.matchAll(STATIC)].map(([, path]) =>
    posix.join(posix.dirname(file), path),
  );
}

/**
 * What these modules bring along, themselves first, in the order in which a browser would find them.
 * @param {string[]} entries from www/
 */
export function graphOf(entries) {
  const found = new Set(entries);
  for (const file of found) {
    for (const path of importsOf(file)) found.add(path);
  }
  return [...found];
}

/** The modules of the first view: what begins first stands first. @param {string} html */
export function firstModules(html) {
  const entries = [
    ...html.matchAll(/<script type="module" src="([^"]+)"/g),
  ].map(([, file]) => file);
  return [...new Set(entries.flatMap((entry) => graphOf([entry])))];
}

/** What a page asks to be preloaded. @param {string} html */
export const preloadsOf = (html) =>
  [...html.matchAll(/<link rel="modulepreload" href="([^"]+)" \/>/g)].map(
    ([, file]) => file,
  );

/** The page with the preloads that it should have. @param {string} html */
export function withPreloads(html) {
  const bare = html.replace(/^ *<link rel="modulepreload"[^>]*>\n/gm, "");
  const links = firstModules(html).map(
    (file) => `    <link rel="modulepreload" href="${file}" />\n`,
  );
  return bare.replace(/^ *<script type="module"/m, (script) =>
    [...links, script].join(""),
  );
}
