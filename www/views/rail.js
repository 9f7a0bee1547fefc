// The rail: the model as a row of steps, drawn from its own description; the current block lies open.

import { layerOfSite, leafSteps } from "../state.js";
import { build, byTestId } from "./dom.js";
import { stagePrefix } from "./shown.js";
import { layerName, mapText, shapeText, stepName } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Description, Step} from "../types.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountRail(root, store, session) {
  const rail = byTestId(root, "rail");

  rail.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("button");
    const site = button && button.dataset["site"];
    const { model, step } = store.get();
    if (!site || !model) return;
    void session.looking.chooseStep(entryOf(model.description, site, step));
  });

  rail.addEventListener("keydown", (event) => {
    const { model, step } = store.get();
    if (!model) return;
    const sites = leafSteps(model.description.steps).map(({ site }) => site);
    const at = sites.indexOf(step);
    const places = new Map([
      ["ArrowLeft", at - 1],
      ["ArrowRight", at + 1],
      ["Home", 0],
      ["End", sites.length - 1],
    ]);
    const site = sites[places.get(event.key) ?? -1];
    if (!site) return;
    event.preventDefault();
    void session.looking.chooseStep(site);
    // The lit step is drawn in a microtask; the focus goes along with it.
    queueMicrotask(() => focusCurrent(rail));
  });

  store.watch(
    (s) => [s.model?.description, s.step, s.photo, s.language],
    (state) => {
      const hadFocus = rail.contains(document.activeElement);
      drawRail(rail, state);
      if (hadFocus) focusCurrent(rail);
    },
  );
}

/** @param {HTMLElement} rail */
function focusCurrent(rail) {
  const current = rail.querySelector('[aria-current="step"]');
  if (current instanceof HTMLElement) current.focus({ preventScroll: true });
}

/**
 * A closed block is entered at the step that was lit in the block before, else at its attention pattern.
 * @param {Description} description @param {string} site @param {string} current
 */
function entryOf({ steps }, site, current) {
  const block = steps.find((step) => step.site === site && step.steps);
  if (!block?.steps || block.steps.some((step) => step.site === current)) {
    return site;
  }
  const from = steps.find((step) =>
    step.steps?.some((inner) => inner.site === current),
  );
  const place = from?.steps?.findIndex((inner) => inner.site === current);
  const twin = place === undefined ? null : block.steps[place];
  const pattern = block.steps.find(({ kind }) => kind === "softmax");
  return (twin ?? pattern ?? block.steps[0]).site;
}

/** @param {HTMLElement} rail @param {State} state */
function drawRail(rail, { model, step, photo }) {
  const steps = model?.description.steps ?? [];
  for (const old of [...rail.children]) {
    if (!old.matches(".play")) old.remove();
  }
  rail.append(
    ...steps.map((top) => {
      if (!top.steps) return buildStep(top, step, photo, model);
      const isOpen = top.steps.some((inner) => inner.site === step);
      if (!isOpen) return buildClosedBlock(top);
      return buildOpenBlock(top, step, blockName(model?.description, top));
    }),
  );
  const current = rail.querySelector('[aria-current="step"]');
  if (!(current instanceof HTMLElement)) return;
  const box = (
    current.closest(".block.open") ?? current
  ).getBoundingClientRect();
  const view = rail.getBoundingClientRect();
  if (box.left < view.left || box.right > view.right) {
    rail.scrollLeft += box.left + box.width / 2 - view.left - view.width / 2;
  }
}

/** @param {Step} step @param {string} current @param {State["photo"]} photo @param {State["model"]} model */
function buildStep(step, current, photo, model) {
  const map = model && mapAfter(model.description, step);
  const size =
    step.kind === "input" && photo
      ? `${photo.width} × ${photo.height}`
      : map
        ? mapText(map)
        : shapeText(step.shape);
  return buildButton(
    step,
    current,
    "step",
    build("span", { class: "name" }, stepName(step)),
    build("span", { class: "shape" }, size),
  );
}

/** The map that stages begin with: it says more than the tensor's shape. @param {Description} description @param {Step} step */
function mapAfter({ layers, grid }, { site, kind }) {
  if (kind === "patch-embed") return layers[0]?.windows ? grid : null;
  if (kind !== "merge") return null;
  const prefix = stagePrefix(site);
  return layers.find((layer) => layer.site.startsWith(prefix))?.grid ?? null;
}

/** @param {Step} block */
function buildClosedBlock(block) {
  // "SW 2" goes in two lines.
  const [name, number] = stepName(block).split(" ");
  const more = number
    ? build("span", { class: "more" }, number)
    : build("span", { class: "more", "aria-hidden": "true" }, "+");
  const label = build("span", { class: "name" }, name);
  return buildButton(block, "", "block", label, more);
}

/** The layer's name where the block is a layer: "block 9", not "9". @param {Description | undefined} description @param {Step} block */
function blockName(description, block) {
  if (!description) return block.title;
  const layer = layerOfSite(description, block.site);
  return layer < 0 ? block.title : layerName(description, layer);
}

/** @param {Step} block @param {string} current @param {string} name */
function buildOpenBlock(block, current, name) {
  const inner = (block.steps ?? []).map((step) =>
    buildButton(step, current, "inner", stepName(step)),
  );
  return build(
    "div",
    { class: "block open", role: "group", "aria-label": name },
    build("span", { class: "name" }, name),
    build("div", { class: "steps" }, ...inner),
  );
}

/** @param {Step} step @param {string} current @param {string} kind @param {...(Node | string)} content */
function buildButton(step, current, kind, ...content) {
  const isCurrent = step.site === current;
  return build(
    "button",
    {
      type: "button",
      class: kind,
      "data-site": step.site,
      "data-kind": step.kind,
      title: step.site,
      "aria-current": isCurrent ? "step" : null,
    },
    ...content,
  );
}
