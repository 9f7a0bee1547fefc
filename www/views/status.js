// What goes on: the status line, a model's way into the page byte by byte, and what went wrong, near its cause.

import { formatNumber, t } from "../i18n/i18n.js";
import { phase } from "../state.js";
import { build, byTestId, find } from "./dom.js";
import { errorText } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountStatus(root, store, session) {
  const status = byTestId(root, "status");
  const progress = find(root, ".activity progress", HTMLProgressElement);
  const bytes = find(root, ".bytes", HTMLElement);
  const cancel = find(root, ".cancel", HTMLButtonElement);

  cancel.addEventListener("click", () => void session.choosing.cancel());

  store.watch(
    (s) => [phase(s), s.loading?.source, s.result, s.photo, s.language],
    (state) => {
      status.dataset["state"] = phase(state);
      status.textContent = statusText(state);
    },
  );

  store.watch(
    (s) => [s.loading, s.language],
    ({ loading }) => {
      const isModel = Boolean(loading?.source);
      progress.hidden = bytes.hidden = cancel.hidden = !isModel;
      const { received = 0, total = null } = loading?.progress ?? {};
      if (total === null) {
        progress.removeAttribute("value");
      } else {
        progress.max = total;
        progress.value = received;
      }
      bytes.textContent = t("status.bytes", {
        received: formatNumber(received),
        total: total === null ? "?" : formatNumber(total),
      });
    },
  );

  mountTrouble(root, store, session);
}

/** @param {State} state */
function statusText(state) {
  switch (phase(state)) {
    case "loading": {
      const title = state.loading?.source?.title;
      return title ? t("status.loading", { title }) : t("status.starting");
    }
    case "running":
      return t("status.running");
    case "error":
      return t("status.error");
    case "done":
      return t("status.done", { photo: state.photo?.name ?? "" });
  }
  return t(state.model ? "status.ready" : "status.no-model");
}

/** @param {ParentNode} root @param {Store} store @param {Session} session */
function mountTrouble(root, store, session) {
  const text = build("p");
  const retry = build("button", { type: "button", class: "control retry" });
  const close = build("button", { type: "button", class: "close" }, "×");
  const box = build(
    "div",
    { class: "error", role: "alert", "data-testid": "error", hidden: true },
    text,
    retry,
    close,
  );
  find(root, '[data-slot="photo"]', HTMLElement).append(box);

  retry.addEventListener("click", () => store.get().trouble?.retry?.());
  close.addEventListener("click", () => session.dismissTrouble());

  store.watch(
    (s) => [s.trouble, s.language],
    ({ trouble }) => {
      box.hidden = !trouble;
      if (!trouble) {
        text.textContent = "";
        delete box.dataset["code"];
        return;
      }
      box.dataset["code"] = trouble.error.code;
      text.textContent = errorText(trouble.error);
      retry.hidden = !trouble.retry;
      retry.textContent = t("status.retry");
      close.setAttribute("aria-label", t("status.dismiss"));
      const slot = `[data-slot="${trouble.cause}"]`;
      find(root, slot, HTMLElement).append(box);
    },
  );
  store.watch(
    (s) => [s.trouble],
    ({ trouble }) => {
      // On a phone what caused it may lie far below the place where it is told.
      if (trouble) box.scrollIntoView({ block: "nearest" });
    },
  );
}
