// The model menu: what the site ships, what the hub offers, and the visitor's own checkpoint once it is there.

import { t } from "../i18n/i18n.js";
import { build, find } from "./dom.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Entry} from "../types.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountModels(root, store, session) {
  const select = find(root, '[data-testid="model-select"]', HTMLSelectElement);
  select.addEventListener("change", () => {
    if (select.value !== "own") void session.choosing.entry(select.value);
  });
  store.watch(
    (s) => [s.entries, s.model?.source, s.loading?.source, s.language],
    (state) => {
      select.replaceChildren(...buildGroups(state));
      const source = state.loading?.source ?? state.model?.source;
      select.value = source?.id ?? "";
    },
  );
}

/** @param {State} state */
function buildGroups({ entries, model, loading, language }) {
  const embedded = entries.filter(({ hub }) => !hub);
  const onHub = entries.filter(({ hub }) => hub);
  const own = [loading?.source, model?.source].find(
    (source) => source?.kind === "files",
  );
  return [
    embedded.length > 0 && buildGroup("models.embedded", embedded, language),
    onHub.length > 0 && buildGroup("models.hub", onHub, language),
    own &&
      build(
        "optgroup",
        { label: t("models.own") },
        build("option", { value: own.id }, own.title),
      ),
  ].filter((group) => group instanceof HTMLOptGroupElement);
}

/** @param {string} key @param {Entry[]} entries @param {string} language */
function buildGroup(key, entries, language) {
  return build(
    "optgroup",
    { label: t(key) },
    ...entries.map(({ id, title, about }) => {
      // One text for all languages, or one for each; whoever adds a model may write what he can.
      const words = typeof about === "string" ? about : about[language];
      const said = words ?? Object.values(about)[0];
      return build("option", { value: id, title: said }, `${title} · ${said}`);
    }),
  );
}
