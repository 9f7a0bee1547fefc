// The tokens that are no patch (class token, registers) as chips: queries to choose, with the attention on them.

import { largest } from "../draw/attention.js";
import { t } from "../i18n/i18n.js";
import { shownQuery } from "../state.js";
import { build, find } from "./dom.js";
import { shownAttention, shownKeys } from "./shown.js";
import { tokenName, valueText } from "./words.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountTokens(root, store, session) {
  const box = find(root, ".tokens", HTMLElement);

  store.watch(
    (s) => [s.model?.description, s.language],
    ({ model }) => {
      const names = model?.description.prefix ?? [];
      box.hidden = names.length === 0;
      box.replaceChildren(
        ...names.map((name, index) => {
          const chip = build(
            "button",
            { type: "button", class: "chip", "data-token": index },
            build("span", {}, tokenName(name)),
            build("span", { class: "number" }),
          );
          chip.addEventListener("click", () =>
            session.looking.pin({ kind: "prefix", index }),
          );
          return chip;
        }),
      );
    },
  );

  store.watch(
    (s) => [...shownKeys(s), s.head, s.language],
    (state) => {
      const query = shownQuery(state);
      const map = shownAttention(state)?.heads[state.head];
      const top = map ? largest(map) : 0;
      for (const [index, chip] of [...box.children].entries()) {
        if (!(chip instanceof HTMLElement)) continue;
        const isQuery = query.kind === "prefix" && query.index === index;
        chip.setAttribute("aria-pressed", String(isQuery));
        const value = map?.[index];
        const number = find(chip, ".number", HTMLElement);
        number.textContent = value === undefined ? "" : valueText(value);
        chip.dataset["value"] = value === undefined ? "" : String(value);
        chip.title = t("stage.on-token");
        const share = value === undefined || top === 0 ? 0 : value / top;
        chip.style.setProperty("--share", String(share));
      }
    },
  );
}
