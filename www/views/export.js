// What can be saved, offered by a small menu where it is: pictures as PNG and SVG, tensors as safetensors and JSON.

import { byTestId, find } from "./dom.js";
import { attempt, later } from "./later.js";
import { buildMenu } from "./menu.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */
/** @import {Choice} from "./menu.js" */
/** @import {PictureKind} from "./saving.js" */

/** @typedef {typeof import("./saving.js")} Saving */

/** How a file is made is asked for when one is. */
const saving = later(() => import("./saving.js"));

/**
 * @typedef {object} Offers
 * @property {() => void} openStage the stage's menu
 * @property {(panel: HTMLElement) => void} onPanel
 * @property {(exhibit: HTMLElement) => void} onExhibit the glass' row and its tensor
 */

/** @param {ParentNode} root @param {Store} store @param {Session} session @returns {Offers} */
export function mountExport(root, store, session) {
  /** @param {(saving: Saving) => unknown} save */
  const run = (save) => () =>
    void attempt(session, async () => {
      await save(await saving());
    });

  const hasTensor = () => {
    const { exhibit, site } = store.get();
    return exhibit?.site === site;
  };
  const hasPatterns = () => {
    const { result, model } = store.get();
    return result !== null && (model?.description.layers.length ?? 0) > 0;
  };

  /** @param {(saving: Saving, kind: PictureKind) => Promise<void>} save @returns {Choice[]} */
  const pictures = (save) => [
    { name: "png", words: "habits.png", run: run((all) => save(all, "png")) },
    { name: "svg", words: "habits.svg", run: run((all) => save(all, "svg")) },
  ];
  /** @type {Choice[]} */
  const tensors = [
    {
      name: "safetensors",
      words: "habits.safetensors",
      isThere: hasTensor,
      run: run((all) => all.saveTensor(store.get(), "safetensors")),
    },
    {
      name: "json",
      words: "habits.json",
      isThere: hasTensor,
      run: run((all) => all.saveTensor(store.get(), "json")),
    },
    {
      name: "patterns",
      words: "habits.patterns",
      isThere: hasPatterns,
      run: run((all) => all.savePatterns(store.get(), session)),
    },
  ];

  /** @param {string} name @param {string} words @param {Choice[]} choices */
  const menu = (name, words, choices) =>
    buildMenu({
      name: `save-${name}`,
      sign: "⤓",
      words,
      choices,
      className: "save-button",
    });

  /** A part of the page that follows the query. @param {HTMLElement} element @param {string} name */
  const part = (element, name) =>
    pictures((all, kind) => {
      const state = store.get();
      const names = [name, ...all.placeOf(state)];
      return all.savePart(element, kind, state, names);
    });

  const stage = menu("stage", "habits.save-stage", [
    ...pictures((all, kind) => all.saveStage(store.get(), kind)),
    ...tensors,
  ]);
  byTestId(root, "drop-zone").append(stage.button);

  const heads = byTestId(root, "head-grid");
  find(root, ".heads-zone > header", HTMLElement).append(
    menu("heads", "habits.save-heads", part(heads, "heads")).button,
  );

  return {
    openStage: () => stage.open(),

    onPanel(panel) {
      const body = find(panel, ".panel-body", HTMLElement);
      const id = panel.dataset["testid"] ?? "panel";
      const name = id.replace(/-panel$/, "");
      find(panel, "header", HTMLElement).append(
        menu(name, "habits.save-panel", part(body, name)).button,
      );
    },

    onExhibit(exhibit) {
      const values = find(exhibit, ".tensor", HTMLElement);
      const map = find(values, "canvas", HTMLCanvasElement);
      find(values, ".zoom", HTMLElement).append(
        menu("tensor", "habits.save-tensor", [
          ...pictures((all, kind) => {
            const state = store.get();
            const { site, slice } = state;
            const names = slice > 0 ? [site, `slice ${slice + 1}`] : [site];
            return all.savePart(map, kind, state, names);
          }),
          ...tensors,
        ]).button,
      );
      const row = byTestId(exhibit, "row");
      find(row, "header", HTMLElement).append(
        menu("row", "habits.save-row", part(row, "row")).button,
      );
    },
  };
}
