// Makes photo files: PNG from pixels of any size, and a JPEG with an EXIF orientation.

import { deflateSync } from "node:zlib";

/**
 * A PNG of 8-bit RGB.
 * @param {number} width
 * @param {number} height
 * @param {(y: number, row: Uint8Array) => void} fill writes the 3 * width bytes of a row
 */
export function png(width, height, fill) {
  const stride = 1 + 3 * width;
  const raw = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    fill(y, raw.subarray(y * stride + 1, (y + 1) * stride));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, no interlace
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {string} name @param {Buffer} data */
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The checksum of PNG; zlib has its own from Node.js 20 on. @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return (crc ^ -1) >>> 0;
}

/** @typedef {{width: number, height: number, rgba: Uint8Array}} Pixels */

/** @param {Pixels} pixels */
export function pngOf({ width, height, rgba }) {
  return png(width, height, (y, row) => {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      row[3 * x] = rgba[at];
      row[3 * x + 1] = rgba[at + 1];
      row[3 * x + 2] = rgba[at + 2];
    }
  });
}

/** Turned a quarter clockwise. @param {Pixels} pixels @returns {Pixels} */
export function turnedClockwise({ width, height, rgba }) {
  const from = new Uint32Array(rgba.slice().buffer);
  const to = new Uint32Array(from.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      to[x * height + (height - 1 - y)] = from[y * width + x];
    }
  }
  return { width: height, height: width, rgba: new Uint8Array(to.buffer) };
}

/** A smooth picture without symmetry, so that turning or shifting it shows. @param {number} width @param {number} height */
export function gradient(width, height) {
  return png(width, height, (y, row) => {
    for (let x = 0; x < width; x++) {
      row[3 * x] = (255 * x) / width;
      row[3 * x + 1] = (255 * y) / height;
      row[3 * x + 2] = (255 * (x + 2 * y)) / (width + 2 * height);
    }
  });
}

/** Waves of another direction in each channel: no part of it looks like another. @param {number} width @param {number} height */
export function waves(width, height) {
  return png(width, height, (y, row) => {
    for (let x = 0; x < width; x++) {
      row[3 * x] = 128 + 120 * Math.sin(x / 13 + y / 41);
      row[3 * x + 1] = 128 + 120 * Math.sin(x / 31 - y / 23);
      row[3 * x + 2] = 128 + 120 * Math.sin(y / 17 - x / 53);
    }
  });
}

/**
 * A JPEG with an EXIF segment that says how to turn it (6: a quarter clockwise).
 * @param {Buffer} jpeg without EXIF
 * @param {number} orientation
 */
export function withOrientation(jpeg, orientation) {
  const tiff = Buffer.from([
    ...[0x4d, 0x4d, 0x00, 0x2a, 0, 0, 0, 8], // big-endian, first directory at 8
    ...[0, 1], // one entry:
    ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], // orientation, a short
    ...[0, 0, 0, 0], // no further directory
  ]);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}
