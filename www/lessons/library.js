// The lessons of this site: a list of files, each fetched when it is wanted.

import { fetchOwn } from "../own-files.js";
import { parseLesson } from "./format.js";

/** @import {Lesson} from "./format.js" */

/** @param {string} file */
async function text(file) {
  const url = new URL(file, import.meta.url);
  const response = await fetchOwn(url, { cache: "no-cache" });
  return response.text();
}

/** @type {Map<string, Promise<Lesson>>} */
const fetched = new Map();

/** @param {string} id the name of a file here, without `.json` */
export function fetchLesson(id) {
  const coming =
    fetched.get(id) ??
    text(`${id}.json`).then((json) => parseLesson(json, `${id}.json`));
  fetched.set(id, coming);
  // What failed may work the next time.
  coming.catch(() => fetched.delete(id));
  return coming;
}

/** All lessons in their order. */
export async function fetchLessons() {
  /** @type {string[]} */
  const ids = JSON.parse(await text("index.json"));
  return Promise.all(ids.map(fetchLesson));
}
