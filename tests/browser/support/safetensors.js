// Reads safetensors files, and makes good and broken ones.

import { readFileSync } from "node:fs";

/** @typedef {{shape: number[], data: Float32Array}} Tensor */
/** @typedef {{dtype: string, shape: number[], data_offsets: [number, number]}} Place */

/**
 * The header and where the data begins.
 * @param {Buffer} file
 * @returns {{header: Record<string, Place>, start: number}}
 */
export function headerOf(file) {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString());
  delete header["__metadata__"];
  return { header, start: 8 + length };
}

/** All f32 tensors of a file. @param {string} path @returns {Map<string, Tensor>} */
export function readSafetensors(path) {
  const file = readFileSync(path);
  const { header, start } = headerOf(file);
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (dtype !== "F32") continue;
    const [from, to] = data_offsets;
    const bytes = new Uint8Array(file.subarray(start + from, start + to));
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  return tensors;
}

/**
 * The same data under another header.
 * @param {Buffer} file
 * @param {(header: Record<string, Place>) => void} change
 */
export function withHeader(file, change) {
  const { header, start } = headerOf(file);
  change(header);
  return buildSafetensors(JSON.stringify(header), file.subarray(start));
}

/** A file whose header says that it is `length` bytes long. @param {Buffer} file @param {bigint} length */
export function withHeaderLength(file, length) {
  const copy = Buffer.from(file);
  copy.writeBigUInt64LE(length, 0);
  return copy;
}

/** @param {string} json the header @param {Uint8Array} data */
export function buildSafetensors(json, data) {
  const text = Buffer.from(json);
  const padded = Buffer.concat([
    text,
    Buffer.alloc((8 - (text.length % 8)) % 8, " "),
  ]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, data]);
}
