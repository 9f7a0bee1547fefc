// Wires the page: state, engine and views, then the model and the photo that the address asks for.

import { keepAddress, readAddress } from "./address.js";
import { VitrineError } from "./errors.js";
import { LANGUAGES, pickLanguage, useLanguage } from "./i18n/i18n.js";
import { keepOffline } from "./offline.js";
import { Session } from "./session.js";
import { bundle, engine, manifest, started } from "./start.js";
import { NOTHING_LEFT_OUT, createStore, initialState } from "./state.js";
import { mountCaption } from "./views/caption.js";
import { mountCompare } from "./views/compare/compare.js";
import { mountControls } from "./views/controls.js";
import { mountExhibit } from "./views/exhibit.js";
import { mountHabits } from "./views/habits.js";
import { mountHeads } from "./views/heads.js";
import { mountKeys } from "./views/keys.js";
import { mountLessons } from "./views/lesson/lessons.js";
import {
  mountLanguage,
  mountTheme,
  remembered,
  setLanguage,
} from "./views/language.js";
import { mountMerging } from "./views/merging.js";
import { mountModelCard } from "./views/model-card.js";
import { mountModels } from "./views/models.js";
import { mountPaint } from "./views/paint.js";
import { mountPace } from "./views/pace.js";
import { mountPanels } from "./views/panels.js";
import { SAMPLES, mountPhotos } from "./views/photos.js";
import { mountPrecision } from "./views/precision.js";
import { mountPredictions } from "./views/predictions.js";
import { mountRail } from "./views/rail.js";
import { mountRoll } from "./views/roll.js";
import { shownSight } from "./views/shown.js";
import { mountSight } from "./views/sight.js";
import { mountStage } from "./views/stage.js";
import { mountStatus } from "./views/status.js";
import { mountTokens } from "./views/tokens.js";
import { whatifKeys } from "./views/whatif/keys.js";
import { isSameWhatif } from "./whatif.js";
import { MASKED, SEEN } from "./windows.js";

/** @import {Wish} from "./address.js" */
/** @import {Whatif} from "./types.js" */

const wish = readAddress(location.search);
const language = pickLanguage(wish.language ?? remembered("language"));
const store = createStore({
  ...initialState(),
  ...wish.view,
  ...wish.frame,
  language,
});
const session = new Session(store, engine);

await useLanguage(language);
mountTheme(document, store);
mountModels(document, store, session);
mountPhotos(document, store, session);
mountRail(document, store, session);
mountStage(document, store, session);
mountPaint(document, store, session);
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
mountPrecision(document, store, session);
mountStatus(document, store, session);
mountCompare(document, store, session);
const lessons = mountLessons(document, store, session);
mountKeys(document, store, session, [
  ...mountHabits(document, store, session),
  ...whatifKeys(store, session),
]);
mountPace(document, store);
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

/** Puts the page as an address asks: the model first, for all else is said in its terms. @param {Wish} next */
async function goTo({ model, photo, language: words, view, frame, lesson }) {
  store.set(frame);
  if (words && words !== store.get().language && words in LANGUAGES) {
    await setLanguage(store, words);
  }
  if (lesson) {
    await lessons.open(lesson.id, lesson.at);
    return;
  }
  if (store.get().lesson) await lessons.leave();
  if (photo && photo !== store.get().photo?.sample) {
    await session.openSample(photo);
  }
  if (model && model !== store.get().model?.source.id) {
    await session.chooseModel(model);
  }
  const state = store.get();
  const { layer, step, site, whatif = NOTHING_LEFT_OUT, ...given } = view;
  const rest = { pinned: false, tint: null, panel: "", compare: "", ...given };
  store.set(rest);
  if (!isSameWhatif(whatif, state.whatif)) {
    await session.setWhatif(whatif);
  }
  if (layer !== undefined) await session.looking.setLayer(layer);
  if (step) await session.looking.chooseStep(step, site);
  // Another layer or step brings its own head and panel.
  store.set(rest);
}

async function start() {
  const photo = SAMPLES.find((file) => file === wish.photo) ?? SAMPLES[0];
  void session.openSample(photo);
  if (!bundle) throw new VitrineError("no-simd");
  store.set({ bundle });
  const [found] = await Promise.all([manifest, started]);
  const { models, hub_base: hubBase = store.get().hubBase } = found;
  store.set({ entries: models, hubBase });
  const first = models.find(({ id }) => id === wish.model) ?? models[0];
  keepAddress(store, goTo);
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
