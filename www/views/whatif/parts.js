// What the switches of what-if are built of: a titled group, a box to tick.

import { build } from "../dom.js";

/** @param {string} name its title is the text `whatif.{name}` @param {...Node} content */
export function buildSection(name, ...content) {
  return build(
    "div",
    {
      class: `change ${name}`,
      role: "group",
      "data-i18n-label": `whatif.${name}`,
    },
    build("h3", { "data-i18n": `whatif.${name}` }),
    ...content,
  );
}

/** @param {string} id @param {string} words empty where they depend on the state @param {(isOn: boolean) => void} onChange */
export function buildToggle(id, words, onChange) {
  const input = build("input", {
    type: "checkbox",
    "data-testid": `whatif-${id}`,
  });
  input.addEventListener("change", () => onChange(input.checked));
  const text = build("span", { "data-i18n": words || null });
  return { input, text, label: build("label", {}, input, text) };
}
