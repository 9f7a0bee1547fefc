// What people expect of any page: save, share, present, use the camera, ask what this is; and a voice for who cannot
// see the picture.

import { writeAddress } from "../address.js";
import { t } from "../i18n/i18n.js";
import { mountCamera } from "./camera.js";
import { build, byTestId, find } from "./dom.js";
import { mountExport } from "./export.js";
import { attempt, later } from "./later.js";
import { buildMenu } from "./menu.js";
import { mountPresenter, togglePresenter } from "./presenter.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */
/** @import {Offers} from "./export.js" */
/** @import {Binding} from "./keys.js" */

/** A word of thanks stays so long, in milliseconds. */
const TOAST = 2500;
/** Who moves on within this time has not asked to hear of each patch on the way. */
const PAUSE = 500;

/**
 * @param {Document} root @param {Store} store @param {Session} session
 * @returns {{keys: Binding[], offers: Offers}} the keys of all this, and what can be saved of parts that come later
 */
export function mountHabits(root, store, session) {
  const say = mountToast(root);
  const offers = mountExport(root, store, session);
  const openAbout = prepareAbout(root, store, session);
  mountCamera(root, session);
  mountPresenter(root, store);
  mountVoice(root, store);

  async function copyLink() {
    const state = store.get();
    const link = new URL(writeAddress(state), location.href);
    // The reader's system may like another theme; the link shows what is shown here.
    link.searchParams.set("theme", state.theme);
    const address = link.href;
    try {
      await navigator.clipboard.writeText(address);
      say(t("habits.copied"));
    } catch {
      // Plain http, or forbidden: the visitor copies it from here.
      say(address, 4 * TOAST);
    }
  }

  const toggleControls = () => store.set({ controls: !store.get().controls });
  const more = buildMenu({
    name: "more",
    sign: "⋯",
    words: "habits.more",
    choices: [
      {
        name: "link",
        words: "habits.link",
        key: "l",
        run: () => void copyLink(),
      },
      {
        name: "presenter",
        words: "habits.presenter",
        key: "p",
        run: () => togglePresenter(store),
      },
      {
        name: "controls",
        words: "habits.controls",
        key: "h",
        run: toggleControls,
      },
      {
        name: "about",
        words: "habits.about",
        key: "i",
        run: openAbout,
      },
    ],
  });
  find(root, ".bar-end", HTMLElement).append(more.button);

  const keys = [
    { keys: ["e"], words: "habits.key-save", run: offers.openStage },
    { keys: ["l"], words: "habits.key-link", run: () => void copyLink() },
    {
      keys: ["p"],
      words: "habits.key-presenter",
      run: () => togglePresenter(store),
    },
    { keys: ["h"], words: "habits.key-controls", run: toggleControls },
    { keys: ["i"], words: "habits.key-about", run: openAbout },
  ];
  return { keys, offers };
}

/** Few ask what this is, and none at once. @param {Document} root @param {Store} store @param {Session} session */
function prepareAbout(root, store, session) {
  const about = later(() => import("./about.js"));
  /** @type {(() => void) | null} */
  let open = null;
  return () =>
    void attempt(session, async () => {
      const { mountAbout } = await about();
      open ??= mountAbout(root, store);
      open();
    });
}

/** @param {Document} root @returns {(text: string, milliseconds?: number) => void} */
function mountToast(root) {
  const box = build("p", {
    class: "toast",
    role: "status",
    "data-testid": "toast",
  });
  root.body.append(box);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return (text, milliseconds = TOAST) => {
    clearTimeout(timer);
    box.textContent = text;
    timer = setTimeout(() => (box.textContent = ""), milliseconds);
  };
}

/** Says what is chosen, once it stays chosen: the query, the layer and head, and where most attention goes. @param {Document} root @param {Store} store */
function mountVoice(root, store) {
  const voice = build("p", {
    class: "unseen",
    role: "status",
    "aria-live": "polite",
    "data-testid": "voice",
  });
  root.body.append(voice);
  const query = byTestId(root, "query");
  const looks = find(root, ".looks", HTMLElement);
  const readout = byTestId(root, "readout");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  store.watch(
    (s) => [s.query, s.pinned, s.head, s.pattern, s.step, s.direction],
    ({ pattern }) => {
      clearTimeout(timer);
      if (!pattern) return;
      timer = setTimeout(() => {
        const parts = [query, looks, readout].map((one) => one.textContent);
        voice.textContent = parts.filter(Boolean).join(", ");
      }, PAUSE);
    },
  );
}
