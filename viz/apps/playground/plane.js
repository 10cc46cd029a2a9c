// The big picture: what the network, or one of its neurons, answers over the plane of its inputs,
// or along its one input, with the examples on it.

import { classColour, paintClasses, paintNumbers, painted, shapeOfClass } from "./colours.js";
import { made } from "./elements.js";
import { inFormula, shown } from "./numbers.js";
import { hearKeysOfPoints } from "./points_by_key.js";
import { drawn, written } from "./svg.js";

const PALE = 0.6; // of the colours, behind the points
const CALM = 100; // columns of the picture at rest
const MOVING = 60; // and while it trains

/** The rows that are places in the picture: coordinates, of which inputs may be made. */
export const pointsOf = (part) => part.coordinates ?? part.inputs;

/** How many numbers say where an example is. */
export const dimensionsOf = (data) => pointsOf(data)[0].length;

/** What the picture covers: the examples and some room around. */
export function boundsOf(data) {
  const rows = [...pointsOf(data), ...(data.held_out ? pointsOf(data.held_out) : [])];
  const range = (numbers) => {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const room = 0.12 * (high - low) || 0.5;
    return [low - room, high + room];
  };
  const [x0, x1] = range(rows.map(([x]) => x));
  if (dimensionsOf(data) > 1) return [x0, x1, ...range(rows.map(([, y]) => y))];
  const targets = [...data.targets, ...(data.held_out?.targets ?? [])];
  return [x0, x1, ...range(targets)];
}

export class Plane {
  /** `chosen(index, heldOut)` is called when an example is clicked; where points are made by hand,
   * `added([x, y])` for a new one, and `moved([index, heldOut], to)` for one whose new place `to`
   * gives from its old one. `said` takes a sentence. */
  constructor(box, { chosen, added, moved, said }) {
    Object.assign(this, { box, chosen, added, moved, said, edits: false });
    this.canvas = made("canvas", { "aria-hidden": "true" });
    const label = "the examples: arrows choose one";
    this.svg = drawn("svg", { role: "group", "aria-label": label, tabindex: 0 });
    box.replaceChildren(this.canvas, this.svg);
    this.measure();
    this.listen();
  }

  /** Look how large it is, before anything is drawn: afterwards the browser would lay the page out
   * anew. */
  measure() {
    const { clientWidth, clientHeight } = this.box;
    Object.assign(this, { W: clientWidth, H: clientHeight });
  }

  /** How many numbers to ask for. */
  size(data, isMoving) {
    const width = isMoving ? MOVING : CALM;
    if (dimensionsOf(data) === 1) return [2 * width, 1];
    if (!isMoving) this.measure();
    const { W: w, H: h } = this;
    return [width, Math.max(8, Math.round((width * h) / Math.max(1, w)))];
  }

  draw({ names, data, bounds, size, columns, unit, outputs, config, looks, example }) {
    const isFlat = looks.has("flat");
    const showHeldOut = looks.has("held_out") || this.edits; // what was just set has to be there
    Object.assign(this, { data, bounds, showHeldOut, example });
    const [w, h] = size;
    this.canvas.width = w;
    this.canvas.height = h;
    const pen = this.canvas.getContext("2d");
    const image = pen.createImageData(w, h);
    const lines = drawn("g", { class: "boundary" });
    if (dimensionsOf(data) === 1) {
      paintNumbers(image, () => 0);
      lines.append(...this.curves(columns.slice(-outputs), unit && columns[unit.column], w));
    } else if (!unit && outputs > 1 && data.classes) {
      const last = columns.slice(-outputs);
      const best = winners(last);
      paintClasses(
        image,
        (i) => best.which[i],
        (i) => (isFlat ? 1 : best.margin[i]),
      );
      for (let c = 0; c < outputs; c++) lines.append(this.boundary(best.lead(c), w, h));
    } else {
      const { numbers, scale } = scaled(
        unit ? columns[unit.column] : columns.at(-1),
        unit,
        config,
        data,
      );
      paintNumbers(image, (i) => painted(numbers[i] * scale, isFlat), PALE);
      lines.append(this.boundary(numbers, w, h));
    }
    pen.putImageData(image, 0, 0);
    const { W, H } = this;
    const axes = this.axes(names, data);
    const key = [W, H, ...bounds, showHeldOut, example?.index, example?.heldOut].join();
    if (key !== this.key || data !== this.drawnData) {
      // points stay where they are while it trains
      this.group = this.points(showHeldOut, example);
      Object.assign(this, { key, drawnData: data });
    }
    this.svg.replaceChildren(lines, axes, this.group);
  }

  /** Draw the points again: their colours may be others. */
  refresh() {
    this.key = "";
  }

  get place() {
    const { W: w, H: h } = this;
    const [x0, x1, y0, y1] = this.bounds;
    return {
      x: (x) => ((x - x0) / (x1 - x0)) * w,
      y: (y) => ((y1 - y) / (y1 - y0)) * h,
      back: (px, py) => [x0 + (px / w) * (x1 - x0), y1 - (py / h) * (y1 - y0)],
    };
  }

  points(showHeldOut, example) {
    const { data, place } = this;
    const r = Math.max(4, Math.min(9, this.W / 95));
    const group = drawn("g", {});
    const add = (part, heldOut) => {
      const { targets } = part;
      pointsOf(part).forEach((row, i) => {
        const kind = data.classes ? targets[i] : 1;
        const at = [place.x(row[0]), place.y(row.length > 1 ? row[1] : targets[i])];
        const colour = data.classes || row.length === 1 ? classColour(kind) : null;
        const point = drawn("path", {
          class: heldOut ? "point held-out" : "point",
          d: shapeOfClass(kind, r),
          transform: `translate(${at})`,
          "data-example": i,
        });
        point.style.setProperty("--colour", colour ?? this.shade(targets[i]));
        if (heldOut) point.dataset.heldOut = "";
        group.append(point);
      });
    };
    add(data, false);
    if (showHeldOut && data.held_out) add(data.held_out, true);
    if (example) {
      const part = example.heldOut ? data.held_out : data;
      const { targets } = part;
      const row = pointsOf(part)[example.index];
      if (row) {
        const [cx, cy] = [
          place.x(row[0]),
          place.y(row.length > 1 ? row[1] : targets[example.index]),
        ];
        for (const ring of ["ring around", "ring"])
          group.append(drawn("circle", { class: ring, cx, cy, r: 2.2 * r }));
      }
    }
    return group;
  }

  /** What lies along each side, and from where to where. */
  axes([first, second], data) {
    const {
      W: w,
      H: h,
      bounds: [x0, x1, y0, y1],
    } = this;
    const upwards = dimensionsOf(data) > 1 ? second : "target";
    const short = (x) => inFormula(x, 2);
    const at = (x, y, text, anchor) =>
      written(x, y, text, { "text-anchor": anchor, "font-size": 12 });
    return drawn(
      "g",
      { class: "axes", "aria-hidden": "true" },
      at(4, h - 5, short(x0), "start"),
      at(w / 2, h - 5, `${shown(first, 14)} →`, "middle"),
      at(w - 4, h - 5, short(x1), "end"),
      at(4, h - 20, short(y0), "start"),
      at(4, 29, `${shown(upwards, 14)} ↑`, "start"),
      at(4, 14, short(y1), "start"),
    );
  }

  /** The colour of a target that is a number. */
  shade(target) {
    const middle = mean(this.data.targets);
    return classColour(target > middle ? 1 : 0);
  }

  /** Where numbers on a grid change their sign. */
  boundary(numbers, w, h) {
    const { W, H } = this;
    const px = (x) => ((x + 0.5) / w) * W;
    const py = (y) => ((y + 0.5) / h) * H;
    let d = "";
    for (let y = 0; y < h - 1; y++) {
      for (let x = 0; x < w - 1; x++) {
        const i = y * w + x;
        const isAbove = numbers[i] > 0;
        if (
          numbers[i + 1] > 0 === isAbove &&
          numbers[i + w] > 0 === isAbove &&
          numbers[i + w + 1] > 0 === isAbove
        )
          continue; // as nearly everywhere
        const corners = [
          [x, y, numbers[i]],
          [x + 1, y, numbers[i + 1]],
          [x + 1, y + 1, numbers[i + w + 1]],
          [x, y + 1, numbers[i + w]],
        ];
        const cuts = [];
        corners.forEach(([ax, ay, a], k) => {
          const [bx, by, b] = corners[(k + 1) % 4];
          if (a > 0 === b > 0) return;
          const t = Number.isFinite(a - b) ? a / (a - b) : 0.5;
          cuts.push(`${px(ax + (bx - ax) * t).toFixed(1)},${py(ay + (by - ay) * t).toFixed(1)}`);
        });
        if (cuts.length > 1) d += `M${cuts[0]}L${cuts[1]}`;
      }
    }
    return drawn("path", { d, class: "border" });
  }

  /** The outputs over the one input, and a neuron, if one is pointed at. */
  curves(outputs, neuron, w) {
    const {
      place,
      bounds: [x0, x1],
    } = this;
    const line = (numbers, name) => {
      // what no path can hold is far outside
      const bounded = (y) => Math.max(-1e6, Math.min(1e6, y));
      const points = Array.from(numbers, (y, i) => {
        if (Number.isNaN(y)) return "";
        const x = x0 + ((i + 0.5) / w) * (x1 - x0);
        return `${place.x(x).toFixed(1)},${bounded(place.y(y)).toFixed(1)}`;
      });
      const known = points.filter(Boolean);
      return drawn("path", { d: known.length ? `M${known.join("L")}` : null, class: name });
    };
    const all = outputs.map((numbers) => line(numbers, "border"));
    return neuron ? [...all, line(neuron, "border neuron")] : all;
  }

  listen() {
    let dragged = null;
    const at = (event) => {
      const box = this.svg.getBoundingClientRect();
      return this.place.back(event.clientX - box.left, event.clientY - box.top);
    };
    this.svg.addEventListener("pointerdown", (event) => {
      const { example, heldOut } = event.target.dataset ?? {};
      if (example !== undefined) {
        const found = [Number(example), heldOut !== undefined];
        this.chosen(...found);
        if (this.edits) dragged = { example: found, x: event.clientX, y: event.clientY };
      } else if (this.edits) this.added(at(event));
      if (dragged !== null) this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointerup", (event) => {
      // a click chooses a point, and leaves it where it is
      if (dragged && Math.hypot(event.clientX - dragged.x, event.clientY - dragged.y) > 3)
        this.moved(dragged.example, () => at(event));
      dragged = null;
    });
    hearKeysOfPoints(this, pointsOf);
  }
}

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Which output is the largest, and by how much. */
function winners(columns) {
  const count = columns[0].length;
  const which = new Uint8Array(count);
  const margin = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let second = -Infinity;
    let first = -Infinity;
    columns.forEach((column, c) => {
      if (column[i] > first) [second, first, which[i]] = [first, column[i], c];
      else if (column[i] > second) second = column[i];
    });
    margin[i] = first - second;
  }
  const lead = (c) => Array.from(which, (best, i) => (best === c ? margin[i] : -margin[i]));
  return { which, margin, lead };
}

/** Numbers about what decides between the classes, and how much of them is full colour. */
export function scaled(column, unit, { loss }, data) {
  if (unit && !unit.isOutput) {
    let most = 1;
    // an input may be undefined somewhere, and so is what a neuron makes of it
    for (const x of column) if (Math.abs(x) > most) most = Math.abs(x);
    return { numbers: column, scale: 1.8 / most };
  }
  if (loss === "mse") {
    const middle = data.classes ? 0.5 : mean(data.targets);
    const spread = Math.max(...data.targets.map((y) => Math.abs(y - middle)), 1e-9);
    return { numbers: column.map((x) => x - middle), scale: 1 / spread };
  }
  return { numbers: column, scale: loss === "hinge" ? 0.7 : 0.25 };
}
