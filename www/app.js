// Wires the page: the views to what is on its way by now, and the address to what they show.

import { keepAddress } from "./address.js";
import { begun, dictionary, session, store, wish } from "./begin.js";
import { LANGUAGES, translatePage } from "./i18n/i18n.js";
import { keepOffline } from "./offline.js";
import { NOTHING_LEFT_OUT, sizeOf, sliceOfHead } from "./state.js";
import { mountCaption } from "./views/caption.js";
import { mountCompare } from "./views/compare/compare.js";
import { mountControls } from "./views/controls.js";
import { mountHabits } from "./views/habits.js";
import { mountHeads } from "./views/heads.js";
import { mountKeys } from "./views/keys.js";
import { attempt, fetchTheRest, later } from "./views/later.js";
import { mountLessonDoor } from "./views/lesson/door.js";
import { mountLanguage, mountTheme, setLanguage } from "./views/language.js";
import { mountMerging } from "./views/merging.js";
import { mountModelCard } from "./views/model-card.js";
import { mountModels } from "./views/models.js";
import { mountPaint } from "./views/paint.js";
import { mountPace } from "./views/pace.js";
import { mountPanels } from "./views/panels.js";
import { mountPhotos } from "./views/photos.js";
import { mountPlay } from "./views/play.js";
import { mountPredictions } from "./views/predictions.js";
import { mountRail } from "./views/rail.js";
import { mountRoll, setRoll } from "./views/roll.js";
import { isShifted, shownCut, shownSight } from "./views/shown.js";
import { mountSight } from "./views/sight.js";
import { mountStage } from "./views/stage.js";
import { mountStatus } from "./views/status.js";
import { mountTokens } from "./views/tokens.js";
import { whatifKeys } from "./views/whatif/keys.js";
import { carryWhatif, isSameWhatif } from "./whatif.js";
import { MASKED, SEEN } from "./windows.js";

/** @import {Wish} from "./address.js" */
/** @import {Whatif} from "./types.js" */

await dictionary;
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
const { keys, offers } = mountHabits(document, store, session);
mountPanels(document, store, session, offers.onPanel);
mountPredictions(document, store);
mountControls(document, store);
mountModelCard(document, store, session);
mountStatus(document, store, session);
mountCompare(document, store, session);
const lessons = mountLessonDoor(document, store, session);
mountKeys(document, store, session, [
  mountPlay(document, store, session),
  ...keys,
  ...whatifKeys(store, session),
]);
mountPace(document, store);
keepOffline(document, store);
mountLanguage(document, store, session); // last: it translates what the others have built

/** The glass has nothing to say before there is a model, and would only stand in its way. */
const glass = later(() => import("./views/exhibit.js"));

async function fillGlass() {
  const { mountExhibit } = await glass();
  const exhibit = mountExhibit(document, store, session);
  offers.onExhibit(exhibit);
  translatePage(exhibit);
}

let isGlassAsked = false;
store.watch(
  (s) => [s.model],
  ({ model }) => {
    if (!model || isGlassAsked) return;
    isGlassAsked = true;
    void attempt(session, fillGlass);
  },
);
fetchTheRest(store);

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
  engine: session.engine,
  state: store,
};
Object.assign(window, { vitrine });

/** Ways through the history so far: whoever goes on before one has come to its end calls it off. */
let ways = 0;

/** Puts the page as an address asks: the model first, for all else is said in its terms. @param {Wish} next */
async function goTo({ language: words, view, frame, lesson, ...wanted }) {
  const { model, photo, size } = wanted;
  const way = ++ways;
  const isOver = () => way !== ways;
  store.set(frame);
  if (words && words !== store.get().language && words in LANGUAGES) {
    await setLanguage(store, words);
    if (isOver()) return;
  }
  if (lesson) {
    await lessons.open(lesson.id, lesson.at);
    return;
  }
  if (store.get().lesson) await lessons.leave();
  if (isOver()) return;
  if (photo && photo !== store.get().photo?.sample) {
    await session.openSample(photo);
    if (isOver()) return;
  }
  if (view.dtype) store.set({ dtype: view.dtype });
  const source = store.get().model?.source;
  const isOther = source?.kind === "hub" && source.dtype !== store.get().dtype;
  if (model && (model !== source?.id || isOther)) {
    await session.choosing.entry(model, size);
  } else if (model && store.get().loading) {
    // Of a way that was called off: the model that is asked for is the one that is there.
    await session.choosing.cancel();
  }
  if (isOver()) return;
  const state = store.get();
  const now = state.model;
  if (now && (size ?? now.ownSize) !== sizeOf(now.description)) {
    await session.choosing.size(size ?? "");
    if (isOver()) return;
  }
  const { layer, step, site, whatif = NOTHING_LEFT_OUT, ...given } = view;
  const whole = { pinned: false, tint: null, panel: "", compare: "" };
  const rest = { ...whole, ...given, roll: 0 };
  store.set(rest);
  // Where the model could not be had, another is there, which may not have the heads and patches that are asked for.
  const there = store.get().model?.description;
  const possible = there ? carryWhatif(whatif, null, there) : whatif;
  if (!isSameWhatif(possible, store.get().whatif)) {
    await session.setWhatif(possible);
    if (isOver()) return;
  }
  if (layer !== undefined) await session.looking.setLayer(layer);
  if (step) await session.looking.chooseStep(step, site);
  // Another layer or step brings its own head and panel.
  store.set(rest);
  finish(view);
}

/** What only a result can be seen with: a slice of its tensor, a part of that, and how far its map is rolled. @param {Wish["view"]} view */
function finish({ slice, zoomed, roll = 0 }) {
  const state = store.get();
  store.set({ slice: slice ?? sliceOfHead(state.site, state.head) });
  // Said anew: tensors that came and went on the way here have been seen whole.
  if (zoomed) store.set({ zoomed: { ...zoomed } });
  if (isShifted(shownCut(state))) setRoll(store, roll);
}

keepAddress(store, goTo);
if (await begun) {
  if (wish.lesson) await lessons.open(wish.lesson.id, wish.lesson.at);
  else finish(wish.view);
}
