// The page as its tests use it: by its test ids, and by `window.vitrine`.

import { expect } from "@playwright/test";

/** @import {JSHandle, Page} from "@playwright/test" */
/** @import {Prediction} from "./native.js" */
/** @import {Tensor} from "./safetensors.js" */
/** @import {Pixels} from "./photos.js" */

/** A loaded machine takes its time over a large photo or model. */
const SLOW = 120_000;

/** A file on the disk, or one that only the test knows. @typedef {string | {name: string, mimeType: string, buffer: Buffer}} Upload */

/** @param {string} name @param {Buffer} buffer @param {string} [mimeType] */
export const file = (name, buffer, mimeType = "") => ({
  name,
  buffer,
  mimeType: mimeType || (/\.jpe?g$/.test(name) ? "image/jpeg" : "image/png"),
});

/**
 * Waits until something in the page fits a selector, and no longer: an assertion looks again only after 100, 250, 500 and
 * then each 1000 ms, and most waits end in between. What never comes is the next assertion's to say.
 * @param {Page} page @param {string} selector
 */
export async function appears(page, selector) {
  await page
    .waitForFunction((wanted) => document.querySelector(wanted), selector, {
      polling: 20,
      timeout: SLOW / 10,
    })
    .catch(() => undefined);
}

export class Vitrine {
  /** @param {Page} page @param {string} origin */
  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
    const byId = (/** @type {string} */ id) => page.getByTestId(id);
    this.dropZone = byId("drop-zone");
    this.fileInput = byId("file-input");
    this.modelInput = byId("model-input");
    this.modelSelect = byId("model-select");
    this.sizeInput = byId("size-input");
    this.bundle = byId("bundle");
    this.status = byId("status");
    this.error = byId("error");
    this.progress = byId("progress");
    this.predictions = byId("predictions");
    this.rail = byId("rail");
    this.stage = byId("stage");
    this.headGrid = byId("head-grid");
    this.layerSelect = byId("layer-select");
    this.directionSelect = byId("direction-select");
    this.scaleSelect = byId("scale-select");
    this.languageSelect = byId("language-select");
    this.query = byId("query");
    this.readout = byId("readout");
    this.dtypeSelect = byId("dtype-select");
  }

  /** Opens the page and waits until the default model has looked at a sample photo. @param {string} [path] */
  async open(path = "/") {
    await this.page.goto(this.origin + path);
    await this.settled();
  }

  /** Waits until nothing is under way any more. @param {"done" | "error" | "ready"} [state] */
  async settled(state = "done") {
    await appears(this.page, `[data-testid="status"][data-state="${state}"]`);
    await expect(this.status).toHaveAttribute("data-state", state, {
      timeout: SLOW,
    });
  }

  /**
   * Gives files to the page as if they had been dropped on it, or pasted.
   * @param {Upload[]} files
   * @param {"drop" | "paste"} how
   */
  async give(files, how = "drop") {
    const holder = await this.page.evaluateHandle(() => {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      return input;
    });
    // Two signatures of one method: all paths, or all buffers.
    await holder.setInputFiles(/** @type {any} */ (files));
    const target = how === "drop" ? this.dropZone : this.page.locator("body");
    await target.evaluate(
      (element, { input, event }) => {
        const data = new DataTransfer();
        for (const item of /** @type {HTMLInputElement} */ (input).files ??
          []) {
          data.items.add(item);
        }
        const options = { bubbles: true, cancelable: true };
        if (event === "paste") {
          const clipboardData = data;
          element.dispatchEvent(
            new ClipboardEvent("paste", { ...options, clipboardData }),
          );
          return;
        }
        for (const name of ["dragenter", "dragover", "drop"]) {
          element.dispatchEvent(
            new DragEvent(name, { ...options, dataTransfer: data }),
          );
        }
      },
      { input: holder, event: how },
    );
    await holder.dispose();
  }

  /** Gives a photo and waits for its result. @param {Upload} photo @param {"drop" | "paste"} how */
  async look(photo, how = "drop") {
    await this.change(() => this.give([photo], how));
  }

  /**
   * Does something that makes the model run, and waits for the new result. A run of a small model can be over before
   * a test has looked, so that the status alone does not tell.
   * @param {() => Promise<unknown>} action
   * @param {"done" | "error"} [end]
   */
  async change(action, end = "done") {
    await this.status.evaluate((element) => {
      const seen = new MutationObserver(() => {
        element.setAttribute("data-test-changed", "");
      });
      seen.observe(element, { attributeFilter: ["data-state"] });
    });
    await action();
    await appears(this.page, '[data-testid="status"][data-test-changed]');
    await expect(this.status).toHaveAttribute("data-test-changed", "");
    await this.settled(end);
    await this.status.evaluate((element) =>
      element.removeAttribute("data-test-changed"),
    );
  }

  /** How many engines there are: each has a worker, and one more for each further thread. */
  async engines() {
    const threads = await this.bundle.first().getAttribute("data-threads");
    return this.page.workers().length / Number(threads);
  }

  /** What the page says, as numbers. @returns {Promise<Prediction[]>} */
  async top() {
    return this.predictions.locator("[data-class]").evaluateAll((items) =>
      items.map((item) => ({
        index: Number(item.getAttribute("data-class")),
        probability: Number(item.getAttribute("data-probability")),
        label: item.textContent ?? "",
      })),
    );
  }

  /** @param {string} site @returns {Promise<Tensor>} */
  async tensor(site) {
    const { shape, data } = await this.page.evaluate(async (name) => {
      const tensor = await /** @type {any} */ (window).vitrine.tensor(name);
      const bytes = new Uint8Array(tensor.data.buffer);
      let text = "";
      for (let at = 0; at < bytes.length; at += 4096) {
        text += String.fromCharCode(...bytes.subarray(at, at + 4096));
      }
      return { shape: tensor.shape, data: btoa(text) };
    }, site);
    const bytes = new Uint8Array(Buffer.from(data, "base64"));
    return { shape, data: new Float32Array(bytes.buffer) };
  }

  /** What the model says about itself. */
  async describe() {
    return this.page.evaluate(() =>
      /** @type {any} */ (window).vitrine.describe(),
    );
  }

  /** Opens the model's card, where size, type and files are. */
  async openCard() {
    await this.page
      .getByTestId("model-card")
      .evaluate((card) => card.setAttribute("open", ""));
  }

  /** Types an input size and waits for the new result. @param {string} text */
  async setSize(text) {
    await this.openCard();
    await this.change(async () => {
      await this.sizeInput.fill(text);
      await this.sizeInput.press("Enter");
    });
  }

  /** Throws away what the page keeps for the next visit. */
  async forgetModels() {
    await this.page.evaluate(async () => {
      for (const name of await caches.keys()) await caches.delete(name);
    });
  }

  /** The pixels of the stage. @returns {Promise<Pixels>} */
  async stagePixels() {
    return pixelsOf(await this.stage.evaluateHandle((canvas) => canvas));
  }

  /** The pixels of a photo file as this browser decodes it. @param {Buffer} photo */
  async decoded(photo) {
    const handle = await this.page.evaluateHandle(async (text) => {
      const bytes = Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
      return createImageBitmap(new Blob([bytes]), {
        colorSpaceConversion: "none",
        premultiplyAlpha: "none",
      });
    }, photo.toString("base64"));
    return pixelsOf(handle);
  }
}

/** Brings a canvas or bitmap over. @param {JSHandle} source @returns {Promise<Pixels>} */
async function pixelsOf(source) {
  const { width, height, text } = await source.evaluate(async (image) => {
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no 2d context");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let binary = "";
    for (let at = 0; at < data.length; at += 4096) {
      binary += String.fromCharCode(...data.subarray(at, at + 4096));
    }
    return { width: image.width, height: image.height, text: btoa(binary) };
  });
  const rgba = new Uint8Array(Buffer.from(text, "base64"));
  return { width, height, rgba };
}

/**
 * The same classes in the same order, with the same probabilities.
 * @param {Prediction[]} found @param {Prediction[]} expected @param {number} [tolerance]
 */
export function expectSame(found, expected, tolerance = 1e-3) {
  const count = Math.min(5, expected.length);
  expect(found.length).toBeGreaterThanOrEqual(count);
  expect(found.slice(0, count).map(({ index }) => index)).toEqual(
    expected.slice(0, count).map(({ index }) => index),
  );
  for (let i = 0; i < count; i++) {
    const off = Math.abs(found[i].probability - expected[i].probability);
    expect(off, `probability of class ${i}`).toBeLessThanOrEqual(tolerance);
  }
}
