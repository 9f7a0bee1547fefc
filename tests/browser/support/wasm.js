// Probes of what WebAssembly can do in this browser.

/** Makes the browser seem to lack SIMD: modules with its instructions no longer validate. Runs in the page. */
export function withoutSimd() {
  const validate = WebAssembly.validate;
  const SIMD = 0xfd;
  WebAssembly.validate = (bytes) => {
    const view = ArrayBuffer.isView(bytes) ? bytes.buffer : bytes;
    return !new Uint8Array(view).includes(SIMD) && validate(bytes);
  };
}
