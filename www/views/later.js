// Parts of the page that the first view does without: fetched when someone asks for them, or once the first result is
// there and the browser has nothing else to do, so that a later click finds them.

import { VitrineError, asVitrineError } from "../errors.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

const MISSING = "part-missing";

/** @type {(() => Promise<unknown>)[]} */
const parts = [];

/**
 * @template T
 * @param {() => Promise<T>} fetch an `import()`
 * @returns {() => Promise<T>} the module, fetched once; after a failure the next call tries again
 */
export function later(fetch) {
  /** @type {Promise<T> | null} */
  let coming = null;
  const get = () =>
    (coming ??= fetch().catch((error) => {
      coming = null;
      const why = error instanceof Error ? error.message : String(error);
      throw new VitrineError(MISSING, "", { why });
    }));
  parts.push(get);
  return get;
}

/**
 * Does what the visitor has asked for, which needs a part: where that does not come, the page says so and offers
 * another try.
 * @param {Session} session @param {() => Promise<void>} job
 */
export async function attempt(session, job) {
  try {
    await job();
  } catch (error) {
    const isMissing = asVitrineError(error).code === MISSING;
    const again = () => {
      session.dismissTrouble();
      void attempt(session, job);
    };
    await session.fail(error, "app", isMissing ? again : null);
  }
}

/** Safari has no idle callbacks. @param {() => void} then */
function whenIdle(then) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(() => then());
  else setTimeout(then, 50);
}

/** After the first result brings everything, one part after the other. @param {Store} store */
export function fetchTheRest(store) {
  let isAsked = false;
  const next = (/** @type {number} */ at) => {
    if (at >= parts.length) return;
    whenIdle(() => {
      // Nobody has asked for it yet, so nobody needs to hear of a failure.
      void parts[at]()
        .catch(() => undefined)
        .then(() => next(at + 1));
    });
  };
  store.watch(
    (s) => [s.result],
    ({ result }) => {
      if (isAsked || !result) return;
      isAsked = true;
      next(0);
    },
  );
}
