// The step in words, with its formula, the shapes of what it takes and makes, and its costs.

import { chipsOf } from "../../glass/chips.js";
import { formulaOf } from "../../glass/formulas.js";
import { sayStep } from "../../glass/say.js";
import { sayQuery } from "../../glass/did.js";
import { has, t } from "../../i18n/i18n.js";
import { build } from "../dom.js";
import { amount, stepName, wordOf } from "../words.js";

/** @import {Context} from "../../glass/context.js" */
/** @import {State} from "../../state.js" */
/** @import {Step} from "../../types.js" */

/** @param {HTMLElement} box */
export function mountText(box) {
  const site = build("p", { class: "site" });
  const heading = build("h2");
  const about = build("p", { class: "about", "data-testid": "glass-about" });
  const did = build("p", { class: "did", "data-testid": "glass-did" });
  const formula = build("div", {
    class: "formula",
    "data-testid": "glass-formula",
    tabindex: 0,
    role: "group",
  });
  const chips = build("ul", { class: "chips", "data-testid": "glass-shapes" });
  box.append(site, heading, about, did, formula, chips);
  /** What is drawn already. */
  let drawn = "";

  return {
    /** @param {Context} context @param {State} state */
    drawStep(context, state) {
      const { step, description } = context;
      const said = sayStep(context);
      const key = [state.site, state.language, description.name, said].join();
      if (key === drawn) return;
      drawn = key;
      site.textContent = state.site;
      heading.textContent = headingOf(step);
      about.textContent = said;
      formula.replaceChildren(formulaOf(context));
      formula.setAttribute("aria-label", t("glass.formula"));
      chips.setAttribute("aria-label", t("glass.shape"));
      chips.replaceChildren(
        ...chipsOf(context).map(({ name, symbol, shape }) =>
          build(
            "li",
            {},
            build("span", { class: `sym ${symbol}` }, name),
            ` ${shape}`,
          ),
        ),
        ...costsOf(step),
      );
    },
    /** @param {Context} context @param {State} state */
    drawQuery(context, state) {
      const text = context.tensors.size > 0 ? sayQuery(context, state) : null;
      did.hidden = text === null;
      if (text !== null && did.textContent !== text) did.textContent = text;
    },
  };
}

/** @param {Step} step */
function headingOf(step) {
  const key = `heading.${wordOf(step)}`;
  return has(key) ? t(key) : stepName(step);
}

/** @param {Step} step */
function costsOf({ parameters, operations }) {
  const costs = [];
  if (parameters > 0) costs.push(["glass.parameters", parameters]);
  if (operations > 0) costs.push(["glass.operations", operations]);
  return costs.map(([key, count]) =>
    build(
      "li",
      { class: "cost" },
      `${t(String(key))} ${amount(Number(count))}`,
    ),
  );
}
