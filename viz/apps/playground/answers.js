// What the network answers over its inputs: fetched as numbers, drawn as the big picture and in
// words.

import { put } from "./elements.js";
import { Plane, boundsOf } from "./plane.js";
import { outputsOf } from "./moved.js";

export class Answers {
  /** `box` holds the picture and `what` says what it shows; `chosen` and `placed` as in `Plane`. */
  constructor(session, { box, what, chosen, placed }) {
    Object.assign(this, { session, box, what, columns: null, size: [1, 1] });
    this.plane = new Plane(box, { chosen, placed });
  }

  async fetch(isMoving) {
    const { session } = this;
    const { data } = session;
    this.bounds = boundsOf(data);
    if (data.inputs[0].length > 2) {
      this.columns = null;
      return;
    }
    const size = this.plane.size(data, isMoving);
    this.columns = await session.picture(centred(this.bounds, size), size);
    Object.assign(this, { size, shape: session.shape });
  }

  /** Whether they are those of the network of now: while another one is built, they are not. */
  get areOfNow() {
    const { shape, session } = this;
    return Boolean(this.columns) && JSON.stringify(shape) === JSON.stringify(session.shape);
  }

  /** Draw those of the network, or of the neuron that is pointed at. */
  draw(network, hovered, { showHeldOut, example }) {
    const { session, plane, box, bounds, size, columns } = this;
    const { config, data, shape } = session;
    plane.edits = session.timeline.partAt(session.step).wanted.name === "own";
    const outputs = outputsOf(config, data);
    const isOutput = hovered?.l === shape.layers.length - 1;
    const isNeuron = hovered && hovered.l < shape.layers.length && !(isOutput && outputs === 1);
    const column = isNeuron && network.columnOf(hovered.l, hovered.neuron);
    const unit = isNeuron ? { ...hovered, isOutput, column } : null;
    put(this.what, described(unit, data, outputs));
    box.classList.toggle("none", !columns);
    if (!this.areOfNow) return;
    showHeldOut ||= plane.edits; // a point that was just set has to be there
    plane.draw({ data, bounds, size, columns, unit, outputs, config, showHeldOut, example });
  }
}

/** What the big picture shows: of the network, or of a neuron. */
function described(unit, data, outputs) {
  const { length } = data.inputs[0];
  if (length > 2) return `${length} inputs: no plane to draw`;
  if (unit) return `what layer ${unit.l + 1}, neuron ${unit.neuron + 1} answers`;
  if (length === 1) return "what the network answers, and the examples";
  if (outputs > 1 && data.classes)
    return "which class the network answers, the more colour the surer";
  if (!data.classes) return "what the network answers: orange above the mean, blue below";
  const name = (i) => data.class_names?.[i] ?? String(i);
  return `what the network answers: orange towards class ${name(1)}, blue towards ${name(0)}`;
}

/** The bounds of the middles of so many columns and rows. */
function centred([x0, x1, y0, y1], [w, h]) {
  const [across, down] = [(x1 - x0) / (2 * w), (y1 - y0) / (2 * h)];
  return [x0 + across, x1 - across, y0 + down, y1 - down];
}
