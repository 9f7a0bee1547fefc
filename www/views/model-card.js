// The model in use: what it is, how good it is, what had to be guessed, its input size, and its file.

import { formatNumber, localized, t, translatePage } from "../i18n/i18n.js";
import { DTYPES } from "../sources.js";
import { sizeOf } from "../state.js";
import { build, fillSelect, find } from "./dom.js";
import { attempt, later } from "./later.js";
import { amount, bytesText, percent } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Description, Source} from "../types.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountModelCard(root, store, session) {
  const card = find(root, ".model-card", HTMLElement);
  const about = build("div", { class: "model-about" });
  const size = build("input", {
    class: "control",
    type: "text",
    inputmode: "text",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": "size-input",
    "data-i18n-label": "models.size",
  });
  const dtype = build("select", {
    class: "control",
    "data-testid": "dtype-select",
    "data-i18n-label": "models.dtype",
  });
  const files = build("input", {
    type: "file",
    multiple: true,
    accept: ".safetensors,.gguf,.json",
    "data-testid": "model-input",
  });
  const save = build(
    "button",
    { type: "button", class: "control", "data-testid": "save-gguf" },
    build("span", { "data-i18n": "models.save" }),
  );
  const named = build("span");
  const details = build(
    "details",
    { "data-testid": "model-card" },
    build(
      "summary",
      {},
      build("b", { "data-i18n": "glass.model" }),
      " ",
      named,
    ),
    build(
      "div",
      { class: "inside" },
      about,
      build(
        "div",
        { class: "model-fields" },
        field("models.size", size),
        field("models.dtype", dtype),
      ),
      build("div", { class: "slot", "data-slot": "size" }),
      build(
        "div",
        { class: "model-files" },
        build(
          "label",
          { class: "control file" },
          build("span", { "data-i18n": "models.open" }),
          files,
        ),
        save,
      ),
    ),
  );
  card.append(details);

  const precision = later(() => import("./precision.js"));
  let isWhole = false;
  // Closed, it hides the question how far from f32 the model is.
  details.addEventListener("toggle", () => {
    if (!details.open || isWhole) return;
    void attempt(session, async () => {
      const { buildPrecision } = await precision();
      if (isWhole) return;
      isWhole = true;
      const box = buildPrecision(store, session);
      translatePage(box);
      about.after(box);
    });
  });

  store.watch(
    (s) => [s.dtype],
    (state) =>
      fillSelect(
        dtype,
        DTYPES.map((name) => [name, name.toUpperCase()]),
        state.dtype,
      ),
  );
  dtype.addEventListener(
    "change",
    () => void session.choosing.dtype(dtype.value),
  );
  size.addEventListener("change", () => void session.choosing.size(size.value));
  files.addEventListener("change", () => {
    const chosen = [...(files.files ?? [])];
    files.value = "";
    if (chosen.length > 0) void session.openFiles(chosen, "model");
  });
  save.addEventListener("click", () => void saveModel(store, session));

  store.watch(
    (s) => [s.model, s.language],
    (state) => {
      about.replaceChildren(...describeModel(state));
      named.textContent = state.model ? summaryOf(state.model) : "";
      save.disabled = size.disabled = !state.model;
      size.placeholder = state.model?.ownSize ?? "";
    },
  );
  store.watch(
    (s) => [s.model?.description, s.trouble],
    ({ model, trouble }) => {
      // What was refused stays to be corrected; what was taken is written as it was understood.
      if (trouble?.cause === "size") details.open = true;
      if (!model || trouble?.cause === "size") return;
      const now = sizeOf(model.description);
      size.value = now === model.ownSize ? "" : now;
    },
  );
}

/** @param {string} key @param {HTMLElement} control */
function field(key, control) {
  return build("label", {}, build("span", { "data-i18n": key }), control);
}

/** What the closed card says. @param {NonNullable<State["model"]>} model */
function summaryOf({ description, source }) {
  const { name, parameters, dtype } = description;
  const size = amount(parameters);
  return [name || source.title, size, dtype.toUpperCase()].join(" · ");
}

/** @param {State} state */
function describeModel({ model }) {
  if (!model) return [];
  const { description, source } = model;
  const { architecture, dtype, parameters, bytes, notes } = description;
  return [
    build("h2", {}, description.name || source.title),
    build(
      "p",
      { class: "model-line" },
      [
        architecture,
        t("models.parameters", { number: amount(parameters) }),
        dtype.toUpperCase(),
        bytesText(bytes),
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    build("p", { class: "accuracy" }, accuracyText(description, source)),
    ...notes.map((note) => build("p", { class: "note" }, note)),
  ];
}

/** @param {Description} description @param {Source} source */
function accuracyText({ accuracy }, source) {
  if (!accuracy) {
    return t(`models.no-accuracy-${source.kind === "hub" ? "hub" : "own"}`);
  }
  const { top1, top5, photos, dataset } = accuracy;
  return localized("models.accuracy", "", {
    top1: percent(top1),
    top5: percent(top5),
    photos: formatNumber(photos),
    dataset,
  });
}

/** @param {Store} store @param {Session} session */
async function saveModel(store, session) {
  const { model } = store.get();
  const bytes = await session.choosing.toGguf();
  if (!bytes || !model) return;
  const { source, description } = model;
  const stem = description.name || source.title;
  const name = `${stem.replace(/[^\w.-]+/g, "-")}-${description.dtype}.gguf`;
  const url = URL.createObjectURL(new Blob([bytes]));
  build("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
