// What the network answers over its inputs: fetched as numbers, drawn as the big picture and in
// words.

import { classColour, shapeOfClass } from "./colours.js";
import { made, put } from "./elements.js";
import { Plane, boundsOf, dimensionsOf } from "./plane.js";
import { outputsOf } from "./moved.js";
import { COARSE, mapWithin } from "./small_maps.js";
import { drawn } from "./svg.js";

export class Answers {
  /** `box` holds the picture and `what` says what it shows; `acts` are those of `Plane`. */
  constructor(session, { box, what, ...acts }) {
    Object.assign(this, { session, box, what, columns: null, inputMaps: null, size: [1, 1] });
    this.legend = made("p", { class: "classes" });
    box.after(this.legend);
    this.plane = new Plane(box, acts);
  }

  /** Draw all again: the colours may be others. */
  refresh() {
    this.plane.refresh();
    this.legendOf = null;
  }

  /** While it trains, neurons have small maps, but for the one that is pointed at: what is not seen
   * at every point is not computed there. */
  async fetch(isMoving, pointed) {
    const { session } = this;
    const { data } = session;
    this.bounds = boundsOf(data);
    if (dimensionsOf(data) > 2) {
      this.columns = null;
      return;
    }
    if (data !== this.inputsOf) {
      this.inputMaps = data.axes ? await session.inputMaps(...gridOfMaps(this.bounds)) : null;
      this.inputsOf = data;
    }
    const size = this.plane.size(data, isMoving);
    const isInParts = isMoving && size[1] > 1;
    const whole = pointed ? [pointed.column] : [];
    const parts = isInParts ? { maps: mapWithin(size), whole } : {};
    this.columns = await session.picture(centred(this.bounds, size), size, parts);
    Object.assign(this, { size, shape: session.shape });
  }

  /** Whether they are those of the network of now: while another one is built, they are not. */
  get areOfNow() {
    const { shape, session } = this;
    return Boolean(this.columns) && JSON.stringify(shape) === JSON.stringify(session.shape);
  }

  /** Whether what a neuron answers was fetched for every point of the big picture. */
  isWhole({ column }) {
    return this.columns?.[column]?.length === this.columns?.at(-1).length;
  }

  /** The sign of each class, where the heading does not name them. */
  drawLegend(data) {
    if (data === this.legendOf) return;
    this.legendOf = data;
    const count = data.classes > 2 ? data.classes : 0;
    const signs = Array.from({ length: count }, (_, i) => {
      const svg = drawn("svg", {
        viewBox: "-9 -9 18 18",
        width: 14,
        height: 14,
        "aria-hidden": "true",
      });
      const sign = drawn("path", { d: shapeOfClass(i, 6) });
      sign.style.fill = classColour(i);
      svg.append(sign);
      return made("span", {}, svg, data.class_names?.[i] ?? String(i));
    });
    this.legend.replaceChildren(...signs);
  }

  /** Draw those of the network, or of the neuron that is pointed at. */
  draw(pointed, { names, looks, example }) {
    const { session, plane, box, bounds, size, columns } = this;
    const { config, data } = session;
    plane.edits = session.timeline.partAt(session.step).wanted.name === "own";
    const outputs = outputsOf(config, data);
    const isTheNetwork = pointed?.isOutput && outputs === 1;
    const unit = pointed && !isTheNetwork && this.isWhole(pointed) ? pointed : null;
    put(this.what, described(unit, data, outputs, looks.has("flat")));
    this.drawLegend(data);
    box.classList.toggle("none", !columns);
    if (!this.areOfNow) return;
    plane.draw({ names, data, bounds, size, columns, unit, outputs, config, looks, example });
  }
}

/** What the big picture shows: of the network, or of a neuron. */
function described(unit, data, outputs, isFlat) {
  const length = dimensionsOf(data);
  if (length > 2) return `${length} inputs: no plane to draw`;
  if (unit) return `the value of layer ${unit.l + 1}, neuron ${unit.neuron + 1}, over the inputs`;
  if (length === 1) return "the network's answer as a line, and the examples";
  if (outputs > 1 && data.classes)
    return `the class that the network answers${isFlat ? "" : ": more colour means surer"}`;
  if (!data.classes)
    return "the network's answer: orange above the mean of the targets, blue below";
  const name = (i) => data.class_names?.[i] ?? String(i);
  return `the network's answer: orange for class ${name(1)}, blue for class ${name(0)}`;
}

/** Where inputs that are made of coordinates are drawn: the bounds and the size of their maps. */
const gridOfMaps = (bounds) => [centred(bounds, [COARSE, COARSE]), [COARSE, COARSE]];

/** The bounds of the middles of so many columns and rows. */
function centred([x0, x1, y0, y1], [w, h]) {
  const [across, down] = [(x1 - x0) / (2 * w), (y1 - y0) / (2 * h)];
  return [x0 + across, x1 - across, y0 + down, y1 - down];
}
