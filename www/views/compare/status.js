// Whose the second picture is, how far its model has come, and what went wrong with it.

import { t } from "../../i18n/i18n.js";
import { phase } from "../../state.js";
import { build, find } from "../dom.js";
import { errorText, percent } from "../words.js";

/** @import {State, Store} from "../../state.js" */

/** @param {HTMLElement} zone @param {Store} store */
export function mountCompareStatus(zone, store) {
  const name = find(zone, ".compare-name", HTMLElement);
  const status = find(zone, ".compare-status", HTMLElement);
  const said = build("span", { role: "status" });
  const retry = build("button", { type: "button", class: "control retry" });
  status.append(said, retry);
  retry.addEventListener("click", () => store.get().trouble?.retry?.());
  store.watch(
    (s) => [phase(s), s.loading, s.model?.source, s.trouble, s.language],
    (state) => {
      status.dataset["state"] = phase(state);
      const text = statusText(state);
      said.textContent = text;
      status.hidden = text === "";
      retry.hidden = !state.trouble?.retry;
      retry.textContent = t("status.retry");
      name.textContent = state.model?.source.title ?? "";
      name.hidden = name.textContent === "";
    },
  );
}

/** @param {State} state */
function statusText({ loading, trouble }) {
  if (trouble) return errorText(trouble.error);
  if (!loading) return "";
  const title = loading.source?.title;
  if (!title) return t("status.starting");
  const { received = 0, total = null } = loading.progress ?? {};
  const text = t("status.loading", { title });
  return total ? `${text} ${percent(received / total)}` : text;
}
