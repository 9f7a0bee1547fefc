// Starts the threads that share a forward pass with the engine's worker: each a worker of its own, on the same memory.

import { fromPlain } from "./errors.js";

/** @import {WasmModule} from "./types.js" */

/** A browser that says nothing at all has refused, too. */
const PATIENCE = 5000;

export class Threads {
  /** @type {Worker[]} */
  #workers = [];
  /** @type {Promise<never>} */
  #failed;
  #url;

  /**
   * Starts the workers at once, so that they fetch the engine's script while its module is on its way.
   * @param {number} count of all threads, the engine's worker among them
   * @param {string} script the engine's, `pkg/<bundle>/vitrine.js`
   */
  constructor(count, script) {
    this.count = count;
    this.script = script;
    const own = new URL("thread.js", import.meta.url).href;
    // From a blob, as the engine's own worker: it inherits the page's policy.
    const text = [own, script].map((url) => `import ${JSON.stringify(url)};`);
    const blob = new Blob(text, { type: "text/javascript" });
    const url = URL.createObjectURL(blob);
    this.#failed = new Promise((_, reject) => {
      for (let i = 1; i < count; i++) {
        const worker = new Worker(url, { type: "module" });
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message || "a thread could not start"));
        };
        this.#workers.push(worker);
      }
    });
    this.#failed.catch(() => undefined);
    this.#url = url;
  }

  /**
   * Makes them, and the caller, the engine's threads; fails where one of them cannot start.
   * @param {WasmModule} wasm
   * @param {WebAssembly.Memory} memory
   * @returns {Promise<MessagePort[]>} where a thread says that it died, in the middle of a pass that then never ends
   */
  async join(wasm, memory) {
    const module = wasm.openPool?.(this.count);
    const { script } = this;
    const alarms = this.#workers.map((worker) => {
      const { port1, port2: alarm } = new MessageChannel();
      worker.postMessage({ script, module, memory, alarm }, [alarm]);
      return port1;
    });
    const ready = this.#workers.map((worker) => isReady(worker));
    let timer = 0;
    const late = new Promise((_, reject) => {
      const why = new Error("a thread did not start");
      timer = self.setTimeout(() => reject(why), PATIENCE);
    });
    await Promise.race([Promise.all(ready), this.#failed, late]);
    clearTimeout(timer);
    URL.revokeObjectURL(this.#url);
    return alarms;
  }
}

/** @param {Worker} worker @returns {Promise<void>} */
function isReady(worker) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { error } }) => {
      if (error) reject(fromPlain(error));
      else resolve();
    };
  });
}
