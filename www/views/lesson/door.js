// The way to the lessons: a button in the bar, and files that are dropped. The lessons themselves come when wanted.

import { buildButton, find } from "../dom.js";
import { attempt, later } from "../later.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */
/** @import {Lessons} from "./lessons.js" */

/** @param {Document} root @param {Store} store @param {Session} session */
export function mountLessonDoor(root, store, session) {
  const button = buildButton("lesson-open", "lesson.lessons", null, {
    "aria-haspopup": "dialog",
  });
  find(root, ".bar-end", HTMLElement).prepend(button);

  const fetched = later(() => import("./lessons.js"));
  /** @type {Lessons | null} */
  let lessons = null;

  /** @param {(lessons: Lessons) => unknown} use */
  const enter = (use) =>
    attempt(session, async () => {
      const { mountLessons } = await fetched();
      lessons ??= mountLessons(root, store, session);
      await use(lessons);
    });

  button.addEventListener("click", () => void enter((all) => all.showList()));
  session.takeLesson = async (files) => {
    if (files.length !== 1 || !/\.json$/i.test(files[0].name)) return false;
    // Where the lessons do not come, that is what there is to say of the file.
    let isTaken = true;
    await enter(async (all) => (isTaken = await all.take(files[0])));
    return isTaken;
  };
  return {
    /** @param {string} id @param {number} at */
    open: (id, at) => enter(({ player }) => player.open(id, at)),
    leave: async () => lessons?.player.leave(),
  };
}
