// The lessons on the page: their list, a running lesson in place of the glass, and a file of one's own.

import { translatePage } from "../../i18n/i18n.js";
import { meansLesson } from "../../lessons/format.js";
import { Player } from "../../lessons/player.js";
import { build, find } from "../dom.js";
import { mountBoard } from "./board.js";
import { mountLessonKeys } from "./keys.js";
import { mountList } from "./list.js";
import { mountPanel } from "./panel.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** @typedef {ReturnType<typeof mountLessons>} Lessons */

/** @param {Document} root @param {Store} store @param {Session} session */
export function mountLessons(root, store, session) {
  const player = new Player(store, session);
  const board = mountBoard(root, store);
  mountPanel(root, store, session, player, board);
  const showList = mountList(root, store, session, player);
  mountLessonKeys(store, player);
  find(root, ".panels", HTMLElement).prepend(
    build("p", { class: "veil", "data-i18n": "lesson.veil" }),
  );
  store.watch(
    (s) => [s.lesson],
    ({ lesson }) => {
      const { dataset } = root.body;
      const { question, light = [] } = lesson?.lesson.steps[lesson.at] ?? {};
      const isAnswered = Boolean(lesson?.answers[lesson.at]);
      const { reveal } = question ?? {};
      const lit = isAnswered && reveal?.light.length ? reveal.light : light;
      const hidden = question && !isAnswered ? question.hide : [];
      setData(dataset, "lesson", lesson?.lesson.id ?? "");
      setData(dataset, "lit", lit.join(" "));
      setData(dataset, "hidden", hidden.join(" "));
    },
  );
  store.watch(
    (s) => [s.lesson?.lesson, s.lesson?.at, s.lesson?.isSettled],
    ({ lesson }) => {
      // After the panels have taken their places.
      if (lesson?.isSettled) requestAnimationFrame(() => bringIntoSight(root));
    },
  );
  // They come after the page has been translated.
  translatePage(root);

  /** A file that means to be a lesson, and whether it does. @param {File} file */
  async function take(file) {
    if (!(await isLesson(file))) return false;
    await player.openFile(file);
    return true;
  }

  return { player, showList, take };
}

/** Where the parts of the page are that can lie out of sight when the page scrolls. @type {Record<string, string>} */
const PLACES = {
  panels: ".panels",
  heads: ".head-grid",
  layer: ".head-grid",
  predictions: ".says",
  direction: ".settings",
  scale: ".settings",
};

/** On small screens: what the step lights up, else the picture. @param {Document} root */
function bringIntoSight(root) {
  const page = root.documentElement;
  if (page.scrollHeight <= page.clientHeight) return;
  const lit = (root.body.dataset["lit"] ?? "").split(" ");
  const place = lit.includes("stage") ? "" : (PLACES[lit[0]] ?? "");
  const element = place && root.querySelector(place);
  if (element) element.scrollIntoView({ block: "start" });
  else page.scrollTop = 0;
}

/** @param {DOMStringMap} dataset @param {string} name @param {string} value */
function setData(dataset, name, value) {
  if (value) dataset[name] = value;
  else delete dataset[name];
}

/** The config.json beside a checkpoint does not mean to be one. @param {File} file */
async function isLesson(file) {
  if (/lesson/i.test(file.name)) return true;
  const text = await file.text().catch(() => "");
  try {
    return meansLesson(JSON.parse(text));
  } catch {
    return /"vitrine_lesson"/.test(text);
  }
}
