// What eslint holds the page, its tests and the bench to. Run from the root of the repository.

import js from "@eslint/js";
import globals from "globals";

const strict = {
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "no-console": ["error", { allow: ["error"] }],
  "no-eval": "error",
  "no-implicit-coercion": ["error", { boolean: false }],
  "no-shadow": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
};

export default [
  js.configs.recommended,
  { ignores: ["**/node_modules/", "tests/browser/results/", "bench/cache/"] },
  {
    files: ["www/**/*.js"],
    languageOptions: { globals: { ...globals.browser } },
    rules: strict,
  },
  {
    files: ["www/worker.js", "www/sw.js"],
    languageOptions: { globals: { ...globals.serviceworker } },
  },
  {
    // Functions given to `page.evaluate` run in the page.
    files: ["tests/browser/**/*.js", "bench/**/*.js"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: strict,
  },
];
