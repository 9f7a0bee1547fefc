// A broken or alien checkpoint gets one sentence, and the model of before goes on.

import { readFileSync } from "node:fs";
import { DEFAULT_MODEL, fixture } from "../support/models.js";
import { expectRefused } from "../support/refused.js";
import { withHeader, withHeaderLength } from "../support/safetensors.js";
import { expect, test } from "../support/test.js";
import { expectSame, file } from "../support/vitrine.js";

/** @import {Place} from "../support/safetensors.js" */
/** @import {Vitrine} from "../support/vitrine.js" */

const GOOD = fixture("vit_avg");
const TENSOR = "blocks.1.mlp.fc1.weight";

/** @param {Buffer} weights @param {string} [config] */
const safetensors = (weights, config = readFileSync(GOOD.config, "utf8")) => [
  file("model.safetensors", weights),
  file("config.json", Buffer.from(config)),
];

/** @param {(places: Record<string, Place>) => void} change */
const changed = (change) =>
  safetensors(withHeader(readFileSync(GOOD.weights), change));

/** @type {{what: string, files: () => {name: string, mimeType: string, buffer: Buffer}[], says: RegExp}[]} */
const SAFETENSORS = [
  {
    what: "a header length beyond the file",
    files: () =>
      safetensors(withHeaderLength(readFileSync(GOOD.weights), 1n << 40n)),
    says: /safetensors/i,
  },
  {
    what: "a header length beyond the file by one byte",
    files: () => {
      const weights = readFileSync(GOOD.weights);
      return safetensors(withHeaderLength(weights, BigInt(weights.length - 7)));
    },
    says: /safetensors/i,
  },
  {
    what: "overlapping offsets",
    files: () =>
      changed((places) => {
        const twin = places["blocks.0.mlp.fc1.weight"];
        places[TENSOR].data_offsets = [...twin.data_offsets];
      }),
    says: /safetensors/i,
  },
  {
    what: "offsets beyond the file",
    files: () =>
      changed((places) => {
        const [from, to] = places[TENSOR].data_offsets;
        const far = 1e12;
        places[TENSOR].data_offsets = [from + far, to + far];
      }),
    says: /safetensors/i,
  },
  {
    what: "offsets that do not fit the shape",
    files: () =>
      changed((places) => {
        places[TENSOR].shape = places[TENSOR].shape.map((size) => 2 * size);
      }),
    says: /safetensors|blocks\.1\.mlp\.fc1\.weight/i,
  },
  {
    what: "a wrong dtype",
    files: () =>
      changed((places) => {
        places[TENSOR].dtype = "I32";
      }),
    says: /blocks\.1\.mlp\.fc1\.weight.*I32/,
  },
  {
    what: "a missing tensor",
    files: () =>
      changed((places) => {
        places["blocks.1.mlp.fc1.replaced"] = places[TENSOR];
        delete places[TENSOR];
      }),
    says: /blocks\.1\.mlp\.fc1\.(weight|replaced)/,
  },
  {
    what: "a shape that does not fit",
    files: () =>
      changed((places) => {
        places[TENSOR].shape.reverse();
      }),
    says: /blocks\.1\.mlp\.fc1\.weight.*32.*128/,
  },
  {
    what: "a cut in the middle",
    files: () => {
      const weights = readFileSync(GOOD.weights);
      return safetensors(weights.subarray(0, weights.length >> 1));
    },
    says: /safetensors/i,
  },
  {
    what: "a config of another architecture",
    files: () => {
      const config = JSON.parse(readFileSync(GOOD.config, "utf8"));
      const other = JSON.stringify({ ...config, architecture: "resnet50" });
      return safetensors(readFileSync(GOOD.weights), other);
    },
    says: /resnet50/,
  },
  {
    what: "a transformers config of another architecture",
    files: () =>
      safetensors(
        readFileSync(GOOD.weights),
        JSON.stringify({ model_type: "bert", architectures: ["BertModel"] }),
      ),
    says: /bert/i,
  },
  {
    what: "a config that is no JSON",
    files: () => safetensors(readFileSync(GOOD.weights), "{ not json"),
    says: /config\.json/,
  },
  {
    what: "a file of 0 bytes",
    files: () => safetensors(Buffer.alloc(0)),
    says: /empty|0 bytes/i,
  },
  {
    what: "a text file by that name",
    files: () =>
      safetensors(Buffer.from("These are not the weights.\n".repeat(50))),
    says: /safetensors/i,
  },
  {
    what: "a config without weights",
    files: () => safetensors(Buffer.alloc(0)).slice(1),
    says: /safetensors|gguf/i,
  },
];

const COUNT = { magic: 0, version: 4, tensors: 8, entries: 16, firstKey: 24 };

/** The embedded model's file with other bytes at a place. @param {number} at @param {Uint8Array} bytes */
function gguf(at, bytes) {
  const copy = readFileSync(DEFAULT_MODEL.path);
  copy.set(bytes, at);
  return [file("model.gguf", copy)];
}

/** @param {bigint} value */
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** @type {typeof SAFETENSORS} */
const GGUF = [
  {
    what: "a wrong magic",
    files: () => gguf(COUNT.magic, Buffer.from("GGML")),
    says: /GGUF/,
  },
  {
    what: "a wrong version",
    files: () => gguf(COUNT.version, Buffer.from([77, 0, 0, 0])),
    says: /GGUF/,
  },
  {
    what: "a count of tensors that asks for gigabytes",
    files: () => gguf(COUNT.tensors, u64(1n << 60n)),
    says: /GGUF/,
  },
  {
    what: "a count of metadata that asks for gigabytes",
    files: () => gguf(COUNT.entries, u64(1n << 60n)),
    says: /GGUF/,
  },
  {
    what: "a key that asks for gigabytes",
    files: () => gguf(COUNT.firstKey, u64(1n << 36n)),
    says: /GGUF/,
  },
  {
    what: "a cut in the header",
    files: () => [
      file("model.gguf", readFileSync(DEFAULT_MODEL.path).subarray(0, 300)),
    ],
    says: /GGUF/,
  },
  {
    what: "a cut in the middle",
    files: () => {
      const whole = readFileSync(DEFAULT_MODEL.path);
      return [file("model.gguf", whole.subarray(0, whole.length >> 1))];
    },
    says: /GGUF.*(cut|bytes)/,
  },
];

/** @param {Vitrine} vitrine @param {typeof SAFETENSORS} cases */
async function refuseEach(vitrine, cases) {
  await vitrine.open();
  const model = await vitrine.modelSelect.inputValue();
  for (const { what, files, says } of cases) {
    await test.step(what, async () => {
      await expectRefused(vitrine, () => vitrine.give(files()), says);
      await expect(vitrine.modelSelect).toHaveValue(model);
    });
  }
}

test("safetensors that are broken or alien are refused", async ({
  vitrine,
}) => {
  await refuseEach(vitrine, SAFETENSORS);
});

test("GGUF files that are broken are refused", async ({ vitrine }) => {
  await refuseEach(vitrine, GGUF);
});

test("a good checkpoint loads after a bad one, by drop and by picker", async ({
  vitrine,
}) => {
  await vitrine.open();
  const before = await vitrine.top();
  await vitrine.change(
    () =>
      vitrine.give(safetensors(readFileSync(GOOD.weights).subarray(0, 999))),
    "error",
  );
  await vitrine.change(() => vitrine.give([GOOD.weights, GOOD.config]));
  await expect(vitrine.error).toBeHidden();
  const dropped = await vitrine.top();
  expect(dropped).not.toEqual(before);

  await vitrine.change(() =>
    vitrine.modelInput.setInputFiles(DEFAULT_MODEL.path),
  );
  expectSame(await vitrine.top(), before, 1e-6);
});
