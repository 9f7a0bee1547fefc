// Keeps the site for visits without a network, by the service worker.

/** @import {Store} from "./state.js" */

/**
 * Once the first result is there: registers the service worker and has it keep the site.
 * @param {Document} document @param {Store} store
 */
export function keepOffline(document, store) {
  const workers = navigator.serviceWorker;
  if (!workers) return; // plain http, or forbidden
  let asked = false;
  const ask = async () => {
    await workers.register(new URL("sw.js", import.meta.url));
    const { active } = await workers.ready;
    active?.postMessage("keep");
  };
  workers.addEventListener("message", ({ data }) => {
    if (data === "kept") document.documentElement.dataset["offline"] = "ready";
  });
  workers.startMessages();
  store.watch(
    (state) => [state.result],
    (state) => {
      if (asked || !state.result) return;
      asked = true;
      // Without it the page works as well, only not without a network.
      ask().catch(() => undefined);
    },
  );
}
