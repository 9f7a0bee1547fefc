// What the figures come from: the machine, the browser, the peer.

import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** Processes that wanted a core during the last minute. */
export const loadAverage = () => loadavg()[0];

/** @param {string} chromium its version */
export function describeMachine(chromium) {
  const file = new URL(
    "node_modules/onnxruntime-web/package.json",
    import.meta.url,
  );
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_bytes: totalmem(),
    chromium,
    onnxruntime_web: JSON.parse(readFileSync(file, "utf8")).version,
  };
}
