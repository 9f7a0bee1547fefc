// Model files kept between visits, each under its SHA-256. Without the Cache API everything works, only not kept.

const NAME = "vitrine-models-1";

/**
 * What a hub model was when it was quantized here.
 * @typedef {{gguf: string, origin: string, bytes: number}} HubRecord SHA-256 of what is kept and of the hub's file, and the latter's size
 */

/** @param {string} path */
const keyOf = (path) => new URL(`../cache/${path}`, import.meta.url).href;
/** @param {string} hub @param {string} dtype */
const recordKey = (hub, dtype) => keyOf(`hub/${hub}/${dtype}.json`);
/** @param {string} sha256 */
const bytesKey = (sha256) => keyOf(`sha256/${sha256}`);

export class ModelCache {
  /** @param {Cache | null} cache */
  constructor(cache) {
    this.cache = cache;
  }

  static async open() {
    try {
      return new ModelCache(await caches.open(NAME));
    } catch {
      return new ModelCache(null); // file://, plain http, or storage forbidden
    }
  }

  /** @param {string} sha256 @returns {Promise<ReadableStream<Uint8Array> | null>} */
  async bytes(sha256) {
    return (await this.#match(bytesKey(sha256)))?.body ?? null;
  }

  /** @param {string} sha256 @param {BlobPart[]} parts */
  async keepBytes(sha256, parts) {
    await this.#put(bytesKey(sha256), new Response(new Blob(parts)));
  }

  /** @param {string} sha256 */
  async dropBytes(sha256) {
    await this.cache?.delete(bytesKey(sha256)).catch(() => false);
  }

  /** @param {string} hub @param {string} dtype @returns {Promise<HubRecord | null>} */
  async record(hub, dtype) {
    const response = await this.#match(recordKey(hub, dtype));
    return response ? response.json().catch(() => null) : null;
  }

  /** @param {string} hub @param {string} dtype @param {HubRecord} record */
  async keepRecord(hub, dtype, record) {
    const body = JSON.stringify(record);
    await this.#put(recordKey(hub, dtype), new Response(body));
  }

  /** @param {string} hub @param {string} dtype */
  async dropRecord(hub, dtype) {
    await this.cache?.delete(recordKey(hub, dtype)).catch(() => false);
  }

  /** @param {string} key */
  async #match(key) {
    return this.cache?.match(key).catch(() => undefined);
  }

  /** A full disk is no reason to refuse a model that works. @param {string} key @param {Response} response */
  async #put(key, response) {
    await this.cache?.put(key, response).catch(() => undefined);
  }
}
