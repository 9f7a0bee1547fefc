// Small files of this site: that one does not come is said in the same words, whichever it is.

import { VitrineError } from "./errors.js";

/**
 * @param {URL} url
 * @param {RequestInit} [options]
 */
export async function fetchOwn(url, options) {
  const params = { host: url.host, file: url.pathname.split("/").pop() ?? "" };
  const response = await fetch(url, options).catch(() => {
    throw new VitrineError("unreachable", "", params);
  });
  if (!response.ok) {
    const { status } = response;
    throw new VitrineError("http", "", { ...params, status });
  }
  return response;
}
