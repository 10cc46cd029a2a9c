// What the network reads of an example: its two coordinates, or expressions of them, which are
// ticked on and off, and typed.

import { made, put } from "./elements.js";

export const COORDINATES = ["x1", "x2"];
const USUAL = [...COORDINATES, "x1**2", "x2**2", "x1*x2", "sin(3*x1)", "sin(3*x2)"];
const LAST = "The network needs an input: tick another one first.";
const LOW = { 1: "₁", 2: "₂" };
const HIGH = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const LONG = 9; // characters, for which a tile is too narrow

const inputsIn = ({ inputs }) => inputs ?? COORDINATES;

/** An expression as it is shown: x₁² for x1**2, x₁·x₂ for x1*x2, and sin 3x₁ for sin(3*x1). What
 * could be read otherwise then stays as it was typed. */
export const inputWritten = (text) =>
  text
    .replace(/\s*\*\*\s*(\d+)(?![\w.])/g, (_, power) => [...power].map((i) => HIGH[i]).join(""))
    .replace(/(?<!\*)\s*\*\s*(?!\*)/g, "·")
    .replace(/(?<![\w.*/])(\d+)·(?=[a-z])/g, "$1")
    .replace(/(?<![a-z_]\w*)x([12])(?!\w)/gi, (_, index) => `x${LOW[index]}`)
    .replace(/^([a-z]+)\((\d*[xy][₁₂]?)\)$/, "$1 $2");

/** The name of an input as it is shown: that of a coordinate as in expressions. */
export const nameWritten = (name) => (COORDINATES.includes(name) ? inputWritten(name) : name);

/** Which old input each new one is, -1 for none, of two messages about data; null where they name
 * the same ones. */
export function keptInputs(before, after) {
  const [old, now] = [before, after].map(inputsIn);
  const isSame = old.length === now.length && old.every((one, i) => one === now[i]);
  return isSame ? null : now.map((one) => old.indexOf(one));
}

/** The inputs with one more, or without it: the usual ones first. Throws where none would be left. */
function toggled(inputs, text) {
  const isOn = inputs.includes(text);
  if (isOn && inputs.length === 1) throw new Error(LAST);
  const next = isOn ? inputs.filter((one) => one !== text) : [...inputs, text];
  const place = (one) => (USUAL.includes(one) ? USUAL.indexOf(one) : USUAL.length);
  return next.sort((a, b) => place(a) - place(b));
}

export class InputsPanel {
  /** `changed(patch, what)` is called with a function from the data of then to a patch of them; it
   * promises whether that was refused. */
  constructor({ changed }) {
    this.changed = changed;
    this.tiles = made("div", { class: "tiles", role: "group", "aria-label": "inputs" });
    this.field = made("input", {
      type: "text",
      "data-name": "inputs",
      "aria-label": "another input: an expression of x1 and x2",
      placeholder: "another",
      autocomplete: "off",
    });
    this.field.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.add();
    });
    this.why = made("p", { class: "muted" });
    this.tiles.append(this.field);
    this.element = made("div", { class: "inputs" }, made("h2", {}, "inputs"), this.why, this.tiles);
    this.buttons = new Map();
    for (const text of USUAL) this.tile(text);
  }

  /** The tile of an input: it stays, also where it is not ticked. */
  tile(text) {
    if (this.buttons.has(text)) return;
    const said = inputWritten(text);
    const button = made("button", { "data-input": text, title: text }, said);
    button.classList.toggle("long", said.length > LONG);
    button.addEventListener("click", () => this.toggle(text));
    this.buttons.set(text, button);
    this.field.before(button);
  }

  toggle(text) {
    const isOn = this.buttons.get(text)?.getAttribute("aria-pressed") === "true";
    return this.changed(
      (data) => {
        const inputs = toggled(inputsIn(data), text);
        return { inputs: keptInputs({}, { inputs }) ? inputs : null };
      },
      `${isOn ? "without the input" : "the input"} ${inputWritten(text)}`,
    );
  }

  async add() {
    const text = this.field.value.trim();
    const isOn = this.buttons.get(text)?.getAttribute("aria-pressed") === "true";
    if (!text || isOn || !(await this.toggle(text))) this.field.value = "";
  }

  /** `width` is how many coordinates an example has. */
  show(data, width) {
    this.tiles.hidden = width !== 2;
    this.why.hidden = width === 2;
    put(this.why, `x₁·x₂ and others need two coordinates; an example here has ${width}.`);
    const inputs = inputsIn(data);
    for (const text of inputs) this.tile(text);
    for (const [text, button] of this.buttons)
      button.setAttribute("aria-pressed", inputs.includes(text));
  }
}
