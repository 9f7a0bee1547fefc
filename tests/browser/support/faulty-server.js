// A small HTTP server for tests: it counts what it sends, and fails in the ways networks fail when told to.

import { createServer } from "node:http";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** @import {IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse} from "node:http" */
/** @import {AddressInfo} from "node:net" */

/**
 * What to answer to one address.
 * @typedef {object} Content
 * @property {Buffer} [body]
 * @property {string} [type]
 * @property {string} [redirect] an address to go to instead
 */

/**
 * What goes wrong, for requests whose path contains `path`.
 * @typedef {object} Fault
 * @property {string} path
 * @property {number} [times] how often; for ever when left out
 * @property {number} [status] answers this status and no content
 * @property {number} [cutAfter] breaks the connection after so many bytes of content
 * @property {number} [stallAfter] sends so many bytes of content, then nothing, and leaves the line open
 * @property {number} [bytesPerSecond] sends no faster
 * @property {number} [flipByte] sends a wrong byte at this place of the file
 * @property {boolean} [noRange] always sends the whole file
 * @property {(text: string) => string} [edit] sends another text than the file's
 */

/** @typedef {{method: string, path: string, range: string | null, status: number, bytes: number}} Entry */

const CHUNK = 64 * 1024;

/** Of a file that is sent again and again, its hash is asked for once. @type {WeakMap<Buffer, string>} */
const etags = new WeakMap();

/** @param {Buffer} body */
function etagOf(body) {
  const known = etags.get(body);
  if (known) return known;
  const hash = createHash("sha256").update(body).digest("hex");
  const etag = `"${hash.slice(0, 32)}"`;
  etags.set(body, etag);
  return etag;
}

export class FaultyServer {
  /** Every request so far. @type {Entry[]} */
  log = [];
  /** @type {Fault[]} */
  faults = [];
  /** @type {Server} */
  #server;

  /**
   * @param {(path: string) => Content | null} find
   * @param {OutgoingHttpHeaders} headers sent with everything
   */
  constructor(find, headers) {
    this.find = find;
    this.headers = headers;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async start() {
    await new Promise((resolve) =>
      this.#server.listen(0, "127.0.0.1", () => resolve(undefined)),
    );
    return this;
  }

  get origin() {
    const { port } = /** @type {AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Forgets faults and counts. */
  reset() {
    this.faults = [];
    this.log = [];
  }

  /** @param {Fault} fault */
  fail(fault) {
    this.faults.push({ ...fault });
  }

  /** Bytes of content sent for addresses that contain `path`. @param {string} path */
  bytesOf(path) {
    const entries = this.log.filter((entry) => entry.path.includes(path));
    return entries.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  /** @param {string} path */
  requestsOf(path) {
    return this.log.filter((entry) => entry.path.includes(path));
  }

  /** @param {string} path @returns {Partial<Fault>} */
  #takeFault(path) {
    const fault = this.faults.find(
      (candidate) =>
        path.includes(candidate.path) && (candidate.times ?? Infinity) > 0,
    );
    if (!fault) return {};
    if (fault.times !== undefined) fault.times--;
    return fault;
  }

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async #answer(request, response) {
    const path = decodeURIComponent((request.url ?? "/").split("?")[0]);
    const range = request.headers.range ?? null;
    const method = request.method ?? "GET";
    /** @type {Entry} */
    const entry = { method, path, range, status: 0, bytes: 0 };
    this.log.push(entry);
    /** @param {number} status @param {OutgoingHttpHeaders} [headers] */
    const head = (status, headers = {}) => {
      entry.status = status;
      response.writeHead(status, { ...this.headers, ...headers });
    };

    // No header but the safe-listed ones may be asked for: a page that needs more fails here as on the hub.
    if (method === "OPTIONS") {
      head(405);
      return response.end();
    }
    const fault = this.#takeFault(path);
    const content = this.find(path);
    if (fault.status || !content) {
      head(fault.status ?? 404, { "Content-Type": "text/plain" });
      return response.end("no");
    }
    if (content.redirect) {
      head(302, { Location: content.redirect });
      return response.end();
    }
    await this.#send(content, fault, { request, response, entry, head });
  }

  /**
   * @param {Content} content
   * @param {Partial<Fault>} fault
   * @param {{request: IncomingMessage, response: ServerResponse, entry: Entry, head: (status: number, headers?: OutgoingHttpHeaders) => void}} to
   */
  async #send(content, fault, { request, response, entry, head }) {
    let body = content.body ?? Buffer.alloc(0);
    if (fault.flipByte !== undefined) {
      body = Buffer.from(body);
      body[fault.flipByte] ^= 0xff;
    }
    if (fault.edit) body = Buffer.from(fault.edit(body.toString()));
    const etag = etagOf(body);
    const type = content.type ?? "application/octet-stream";
    const headers = { "Content-Type": type, ETag: etag };
    if (request.headers["if-none-match"] === etag) {
      head(304, { ETag: etag });
      return response.end();
    }
    const part = fault.noRange ? null : partOf(request, etag, body.length);
    if (part === "beyond") {
      head(416, { "Content-Range": `bytes */${body.length}` });
      return response.end();
    }
    const [first, end] = part ?? [0, body.length];
    const ranges = fault.noRange ? {} : { "Accept-Ranges": "bytes" };
    head(part ? 206 : 200, {
      ...headers,
      ...ranges,
      "Content-Length": end - first,
      ...(part
        ? { "Content-Range": `bytes ${first}-${end - 1}/${body.length}` }
        : {}),
    });
    if (request.method === "HEAD") return response.end();

    const last = first + (fault.cutAfter ?? fault.stallAfter ?? end - first);
    for (let at = first; at < Math.min(end, last); at += CHUNK) {
      const chunk = body.subarray(at, Math.min(at + CHUNK, end, last));
      await write(response, chunk);
      if (response.destroyed) return;
      entry.bytes += chunk.length;
      if (fault.bytesPerSecond) {
        await sleep((1000 * chunk.length) / fault.bytesPerSecond);
      }
    }
    if (fault.stallAfter !== undefined) return;
    if (fault.cutAfter !== undefined) {
      await sleep(100); // so that what was sent arrives before the line breaks
      response.destroy();
      return;
    }
    response.end();
  }
}

/** Resolves when the chunk has gone, or the visitor. @param {ServerResponse} response @param {Buffer} chunk */
function write(response, chunk) {
  return new Promise((resolve) => {
    const done = () => {
      response.off("close", done);
      resolve(undefined);
    };
    response.once("close", done);
    response.write(chunk, done);
  });
}

/**
 * The bytes asked for, from and to (excluded), null for all of them.
 * @param {IncomingMessage} request @param {string} etag @param {number} length
 * @returns {[number, number] | "beyond" | null}
 */
function partOf(request, etag, length) {
  const ifRange = request.headers["if-range"];
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (!match || (ifRange !== undefined && ifRange !== etag)) return null;
  const first = Number(match[1]);
  if (first >= length) return "beyond";
  const end = match[2] === "" ? length : Math.min(length, Number(match[2]) + 1);
  return [first, end];
}
