// Predict, then reveal: before an update, which way will a weight of the chosen neuron move, and
// about how much? The update waits until something was said, and then says how near it was.

import { made, put } from "./elements.js";
import { number, numberIn } from "./numbers.js";
import { calledIn, placeOf } from "./shape.js";

const WAYS = { up: "larger", down: "smaller", stays: "the same" };

export class Prediction {
  /** `changed(predicting)` is called when predicting begins and ends. */
  constructor(changed, tell) {
    Object.assign(this, { changed, tell, isOn: false, asked: null, guess: null });
    this.switch = made("button", { "aria-pressed": false, "data-action": "predict" }, "Predict");
    this.switch.addEventListener("click", () => this.toggle());
    this.question = made("span");
    this.ways = Object.entries(WAYS).map(([way, said]) => {
      const button = made("button", { "aria-pressed": false, "data-way": way }, said);
      button.addEventListener("click", () => this.choose(way));
      return button;
    });
    this.field = made("input", {
      type: "text",
      size: 7,
      "aria-label": "by how much, about",
      placeholder: "by about",
    });
    this.said = made("p", { role: "status", class: "guessed" });
    this.form = made(
      "div",
      { hidden: "" },
      this.question,
      made(
        "span",
        { class: "group", role: "group", "aria-label": "your prediction" },
        ...this.ways,
      ),
      this.field,
    );
    this.element = made("div", { class: "predict" }, this.form, this.said);
  }

  toggle() {
    this.isOn = !this.isOn;
    this.switch.setAttribute("aria-pressed", this.isOn);
    this.form.hidden = !this.isOn;
    this.guess = null;
    put(this.said, "");
    this.changed(this.isOn);
  }

  choose(way) {
    this.guess = way;
    for (const button of this.ways) button.setAttribute("aria-pressed", button.dataset.way === way);
  }

  /** Which weight is asked for: the next of the chosen neuron, in turn. */
  draw({ shape, unit, names, frame }) {
    if (!this.isOn) return;
    const l = unit?.l ?? shape.layers.length - 1;
    const neuron = unit?.neuron ?? 0;
    const layer = shape.layers[l];
    const j = frame.state.step % (layer.inputs + 1);
    const from =
      j === layer.inputs ? "its bias" : `its weight from ${l ? `neuron ${j + 1}` : names[j]}`;
    this.reveal(frame);
    this.asked = {
      step: frame.state.step,
      place: placeOf(layer, neuron, j),
      from,
      of: calledIn(shape, l, neuron),
      before: frame.state.parameters[placeOf(layer, neuron, j)],
    };
    put(this.question, `After the next update, ${this.asked.of}: ${from} will be `);
  }

  /** Whether an update has to wait for a guess. */
  waits(frame) {
    if (!this.isOn || !frame.next?.parameters || this.guess) return false;
    this.tell("Say first which way the weight will move, then take the update.");
    return true;
  }

  /** What came of the guess, one update later. */
  reveal({ state }) {
    const { asked, guess } = this;
    if (!asked || !guess || state.step !== asked.step + 1) return;
    const change = state.parameters[asked.place] - asked.before;
    const way = change > 0 ? "up" : change < 0 ? "down" : "stays";
    const size = numberIn(this.field.value).number;
    const about =
      size === undefined || !change
        ? ""
        : ` You said about ${number(Math.abs(size))}: ${near(Math.abs(size), Math.abs(change))}.`;
    const judged = way === guess ? "Right" : "Not this time";
    const went = `from ${number(asked.before)} to ${number(asked.before + change)}`;
    put(this.said, `${judged}: ${asked.from} went ${went}, by ${number(change)}.${about}`);
    this.guess = null;
    this.field.value = "";
    for (const button of this.ways) button.setAttribute("aria-pressed", false);
  }
}

function near(guess, size) {
  if (guess === 0) return "it was more than nothing";
  const ratio = guess / size;
  if (ratio > 0.5 && ratio < 2) return "that is close";
  return ratio > 1
    ? `that is ${number(ratio)} times too much`
    : `it was ${number(1 / ratio)} times as much`;
}
