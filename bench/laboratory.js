// The page in which engines are measured, seen from Node.js: each question goes to `page.js`.

/** @import {Browser, Page} from "playwright-core" */
/** @import {About, Contestant, Finished, Kernel, Started} from "./types.js" */

export class Laboratory {
  /** @type {Page | null} */
  #page = null;

  /** @param {Browser} browser @param {string} origin */
  constructor(browser, origin) {
    this.browser = browser;
    this.origin = origin;
  }

  /** An empty page; what the last one had loaded is gone. */
  async open() {
    await this.#page?.close();
    const page = await this.browser.newPage();
    page.on("pageerror", (error) => console.error(`   ${error}`));
    await page.goto(`${this.origin}/bench/page.html`);
    const isIsolated = await page.evaluate(
      () => globalThis.crossOriginIsolated,
    );
    if (!isIsolated) throw new Error("the page may not use threads");
    this.#page = page;
  }

  /** Turns the photo into the input that all get; tells about the model. @param {Contestant} by @returns {Promise<About>} */
  prepare(by) {
    return this.#ask("prepare", by);
  }

  /** Loads a model into a worker of its own. @param {Contestant} contestant @returns {Promise<Started>} */
  start(contestant) {
    return this.#ask("start", contestant);
  }

  /** One forward pass, in milliseconds. @param {string} id @param {string[]} sites to record @returns {Promise<number>} */
  run(id, sites = []) {
    return this.#ask("run", id, sites);
  }

  /** A kernel's speed, in operations a second. @param {string} id @param {Kernel} kernel @param {number} ms @returns {Promise<number>} */
  kernel(id, kernel, ms) {
    return this.#ask("kernel", id, kernel, ms);
  }

  /** What a worker has come to. @param {string} id @returns {Promise<Finished>} */
  finish(id) {
    return this.#ask("finish", id);
  }

  /** Ends a worker. @param {string} id @returns {Promise<void>} */
  stop(id) {
    return this.#ask("stop", id);
  }

  /** @param {string} method @param {unknown[]} parameters @returns {Promise<any>} */
  async #ask(method, ...parameters) {
    const page = this.#page;
    if (!page) throw new Error("no page is open");
    return page.evaluate(
      ([name, list]) => /** @type {any} */ (globalThis).bench[name](...list),
      /** @type {[string, unknown[]]} */ ([method, parameters]),
    );
  }
}
