// The first photo and the first model are on their way while the views still come: what a visit begins with, without
// anything that draws.

import { readAddress } from "./address.js";
import { VitrineError } from "./errors.js";
import { pickLanguage, useLanguage } from "./i18n/i18n.js";
import { SAMPLES } from "./photo.js";
import { remembered } from "./remembered.js";
import { Session } from "./session.js";
import { bundle, engine, manifest, started } from "./start.js";
import { createStore, initialState } from "./state.js";

/** What the address asks for. */
export const wish = readAddress(location.search);

const language = pickLanguage(wish.language ?? remembered("language"));

export const store = createStore({
  ...initialState(),
  ...wish.view,
  roll: 0, // there is nothing yet that could be rolled
  ...wish.frame,
  language,
});
export const session = new Session(store, engine);

/** The page's words, before anyone says something. */
export const dictionary = useLanguage(language);
dictionary.catch(() => undefined);

async function begin() {
  const photo = SAMPLES.find((file) => file === wish.photo) ?? SAMPLES[0];
  void session.openSample(photo);
  if (!bundle) throw new VitrineError("no-simd");
  store.set({ bundle });
  const [found, build] = await Promise.all([manifest, started]);
  const { models, hub_base: hubBase = store.get().hubBase } = found;
  store.set({ entries: models, hubBase, ...build });
  const first = models.find(({ id }) => id === wish.model) ?? models[0];
  if (!first) throw new VitrineError("no-manifest", "", { host: "" });
  await session.choosing.entry(first.id, wish.size);
}

/** Whether there was something to begin with; what went wrong is in the state. */
export const begun = begin().then(
  () => true,
  async (error) => {
    store.set({ loading: null });
    await session.fail(error, "app");
    return false;
  },
);
