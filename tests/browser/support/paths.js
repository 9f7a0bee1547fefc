// Where things lie, seen from the tests.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @param {string} path from the root of the repository */
const fromRoot = (path) =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const ROOT = fromRoot("");
export const WWW = fromRoot("www");
export const PKG = fromRoot("pkg");
export const FIXTURES = fromRoot("tests/fixtures");

/** The native engine; `cargo xtask test` builds it and says where. */
export const VITRINE =
  process.env["VITRINE_BINARY"] ?? fromRoot("target/release/vitrine");

/** The build tool itself, for the test that serves as it does. */
export const XTASK =
  process.env["XTASK_BINARY"] ?? fromRoot("target/release/xtask");

/** Weights, photos and reference values that are not part of the project, or null where they are absent. */
export const SHARED = existsSync(fromRoot("../shared"))
  ? fromRoot("../shared")
  : null;

/** Why a test that needs them is skipped. */
export const NO_SHARED = "skipped: no ../shared";
