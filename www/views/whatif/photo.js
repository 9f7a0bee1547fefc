// Patches hidden by painting on the photo, and patches in another order.

import { t } from "../../i18n/i18n.js";
import { patchCount } from "../../whatif.js";
import { build, buildButton } from "../dom.js";
import { buildSection, buildToggle } from "./parts.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */

/** The first order; each further one is the next seed's. */
const FIRST_SEED = 1;

/** @param {Store} store @param {Session} session */
export function buildPhotoSwitches(store, session) {
  const brush = buildButton("whatif-brush", "whatif.brush", () =>
    store.set({ painting: !store.get().painting }),
  );
  const count = build("output", { "data-testid": "whatif-hidden" });
  const show = buildButton("whatif-show", "whatif.show", () => {
    void session.setWhatif({ hidden: [] });
  });
  const shuffle = buildToggle("shuffle", "whatif.shuffle", (isOn) => {
    void session.setWhatif({ shuffle: isOn ? FIRST_SEED : 0 });
  });
  const again = buildButton("whatif-reshuffle", "whatif.reshuffle", () => {
    void session.setWhatif({ shuffle: store.get().whatif.shuffle + 1 });
  });
  const about = build("p", {
    class: "note",
    "data-i18n": "whatif.about-hidden",
  });
  const section = buildSection(
    "photo",
    build("div", { class: "switches" }, brush, count, show),
    build("div", { class: "switches" }, shuffle.label, again),
    about,
  );
  store.watch(
    (s) => [s.whatif, s.stroke, s.painting, s.model?.description, s.language],
    ({ whatif, stroke, painting, model }) => {
      const hidden = (stroke ?? whatif.hidden).length;
      about.hidden = hidden === 0 && !painting;
      brush.setAttribute("aria-pressed", String(painting));
      count.dataset["value"] = String(hidden);
      count.textContent = t("whatif.hidden", {
        hidden,
        patches: model ? patchCount(model.description.grid) : 0,
      });
      show.hidden = hidden === 0;
      shuffle.input.checked = whatif.shuffle > 0;
      again.disabled = whatif.shuffle === 0;
    },
  );
  return section;
}
