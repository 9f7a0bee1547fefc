// In the page: a worker for each contestant, asked one thing at a time. `laboratory.js` calls it from Node.js.

/** @import {About, Contestant, Finished, Input, Kernel, Photo, Started} from "./types.js" */

const PHOTO = "/samples/chelsea.png";

/** @type {Map<string, Worker>} */
const workers = new Map();
/** @type {Input | null} */
let input = null;

/** @returns {Promise<Photo>} */
async function readPhoto() {
  const blob = await (await fetch(PHOTO)).blob();
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, rgba: new Uint8Array(data.buffer) };
}

/** @param {Worker} worker @param {object} question @returns {Promise<any>} */
function ask(worker, question) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) =>
      "error" in data ? reject(new Error(data.error)) : resolve(data.answer);
    worker.onerror = (event) =>
      reject(new Error(event.message ?? "the worker cannot start"));
    worker.postMessage(question);
  });
}

/** @param {string} id */
function workerOf(id) {
  const worker = workers.get(id);
  if (!worker) throw new Error(`${id} was not started`);
  return worker;
}

const bench = {
  /** @param {Contestant} contestant @returns {Promise<About>} */
  async prepare(contestant) {
    input = { photo: await readPhoto(), tensor: null };
    await bench.start(contestant);
    const worker = workerOf(contestant.id);
    const { tensor, about } = await ask(worker, { type: "prepared" });
    bench.stop(contestant.id);
    input.tensor = tensor;
    return about;
  },

  /** @param {Contestant} contestant @returns {Promise<Started>} */
  start(contestant) {
    const worker = new Worker("worker.js", { type: "module" });
    workers.set(contestant.id, worker);
    return ask(worker, { type: "start", contestant, input });
  },

  /** @param {string} id @param {string[]} sites @returns {Promise<number>} */
  run: (id, sites) => ask(workerOf(id), { type: "run", sites }),

  /** @param {string} id @param {Kernel} kernel @param {number} ms @returns {Promise<number>} */
  kernel: (id, kernel, ms) => ask(workerOf(id), { type: "kernel", kernel, ms }),

  /** @param {string} id @returns {Promise<Finished>} */
  finish: (id) => ask(workerOf(id), { type: "finish" }),

  /** @param {string} id */
  stop(id) {
    workerOf(id).terminate();
    workers.delete(id);
  },
};

Object.assign(globalThis, { bench });
