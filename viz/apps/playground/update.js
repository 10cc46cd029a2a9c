// The arithmetic of one update, weight by weight: what the optimiser knows of each weight of a
// neuron, and what it makes of it. Any weight can be typed in.

import { saidOf } from "./controls.js";
import { made } from "./elements.js";
import { number, numberIn, sign } from "./numbers.js";
import { calledIn, placesOf } from "./shape.js";
import { markOf } from "./svg.js";

const SLOTS = {
  velocity: "velocity",
  first_moment: "m",
  second_moment: "v",
  updates: "n",
  mean_square: "v",
};

/** With two digits: so many columns stand side by side. */
const short = (x) => number(Number(x.toPrecision(2)));

export class UpdateTable {
  /** `typed(place, number)` is called for a weight; `said(text)` tells what is wrong. */
  constructor(box, { typed, said, pinned, redrawn, taken }) {
    Object.assign(this, { typed, said });
    this.title = made("h2");
    this.pin = made(
      "button",
      { "data-action": "pin", "aria-pressed": false, title: "its weights stay as they are" },
      "Pin",
    );
    this.pin.addEventListener("click", () => pinned());
    this.anew = made(
      "button",
      { "data-action": "redraw", title: "new first weights for this neuron" },
      "Draw anew",
    );
    this.anew.addEventListener("click", () => redrawn());
    this.table = made("table");
    this.scrolls = made(
      "div",
      { class: "scrolls", tabindex: 0, role: "region", "aria-label": "the next update" },
      this.table,
    );
    this.take = made(
      "button",
      { "data-action": "take", title: "one update: w becomes new w" },
      "Take this step",
    );
    this.take.addEventListener("click", () => taken());
    const buttons = made("span", { class: "end" }, this.take, this.pin, this.anew);
    box.replaceChildren(made("div", { class: "row" }, this.title, buttons), this.scrolls);
    this.table.addEventListener(
      "click",
      ({ target }) => target.closest("td[data-place]") && this.edit(target.closest("td")),
    );
    this.table.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("button")) return;
      event.preventDefault();
      event.stopPropagation();
      this.edit(event.target.closest("td"));
    });
  }

  draw({ shape, unit, names, frame, config, predicting }) {
    if (this.table.querySelector("input")) return; // somebody types
    const { state, next } = frame;
    const l = unit?.l ?? shape.layers.length - 1;
    const neuron = unit?.neuron ?? 0;
    const layer = shape.layers[l];
    this.pin.setAttribute(
      "aria-pressed",
      (config.pinned ?? []).includes(placesOf(layer, neuron)[0]),
    );
    const steps = `from step ${state.step} to ${state.step + 1}`;
    const head = next?.parameters ? `${saidOf(config.optimizer)}, ${steps}: ` : "";
    this.title.textContent = `${head}the weights of ${calledIn(shape, l, neuron)}`;
    // then the velocity is the gradient
    const isPlain = config.optimizer === "sgd" && !config.momentum;
    const slots =
      next?.parameters && !isPlain
        ? Object.keys(next.slots).filter((name) => name !== "updates")
        : [];
    this.table.classList.toggle("wide", slots.length > 1);
    const heads = [
      "from",
      "w",
      "∂L/∂w",
      ...slots.map((name) => SLOTS[name] ?? name),
      "change",
      "new w",
    ];
    const rows = placesOf(layer, neuron).map((place, j) => {
      const from = j === layer.inputs ? "bias" : l ? `neuron ${j + 1}` : names[j];
      const w = state.parameters[place];
      const cells = [made("th", { scope: "row" }, from), this.weight(place, w, from)];
      if (!next?.parameters) return made("tr", {}, ...cells);
      const g = next.gradient[place];
      const after = next.parameters[place];
      const change = after - w;
      cells.push(made("td", { class: `gradient ${sign(g)}` }, `${markOf(g)} ${short(g)}`));
      for (const name of slots) cells.push(made("td", {}, short(next.slots[name][place])));
      if (predicting) cells.push(made("td", {}, "?"), made("td", {}, "?"));
      else
        cells.push(
          made("td", {}, `${markOf(change)} ${short(change)}`),
          made("td", {}, made("b", {}, number(after))),
        );
      return made("tr", {}, ...cells);
    });
    this.table.replaceChildren(
      made(
        "thead",
        {},
        made(
          "tr",
          {},
          ...heads
            .slice(0, next?.parameters ? undefined : 2)
            .map((head) => made("th", { scope: "col" }, head)),
        ),
      ),
      made("tbody", {}, ...rows),
    );
  }

  weight(place, w, from) {
    return made(
      "td",
      { "data-place": place },
      made("button", { "aria-label": `weight of ${from}: ${number(w)}, change it` }, number(w)),
    );
  }

  /** A field in place of a weight. */
  edit(cell) {
    const place = Number(cell.dataset.place);
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
      cell.replaceChildren(made("button", {}, before));
      cell.firstChild.focus();
      if (found.number !== undefined) this.typed(place, found.number);
    };
    field.addEventListener("blur", () => done(field.value));
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // else Enter presses the button that is there now, and opens the field again
      event.preventDefault();
      done(event.key === "Enter" ? field.value : before.replace("−", "-"));
    });
  }
}
