// The cost meter: what both models are made of and what a photo costs them, side by side.

import { formatNumber, t } from "../../i18n/i18n.js";
import { leafSteps } from "../../state.js";
import { build, find } from "../dom.js";
import { amount } from "../words.js";

/** @import {State, Store} from "../../state.js" */
/** @import {Description} from "../../types.js" */

/** Steps in which tokens meet: q · k, and attention times v. */
const PAIRS = ["scores", "mix"];

/** What is compared, and how it is written. @type {[string, (state: State) => number | null, (value: number) => string][]} */
const FACTS = [
  ["parameters", ({ model }) => model?.description.parameters ?? null, amount],
  ["operations", ({ model }) => model?.description.operations ?? null, amount],
  ["pairs", ({ model }) => model && pairOperations(model.description), amount],
  ["sees", (state) => keysOf(state), (value) => formatNumber(value)],
  [
    "time",
    ({ result }) => result?.milliseconds ?? null,
    (value) => `${formatNumber(value, { maximumSignificantDigits: 3 })} ms`,
  ],
];

/** @param {Description} description */
function pairOperations({ steps }) {
  return leafSteps(steps)
    .filter(({ kind }) => PAIRS.includes(kind))
    .reduce((sum, { operations }) => sum + operations, 0);
}

/** How many tokens a query of the chosen layer is compared with. @param {State} state */
function keysOf({ model, layer }) {
  const chosen = model?.description.layers[layer];
  if (!model || !chosen) return null;
  const { windows, grid } = chosen;
  if (windows) return windows.rows * windows.columns;
  return model.description.prefix.length + grid.rows * grid.columns;
}

/**
 * @param {HTMLElement} zone @param {Store} first @param {Store} second
 * @returns {() => void} draws it: to be called when the first model's side has changed, whose store outlives this
 */
export function mountMeter(zone, first, second) {
  const meter = find(zone, ".meter", HTMLElement);
  const table = build("table");
  meter.append(table);

  function draw() {
    const states = [first.get(), second.get()];
    const heads = states.map(({ model }) => {
      const title = model?.source.title ?? "–";
      return build("th", { scope: "col", title }, title);
    });
    const rows = FACTS.map(([name, valueOf, textOf]) => {
      const values = states.map(valueOf);
      const most = Math.max(...values.map((value) => value ?? 0));
      return build(
        "tr",
        { "data-fact": name },
        build(
          "th",
          { scope: "row", title: t(`compare.about-${name}`) },
          t(`compare.${name}`),
        ),
        ...values.map((value) => {
          const bar = build("span", { class: "share", "aria-hidden": "true" });
          bar.style.setProperty("--share", String((value ?? 0) / (most || 1)));
          const text = value === null ? "–" : textOf(value);
          return build(
            "td",
            { "data-value": value },
            build("span", { class: "number" }, text),
            bar,
          );
        }),
      );
    });
    table.replaceChildren(
      build("thead", {}, build("tr", {}, build("td"), ...heads)),
      build("tbody", {}, ...rows),
    );
  }

  second.watch(
    (s) => [s.model?.description, s.result, s.layer, s.language],
    draw,
  );
  return draw;
}
