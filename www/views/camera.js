// The camera as a photo: a button only where there is a camera to ask for, and it is let go after the shot.

import { svg } from "../draw/svg.js";
import { VitrineError } from "../errors.js";
import { build, buildButton, find } from "./dom.js";

/** @import {Session} from "../session.js" */

/** What went wrong, by the browser's own names. @type {Record<string, string>} */
const WHY = {
  NotAllowedError: "camera-denied",
  SecurityError: "camera-denied",
  NotFoundError: "camera-missing",
  NotReadableError: "camera-busy",
  AbortError: "camera-busy",
};

/** @param {Document} root @param {Session} session */
export function mountCamera(root, session) {
  const { mediaDevices } = navigator;
  // Plain http and old browsers have none.
  if (!mediaDevices?.getUserMedia) return;
  const button = build(
    "button",
    {
      type: "button",
      class: "control round camera-button",
      "data-testid": "camera",
      "data-i18n-label": "habits.camera",
      hidden: true,
    },
    icon(),
  );
  find(root, ".bar > .file", HTMLElement).after(button);
  const video = build("video", { playsinline: true, muted: true });
  video.muted = true;
  const shoot = buildButton("camera-shoot", "habits.camera-shoot", null, {
    class: "control primary",
  });
  const dialog = build(
    "dialog",
    {
      class: "help camera",
      "data-testid": "camera-dialog",
      "data-i18n-label": "habits.camera",
    },
    video,
    build("p", { "data-i18n": "help.privacy" }),
    build(
      "form",
      { method: "dialog" },
      shoot,
      build("button", { class: "control", "data-i18n": "status.cancel" }),
    ),
  );
  root.body.append(dialog);

  /** @type {MediaStream | null} */
  let stream = null;

  function release() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
  }

  async function open() {
    session.dismissTrouble();
    button.disabled = true;
    try {
      stream = await mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
      });
      video.srcObject = stream;
      dialog.showModal();
      // Whoever closes the dialog before the first picture has asked for nothing more.
      await video.play().catch((error) => {
        if (dialog.open) throw error;
      });
    } catch (error) {
      release();
      dialog.close();
      const name = error instanceof Error ? error.name : "";
      const code = WHY[name] ?? "camera-busy";
      await session.fail(new VitrineError(code), "photo");
    } finally {
      button.disabled = false;
    }
  }

  async function take() {
    const { videoWidth: width, videoHeight: height } = video;
    if (!width) return;
    const canvas = build("canvas", { width, height });
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    dialog.close();
    const blob = await new Promise((/** @type {BlobCallback} */ resolve) =>
      canvas.toBlob(resolve, "image/png"),
    );
    if (blob) await session.openPhoto(blob, "camera.png");
  }

  button.addEventListener("click", () => void open());
  shoot.addEventListener("click", () => void take());
  dialog.addEventListener("close", release);

  const look = async () => {
    const devices = await mediaDevices.enumerateDevices().catch(() => []);
    button.hidden = !devices.some(({ kind }) => kind === "videoinput");
  };
  mediaDevices.addEventListener("devicechange", () => void look());
  void look();
}

function icon() {
  const camera =
    "M3 6h3.2l1.3-2h5l1.3 2H17v10H3zM10 8.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6";
  const picture = { viewBox: "0 0 20 20", "aria-hidden": "true" };
  return svg("svg", picture, svg("path", { d: camera }));
}
