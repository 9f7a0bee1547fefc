// What the bytes of a photo say before anyone decodes them: which format, and whether the file ends too early.

/** @param {Uint8Array} bytes @param {number} at @param {string} text */
function hasText(bytes, at, text) {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** @param {Uint8Array} bytes */
function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Browsers decode the upper half of a broken photo and grey below without a word; the model must not see that.
 * @param {Uint8Array} bytes the whole file
 * @returns {boolean} true when it is a JPEG, PNG or WebP that ends before its own end mark
 */
export function endsEarly(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegEndsEarly(bytes);
  if (hasText(bytes, 1, "PNG\r\n")) return pngEndsEarly(bytes);
  if (hasText(bytes, 0, "RIFF") && hasText(bytes, 8, "WEBP")) {
    return bytes.length < viewOf(bytes).getUint32(4, true) + 8;
  }
  return false;
}

/**
 * Segments up to the first scan (an EXIF thumbnail has an end mark of its own), then the end mark after it:
 * inside a scan every 0xff is followed by 0 or a restart mark, so that it cannot be mistaken.
 * @param {Uint8Array} bytes
 */
function jpegEndsEarly(bytes) {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false; // no segment where one must be: let the decoder judge
    const mark = bytes[at + 1];
    if (mark === 0xff) {
      at += 1;
      continue;
    }
    if (mark === 0xda) break;
    at += 2 + viewOf(bytes).getUint16(at + 2);
  }
  for (let i = at + 2; i + 1 < bytes.length; i++) {
    if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return false;
  }
  return true;
}

/** Walks from chunk to chunk. @param {Uint8Array} bytes */
function pngEndsEarly(bytes) {
  let at = 8;
  while (at + 12 <= bytes.length) {
    const end = at + 12 + viewOf(bytes).getUint32(at);
    if (hasText(bytes, at + 4, "IEND")) return end > bytes.length;
    at = end;
  }
  return true;
}
