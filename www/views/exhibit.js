// The glass: the current step in words, as a formula, in one row of numbers, as code, and as a picture of its tensor.

import { contextOf } from "../glass/context.js";
import { t } from "../i18n/i18n.js";
import { build, find } from "./dom.js";
import { mountFetch } from "./glass/fetch.js";
import { mountLens } from "./glass/lens.js";
import { mountRow } from "./glass/row.js";
import { mountText } from "./glass/text.js";
import { shownQuery } from "../state.js";

/** @import {Session} from "../session.js" */
/** @import {State, Store} from "../state.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountExhibit(root, store, session) {
  const box = find(root, ".exhibit", HTMLElement);
  const text = build("div", { class: "step-text" });
  const chain = build("section", { class: "row-chain", "data-testid": "row" });
  const lens = build("section", { class: "lens" });
  box.append(text, chain, lens);

  const fetched = mountFetch(store, session, drawQuery);
  const say = mountText(text);
  const row = mountRow(chain);
  const look = mountLens(lens, store, session);

  function drawStep() {
    const state = store.get();
    const context = contextOf(state, fetched(state));
    text.hidden = chain.hidden = lens.hidden = !context;
    if (!context) return;
    chain.setAttribute("aria-label", t("glass.row"));
    say.drawStep(context, state);
    look.drawCode(context);
    drawQuery();
  }

  /** What depends on where the visitor looks: as fast as the pointer. */
  function drawQuery() {
    const state = store.get();
    const context = contextOf(state, fetched(state));
    if (!context) return;
    const isReady = context.tensors.size > 0;
    box.dataset["row"] = isReady ? "ready" : "busy";
    box.dataset["step"] = state.step;
    // The pool's and the MLP's words follow from what was recorded.
    if (isReady) say.drawStep(context, state);
    say.drawQuery(context, state);
    row.draw(context);
  }

  store.watch(
    (s) => [s.model?.description, s.step, s.site, s.language],
    drawStep,
  );
  store.watch(
    (s) => [s.pattern, s.result, s.head, s.theme, s.layer, ...queryKeys(s)],
    drawQuery,
  );
  return box;
}

/** @param {State} state */
function queryKeys(state) {
  const query = shownQuery(state);
  return query.kind === "prefix"
    ? [query.kind, query.index, 0]
    : [query.kind, query.row, query.column];
}
