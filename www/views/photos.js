// The ways in for photos: samples, file picker, paste, and drag and drop, which takes checkpoints as well.

import { t } from "../i18n/i18n.js";
import { SAMPLES } from "../photo.js";
import { build, find } from "./dom.js";

/** @import {Session} from "../session.js" */
/** @import {Store} from "../state.js" */

/** @param {ParentNode} root @param {Store} store @param {Session} session */
export function mountPhotos(root, store, session) {
  const box = find(root, ".samples", HTMLElement);
  const input = find(root, '[data-testid="file-input"]', HTMLInputElement);

  const buttons = SAMPLES.map((file) => {
    const image = build("img", {
      src: new URL(`../samples/${file}`, import.meta.url).href,
      alt: "",
      width: 34,
      height: 34,
      decoding: "async",
    });
    const attributes = { type: "button", "data-sample": file };
    const button = build("button", attributes, image);
    button.addEventListener("click", () => void session.openSample(file));
    return button;
  });
  box.append(...buttons);

  store.watch(
    (s) => [s.photo, s.language],
    ({ photo }) => {
      for (const button of buttons) {
        const file = button.dataset["sample"] ?? "";
        const name = t(`sample.${file}`);
        button.setAttribute("aria-label", name);
        button.title = name;
        button.setAttribute("aria-pressed", String(photo?.sample === file));
      }
    },
  );

  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) void session.openPhoto(file, file.name);
    input.value = "";
  });

  addEventListener("paste", ({ clipboardData }) => {
    const files = [...(clipboardData?.files ?? [])];
    if (files.length > 0) void session.openFiles(files, "any");
  });

  mountDrop(session);
}

/** Anywhere on the page. @param {Session} session */
function mountDrop(session) {
  const { classList } = document.body;
  addEventListener("dragover", (event) => {
    event.preventDefault();
    classList.add("dragging");
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) classList.remove("dragging");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    classList.remove("dragging");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) void session.openFiles(files, "any");
  });
}
