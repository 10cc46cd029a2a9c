// The arithmetic of one update, weight by weight: what the optimiser knows of each weight of a
// neuron, and what it makes of it. Any weight can be typed in.

import { textButton } from "./buttons.js";
import { saidOf } from "./controls.js";
import { made, mark, put } from "./elements.js";
import { number, numberIn, sign } from "./numbers.js";
import { Rule } from "./rule.js";
import { calledIn, placesOf } from "./shape.js";
import { markOf } from "./svg.js";

const WIDE = 52; // letters of a row, above which they have to be smaller

/** With two digits: so many columns stand side by side. */
const short = (x) => number(Number(x.toPrecision(2)));

/** How many letters the longest texts of all columns have. The browser would lay the page out to
 * tell their width, at every frame. */
const lettersOf = (rows) =>
  rows[0]
    .map((_, c) => Math.max(...rows.map((texts) => texts[c].length)))
    .reduce((sum, length) => sum + length);

export class UpdateTable {
  /** `choices` are Python's. `typed(place, number)` is called for a weight; `said(text)` tells what
   * is wrong. */
  constructor(box, choices, { others, typed, said, pinned, redrawn, taken }) {
    Object.assign(this, { typed, said, row: 0 });
    this.rule = new Rule(choices);
    this.title = made("h2");
    const button = (text, name, title, act) =>
      textButton(text, act, { "data-action": name, title });
    this.pin = button("Pin", "pin", "its weights stay as they are", () => pinned());
    const anew = button("Draw anew", "redraw", "new first weights for this neuron", () =>
      redrawn(),
    );
    const take = button("Take this step", "take", "one update: w becomes new w", () => taken());
    this.table = made("table");
    const attributes = {
      class: "scrolls",
      tabindex: 0,
      role: "region",
      "aria-label": "the next update",
    };
    this.scrolls = made("div", attributes, this.rule.element, this.table);
    this.inView = new Set(); // rows
    this.watch = new IntersectionObserver(
      (rows) => {
        for (const { target, isIntersecting } of rows) {
          if (isIntersecting) this.inView.add(target);
          else this.inView.delete(target);
        }
        this.drawn = null; // those that come into view are old
      },
      { root: this.scrolls },
    );
    const buttons = [take, this.pin, anew, ...others];
    box.replaceChildren(this.title, made("div", { class: "row" }, ...buttons), this.scrolls);
    this.listen();
  }

  listen() {
    const { table } = this;
    table.addEventListener("click", ({ target }) => {
      const cell = target.closest("td[data-place]");
      if (cell) this.edit(cell);
    });
    table.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("button")) return;
      event.preventDefault();
      this.edit(event.target.closest("td"));
    });
    const look = ({ target }) => {
      const row = target.closest("tbody tr");
      if (!row || row.rowIndex - 1 === this.row) return;
      this.row = row.rowIndex - 1;
      this.drawRule();
    };
    table.addEventListener("pointerover", look);
    table.addEventListener("focusin", look);
  }

  /** While it trains, of the rows only those in view: a layer of 100 neurons has as many. */
  draw({ shape, unit, names, frame, config, predicting, isPlaying }) {
    if (this.table.querySelector("input")) return; // somebody types
    const drawn = [frame, unit, config, predicting, isPlaying];
    // else a click would miss its button
    if (this.drawn?.every((one, i) => one === drawn[i])) return;
    this.drawn = drawn;
    const { state, next } = frame;
    const l = unit?.l ?? shape.layers.length - 1;
    const neuron = unit?.neuron ?? 0;
    const layer = shape.layers[l];
    const places = placesOf(layer, neuron);
    const hasNext = Boolean(next?.parameters);
    this.pin.setAttribute("aria-pressed", (config.pinned ?? []).includes(places[0]));
    const steps = `step ${state.step} to ${state.step + 1}`;
    const head = hasNext ? `${saidOf(config.optimizer)}, ${steps}: ` : "";
    this.title.textContent = `${head}the weights of ${calledIn(shape, l, neuron)}`;
    const slots = hasNext ? this.rule.slotsOf(config) : [];
    const calledRow = (j) => (j === layer.inputs ? "bias" : l ? `neuron ${j + 1}` : names[j]);
    const heads = ["from", "w", ...(hasNext ? ["gradient", ...slots, "change", "new w"] : [])];
    const called = places.map((_, j) => calledRow(j));
    this.build(heads, places, called);
    const rows = places.flatMap((place, j) => {
      if (isPlaying && !this.inView.has(this.rows[j].row)) return [];
      const w = state.parameters[place];
      const texts = [called[j], number(w)];
      if (hasNext) texts.push(...textsOf(next, place, w, slots, predicting));
      this.fill(this.rows[j], texts, next?.gradient?.[place]);
      return [texts];
    });
    if (rows.length) this.table.classList.toggle("wide", lettersOf(rows) > WIDE);
    Object.assign(this, { shown: { places, calledRow, state, next, config, predicting } });
    this.drawRule();
  }

  /** Rows without numbers, if there are none such yet. */
  build(heads, places, called) {
    const key = JSON.stringify([heads, places, called]);
    if (key === this.key) return;
    this.key = key;
    this.rows = places.map((place, j) => {
      const button = made("button");
      const weight = made("td", { "data-place": place }, button);
      const others = heads.slice(2).map(() => made("td"));
      const row = made("tr", {}, made("th", { scope: "row" }, called[j]), weight, ...others);
      return { row, button, others };
    });
    const headOf = (name) => made("th", { scope: "col" }, this.rule.symbolOf(name));
    const top = made("thead", {}, made("tr", {}, ...heads.map(headOf)));
    const rows = this.rows.map(({ row }) => row);
    this.table.replaceChildren(top, made("tbody", {}, ...rows));
    this.watch.disconnect();
    this.inView = new Set(rows); // all, to begin with: none is written yet
    for (const row of rows) this.watch.observe(row);
  }

  fill({ button, others }, [from, w, ...texts], gradient) {
    put(button, w);
    mark(button, "aria-label", `weight of ${from}: ${w}, change it`);
    others.forEach((cell, c) => put(cell, texts[c]));
    if (others.length) mark(others[0], "class", `gradient ${sign(gradient)}`);
  }

  /** The rule, with the numbers of the row that is pointed at. */
  drawRule() {
    const { places, calledRow, state, next, config, predicting } = this.shown;
    this.row = Math.min(this.row, places.length - 1);
    const pointed = next?.parameters && this.rows[this.row].row;
    if (pointed !== this.pointed) {
      this.pointed?.classList.remove("on");
      pointed?.classList.add("on");
      this.pointed = pointed;
    }
    const place = places[this.row];
    this.rule.draw(
      config,
      next?.parameters && {
        called: calledRow(this.row),
        before: state.parameters[place],
        after: predicting ? null : next.parameters[place],
        numbers: {
          gradient: next.gradient[place],
          rate: next.rate,
          ...Object.fromEntries(
            Object.entries(next.slots).map(([name, column]) => [name, column[place]]),
          ),
        },
      },
    );
  }

  /** A field in place of a weight. */
  edit(cell) {
    const place = Number(cell.dataset.place);
    const button = cell.firstChild;
    const before = cell.textContent;
    const field = made("input", {
      type: "text",
      value: before.replace("−", "-"),
      "aria-label": "the new weight",
      size: 8,
    });
    cell.replaceChildren(field);
    field.select();
    const done = (text) => {
      if (!field.isConnected) return;
      const found = text === before.replace("−", "-") ? {} : numberIn(text);
      if (found.hint) this.said(`${text}: ${found.hint}`);
      cell.replaceChildren(button);
      button.focus();
      if (found.number !== undefined) this.typed(place, found.number);
    };
    field.addEventListener("blur", () => done(field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // else Enter presses the button that is there now, and opens the field again
      event.preventDefault();
      done(event.key === "Enter" ? field.value : before.replace("−", "-"));
    });
  }
}

/** What the next update does to a weight: its gradient, what is kept of it, its change and itself.
 */
function textsOf(next, place, w, slots, predicting) {
  const g = next.gradient[place];
  const after = next.parameters[place];
  const change = after - w;
  return [
    `${markOf(g)} ${short(g)}`,
    ...slots.map((name) => short(next.slots[name][place])),
    predicting ? "?" : `${markOf(change)} ${short(change)}`,
    predicting ? "?" : number(after),
  ];
}
