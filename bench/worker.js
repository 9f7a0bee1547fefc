// A worker with one engine and one model. Every engine is timed here, by the same clock around the same calls.

import { OrtEngine } from "./engines/ort.js";
import { VitrineEngine } from "./engines/vitrine.js";

/** @import {Contestant, Input} from "./types.js" */

/** @type {VitrineEngine | OrtEngine | null} */
let engine = null;

/** @param {() => unknown} work @returns {Promise<number>} milliseconds */
async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** @param {Contestant} contestant @param {Input} input */
async function start(contestant, input) {
  const next =
    contestant.engine === "ort"
      ? new OrtEngine(contestant)
      : new VitrineEngine(contestant);
  engine = next;
  const response = await fetch(contestant.file);
  if (!response.ok) throw new Error(`there is no ${contestant.file}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const start_ms = await timed(() => next.open());
  const missing = next.missing();
  if (missing) return { missing };
  const ready_ms = await timed(() => next.load(bytes));
  const input_ms = await timed(() => next.give(input));
  const memory = next.memory();
  return { bytes: bytes.length, start_ms, ready_ms, input_ms, memory };
}

/** @param {any} question */
function answer({ type, ...rest }) {
  if (type === "start") return start(rest.contestant, rest.input);
  if (!engine) throw new Error("nothing was started");
  const current = engine;
  switch (type) {
    case "run":
      return timed(() => current.run(rest.sites));
    case "finish":
      return { logits: Array.from(current.logits()), memory: current.memory() };
    case "prepared":
      if (current instanceof VitrineEngine) return current.prepared();
      break;
    case "kernel":
      if (current instanceof VitrineEngine) {
        return current.kernel(rest.kernel, rest.ms);
      }
  }
  throw new Error(`unknown question ${type}`);
}

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ answer: await answer(data) });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    self.postMessage({ error: text });
  }
};
