// The shapes of the things that travel between the worker, the state and the views. Types only.

/**
 * A step of the forward pass as the model describes it; blocks hold steps of their own.
 * @typedef {object} Step
 * @property {string} site
 * @property {string} kind
 * @property {string} title
 * @property {string[]} sites
 * @property {number[]} shape
 * @property {number} parameters
 * @property {number} operations
 * @property {Step[]} [steps]
 */

/**
 * An encoder block: what has heads to look at.
 * @typedef {object} Layer
 * @property {string} site
 * @property {string} title
 * @property {number} heads
 * @property {number} dim
 * @property {number} stage 0 in a ViT
 * @property {Grid} grid the map of its tokens
 * @property {LayerWindows | null} windows null where every token sees every other
 */

/**
 * The windows of a Swin block, in tokens. The map is rolled by `shift` first and padded below and right after.
 * @typedef {{rows: number, columns: number, shift: Grid, padded: Grid}} LayerWindows
 */

/**
 * What a model says about itself (`Engine.describe()`).
 * @typedef {object} Description
 * @property {string} name
 * @property {string} family
 * @property {string | null} architecture
 * @property {string} dtype
 * @property {number} parameters
 * @property {number} operations
 * @property {number} bytes
 * @property {{height: number, width: number}} input
 * @property {number[]} mean red, green, blue (0 to 1) that are zero after normalization
 * @property {{height: number, width: number}} patch
 * @property {Grid} grid
 * @property {string[]} prefix
 * @property {Layer[]} layers
 * @property {number} num_classes
 * @property {{top1: number, top5: number, photos: number, dataset: string} | null} accuracy
 * @property {string[]} notes
 * @property {Step[]} steps
 */

/** @typedef {{rows: number, columns: number}} Grid */
/** @typedef {{x: number, y: number, width: number, height: number}} Rect */
/** The part of a picture of numbers that is seen: its corner in cells, and how often it goes into the whole. @typedef {{row: number, column: number, zoom: number}} Zoomed */
/** @typedef {{shape: number[], data: Float32Array}} Tensor */
/** @typedef {{index: number, label: string, probability: number}} Prediction */
/** @typedef {{milliseconds: number, predictions: Prediction[]}} Result */

/**
 * One line of the model menu (`models/manifest.json`).
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} title
 * @property {string | Record<string, string>} about in one language for all, or by language
 * @property {string} [file] a .gguf beside the manifest
 * @property {number} [bytes]
 * @property {string} [sha256]
 * @property {string} [hub] a repository on the hub, holding config.json and model.safetensors
 * @property {string} [dtype] what a hub model is quantized to
 * @property {{photos: number, f32: number, q8_0: number}} [top1] what the model's card states, before and after rounding
 */

/** @typedef {{kind: "embedded", id: string, title: string, url: string, bytes: number | null, sha256: string, dequantize?: boolean}} EmbeddedSource */
/** @typedef {{kind: "hub", id: string, title: string, base: string, hub: string, dtype: string, keep?: boolean}} HubSource */
/** @typedef {{kind: "files", id: string, title: string, checkpoint: File, format: "gguf" | "safetensors", config: File | null, preprocessor: File | null, dtype: string, dequantize?: boolean}} FilesSource */
/**
 * Where a model's bytes come from. `dequantize`: a GGUF file's matrices are multiplied in f32; `keep`: unless false,
 * the hub's model is cached as it is quantized.
 * @typedef {EmbeddedSource | HubSource | FilesSource} Source
 */

/** @typedef {{received: number, total: number | null}} Progress */

/**
 * A photo that was opened: a copy for the stage, and the full pixels on demand.
 * @typedef {object} Photo
 * @property {string} name
 * @property {string | null} sample the sample's file name, or null for the visitor's own
 * @property {number} width in pixels, after EXIF orientation
 * @property {number} height
 * @property {ImageBitmap | OffscreenCanvas} preview
 * @property {() => Promise<ImageBitmap>} pixels decodes again; the receiver closes or transfers it
 */

/**
 * The token whose attention is drawn.
 * @typedef {{kind: "prefix", index: number} | {kind: "patch", row: number, column: number}} Query
 */

/**
 * What is changed about a pass (`explain::Changes`).
 * @typedef {object} Whatif
 * @property {boolean} noShift
 * @property {boolean} noMask
 * @property {boolean} noBias
 * @property {readonly (readonly [number, number])[]} heads switched off: layer and head, from 0, in order
 * @property {readonly number[]} hidden patches whose pixels are the mean colour, row by row, in order
 * @property {number} shuffle the seed of the patches' order; 0 where each stands in its place
 * @property {number} positions what the position embedding is multiplied by
 */

/**
 * What the engine is asked about the last run (`src/web/derive.rs`). Tokens are counted in the first map, prefix tokens first.
 * @typedef {{kind: "rollout", token: number, direction: Direction}} RolloutQuestion (layers, tokens)
 * @typedef {{kind: "distance"}} DistanceQuestion one a head, layer after layer, in pixels of the input
 * @typedef {{kind: "similarity", patches: number[]}} SimilarityQuestion (patches asked for, patches), -1 to 1
 * @typedef {{kind: "filters", count: number}} FiltersQuestion (components, P, P, 3)
 * @typedef {{kind: "lens"}} LensQuestion
 * @typedef {RolloutQuestion | DistanceQuestion | SimilarityQuestion | FiltersQuestion | LensQuestion} Question
 */
/** What the head says of the stream after a block; `of_last`: how likely the whole model's first class then is. @typedef {{layer: number, predictions: Prediction[], of_last: number}} Reading */
/** @typedef {Tensor & {shares: Float32Array}} Components with their shares of the filters' variance */
/**
 * @template {Question} T
 * @typedef {T extends LensQuestion ? Reading[] : T extends FiltersQuestion ? Components : Tensor} Answer
 */

/** @typedef {"row" | "column"} Direction row: what the query looks at; column: who looks at the query */
/** @typedef {"head" | "layer" | "absolute"} Scale */

/** What runs: a build of the engine, and how many threads share its forward pass. @typedef {{bundle: string, threads: number}} Build */

/** How a worker began; by an alarm comes word that one of its threads died. @typedef {{threads: number, alarms: MessagePort[]}} Opened */

/**
 * @typedef {object} WasmModule
 * @property {(options: {module_or_path: URL}) => Promise<{memory: WebAssembly.Memory}>} default
 * @property {(threads: number) => WebAssembly.Module} [openPool] where it has threads
 * @property {new (options: string) => WasmCheckpoint} Checkpoint
 */
/**
 * @typedef {object} WasmCheckpoint
 * @property {(chunk: Uint8Array) => void} push
 * @property {() => number} received
 * @property {() => string} sha256
 * @property {(size: string | undefined) => WasmEngine} finish
 * @property {() => void} free
 */
/**
 * @typedef {object} WasmEngine
 * @property {() => string} describe
 * @property {(size: string) => void} setSize
 * @property {(width: number, height: number) => string} photoBegin
 * @property {(rgba: Uint8Array) => void} photoRows
 * @property {() => void} photoEnd
 * @property {(sites: string[], whatif: string) => string} run
 * @property {(site: string) => Tensor} tensor
 * @property {(sites: string[]) => Tensor[]} tensors
 * @property {(question: string) => Tensor | string} derive
 * @property {(row: number, column: number) => Uint8Array} reach
 * @property {() => Uint8Array} toGguf
 * @property {() => void} free
 */

export {};
