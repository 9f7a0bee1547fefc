// "How far from f32?" in the model's card: the logits' error, and both lists of five classes side by side.

import { asVitrineError, isQuiet } from "../errors.js";
import { className, formatNumber, t } from "../i18n/i18n.js";
import { against, distanceFromF32, downloadSize } from "../precision.js";
import { build } from "./dom.js";
import { bytesText, errorText, percent, valueText } from "./words.js";

/** @import {Distance} from "../precision.js" */
/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */
/** @import {Entry, Prediction, Progress} from "../types.js" */

/** @typedef {NonNullable<State["model"]>} Model */

/**
 * @typedef {{state: "idle"} | {state: "running", progress: Progress | null} | {state: "done", found: Distance}
 *   | {state: "error", says: string}} Known
 */

/** @param {Store} store @param {Session} session */
export function buildPrecision(store, session) {
  const start = build("button", {
    type: "button",
    class: "control",
    "data-testid": "precision-start",
  });
  const about = build("p", { class: "fine", "data-testid": "precision-about" });
  const says = build("p", { role: "status", "data-testid": "precision-says" });
  const answer = build("div", { class: "answer" });
  const box = build(
    "section",
    {
      class: "precision",
      "data-testid": "precision",
      "data-i18n-label": "precision.ask",
    },
    build("div", { class: "ask" }, start, about),
    says,
    answer,
  );

  /** @type {Known} */
  let known = { state: "idle" };
  /** What the hub would send. @type {{bytes: number, isExact: boolean} | null} */
  let download = null;
  let stop = new AbortController();

  function draw() {
    const { model, result, running, entries } = store.get();
    const isF32 = model?.description.dtype === "f32";
    box.hidden = !model;
    box.dataset["state"] = known.state;
    const isBusy = known.state === "running";
    start.textContent = t(isBusy ? "precision.stop" : "precision.ask");
    start.disabled = !isBusy && (!result || running || isF32);
    start.hidden = isF32;
    about.textContent = model ? aboutText(model, download) : "";
    says.textContent = saysText(known);
    says.hidden = !says.textContent;
    answer.replaceChildren(
      ...(known.state === "done" && model
        ? answerOf(known.found, model, entries)
        : []),
    );
  }

  /** @param {Known} next */
  function show(next) {
    known = next;
    draw();
  }

  async function run() {
    const { bundle, model, photo, result, whatif } = store.get();
    if (!bundle || !model || !photo || !result) return;
    stop = new AbortController();
    const { signal } = stop;
    const { source, description } = model;
    const { predictions } = result;
    const { engine } = session;
    show({ state: "running", progress: null });
    try {
      const found = await distanceFromF32(
        { engine, bundle, source, description, photo, whatif, predictions },
        signal,
        (progress) => {
          if (!signal.aborted) show({ state: "running", progress });
        },
      );
      if (!signal.aborted) show({ state: "done", found });
    } catch (error) {
      if (signal.aborted || isQuiet(error)) return;
      show({ state: "error", says: errorText(asVitrineError(error)) });
    }
  }

  function forget() {
    stop.abort();
    show({ state: "idle" });
  }

  start.addEventListener("click", () => {
    if (known.state === "running") forget();
    else void run();
  });

  /** @param {Model} model */
  async function measure({ source, description }) {
    if (source.kind !== "hub") return;
    const { hub, dtype } = source;
    const size = await downloadSize(hub, dtype, description);
    if (store.get().model?.source !== source) return;
    download = size;
    draw();
  }

  store.watch(
    (s) => [s.model?.source],
    ({ model }) => {
      download = null;
      if (model) void measure(model);
    },
  );
  // What was found holds for one model, photo, size and what-if: all of them bring a new result.
  store.watch((s) => [s.model?.description, s.result], forget);
  store.watch((s) => [s.running, s.language], draw);
  return box;
}

/** What pressing the button would do. @param {Model} model @param {{bytes: number, isExact: boolean} | null} download */
function aboutText({ source, description }, download) {
  if (description.dtype === "f32") return t("precision.is-f32");
  const dtype = description.dtype.toUpperCase();
  if (against(source) === "arithmetic") {
    return t("precision.about-gguf", { dtype });
  }
  if (source.kind === "files") {
    return t("precision.about-files", { name: source.checkpoint.name });
  }
  if (!download) return "";
  const key = download.isExact ? "about-hub" : "about-hub-roughly";
  return t(`precision.${key}`, { size: bytesText(download.bytes) });
}

/** @param {Known} known */
function saysText(known) {
  if (known.state === "error") return known.says;
  if (known.state !== "running") return "";
  if (!known.progress) return t("precision.running");
  const { received, total } = known.progress;
  return t("precision.loading", {
    received: bytesText(received),
    total: total === null ? "?" : bytesText(total),
  });
}

/** @param {Distance} found @param {Model} model @param {Entry[]} entries */
function answerOf({ error, ours, exact, agrees, shared }, model, entries) {
  const { dtype } = model.description;
  const name = dtype.toUpperCase();
  const hasClasses = exact.length > 0;
  const kind = hasClasses ? "logits" : "features";
  const measured = build(
    "p",
    { "data-testid": "precision-error", "data-value": error },
    t(`precision.${kind}`, { dtype: name, value: valueText(error) }),
  );
  const meaning = build(
    "p",
    { class: "fine" },
    t(`precision.measures-${against(model.source)}`, { dtype: name }),
  );
  if (!hasClasses) return [measured, meaning];
  const agreement = build(
    "p",
    {
      "data-testid": "precision-agrees",
      "data-agrees": String(agrees),
      "data-shared": shared,
    },
    t(`precision.${agrees ? "agrees" : "disagrees"}`, {
      shared: formatNumber(shared),
      count: formatNumber(exact.length),
    }),
  );
  const top1 = entries.find(({ id }) => id === model.source.id)?.top1;
  const stated =
    top1 &&
    build(
      "p",
      { class: "fine", "data-testid": "precision-stated" },
      t("precision.stated", {
        f32: finePercent(top1.f32),
        q8_0: finePercent(top1.q8_0),
        photos: formatNumber(top1.photos),
      }),
    );
  return [
    measured,
    agreement,
    build(
      "div",
      { class: "lists" },
      listOf(name, "precision-ours", ours),
      listOf("F32", "precision-f32", exact),
    ),
    meaning,
    ...(stated ? [stated] : []),
  ];
}

/** 28.04 %: four in ten thousand photos are the difference. @param {number} share */
function finePercent(share) {
  return formatNumber(share, { style: "percent", minimumFractionDigits: 2 });
}

/** @param {string} title @param {string} id @param {Prediction[]} predictions */
function listOf(title, id, predictions) {
  const items = predictions.map(({ index, label, probability }) =>
    build(
      "li",
      { "data-class": index, "data-probability": probability },
      build(
        "span",
        { class: "label", title: className(label) },
        className(label),
      ),
      build("span", { class: "number" }, percent(probability)),
    ),
  );
  return build(
    "figure",
    {},
    build("figcaption", {}, title),
    build("ol", { "data-testid": id }, ...items),
  );
}
