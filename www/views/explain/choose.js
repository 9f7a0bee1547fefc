// Choosing a head of any layer from a picture of all of them: by pointer, and by arrow keys.

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** @typedef {{layer: number, head: number}} Place */

/** @param {Session} session @param {Place} place */
export function chooseHead({ looking }, { layer, head }) {
  const { layer: now } = looking.store.get();
  if (layer !== now) void looking.setLayer(layer);
  looking.setHead(head);
}

/** Layers left and right, heads up and down. @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** @param {HTMLElement | SVGElement} picture @param {Store} store @param {Session} session */
export function chooseByKeys(picture, store, session) {
  /** @param {KeyboardEvent} event */
  function move(event) {
    const step = MOVES[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const { model, layer, head } = store.get();
    const layers = model?.description.layers ?? [];
    const next = layer + step[0];
    event.preventDefault();
    if (!layers[next]) return;
    const last = layers[next].heads - 1;
    const wanted = Math.min(last, head + step[1]);
    if (wanted >= 0) chooseHead(session, { layer: next, head: wanted });
  }
  picture.addEventListener("keydown", (event) => {
    if (event instanceof KeyboardEvent) move(event);
  });
}
