// Language and theme: two choices that the browser remembers.

import { LANGUAGES, translatePage, useLanguage } from "../i18n/i18n.js";
import { remember } from "../remembered.js";
import { fillSelect, find } from "./dom.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

/** @param {Store} store @param {string} language */
export async function setLanguage(store, language) {
  await useLanguage(language);
  store.set({ language });
}

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountLanguage(root, store, session) {
  const select = find(
    root,
    '[data-testid="language-select"]',
    HTMLSelectElement,
  );
  fillSelect(select, Object.entries(LANGUAGES), store.get().language);
  select.addEventListener("change", async () => {
    const language = select.value;
    try {
      await setLanguage(store, language);
      remember("language", language);
    } catch (error) {
      select.value = store.get().language;
      await session.fail(error, "app");
    }
  });
  store.watch(
    (s) => [s.language],
    ({ language }) => {
      select.value = language;
      translatePage(root);
    },
  );
}

/** @param {ParentNode} root @param {Store} store */
export function mountTheme(root, store) {
  const button = find(root, ".theme", HTMLButtonElement);
  const { dataset } = document.documentElement;
  store.set({ theme: dataset["theme"] ?? "light" });
  // Before all who draw: colours are read from the page. The address may ask for another theme, too.
  store.watch(
    (s) => [s.theme],
    ({ theme }) => (dataset["theme"] = theme),
  );
  button.addEventListener("click", () => {
    const theme = store.get().theme === "dark" ? "light" : "dark";
    remember("theme", theme);
    store.set({ theme });
  });
}
