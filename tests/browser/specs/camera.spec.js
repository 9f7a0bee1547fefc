// The camera as a way in: offered only where there is one, let go after the shot, refused in one clear sentence.

import { launchOptions } from "../support/chromium.js";
import { expect, test } from "../support/test.js";

const { args = [], ...rest } = launchOptions();
test.use({
  launchOptions: {
    ...rest,
    args: [
      ...args,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  },
});

test("a shot becomes the photo, and the camera is let go", async ({
  vitrine,
  page,
}) => {
  await page.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const ask = devices.getUserMedia.bind(devices);
    const streams = /** @type {MediaStream[]} */ ([]);
    Object.assign(window, { streams });
    devices.getUserMedia = async (wish) => {
      const stream = await ask(wish);
      streams.push(stream);
      return stream;
    };
  });
  await vitrine.open();
  const states = () =>
    page.evaluate(() =>
      /** @type {any} */ (window).streams.flatMap(
        (/** @type {MediaStream} */ stream) =>
          stream.getTracks().map(({ readyState }) => readyState),
      ),
    );
  await page.getByTestId("camera").click();
  await expect(page.getByTestId("camera-dialog")).toBeVisible();
  await expect.poll(states).toEqual(["live"]);
  await page
    .locator(".camera video")
    .evaluate(
      (video) =>
        new Promise((resolve) =>
          /** @type {HTMLVideoElement} */ (video).requestVideoFrameCallback(
            resolve,
          ),
        ),
    );
  await vitrine.change(() => page.getByTestId("camera-shoot").click());
  await expect.poll(states).toEqual(["ended"]);
  await expect(page.getByTestId("camera-dialog")).toBeHidden();
  await expect(vitrine.status).toContainText("camera.png");
  const photo = await page.evaluate(() => {
    const { width, height } = /** @type {any} */ (window).vitrine.state.get()
      .photo;
    return [width, height];
  });
  expect(Math.min(...photo)).toBeGreaterThanOrEqual(240);

  // Cancel lets go, too, and the photo stays.
  await page.getByTestId("camera").click();
  await expect.poll(states).toEqual(["ended", "live"]);
  await page.keyboard.press("Escape");
  await expect.poll(states).toEqual(["ended", "ended"]);
  await expect(vitrine.status).toContainText("camera.png");
});

test("a camera that is refused is one clear sentence", async ({
  vitrine,
  page,
}) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("Permission denied", "NotAllowedError"));
  });
  await vitrine.open();
  const before = await vitrine.top();
  await page.getByTestId("camera").click();
  await expect(vitrine.error).toContainText("camera may not be used");
  await expect(page.getByTestId("camera-dialog")).toBeHidden();
  expect(await vitrine.top()).toEqual(before);
});

test("where there is no camera none is offered", async ({ vitrine, page }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
  });
  await vitrine.open();
  await expect(page.getByTestId("camera")).toBeHidden();
});
