// Wires the page: state, engine and views, then the model and the photo that the address asks for.

import { keepAddress, readAddress } from "./address.js";
import { pickBundle } from "./bundles.js";
import { Engine } from "./engine.js";
import { VitrineError } from "./errors.js";
import { pickLanguage, useLanguage } from "./i18n/i18n.js";
import { keepOffline } from "./offline.js";
import { Session } from "./session.js";
import { fetchManifest } from "./sources.js";
import { NOTHING_LEFT_OUT, createStore, initialState } from "./state.js";
import { mountCaption } from "./views/caption.js";
import { mountControls } from "./views/controls.js";
import { mountExhibit } from "./views/exhibit.js";
import { mountHeads } from "./views/heads.js";
import { mountKeys } from "./views/keys.js";
import { mountLessons } from "./views/lesson/lessons.js";
import { mountLanguage, mountTheme, remembered } from "./views/language.js";
import { mountMerging } from "./views/merging.js";
import { mountModelCard } from "./views/model-card.js";
import { mountModels } from "./views/models.js";
import { mountPanels } from "./views/panels.js";
import { SAMPLES, mountPhotos } from "./views/photos.js";
import { mountPredictions } from "./views/predictions.js";
import { mountRail } from "./views/rail.js";
import { mountRoll } from "./views/roll.js";
import { shownSight } from "./views/shown.js";
import { mountSight } from "./views/sight.js";
import { mountStage } from "./views/stage.js";
import { mountStatus } from "./views/status.js";
import { mountTokens } from "./views/tokens.js";
import { MASKED, SEEN } from "./windows.js";

/** @import {Wish} from "./address.js" */
/** @import {Whatif} from "./types.js" */

const wish = readAddress(location.search);
const language = pickLanguage(wish.language ?? remembered("language"));
const store = createStore({ ...initialState(), ...wish.view, language });
const engine = new Engine();
const session = new Session(store, engine);

await useLanguage(language);
mountTheme(document, store);
mountModels(document, store, session);
mountPhotos(document, store, session);
mountRail(document, store, session);
mountStage(document, store, session);
mountCaption(document, store);
mountSight(document, store);
mountRoll(document, store);
mountMerging(store);
mountTokens(document, store, session);
mountHeads(document, store, session);
mountPanels(document, store, session);
mountPredictions(document, store);
mountControls(document, store);
mountExhibit(document, store, session);
mountModelCard(document, store, session);
mountStatus(document, store, session);
const lessons = mountLessons(document, store, session);
mountKeys(document, store, session);
keepOffline(document, store);
mountLanguage(document, store); // last: it translates what the others have built

/** The tokens of the chosen layer's map that the query sees, and those that the mask hides from it. @param {ReturnType<typeof shownSight>} sight */
function tokensInSight(sight) {
  if (!sight) return null;
  const of = (/** @type {number} */ kind) =>
    [...sight.tokens.keys()].filter((token) => sight.tokens[token] === kind);
  return { seen: of(SEEN), masked: of(MASKED) };
}

/** For tests and tinkerers. */
const vitrine = {
  run: (/** @type {ImageBitmap} */ bitmap) => session.run(bitmap),
  tensor: (/** @type {string} */ site) => session.looking.tensors.get(site),
  describe: () => store.get().model?.description ?? null,
  setWhatif: (/** @type {Partial<Whatif>} */ change) =>
    session.setWhatif(change),
  reach: (/** @type {number} */ row, /** @type {number} */ column) =>
    session.reach(row, column),
  sight: () => tokensInSight(shownSight(store.get())),
  engine,
  state: store,
};
Object.assign(window, { vitrine });

/** @param {Wish} next */
async function goTo({ model, photo, view, lesson }) {
  if (lesson) {
    await lessons.open(lesson.id, lesson.at);
    return;
  }
  if (store.get().lesson) await lessons.leave();
  const state = store.get();
  const { layer, step, whatif = NOTHING_LEFT_OUT, ...rest } = view;
  store.set({ pinned: false, tint: null, panel: "", ...rest });
  const names = /** @type {(keyof typeof whatif)[]} */ (Object.keys(whatif));
  if (names.some((name) => whatif[name] !== state.whatif[name])) {
    void session.setWhatif(whatif);
  }
  if (step) void session.looking.chooseStep(step);
  else if (layer !== undefined) void session.looking.setLayer(layer);
  if (photo && photo !== state.photo?.sample) void session.openSample(photo);
  if (model && model !== state.model?.source.id) {
    void session.chooseModel(model);
  }
}

async function start() {
  const photo = SAMPLES.find((file) => file === wish.photo) ?? SAMPLES[0];
  void session.openSample(photo);
  const bundle = pickBundle();
  if (!bundle) throw new VitrineError("no-simd");
  store.set({ bundle });
  const [manifest] = await Promise.all([fetchManifest(), engine.start(bundle)]);
  const { models, hub_base: hubBase = store.get().hubBase } = manifest;
  store.set({ entries: models, hubBase });
  const first = models.find(({ id }) => id === wish.model) ?? models[0];
  keepAddress(store, (next) => void goTo(next));
  if (!first) throw new VitrineError("no-manifest", "", { host: "" });
  await session.chooseModel(first.id);
  if (wish.lesson) await lessons.open(wish.lesson.id, wish.lesson.at);
}

try {
  await start();
} catch (error) {
  store.set({ loading: null });
  await session.fail(error, "app");
}
