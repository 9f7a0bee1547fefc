// The keys of what-if: a patch or a head less, or back again, without a pointer.

import { toggleQueryPatch } from "../paint.js";
import { toggleHead } from "./switch.js";

/** @import {Session} from "../../session.js" */
/** @import {Store} from "../../state.js" */
/** @import {Binding} from "../keys.js" */

/** @param {Store} store @param {Session} session @returns {Binding[]} */
export const whatifKeys = (store, session) => [
  {
    keys: ["v"],
    words: "whatif.key-patch",
    run: () => toggleQueryPatch(store, session),
  },
  {
    keys: ["x"],
    words: "whatif.key-head",
    run: () => toggleHead(store, session),
  },
];
