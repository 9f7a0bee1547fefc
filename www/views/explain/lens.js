// Logit lens: what the head would say if the model ended after each block.

import { className, t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { buildPanel, deriveInSight, watchInSight } from "../panel.js";
import { layerName, percent } from "../words.js";

/** @import {Session} from "../../session.js" */
/** @import {State, Store} from "../../state.js" */
/** @import {Description, Reading} from "../../types.js" */

/** @param {Store} store @param {Session} session */
export function buildLens(store, session) {
  const { box, aside, body } = buildPanel("lens", "explain");
  const table = build("table", { "data-testid": "lens-table" });
  const lesson = build("p", { class: "takeaway" });
  body.append(table, lesson);
  /** @type {Reading[] | null} */
  let readings = null;

  function draw() {
    const state = store.get();
    const { model } = state;
    if (!model) return;
    const { description } = model;
    const isWhole = readings?.length === description.layers.length;
    table.hidden = !readings?.length;
    aside.textContent = nameOfLast(state);
    lesson.textContent = t(lessonOf(description, readings, isWhole));
    table.replaceChildren(
      build(
        "thead",
        {},
        build(
          "tr",
          {},
          ...["block", "class", "probability", "last"].map((word) =>
            build("th", { scope: "col" }, t(`explain.lens-${word}`)),
          ),
        ),
      ),
      build(
        "tbody",
        {},
        ...(readings ?? []).map((one) => describeRow(one, state, session)),
      ),
    );
  }

  deriveInSight(
    box,
    store,
    session,
    () => [],
    () => /** @type {const} */ ({ kind: "lens" }),
    (answer) => {
      readings = answer;
      draw();
    },
  );
  watchInSight(box, store, (s) => [s.layer, s.language], draw);
  return box;
}

/** The class that the whole model says. @param {State} state */
function nameOfLast({ result }) {
  const [first] = result?.predictions ?? [];
  return first
    ? t("explain.lens-aside", { label: className(first.label) })
    : "";
}

/** @param {Description} description @param {Reading[] | null} readings @param {boolean} isWhole */
function lessonOf({ num_classes: classes }, readings, isWhole) {
  if (classes === 0) return "explain.lens-headless";
  if (!readings) return "swin.waiting";
  return isWhole ? "explain.lens-lesson" : "explain.lens-stage";
}

/** @param {Reading} reading @param {State} state @param {Session} session */
function describeRow(reading, { model, layer: chosen, result }, session) {
  const { layer, predictions, of_last: ofLast } = reading;
  const [first] = predictions;
  const last = result?.predictions[0]?.index;
  const bar = build("span", { class: "share", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(ofLast));
  const name = model ? layerName(model.description, layer) : "";
  const button = build("button", { type: "button" }, name);
  if (layer === chosen) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => void session.looking.setLayer(layer));
  return build(
    "tr",
    {
      "data-layer": layer,
      "data-class": first.index,
      "data-probability": first.probability,
      "data-of-last": ofLast,
      class: first.index === last ? "same" : "",
    },
    build("th", { scope: "row" }, button),
    build(
      "td",
      {
        title: predictions
          .map(
            ({ label, probability }) =>
              `${className(label)} ${percent(probability)}`,
          )
          .join("\n"),
      },
      className(first.label),
    ),
    build("td", {}, percent(first.probability)),
    build(
      "td",
      {},
      build(
        "div",
        { class: "of-last" },
        bar,
        build("span", { class: "number" }, percent(ofLast)),
      ),
    ),
  );
}
