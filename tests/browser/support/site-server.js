// The site as `cargo xtask serve` gives it, and a stand-in for the Hugging Face hub beside it.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { FaultyServer } from "./faulty-server.js";
import { mediaType } from "./media-types.js";
import { FIXTURES, PKG, WWW } from "./paths.js";

/** @import {Content} from "./faulty-server.js" */

/** The site can also be asked for below this path, as on a host that serves many sites. */
export const NESTED = "/a/nested/site";

/** What lets a page use threads. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cache-Control": "no-cache",
};

/** As the hub and its stores answer. */
const ANY_ORIGIN = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "ETag,Accept-Ranges,Content-Range,Location",
  // The hub's links are signed anew each time, so no browser has them in its own cache.
  "Cache-Control": "no-store",
};

/** The repositories of the stand-in, each a folder with config.json and model.safetensors. */
export const HUB_FIXTURE = "vitrine-test/vit_avg";

/** A host that only hands out files. */
export const NOT_ISOLATED = { "Cache-Control": "no-cache" };

/** Starts the three servers. @param {import("node:http").OutgoingHttpHeaders} headers that the site sends with everything */
export async function startServers(headers = ISOLATED) {
  const store = await new FaultyServer(findInStore, ANY_ORIGIN).start();
  const hub = await new FaultyServer(
    (path) => findInHub(path, store.origin),
    ANY_ORIGIN,
  ).start();
  const site = await new FaultyServer(
    (path) => findInSite(path, hub.origin, store.origin),
    headers,
  ).start();
  return {
    site,
    hub,
    store,
    reset() {
      for (const server of [site, hub, store]) server.reset();
    },
    stop() {
      for (const server of [site, hub, store]) server.stop();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startServers>>} Servers */

/** Files that were sent before, for as long as they stay as they were. @type {Map<string, {changed: number, content: Content}>} */
const sent = new Map();

/** @param {string} file @returns {Content | null} */
function read(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) return null;
  const known = sent.get(file);
  if (known && known.changed === found.mtimeMs) return known.content;
  const content = { body: readFileSync(file), type: mediaType(file) };
  sent.set(file, { changed: found.mtimeMs, content });
  return content;
}

/** @param {string} path @param {string} hub @param {string} store @returns {Content | null} */
function findInSite(path, hub, store) {
  if (path.includes("..")) return null;
  const inner = path.startsWith(`${NESTED}/`)
    ? path.slice(NESTED.length)
    : path;
  const file = inner.endsWith("/") ? `${inner}index.html` : inner;
  const content = inner.startsWith("/pkg/")
    ? read(join(PKG, file.slice("/pkg/".length)))
    : read(join(WWW, file));
  if (!content?.body) return null;
  const type = content.type;
  if (file === "/index.html") {
    // The page's own policy, widened by the stand-in and nothing else.
    const html = content.body.toString();
    const widened = html.replace(
      "connect-src 'self'",
      `connect-src 'self' ${hub} ${store}`,
    );
    if (widened === html) {
      throw new Error("index.html has no connect-src 'self' in its policy");
    }
    return { body: Buffer.from(widened), type };
  }
  if (file === "/models/manifest.json") {
    const manifest = JSON.parse(content.body.toString());
    manifest.hub_base = hub;
    manifest.models.push({
      id: HUB_FIXTURE,
      title: "Test fixture",
      hub: HUB_FIXTURE,
      about: "random weights",
      dtype: "q8_0",
    });
    return { body: Buffer.from(JSON.stringify(manifest)), type };
  }
  return content;
}

/** `/<repository>/resolve/main/<file>`: text at once, weights by way of another host. @param {string} path @param {string} store @returns {Content | null} */
function findInHub(path, store) {
  const match = /^\/vitrine-test\/([\w-]+)\/resolve\/main\/(.+)$/.exec(path);
  if (!match) return null;
  const [, name, file] = match;
  if (file === "model.safetensors") {
    return { redirect: `${store}/${name}/${file}?signature=of-the-hub` };
  }
  return file === "config.json" ? read(join(FIXTURES, name, file)) : null;
}

/** @param {string} path @returns {Content | null} */
function findInStore(path) {
  const match = /^\/([\w-]+)\/(model\.safetensors)$/.exec(path);
  return match ? read(join(FIXTURES, match[1], match[2])) : null;
}
