// The geometry of windows, against another way to say the same: coordinates of the rolled map instead of the gather.

import { expect, test } from "@playwright/test";
import { geometry, makeWindows } from "../support/windows.js";

/** @import {Case} from "../support/windows.js" */

const {
  MASKED,
  OTHER,
  SEEN,
  layerToken,
  mapRect,
  regions,
  rolledFrom,
  sight,
  tokenRect,
  windowsOf,
  wrapped,
} = geometry;

/** Maps: as large as whole windows, padded, clipped along an axis, padded so that the roll tears rows apart. @type {Case[]} */
const CASES = [
  { rows: 16, columns: 16, window: 4, isShifted: true },
  { rows: 16, columns: 16, window: 4, isShifted: false },
  { rows: 10, columns: 14, window: 4, isShifted: true },
  { rows: 10, columns: 14, window: 4, isShifted: false },
  { rows: 2, columns: 16, window: 7, isShifted: true },
  { rows: 14, columns: 14, window: 7, isShifted: true },
  { rows: 13, columns: 5, window: 4, isShifted: true },
  { rows: 4, columns: 4, window: 4, isShifted: true },
];

for (const one of CASES) {
  const { rows, columns, window, isShifted } = one;
  const name = `${rows} x ${columns} in windows of ${window}${isShifted ? ", shifted" : ""}`;

  test.describe(name, () => {
    const made = makeWindows(one);
    const { layer, index, mask, placeOf } = made;
    const windows = windowsOf(index, layer);
    const tokens = Array.from({ length: rows * columns }, (_, token) => token);
    const isShared = (/** @type {number} */ a, /** @type {number} */ b) =>
      placeOf(a).window === placeOf(b).window;
    const isSeen = (/** @type {number} */ a, /** @type {number} */ b) =>
      isShared(a, b) && placeOf(a).region === placeOf(b).region;

    // One expectation for all tokens: each is a step that the runner writes down.
    test("every token has its slot, in its window", () => {
      const { slotOf, tokenAt, windowOfToken, tokensOfWindow } = windows;
      const { area, count } = windows;
      const places = tokens.map(placeOf);
      expect(tokens.map((token) => tokenAt(slotOf[token]))).toEqual(tokens);
      expect(tokens.map(windowOfToken)).toEqual(places.map((p) => p.window));
      expect(tokens.map((token) => slotOf[token] % area)).toEqual(
        places.map((p) => p.within),
      );
      const all = Array.from({ length: count }, (_, w) => tokensOfWindow(w));
      expect(all.map((own) => [...own].sort((a, b) => a - b))).toEqual(
        all.map((_, w) => tokens.filter((token) => places[token].window === w)),
      );
    });

    test("a token sees what shares its window and its piece", () => {
      const found = tokens.map((token) => sight(windows, mask, token));
      const expected = tokens.map((token) => {
        const kinds = tokens.map((other) =>
          isSeen(token, other) ? SEEN : isShared(token, other) ? MASKED : OTHER,
        );
        const count = (/** @type {number} */ kind) =>
          kinds.filter((value) => value === kind).length;
        return {
          tokens: Uint8Array.from(kinds),
          seen: count(SEEN),
          masked: count(MASKED),
          elsewhere: count(OTHER),
          padding: windows.area - count(SEEN) - count(MASKED),
        };
      });
      expect(found).toEqual(expected);
    });

    test("pieces are what sees itself, numbered as the photo is read", () => {
      /** @type {number[]} */
      const firsts = [];
      const expected = tokens.map((token) => {
        const known = firsts.findIndex((first) => isSeen(first, token));
        return known < 0 ? firsts.push(token) - 1 : known;
      });
      expect([...regions(windows, mask)]).toEqual(expected);
    });

    test("the rolled map begins at the shift and ends in padding", () => {
      const { padded, shift } = layer.windows;
      const cells = Array.from(
        { length: padded.rows * padded.columns },
        (_, cell) => {
          const row = Math.floor(cell / padded.columns);
          const column = cell % padded.columns;
          if (row >= rows || column >= columns) return -1;
          const from = (row + shift.rows) % rows;
          return from * columns + ((column + shift.columns) % columns);
        },
      );
      expect([...rolledFrom(windows, layer)]).toEqual(cells);
    });

    test("the mask holds torn rows together only where they touch", () => {
      const isTorn = tokens.some((a) =>
        tokens.some((b) => isSeen(a, b) && made.distance(a, b) >= window),
      );
      expect(wrapped(windows, mask, layer)).toBe(isTorn);
    });
  });
}

test("by hand: the corner of 16 x 16 in windows of 4, shifted by 2", () => {
  const { layer, index, mask } = makeWindows(CASES[0]);
  const windows = windowsOf(index, layer);
  // The last window holds the four corners of the photo, 2 x 2 each.
  const { tokens, seen, masked, elsewhere, padding } = sight(
    windows,
    mask,
    255,
  );
  const of = (/** @type {number} */ kind) =>
    [...tokens.keys()].filter((token) => tokens[token] === kind);
  expect(of(SEEN)).toEqual([238, 239, 254, 255]);
  expect(of(MASKED)).toEqual([
    0, 1, 14, 15, 16, 17, 30, 31, 224, 225, 240, 241,
  ]);
  expect([seen, masked, elsewhere, padding]).toEqual([4, 12, 240, 0]);
  expect(windows.windowOfToken(255)).toBe(15);
  // 3 x 3 whole windows, and a frame of halves around them.
  const pieces = regions(windows, mask);
  expect(Math.max(...pieces) + 1).toBe(25);
  expect([
    pieces[0],
    pieces[2],
    pieces[15],
    pieces[2 * 16],
    pieces[255],
  ]).toEqual([0, 1, 4, 5, 24]);
  expect(rolledFrom(windows, layer)[0]).toBe(34);
});

test("by hand: 2 x 16 in windows of 7 is clipped, padded and torn", () => {
  const { layer, index, mask } = makeWindows(CASES[4]);
  expect(layer.windows).toEqual({
    rows: 2,
    columns: 7,
    shift: { rows: 0, columns: 3 },
    padded: { rows: 2, columns: 21 },
  });
  const windows = windowsOf(index, layer);
  expect(windows.count).toBe(3);
  // Columns 10 to 15 and, gone round, column 0: nothing is masked between them.
  expect(windows.tokensOfWindow(1)).toEqual([
    10, 11, 12, 13, 14, 15, 0, 26, 27, 28, 29, 30, 31, 16,
  ]);
  expect(sight(windows, mask, 0)).toMatchObject({ seen: 14, masked: 0 });
  expect(wrapped(windows, mask, layer)).toBe(true);
  // Columns 1 and 2 share theirs with five columns of padding.
  const second = sight(windows, mask, 1);
  expect(second).toMatchObject({ seen: 4, masked: 0, padding: 10 });
});

test("by hand: without its mask a shifted block sees round the edge", () => {
  const { layer, index } = makeWindows(CASES[0]);
  const windows = windowsOf(index, layer);
  expect(sight(windows, null, 255)).toMatchObject({ seen: 16, masked: 0 });
  expect(Math.max(...regions(windows, null)) + 1).toBe(16);
  expect(wrapped(windows, null, layer)).toBe(true);
});

test("a coarser token covers its patches and ends at the photo's edge", () => {
  const crop = { x: 10, y: 20, width: 90, height: 50 };
  const patches = { rows: 5, columns: 9 };
  const layer = { stage: 1, grid: { rows: 3, columns: 5 } };
  expect(layerToken({ row: 4, column: 3 }, layer)).toEqual({
    row: 2,
    column: 1,
  });
  expect(tokenRect(crop, patches, layer, 1, 1)).toEqual({
    x: 30,
    y: 40,
    width: 20,
    height: 20,
  });
  expect(tokenRect(crop, patches, layer, 2, 4)).toEqual({
    x: 90,
    y: 60,
    width: 10,
    height: 10,
  });
  expect(mapRect(crop, patches, layer)).toEqual({
    x: 10,
    y: 20,
    width: 100,
    height: 60,
  });
});
