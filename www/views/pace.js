// The page's own measure of its pace, in the browser's performance timeline: when shell, photo, patch grid and first result
// stood on the screen, and how long each move over the photo took until all that follows from it was drawn.

/** @import {Store} from "../state.js" */

/** Names in the timeline. */
export const REDRAW = "vitrine:redraw";
const MARKS = /** @type {const} */ ({
  shell: "vitrine:shell",
  photo: "vitrine:photo",
  grid: "vitrine:grid",
  result: "vitrine:result",
});

/** So many redraws are remembered. */
const KEPT = 1000;

/** Calls back once the next frame is drawn, after its scripts, its layout and its painting, with the time it began. @param {(began: number) => void} then */
function afterFrame(then) {
  requestAnimationFrame(() => {
    const began = performance.now();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      then(began);
    };
    port2.postMessage(null);
  });
}

/** @param {Document} root @param {Store} store */
export function mountPace(root, store) {
  afterFrame(() => performance.mark(MARKS.shell));
  /** @type {Set<string>} */
  const marked = new Set();
  const once = (/** @type {string} */ name) => {
    if (marked.has(name)) return;
    marked.add(name);
    afterFrame(() => performance.mark(name));
  };
  store.watch(
    (s) => [s.photo, s.seen, s.result],
    ({ photo, seen, result }) => {
      if (photo) once(MARKS.photo);
      if (seen) once(MARKS.grid);
      if (result) once(MARKS.result);
    },
  );

  let count = 0;
  let isUnderWay = false;
  let start = 0;
  let handled = 0;
  // Before anyone else hears of the pointer, so that their work counts; and after all of them have.
  root.addEventListener(
    "pointermove",
    () => {
      if (isUnderWay) return;
      isUnderWay = true;
      start = handled = performance.now();
      const before = store.get();
      afterFrame((began) => {
        isUnderWay = false;
        // Within a patch nothing follows from a move.
        if (store.get().pointer === before.pointer) return;
        if (++count % KEPT === 0) performance.clearMeasures(REDRAW);
        // The page's own work: that of the handlers, and that of the frame. Until the screen is ready for a frame no
        // page can do anything.
        const end = performance.now();
        const duration = handled - start + (end - began);
        performance.measure(REDRAW, { start, duration, detail: end - start });
      });
    },
    { capture: true, passive: true },
  );
  root.defaultView?.addEventListener("pointermove", () => {
    handled = performance.now();
  });
}
