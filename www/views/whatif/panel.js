// What if: the changes that can be made to the model and its photo, and what they did to classes and attention.

import { Latest } from "../../latest.js";
import { build, buildButton, find } from "../dom.js";
import { photoKeys } from "../edited.js";
import { buildPanel, failFor, watchInSight } from "../panel.js";
import { shownKeys } from "../shown.js";
import { isChanged } from "../../whatif.js";
import { rememberPattern } from "./before.js";
import { buildHeadSwitches } from "./heads.js";
import { buildPhotoSwitches } from "./photo.js";
import { buildPositionSwitches } from "./position.js";
import { describeClasses, remarkOn } from "./said.js";
import { buildTiles, drawTiles } from "./tiles.js";
import { aboutWindowSwitches, buildWindowSwitches } from "./windows.js";

/** @import {Session} from "../../session.js" */
/** @import {Pattern, Store} from "../../state.js" */
/** @import {History} from "./history.js" */

/** @param {Store} store @param {Session} session @param {History} history */
export function buildWhatif(store, session, history) {
  const { box, body } = buildPanel("whatif", "swin");
  const undo = buildButton("whatif-undo", "whatif.undo", () => history.undo());
  const reset = buildButton("whatif-reset", "swin.reset", () =>
    history.reset(),
  );
  const remark = build("p", {
    class: "takeaway",
    "data-testid": "whatif-remark",
  });
  const note = build("p", { class: "note", "data-testid": "whatif-note" });
  const table = build("table", { "data-testid": "whatif-classes" });
  const tiles = buildTiles();
  const strip = build("div", { class: "tiles" }, ...tiles);
  const result = build("div", { class: "result" }, table, strip);
  const recall = rememberPattern(store, session);
  const lane = new Latest();
  /** @type {Pattern | null} */
  let before = null;
  find(box, "header", HTMLElement).append(undo, reset);
  body.append(
    buildWindowSwitches(store, session),
    buildPhotoSwitches(store, session),
    buildPositionSwitches(store, session),
    buildHeadSwitches(store, session),
    remark,
    note,
    aboutWindowSwitches(store),
    result,
  );

  store.watch(
    (s) => [s.whatif],
    ({ whatif }) => {
      const isWhole = !isChanged(whatif);
      reset.disabled = isWhole;
      undo.disabled = !history.canUndo();
      result.hidden = isWhole;
    },
  );
  watchInSight(
    box,
    store,
    (s) => [s.result, s.baseline, s.whatif, s.model?.description, s.language],
    (state) => {
      const said = remarkOn(state);
      remark.textContent = said.remark;
      note.textContent = said.note;
      note.hidden = said.note === "";
      table.replaceChildren(...describeClasses(state));
    },
  );
  const draw = () => drawTiles(tiles, store.get(), before);
  watchInSight(
    box,
    store,
    (s) => [s.pattern, s.layer],
    async (state) => {
      try {
        const isThere = state.pattern?.layer === state.layer;
        before = isThere ? await lane.submit(recall) : null;
        draw();
      } catch (error) {
        await failFor(session, state.result, error);
      }
    },
  );
  watchInSight(
    box,
    store,
    (s) => [
      ...shownKeys(s),
      ...photoKeys(s),
      s.head,
      s.opacity,
      s.theme,
      s.language,
    ],
    draw,
  );
  return box;
}
