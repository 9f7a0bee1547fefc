// About: what this page is, which engine runs, and the self-check that lays its numbers beside PyTorch's.

import { asVitrineError } from "../errors.js";
import { formatNumber, t, translatePage } from "../i18n/i18n.js";
import { build, buildButton } from "./dom.js";
import { errorText, valueText } from "./words.js";

/** @import {Finding} from "../selfcheck.js" */
/** @import {Store} from "../state.js" */

/** @typedef {{state: "idle" | "running" | "passed" | "failed" | "error", findings: Finding[], says: string}} Check */

/** @param {Document} root @param {Store} store @returns {() => void} opens it */
export function mountAbout(root, store) {
  const says = build("p", { role: "status", "data-testid": "selfcheck-says" });
  const table = build("table", { hidden: true });
  const again = buildButton("selfcheck-run", "habits.check-run");
  const bundle = build("p", { class: "engine" });
  const box = build(
    "section",
    {
      class: "selfcheck",
      "data-testid": "selfcheck",
      "data-state": "idle",
      "data-i18n-label": "habits.check-title",
    },
    build("h3", { "data-i18n": "habits.check-title" }),
    build("p", { "data-i18n": "habits.check-about" }),
    table,
    says,
    build("p", { class: "fine", "data-i18n": "habits.check-tolerance" }),
    again,
  );
  const dialog = build(
    "dialog",
    {
      class: "help about",
      "data-testid": "about",
      "data-i18n-label": "habits.about",
    },
    build("h2", { "data-i18n": "habits.about" }),
    build("p", { "data-i18n": "habits.about-what" }),
    build("p", { "data-i18n": "help.privacy" }),
    bundle,
    box,
    build(
      "form",
      { method: "dialog" },
      build("button", { class: "control", "data-i18n": "help.close" }),
    ),
  );
  translatePage(dialog);
  root.body.append(dialog);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });

  /** @type {Check} */
  let check = { state: "idle", findings: [], says: "" };

  function draw() {
    const { findings, state } = check;
    box.dataset["state"] = state;
    again.disabled = state === "running" || !store.get().bundle;
    table.hidden = findings.length === 0;
    table.replaceChildren(...rowsOf(findings));
    says.textContent = state === "running" ? t("habits.checking") : check.says;
    const { bundle: name, threads } = store.get();
    bundle.textContent = t("habits.engine", { bundle: name ?? "–", threads });
  }

  async function run() {
    const { bundle: name, entries } = store.get();
    if (!name || check.state === "running") return;
    check = { state: "running", findings: [], says: "" };
    draw();
    try {
      // Few ask: it is fetched when they do.
      const { runSelfcheck } = await import("../selfcheck.js");
      const done = await runSelfcheck(name, entries, (findings) => {
        check = { ...check, findings };
        draw();
      });
      const { findings, bundle: ran, reference, milliseconds } = done;
      const isPassed =
        findings.length > 0 && findings.every((one) => one.isPassed);
      const seconds = formatNumber(milliseconds / 1000, {
        maximumFractionDigits: 1,
      });
      check = {
        state: isPassed ? "passed" : "failed",
        findings,
        says: t(isPassed ? "habits.check-passed" : "habits.check-failed", {
          bundle: ran,
          made: reference.made_with,
          seconds,
        }),
      };
    } catch (error) {
      const text = errorText(asVitrineError(error));
      check = { state: "error", findings: [], says: text };
    }
    draw();
  }

  again.addEventListener("click", () => void run());
  store.watch((s) => [s.bundle, s.threads, s.language], draw);
  return () => {
    dialog.showModal();
    // The first time it runs by itself: who opens this wants to know.
    if (check.state === "idle") void run();
  };
}

/** @param {Finding[]} findings */
function rowsOf(findings) {
  const titles = ["model", "numbers", "difference", "allowed", "verdict"];
  const head = build(
    "tr",
    {},
    ...titles.map((name) =>
      build("th", { scope: "col" }, t(`habits.check-${name}`)),
    ),
  );
  const rows = findings.map((finding) => {
    const { model, kind, count, difference, tolerance, isPassed } = finding;
    const found = Number.isNaN(difference) ? "–" : valueText(difference);
    return build(
      "tr",
      {
        "data-model": model,
        "data-kind": kind,
        "data-passed": String(isPassed),
        "data-difference": String(difference),
      },
      build("th", { scope: "row" }, model),
      build(
        "td",
        {},
        t(`habits.check-${kind}`, { count: formatNumber(count) }),
      ),
      build("td", { class: "figure" }, found),
      build("td", { class: "figure" }, valueText(tolerance)),
      build("td", {}, t(isPassed ? "habits.passed" : "habits.failed")),
    );
  });
  return [build("thead", {}, head), build("tbody", {}, ...rows)];
}
