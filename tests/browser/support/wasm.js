// Probes of what WebAssembly can do in this browser, and which bundle the page takes by them.

import { availableParallelism } from "node:os";

export const CORES = availableParallelism();

/** What an isolated page takes on this machine. */
export const BUNDLE = CORES > 1 ? "threads" : "relaxed";

/** Makes the machine seem to have one core, for which threads are not worth it. Runs in the page. */
export function withOneCore() {
  Object.defineProperty(Navigator.prototype, "hardwareConcurrency", {
    get: () => 1,
  });
}

/** Makes the browser seem to lack SIMD: modules with its instructions no longer validate. Runs in the page. */
export function withoutSimd() {
  const validate = WebAssembly.validate;
  const SIMD = 0xfd;
  WebAssembly.validate = (bytes) => {
    const view = ArrayBuffer.isView(bytes) ? bytes.buffer : bytes;
    return !new Uint8Array(view).includes(SIMD) && validate(bytes);
  };
}
