// The second half of the page: the elements that the views of the first half need, once more.

import { build } from "../dom.js";

export function buildZone() {
  return build(
    "section",
    {
      class: "compare-zone",
      "data-testid": "compare-zone",
      "data-i18n-label": "compare.title",
    },
    build(
      "div",
      { class: "stage-zone" },
      build(
        "div",
        { class: "stage-frame", "data-testid": "drop-zone" },
        build("canvas", {
          class: "stage",
          "data-testid": "stage",
          tabindex: 0,
        }),
        build("div", { class: "tooltip", "aria-hidden": "true", hidden: true }),
        build("p", { class: "compare-name" }),
        build("div", {
          class: "compare-status",
          "data-testid": "compare-status",
        }),
      ),
      build(
        "div",
        { class: "caption" },
        build(
          "p",
          { class: "sentence" },
          build("strong", { "data-testid": "query" }),
          " ",
          build("span", { class: "looks" }),
        ),
        build(
          "p",
          { class: "colour-bar", "aria-hidden": "true" },
          build("span", { class: "low" }, "0"),
          build("canvas", { width: 96, height: 10 }),
          build("span", { class: "high" }),
        ),
      ),
      build(
        "div",
        { class: "second-line" },
        build("div", {
          class: "tokens",
          role: "group",
          "data-i18n-label": "stage.tokens",
        }),
        build("output", { "data-testid": "readout" }),
      ),
      build(
        "div",
        { class: "below" },
        build(
          "section",
          { class: "says" },
          build(
            "header",
            {},
            build("h2", { "data-i18n": "predictions.title" }),
            build(
              "p",
              { class: "measured" },
              build("span", { class: "milliseconds" }),
              build("span", { "data-testid": "bundle" }),
            ),
          ),
          build("ol", { "data-testid": "predictions" }),
        ),
        build("section", {
          class: "meter",
          "data-testid": "compare-meter",
          "data-i18n-label": "compare.meter",
        }),
      ),
    ),
    build(
      "div",
      { class: "heads-zone" },
      build(
        "header",
        {},
        build("h2", { "data-i18n": "heads.of" }),
        build("select", {
          class: "control",
          "data-testid": "layer-select",
          "data-i18n-label": "heads.layer",
        }),
      ),
      build("div", {
        class: "head-grid",
        "data-testid": "head-grid",
        role: "group",
      }),
    ),
  );
}
