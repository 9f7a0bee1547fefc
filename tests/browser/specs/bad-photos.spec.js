// What is no photo gets one sentence, and everything that was there stays.

import { gradient } from "../support/photos.js";
import { expectRefused } from "../support/refused.js";
import { expect, test } from "../support/test.js";
import { file } from "../support/vitrine.js";

/** @type {{what: string, name: string, buffer: Buffer, says: RegExp}[]} */
const CASES = [
  {
    what: "a text file",
    name: "notes.txt",
    buffer: Buffer.from("This is not a photo.\n".repeat(20)),
    says: /notes\.txt/,
  },
  {
    what: "a text file that calls itself a photo",
    name: "photo.jpg",
    buffer: Buffer.from("This is not a photo.\n".repeat(20)),
    says: /photo\.jpg/,
  },
  {
    what: "a file of 0 bytes",
    name: "empty.png",
    buffer: Buffer.alloc(0),
    says: /empty\.png.*empty|empty\.png.*0 bytes/i,
  },
  {
    what: "a truncated PNG",
    name: "half.png",
    buffer: gradient(200, 200).subarray(0, 2000),
    says: /half\.png.*(ends too early|cut off)/i,
  },
];

for (const { what, name, buffer, says } of CASES) {
  test(`${what} is refused`, async ({ vitrine }) => {
    await vitrine.open();
    await expectRefused(
      vitrine,
      () => vitrine.give([file(name, buffer)]),
      says,
    );
  });
}

test("a truncated JPEG is refused", async ({ vitrine, page }) => {
  await vitrine.open();
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(400, 300);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no 2d context");
    for (let i = 0; i < 300; i++) {
      context.fillStyle = `hsl(${(i * 47) % 360} 70% 50%)`;
      context.fillRect((i * 53) % 400, (i * 31) % 300, 40, 30);
    }
    const blob = await canvas.convertToBlob({ type: "image/jpeg" });
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  });
  expect(bytes.length).toBeGreaterThan(4000);
  const half = Buffer.from(bytes).subarray(0, bytes.length >> 1);
  await expectRefused(
    vitrine,
    () => vitrine.give([file("half.jpg", half)]),
    /half\.jpg.*(ends too early|cut off)/i,
  );
});
