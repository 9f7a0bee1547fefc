// Who is measured: each engine in each of its bundles, number types and thread counts.

/** @import {Contestant} from "./types.js" */

/**
 * @typedef {object} Plan
 * @property {string} model
 * @property {string[]} engines
 * @property {string[]} bundles of Vitrine, those that are built
 * @property {number} cores
 */

/** The model whose loading is measured: of the size of what a visitor waits for. */
const LOADED = "deit_tiny";

/** @param {Omit<Contestant, "id" | "file">} what @returns {Contestant} */
function contestant(what) {
  const { model, engine, bundle, dtype, threads } = what;
  const extension = engine === "ort" ? "onnx" : "gguf";
  return {
    ...what,
    id: `${engine} ${bundle} ${dtype} ${threads}`,
    file: `/models/${model}/${dtype}.${extension}`,
  };
}

/** @param {Plan} plan @returns {Contestant[]} */
export function contestants({ model, engines, bundles, cores }) {
  const counts = [...new Set([1, Math.min(2, cores), cores])];
  const all = [];
  if (engines.includes("vitrine")) {
    for (const bundle of bundles) {
      for (const threads of bundle === "threads" ? counts : [1]) {
        for (const dtype of ["f32", "q8_0", "q4_0"]) {
          all.push({ model, engine: "vitrine", bundle, dtype, threads });
        }
      }
    }
  }
  if (engines.includes("candle")) {
    const bundle = bundles[0];
    for (const dtype of ["q8_0", "q4_0"]) {
      all.push({ model, engine: "candle", bundle, dtype, threads: 1 });
    }
  }
  if (engines.includes("ort")) {
    for (const threads of counts) {
      // One wasm file for both: with one thread it starts no worker.
      const bundle = threads === 1 ? "simd" : "threads";
      for (const dtype of ["f32", "int8"]) {
        all.push({ model, engine: "ort", bundle, dtype, threads });
      }
    }
  }
  return all.map(contestant);
}

/** Who turns the photo into the tensor that the others get. @param {string} model @param {string[]} bundles */
export const preparer = (model, bundles) =>
  contestant({
    model,
    engine: "vitrine",
    bundle: bundles[0],
    dtype: "q8_0",
    threads: 1,
  });

/** Whose loading is measured: nobody's where the model is not among those asked for. @param {string[]} models @param {string[]} engines @param {string[]} bundles */
export const loaders = (models, engines, bundles) =>
  models
    .filter((model) => model === LOADED)
    .flatMap((model) => contestants({ model, engines, bundles, cores: 1 }))
    .filter(
      ({ engine, dtype }) =>
        engine === "ort" || (engine === "vitrine" && dtype === "q8_0"),
    );

/** Recording is measured in Q8_0, in the bundles of one thread. @param {{contestant: Contestant}} of */
export const records = ({ contestant: { engine, bundle, dtype } }) =>
  engine === "vitrine" && bundle !== "threads" && dtype === "q8_0";
