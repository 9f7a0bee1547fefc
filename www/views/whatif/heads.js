// Heads switched off: the chosen one, its whole layer, or any on a board of all layers and heads.

import { t } from "../../i18n/i18n.js";
import { isHeadOff } from "../../whatif.js";
import { build } from "../dom.js";
import { layerName } from "../words.js";
import { buildSection, buildToggle } from "./parts.js";
import { switchHeads } from "./switch.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */

/** @param {State} state */
function headsOf({ model, layer }) {
  const count = model?.description.layers[layer]?.heads ?? 0;
  return Array.from({ length: count }, (_, head) => head);
}

/** @param {Store} store @param {Session} session */
export function buildHeadSwitches(store, session) {
  const one = buildToggle("head", "", (isOff) => {
    const { layer, head } = store.get();
    switchHeads(store, session, layer, [head], isOff);
  });
  const all = buildToggle("layer", "", (isOff) => {
    const state = store.get();
    switchHeads(store, session, state.layer, headsOf(state), isOff);
  });
  const board = build("div", {
    class: "head-board",
    role: "group",
    "data-testid": "whatif-heads",
    "data-i18n-label": "whatif.board",
  });
  const section = buildSection(
    "heads",
    build("div", { class: "switches" }, one.label, all.label),
    board,
  );

  board.addEventListener("click", ({ target }) => {
    const cell = target instanceof Element && target.closest("[data-off-head]");
    if (!(cell instanceof HTMLElement)) return;
    const [layer, head] = placeOf(cell);
    const isOff = isHeadOff(store.get().whatif, layer, head);
    switchHeads(store, session, layer, [head], !isOff);
  });
  board.addEventListener("keydown", (event) => moveFocus(board, event));

  store.watch(
    (s) => [s.model?.description],
    ({ model }) => {
      const layers = model?.description.layers ?? [];
      const columns = layers.map(({ heads }, layer) =>
        build(
          "div",
          {},
          ...Array.from({ length: heads }, (_, head) =>
            build("button", {
              type: "button",
              "data-off-head": `${layer}.${head}`,
            }),
          ),
        ),
      );
      board.replaceChildren(...columns);
    },
  );
  store.watch(
    (s) => [s.whatif, s.model?.description, s.layer, s.head, s.language],
    (state) => {
      const { whatif, model, layer, head } = state;
      if (!model?.description.layers[layer]) return;
      const { description } = model;
      const own = headsOf(state).filter((i) => isHeadOff(whatif, layer, i));
      const name = layerName(description, layer);
      one.input.checked = own.includes(head);
      one.text.textContent = t("whatif.head", { layer: name, head: head + 1 });
      const count = description.layers[layer].heads;
      all.input.checked = own.length === count;
      all.input.indeterminate = own.length > 0 && own.length < count;
      all.text.textContent = t("whatif.layer", { layer: name });
      for (const cell of board.querySelectorAll("button")) {
        const [itsLayer, itsHead] = placeOf(cell);
        const isOff = isHeadOff(whatif, itsLayer, itsHead);
        const isChosen = itsLayer === layer && itsHead === head;
        cell.setAttribute("aria-pressed", String(isOff));
        cell.toggleAttribute("data-here", isChosen);
        cell.tabIndex = isChosen ? 0 : -1;
        const title = t("whatif.cell", {
          layer: layerName(description, itsLayer),
          head: itsHead + 1,
        });
        cell.title = title;
        cell.setAttribute("aria-label", title);
      }
    },
  );
  return section;
}

/** @param {HTMLElement} cell */
function placeOf(cell) {
  return (cell.dataset["offHead"] ?? "").split(".").map(Number);
}

/** Arrow keys go from head to head. @param {HTMLElement} board @param {KeyboardEvent} event */
function moveFocus(board, event) {
  const steps = new Map([
    ["ArrowUp", [0, -1]],
    ["ArrowDown", [0, 1]],
    ["ArrowLeft", [-1, 0]],
    ["ArrowRight", [1, 0]],
  ]);
  const step = steps.get(event.key);
  const from = document.activeElement;
  if (!step || !(from instanceof HTMLElement) || !board.contains(from)) return;
  event.preventDefault();
  const [layer, head] = placeOf(from);
  const column = board.children[layer + step[0]];
  const cell =
    column?.children[Math.min(head + step[1], column.children.length - 1)];
  if (cell instanceof HTMLElement) cell.focus();
}
