// One of the threads that share a forward pass: runs the engine's module on the engine's memory until its worker ends.

import { toPlain } from "./errors.js";

/** @param {{data: {script: string, module: WebAssembly.Module, memory: WebAssembly.Memory, alarm: MessagePort}}} message */
self.onmessage = async ({ data: { script, module, memory, alarm } }) => {
  let wasm;
  try {
    wasm = await import(script);
    await wasm.default({ module_or_path: module, memory });
  } catch (error) {
    self.postMessage({ error: toPlain(error) });
    return;
  }
  self.postMessage({});
  try {
    wasm.runThread();
  } catch (error) {
    alarm.postMessage(toPlain(error));
  }
};
