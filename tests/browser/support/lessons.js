// Lessons in the page, and their files as they lie on the disk.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { WWW } from "./paths.js";
import { appears } from "./vitrine.js";

/** @import {Page} from "@playwright/test" */
/** @import {Vitrine} from "./vitrine.js" */

/** @param {string} name @returns {any} */
const readJson = (name) =>
  JSON.parse(readFileSync(join(WWW, "lessons", name), "utf8"));

/** @type {string[]} */
export const LESSONS = readJson("index.json");

/** The file of a lesson, unchecked. @param {string} id */
export const lessonFile = (id) => readJson(`${id}.json`);

export class LessonPage {
  /** @param {Vitrine} vitrine */
  constructor(vitrine) {
    this.vitrine = vitrine;
    /** @type {Page} */
    this.page = vitrine.page;
    const byId = (/** @type {string} */ id) => this.page.getByTestId(id);
    this.openButton = byId("lesson-open");
    this.list = byId("lesson-list");
    this.panel = byId("lesson");
    this.title = byId("lesson-title");
    this.text = byId("lesson-text");
    this.place = byId("lesson-place");
    this.next = byId("lesson-next");
    this.back = byId("lesson-back");
    this.leave = byId("lesson-leave");
    this.question = byId("lesson-question");
    this.reveal = byId("lesson-reveal");
    this.board = byId("lesson-board");
    this.live = byId("lesson-live");
  }

  /** From the list. @param {string} id */
  async open(id) {
    await this.openButton.click();
    await this.page.getByTestId(`lesson-${id}`).click();
    await this.settled(0);
  }

  /** Waits until the page is as a step wants it. @param {number} at from 0 */
  async settled(at) {
    await expect(this.place).toHaveText(new RegExp(`^${at + 1} / `));
    await appears(this.page, '[data-testid="lesson"][data-settled="true"]');
    await expect(this.panel).toHaveAttribute("data-settled", "true");
    // Numbers are filled in when they have been computed.
    await expect(
      this.panel.locator("[data-fact]", { hasText: "…" }),
    ).toHaveCount(0);
  }

  /** What the page's state says. */
  async state() {
    return this.page.evaluate(() => {
      const state = /** @type {any} */ (window).vitrine.state.get();
      const { layer, head, query, step, whatif, roll, panel, direction } =
        state;
      const { tint, opacity } = state;
      const model = state.model?.source.id;
      const photo = state.photo?.sample;
      return {
        model,
        photo,
        layer,
        head,
        query,
        step,
        whatif,
        roll,
        panel,
        direction,
        tint,
        opacity,
      };
    });
  }

  /** A live number in the text or the question. @param {string} name */
  async fact(name) {
    const element = this.panel.locator(`[data-fact="${name}"]`).first();
    return (await element.textContent()) ?? "";
  }

  /** A number of the board, exactly. @param {string} cell such as `q-1-0` */
  async cell(cell) {
    const value = await this.page
      .getByTestId(`toy-${cell}`)
      .getAttribute("data-value");
    return Number(value);
  }

  /** A table of the board. @param {string} name @param {number} rows @param {number} columns */
  async table(name, rows, columns) {
    const table = [];
    for (let i = 0; i < rows; i++) {
      const row = [];
      for (let j = 0; j < columns; j++) {
        row.push(await this.cell(`${name}-${i}-${j}`));
      }
      table.push(row);
    }
    return table;
  }

  /** Numbers that a picture of the board states. @param {string} testId @param {string} name */
  async series(testId, name) {
    const text = await this.page
      .getByTestId(testId)
      .getAttribute(`data-${name}`);
    return (text ?? "").split(" ").map(Number);
  }
}
