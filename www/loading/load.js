// A model's bytes on their way into the engine: from the cache, this site, the hub, or the visitor's own files.

import { CANCELLED, VitrineError } from "../errors.js";
import { Download, downloadText } from "./download.js";

/** @import {ModelCache} from "./cache.js" */
/** @import {EmbeddedSource, FilesSource, HubSource, Progress, Source, WasmCheckpoint, WasmEngine, WasmModule} from "../types.js" */

/**
 * What the engine must know of a checkpoint before its first byte.
 * @typedef {object} CheckpointOptions
 * @property {string | null} name for a checkpoint that brings none; null: its architecture's
 * @property {"gguf" | "safetensors"} format
 * @property {number | null} total
 * @property {string | null} config
 * @property {string | null} preprocessor
 * @property {string} dtype
 * @property {string | null} sha256
 * @property {boolean} [dequantize] keep the matrices of a GGUF file in f32
 */

/**
 * @typedef {object} Transfer a checkpoint that arrives over the network
 * @property {string} id
 * @property {Download} download
 * @property {WasmCheckpoint} checkpoint
 * @property {BlobPart[]} kept the bytes, where they are to be cached
 */

/** @typedef {{signal: AbortSignal, onProgress: (progress: Progress) => void}} Watch */

export class Loader {
  /** What a lost connection left behind, to be continued. @type {Transfer | null} */
  #interrupted = null;

  /** @param {WasmModule} wasm @param {ModelCache} cache */
  constructor(wasm, cache) {
    this.wasm = wasm;
    this.cache = cache;
  }

  /**
   * @param {Source} source
   * @param {boolean} resume go on with what a lost connection left, if it belongs to this source
   * @param {Watch} watch
   * @returns {Promise<WasmEngine>}
   */
  async load(source, resume, watch) {
    if (!resume || this.#interrupted?.id !== transferId(source)) this.forget();
    if (source.kind === "embedded") return this.#loadEmbedded(source, watch);
    if (source.kind === "hub") return this.#loadHub(source, watch);
    return this.#loadFiles(source, watch);
  }

  /** Lets go of a half-arrived checkpoint. */
  forget() {
    this.#interrupted?.checkpoint.free();
    this.#interrupted = null;
  }

  /** @param {EmbeddedSource} source @param {Watch} watch */
  async #loadEmbedded(source, watch) {
    const { title, sha256, bytes, dequantize } = source;
    const options = { ...optionsForGguf(title, sha256, bytes), dequantize };
    const kept = await this.#loadKept(options, watch);
    if (kept) return kept;
    const transfer =
      this.#takeInterrupted() ??
      this.#begin(source, new URL(source.url), options);
    const chunks = transfer.kept;
    await this.#receive(transfer, watch, (chunk) =>
      chunks.push(new Uint8Array(chunk)),
    );
    const engine = transfer.checkpoint.finish(undefined);
    await this.cache.keepBytes(sha256, chunks);
    return engine;
  }

  /** @param {HubSource} source @param {Watch} watch */
  async #loadHub(source, watch) {
    const { hub, dtype, title } = source;
    const record = await this.cache.record(hub, dtype);
    if (record) {
      const options = optionsForGguf(title, record.gguf, null);
      const kept = await this.#loadKept(options, watch);
      if (kept) return kept;
    }
    const transfer =
      this.#takeInterrupted() ??
      (await this.#beginHub(source, record?.origin ?? null, watch.signal));
    await this.#receive(transfer, watch, () => {});
    const origin = transfer.checkpoint.sha256();
    let engine;
    try {
      engine = transfer.checkpoint.finish(undefined);
    } catch (error) {
      // The hub's file is another than at first use: say so once, the next try takes it as it is.
      await this.cache.dropRecord(hub, dtype);
      throw error;
    }
    if (this.cache.cache && source.keep !== false) {
      const gguf = new Uint8Array(engine.toGguf());
      const sha256 = await sha256Of(gguf);
      const bytes = transfer.download.received;
      await this.cache.keepBytes(sha256, [gguf]);
      await this.cache.keepRecord(hub, dtype, { gguf: sha256, origin, bytes });
    }
    return engine;
  }

  /** @param {HubSource} source @param {string | null} sha256 @param {AbortSignal} signal */
  async #beginHub(source, sha256, signal) {
    const base = `${source.base}/${source.hub}/resolve/main`;
    const config = await downloadText(
      new URL(`${base}/config.json`),
      signal,
      false,
    );
    // timm keeps the transform in config.json, transformers in a file of its own.
    const isTimm = config?.includes('"pretrained_cfg"');
    const preprocessor = isTimm
      ? null
      : await downloadText(
          new URL(`${base}/preprocessor_config.json`),
          signal,
          true,
        );
    return this.#begin(source, new URL(`${base}/model.safetensors`), {
      name: source.title,
      format: "safetensors",
      total: null,
      config,
      preprocessor,
      dtype: source.dtype,
      sha256,
    });
  }

  /** @param {FilesSource} source @param {Watch} watch */
  async #loadFiles(source, watch) {
    const { checkpoint: file, config, preprocessor } = source;
    const total = file.size;
    const checkpoint = this.#checkpoint({
      name: null,
      format: source.format,
      total,
      config: config ? await config.text() : null,
      preprocessor: preprocessor ? await preprocessor.text() : null,
      dtype: source.dtype,
      sha256: null,
      dequantize: source.dequantize,
    });
    await freeingOnThrow(checkpoint, async () => {
      await pushStream(file.stream(), checkpoint, total, watch);
    });
    return checkpoint.finish(undefined);
  }

  /**
   * From the cache, or null when it is not there or not what it should be.
   * @param {CheckpointOptions & {sha256: string | null}} options @param {Watch} watch
   */
  async #loadKept(options, watch) {
    const { sha256, total } = options;
    if (this.#interrupted || !sha256) return null;
    const stream = await this.cache.bytes(sha256);
    if (!stream) return null;
    const checkpoint = this.#checkpoint(options);
    try {
      await freeingOnThrow(checkpoint, () =>
        pushStream(stream, checkpoint, total, watch),
      );
      return checkpoint.finish(undefined);
    } catch (error) {
      const isOver =
        error instanceof WebAssembly.RuntimeError || watch.signal.aborted;
      if (isOver) throw error;
      await this.cache.dropBytes(sha256);
      return null;
    }
  }

  /** @param {Source} source @param {URL} url @param {CheckpointOptions} options @returns {Transfer} */
  #begin(source, url, options) {
    return {
      id: transferId(source),
      download: new Download(url),
      checkpoint: this.#checkpoint(options),
      kept: [],
    };
  }

  #takeInterrupted() {
    const transfer = this.#interrupted;
    this.#interrupted = null;
    return transfer;
  }

  /**
   * @param {Transfer} transfer
   * @param {Watch} watch
   * @param {(chunk: Uint8Array) => void} keep
   */
  async #receive(transfer, watch, keep) {
    const { download, checkpoint } = transfer;
    const report = () =>
      watch.onProgress({ received: download.received, total: download.total });
    try {
      await download.read((chunk) => {
        checkpoint.push(chunk);
        keep(chunk);
        report();
      }, watch.signal);
      report();
    } catch (error) {
      const code = error instanceof VitrineError ? error.code : "";
      if (code === "connection" || code === "http") {
        this.#interrupted = transfer;
      } else {
        freeQuietly(checkpoint);
      }
      throw error;
    }
  }

  /** @param {CheckpointOptions} options */
  #checkpoint(options) {
    return new this.wasm.Checkpoint(JSON.stringify(options));
  }
}

/** @param {Source} source */
function transferId(source) {
  return source.kind === "hub" ? `${source.id} ${source.dtype}` : source.id;
}

/** @param {string} name @param {string} sha256 @param {number | null} total @returns {CheckpointOptions} */
function optionsForGguf(name, sha256, total) {
  return {
    name,
    format: "gguf",
    total,
    config: null,
    preprocessor: null,
    dtype: "q8_0",
    sha256: sha256 || null,
  };
}

/**
 * @param {ReadableStream<Uint8Array>} stream @param {WasmCheckpoint} checkpoint
 * @param {number | null} total @param {Watch} watch
 */
async function pushStream(stream, checkpoint, total, watch) {
  const reader = stream.getReader();
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new VitrineError("unreadable-file");
    });
    if (watch.signal.aborted) throw new VitrineError(CANCELLED);
    if (done) break;
    checkpoint.push(value);
    received += value.length;
    watch.onProgress({ received, total });
  }
}

/** @param {WasmCheckpoint} checkpoint @param {() => Promise<void>} work */
async function freeingOnThrow(checkpoint, work) {
  try {
    await work();
  } catch (error) {
    freeQuietly(checkpoint);
    throw error;
  }
}

/** After a trap the instance cannot even free; its worker ends anyway. @param {WasmCheckpoint} checkpoint */
function freeQuietly(checkpoint) {
  try {
    checkpoint.free();
  } catch {
    // the first error is the one to tell
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256Of(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
