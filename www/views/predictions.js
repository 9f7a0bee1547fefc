// What the model says: the first five classes with their probabilities, and how long it took in which build.

import { className, formatNumber, t } from "../i18n/i18n.js";
import { build, byTestId, find } from "./dom.js";
import { percent } from "./words.js";

/** @import {Store} from "../state.js" */

const SHOWN = 5;

/** @param {ParentNode} root @param {Store} store */
export function mountPredictions(root, store) {
  const list = byTestId(root, "predictions");
  const bundle = byTestId(root, "bundle");
  const howGood = build("p", { class: "how-good", "data-testid": "how-good" });
  list.after(howGood);
  const milliseconds = find(root, ".milliseconds", HTMLElement);

  store.watch(
    (s) => [s.bundle, s.threads, s.language],
    ({ bundle: name, threads }) => {
      bundle.textContent = name ?? "";
      bundle.dataset["threads"] = String(threads);
      bundle.title = t("predictions.bundle", { threads });
    },
  );
  store.watch(
    (s) => [s.result, s.model?.description, s.language],
    ({ result, model }) => {
      milliseconds.textContent = result
        ? `${formatNumber(result.milliseconds, { maximumSignificantDigits: 3 })} ms · `
        : "";
      // Who sees a small model err should know how often it does.
      const accuracy = model?.description.accuracy;
      howGood.hidden = !accuracy;
      howGood.textContent = accuracy
        ? t("predictions.how-good", {
            top1: percent(accuracy.top1),
            classes: formatNumber(model.description.num_classes),
          })
        : "";
      const predictions = result?.predictions.slice(0, SHOWN) ?? [];
      const isHeadless = model !== null && model.description.num_classes === 0;
      list.replaceChildren(
        ...predictions.map(({ index, label, probability }) => {
          const name = className(label);
          const bar = build("span", { class: "bar", "aria-hidden": "true" });
          bar.style.setProperty("--share", String(probability));
          return build(
            "li",
            { "data-class": index, "data-probability": probability },
            build("span", { class: "label", title: name }, name),
            bar,
            build("span", { class: "number" }, percent(probability)),
          );
        }),
      );
      if (result && predictions.length === 0) {
        const key = isHeadless ? "predictions.headless" : "predictions.none";
        list.append(build("li", { class: "none" }, t(key)));
      }
    },
  );
}
