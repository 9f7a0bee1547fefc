// The rail plays: from step to step at the pace of a lecture, until someone takes over.

import { leafSteps } from "../state.js";
import { t } from "../i18n/i18n.js";
import { build, byTestId } from "./dom.js";
import { isPressed } from "./keys.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */
/** @import {Binding} from "./keys.js" */

/** How long a step stays, in milliseconds: a glance at the picture and one at the sentence. */
const PACE = 1800;

/** @param {ParentNode} root @param {Store} store @param {Session} session @returns {Binding} its key */
export function mountPlay(root, store, session) {
  const rail = byTestId(root, "rail");
  const button = build("button", {
    type: "button",
    class: "play",
    "data-testid": "rail-play",
  });
  rail.prepend(button);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Plays begun so far: a step that arrives after its play has ended is not followed by another. */
  let plays = 0;

  function stop() {
    plays++;
    clearTimeout(timer);
    store.set({ isPlaying: false });
  }

  /** A lesson goes at its own pace. */
  const isOff = () => !store.get().model || store.get().lesson !== null;

  function play() {
    const { model } = store.get();
    if (!model || isOff()) return;
    stop();
    store.set({ isPlaying: true });
    const sites = leafSteps(model.description.steps).map(({ site }) => site);
    const at = sites.indexOf(store.get().step);
    // At the end it begins anew.
    void follow(at + 1 < sites.length ? sites.slice(at + 1) : sites, plays);
  }

  /** @param {string[]} sites @param {number} own */
  async function follow([site, ...rest], own) {
    await session.looking.chooseStep(site);
    if (own !== plays) return;
    if (rest.length === 0) stop();
    else timer = setTimeout(() => void follow(rest, own), PACE);
  }

  const toggle = () => (store.get().isPlaying ? stop() : play());
  button.addEventListener("click", toggle);

  // Whatever the visitor does next is meant for the step that is shown now.
  const early = { capture: true };
  /** @param {Event} event */
  const isOwn = ({ target }) =>
    target instanceof Node && button.contains(target);
  addEventListener(
    "keydown",
    (event) => {
      if (!store.get().isPlaying || isOwn(event)) return;
      stop();
      // Its own meaning was to stop.
      if (event.key === " " && !isPressed(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    early,
  );
  addEventListener(
    "pointerdown",
    (event) => {
      if (store.get().isPlaying && !isOwn(event)) stop();
    },
    early,
  );
  store.watch(
    (s) => [s.model?.description, s.photo, s.lesson],
    ({ isPlaying }) => {
      if (isPlaying) stop();
    },
  );
  store.watch(
    (s) => [s.model, s.lesson, s.isPlaying, s.language],
    ({ isPlaying }) => {
      button.hidden = isOff();
      button.textContent = isPlaying ? "■" : "▶";
      const words = t(isPlaying ? "rail.stop" : "rail.play");
      button.setAttribute("aria-label", words);
      button.title = words;
    },
  );
  const words = "help.play";
  return { keys: [" "], shown: ["Space"], words, run: toggle, isOff };
}
