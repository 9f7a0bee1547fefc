// What takes longest begins first: the engine starts in its worker and the list of models is fetched while the many
// small modules of the page are still on their way.

import { pickBundle } from "./bundles.js";
import { Engine } from "./engine.js";
import { fetchManifest } from "./sources.js";

export const engine = new Engine();

/** Null where no build of the engine runs in this browser. */
export const bundle = pickBundle();

/** The engine, as soon as it can take a model. */
export const started = bundle ? engine.start(bundle) : Promise.resolve(null);

export const manifest = fetchManifest();

// Whoever waits for these hears of their failure; until then it is nobody's fault.
started.catch(() => undefined);
manifest.catch(() => undefined);
