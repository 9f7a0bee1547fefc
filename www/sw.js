// The service worker: keeps the whole site for visits without a network, and isolates the page on hosts that cannot
// set headers (threads need that). What the network has comes from the network; the kept copy is for when it fails.

const worker = /** @type {ServiceWorkerGlobalScope} */ (
  /** @type {unknown} */ (self)
);

const KEPT = "vitrine-site-1";

/** Every file of the site with its hash; `cargo xtask build` writes it. */
const LIST = "pkg/site.json";

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** @param {string} path */
const inScope = (path) => new URL(path, worker.registration.scope).href;

/** @param {Response} response */
function isolated(response) {
  if (response.type !== "basic" || response.redirected) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATED)) {
    headers.set(name, value);
  }
  const { status, statusText } = response;
  const hasBody = ![101, 204, 205, 304].includes(status);
  const init = { status, statusText, headers };
  return new Response(hasBody ? response.body : null, init);
}

/** Brings the kept copy up to the list: only files whose hash has changed are fetched. */
async function keep() {
  const cache = await caches.open(KEPT);
  const fetched = await fetch(inScope(LIST), { cache: "no-cache" });
  if (!fetched.ok) throw new Error(`${LIST}: ${fetched.status}`);
  const list = await fetched.clone().json();
  const before = await cache.match(inScope(LIST));
  /** @type {Record<string, string>} */
  const known = before ? await before.json() : {};
  for (const [path, hash] of Object.entries(list)) {
    const url = inScope(path);
    if (known[path] === hash && (await cache.match(url))) continue;
    const file = await fetch(url, { cache: "no-cache" });
    if (!file.ok) throw new Error(`${path}: ${file.status}`);
    await cache.put(url, file);
  }
  for (const path of Object.keys(known)) {
    if (!(path in list)) await cache.delete(inScope(path));
  }
  // Last, so that an interrupted update is taken up again.
  await cache.put(inScope(LIST), fetched);
}

/** @param {Request} request */
async function answer(request) {
  try {
    return isolated(await fetch(request));
  } catch (error) {
    const cache = await caches.open(KEPT);
    const url = new URL(request.url);
    if (url.pathname.endsWith("/")) url.pathname += "index.html";
    const kept = await cache.match(url.href, { ignoreSearch: true });
    if (!kept) throw error;
    return isolated(kept);
  }
}

worker.addEventListener("install", () => void worker.skipWaiting());

worker.addEventListener("activate", (event) => {
  event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const isOurs = request.url.startsWith(worker.registration.scope);
  if (request.method === "GET" && isOurs) event.respondWith(answer(request));
});

// The page asks once it has shown its first result, so that keeping the site never delays that.
worker.addEventListener("message", (event) => {
  if (event.data !== "keep") return;
  const kept = keep().then(
    () => "kept",
    (error) => String(error),
  );
  event.waitUntil(kept.then((word) => event.source?.postMessage(word)));
});
