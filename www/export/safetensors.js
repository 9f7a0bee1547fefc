// Tensors as files: safetensors (https://github.com/huggingface/safetensors) and JSON.

/** @import {Tensor} from "../types.js" */

/** Data begins at a multiple of so many bytes, as the format asks. */
const ALIGNMENT = 8;

/**
 * @param {Map<string, Tensor>} tensors by name, in the order of the file
 * @param {Record<string, string>} metadata
 * @returns {Uint8Array<ArrayBuffer>[]} the parts of the file, one after the other
 */
export function toSafetensors(tensors, metadata) {
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: metadata };
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let at = 0;
  for (const [name, { shape, data }] of tensors) {
    // A copy: the page's own numbers may be a view into something larger. Browsers run on little-endian machines.
    const bytes = new Uint8Array(Float32Array.from(data).buffer);
    const offsets = [at, at + bytes.length];
    header[name] = { dtype: "F32", shape, data_offsets: offsets };
    at += bytes.length;
    parts.push(bytes);
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return [head, ...parts];
}

/**
 * Numbers in the order of memory, the last dimension fastest; nine digits hold every f32.
 * @param {string} site @param {Tensor} tensor
 * @param {Record<string, string>} about
 */
export function toJson(site, { shape, data }, about) {
  const numbers = Array.from(data, (value) =>
    Number.isFinite(value) ? Number(value.toPrecision(9)) : null,
  );
  return JSON.stringify({ ...about, site, shape, data: numbers });
}
