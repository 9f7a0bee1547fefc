// The list of lessons behind the bar's button: this site's, and a file of one's own.

import { fetchLessons } from "../../lessons/library.js";
import { t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { plainText } from "./markup.js";

/** @import {Lesson} from "../../lessons/format.js" */
/** @import {Player} from "../../lessons/player.js" */
/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/**
 * @param {Document} root @param {Store} store @param {Session} session @param {Player} player
 * @returns {() => Promise<void>} shows the list
 */
export function mountList(root, store, session, player) {
  const items = build("ol", { class: "lesson-items" });
  const input = build("input", {
    type: "file",
    accept: ".json,application/json",
    "data-testid": "lesson-input",
  });
  const dialog = build(
    "dialog",
    {
      class: "lesson-list",
      "data-testid": "lesson-list",
      "data-i18n-label": "lesson.lessons",
    },
    build(
      "header",
      {},
      build("h2", { "data-i18n": "lesson.lessons" }),
      build(
        "form",
        { method: "dialog" },
        build(
          "button",
          { class: "control round", "data-i18n-label": "help.close" },
          "×",
        ),
      ),
    ),
    items,
    build(
      "footer",
      {},
      build("p", { "data-i18n": "lesson.own" }),
      build(
        "label",
        { class: "control file" },
        build("span", { "data-i18n": "lesson.open-file" }),
        input,
      ),
    ),
  );
  root.body.append(dialog);

  /** @type {Lesson[]} */
  let lessons = [];
  const draw = () => {
    const { language, lesson } = store.get();
    items.replaceChildren(
      ...lessons.map((one, i) => itemOf(one, i, language, lesson?.lesson.id)),
    );
  };

  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  // The page's own keys rest meanwhile: Escape is to close the list.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  items.addEventListener("click", ({ target }) => {
    const item = target instanceof Element && target.closest("[data-lesson]");
    if (!(item instanceof HTMLElement)) return;
    dialog.close();
    void player.open(item.dataset["lesson"] ?? "");
  });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    dialog.close();
    if (file) void player.openFile(file);
    input.value = "";
  });
  store.watch((s) => [s.language], draw);

  return async () => {
    try {
      lessons = await fetchLessons();
    } catch (error) {
      await session.fail(error, "app");
      return;
    }
    draw();
    dialog.showModal();
  };
}

/** @param {Lesson} lesson @param {number} i @param {string} language @param {string | undefined} current */
function itemOf({ id, title, about, minutes, steps }, i, language, current) {
  const length = t("lesson.length", { steps: steps.length, minutes });
  return build(
    "li",
    {},
    build(
      "button",
      {
        type: "button",
        "data-lesson": id,
        "data-testid": `lesson-${id}`,
        "aria-current": id === current ? "true" : null,
      },
      build("span", { class: "number" }, String(i + 1)),
      build("strong", {}, plainText(title, language)),
      build("span", { class: "length" }, length),
      build("span", { class: "about" }, plainText(about, language)),
    ),
  );
}
