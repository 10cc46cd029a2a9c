// The network as it learns: a card for every neuron with a small map of what it answers, its
// weights as lines, and on each line the gradient of the weight as a triangle.

import { made, mark, put } from "./elements.js";
import { number, shown, sign } from "./numbers.js";
import { calledIn, placeOf } from "./shape.js";
import { drawMaps } from "./small_maps.js";
import { stateOfUnit } from "./state_of_unit.js";
import { drawn, markOf, triangle, written } from "./svg.js";

const MOST = 10; // neurons of a layer that have a card; of more, the first and the last
const HEAD = 100; // pixels for the heads of the layers
const THICKEST = 2.2; // a weight of this size has the thickest line

/** Whether the name of an input has room beside its card. */
const isShort = (name) => name.length < 4;

/** The places of a layer that have a card; null stands for all that have none. */
export function shownOf(size) {
  if (size <= MOST + 1) return Array.from({ length: size }, (_, i) => i);
  return [...Array.from({ length: MOST - 1 }, (_, i) => i), null, size - 1];
}

export class Network {
  /** `chosen(l, neuron)` is called when a card is clicked, `pointed(l, neuron)` while the mouse or
   * the focus is on it. Layer -1 holds the inputs. */
  constructor(box, { chosen, pointed }) {
    Object.assign(this, { box, chosen, pointed, key: "" });
    this.canvas = made("canvas", { "aria-hidden": "true" });
    this.svg = drawn("svg", { role: "group", "aria-label": "the network" });
    this.heads = made("div", { class: "heads" });
    box.replaceChildren(this.canvas, this.svg, this.heads);
    this.listen();
  }

  /** Everything that does not change while it trains. */
  build(shape, names) {
    const { clientWidth: W, clientHeight: H } = this.box;
    const columns = [shape.inputs, ...shape.layers.map(({ size }) => size)].map(shownOf);
    const text = Math.max(12, Math.min(parseFloat(getComputedStyle(this.box).fontSize), W / 40));
    const [head, foot] = [Math.max(text * 4.4, HEAD), text * 3.2];
    const most = Math.max(...columns.map(({ length }) => length), 4);
    const pitch = (H - head - foot) / most;
    const room = names.every(isShort) ? pitch : pitch - 1.3 * text; // for the names above cards
    const size = Math.max(18, Math.min(0.72 * pitch, room, 0.1 * W, (0.42 * W) / columns.length));
    const first = Math.max(size / 2 + text * 2.4, 0.07 * W);
    const last = W - Math.max(size / 2 + 10, 0.06 * W);
    const x = columns.map((_, c) => first + ((last - first) * c) / (columns.length - 1));
    const spread = (c) => Math.min((H - head - foot) / columns[c].length, 2.1 * size);
    const y = (c, k) =>
      head + (H - head - foot) / 2 + (k - (columns[c].length - 1) / 2) * spread(c);
    Object.assign(this, { shape, names, columns, x, y, size, text, W, H });
    this.wires = [];
    this.cards = [];
    const groups = ["lines", "triangles", "cards", "labels"].map((name) =>
      drawn("g", { class: name }),
    );
    [this.lines, this.triangles, this.group, this.labels] = groups;
    this.svg.replaceChildren(...groups, ...this.legend());
    for (let c = 1; c < columns.length; c++) this.addWires(c);
    columns.forEach((shown, c) => shown.forEach((neuron, k) => this.addCard(c, neuron, k)));
    const scale = globalThis.devicePixelRatio || 1;
    this.canvas.width = W * scale;
    this.canvas.height = H * scale;
  }

  addWires(c) {
    const { columns, x, y, size, shape } = this;
    const layer = shape.layers[c - 1];
    columns[c].forEach((to, row) => {
      columns[c - 1].forEach((from, k) => {
        if (to === null || from === null) return;
        const [x0, y0, x1] = [x[c - 1] + size / 2, y(c - 1, k), x[c] - size / 2];
        const y1 = y(c, row) + size * 0.7 * ((k + 0.5) / columns[c - 1].length - 0.5);
        const bend = (x1 - x0) * 0.45;
        const path = drawn("path", {
          class: "wire",
          d: `M${x0},${y0}C${x0 + bend},${y0} ${x1 - bend},${y1} ${x1},${y1}`,
        });
        const at = (t) => {
          const s = 1 - t;
          const mix = (a, b, d, e) =>
            s ** 3 * a + 3 * s * s * t * b + 3 * s * t * t * d + t ** 3 * e;
          return [mix(x0, x0 + bend, x1 - bend, x1), mix(y0, y0, y1, y1)];
        };
        const point = drawn("path", { class: "gradient" });
        const spot = at(0.24 + (0.5 * (row + 0.5)) / columns[c].length);
        this.wires.push({
          l: c - 1,
          to,
          place: placeOf(layer, to, from),
          path,
          point,
          spot,
          at,
          k,
        });
        this.lines.append(path);
        this.triangles.append(point);
      });
    });
  }

  addCard(c, neuron, k) {
    const { x, y, size, text, shape } = this;
    const [left, top] = [x[c] - size / 2, y(c, k) - size / 2];
    if (neuron === null) {
      const more = (c ? shape.layers[c - 1].size : shape.inputs) - this.columns[c].length + 1;
      this.group.append(
        written(x[c], y(c, k) + text * 0.3, `+ ${more} more`, {
          class: "muted",
          "text-anchor": "middle",
          "font-size": text,
        }),
      );
      return;
    }
    const called = c ? calledIn(shape, c - 1, neuron) : `input ${this.names[neuron]}`;
    const card = drawn(
      "g",
      {
        class: c ? "unit" : "unit input",
        role: c ? "button" : "img",
        "data-unit": `${c - 1},${neuron}`,
        "aria-label": called,
        ...(c && { tabindex: c === 1 && k === 0 ? 0 : -1 }),
      },
      drawn("rect", { x: left, y: top, width: size, height: size, rx: 4 }),
    );
    if (!c) {
      const name = this.names[neuron];
      const isBeside = isShort(name);
      const [nx, ny] = isBeside ? [left - 6, top + size / 2 + text * 0.35] : [x[c], top - 4];
      card.append(
        drawn(
          "text",
          {
            x: nx,
            y: ny,
            "text-anchor": isBeside ? "end" : "middle",
            class: "name",
            "font-size": isBeside ? text * 1.15 : text * 0.85,
          },
          shown(name, 14),
        ),
      );
    }
    const bias = c ? drawn("path", { class: "bias" }) : null;
    const flow = c ? drawn("path", { class: "gradient" }) : null; // the gradient of the bias
    const state = c
      ? written(left + size, top - 3, "", {
          class: "state",
          "text-anchor": "end",
          "font-size": text * 0.8,
        })
      : null;
    if (bias) card.append(bias, flow, state);
    this.group.append(card);
    this.cards.push({ c, l: c - 1, neuron, card, bias, flow, state, left, top });
  }

  legend() {
    const { H, text, W } = this;
    const y = H - text * 1.9;
    const sample = (x, kind, said) => [
      drawn("path", {
        class: `wire ${kind} on`,
        "stroke-width": 4,
        d: `M${x},${y - text * 0.3}h${text * 1.9}`,
      }),
      written(x + text * 2.3, y, said, { "font-size": text * 0.95 }),
    ];
    const said =
      W > 620
        ? "▲▼ gradient: the larger it is, the larger the mark; " +
          "training moves a weight the other way"
        : "▲▼ gradient: training moves a weight the other way";
    return [
      ...sample(14, "positive", "weight > 0"),
      ...sample(14 + text * 9.5, "negative", "weight < 0"),
      written(14, y + text * 1.4, said, { class: "muted", "font-size": text * 0.88 }),
    ];
  }

  /** The numbers of now: parameters and their gradients, maps of the neurons, and what is chosen.
   */
  draw({
    shape,
    names,
    parameters,
    gradient,
    maps,
    size,
    units,
    unit,
    pinned,
    config,
    data,
    inputMaps,
    looks,
  }) {
    const { clientWidth: W, clientHeight: H } = this.box;
    const key = JSON.stringify([shape, names, W, H]);
    if (key !== this.key) {
      this.build(shape, names);
      this.key = key;
    }
    const shownPlaces = [
      ...this.wires.map(({ place }) => place),
      ...this.cards.flatMap((card) => this.biasOf(card)),
    ];
    const most = gradient
      ? Math.max(...shownPlaces.map((place) => Math.abs(gradient[place])), 1e-300)
      : 1;
    this.svg.classList.toggle("some", Boolean(unit));
    for (const wire of this.wires)
      this.drawWire(wire, parameters[wire.place], gradient?.[wire.place], most, unit);
    for (const card of this.cards)
      this.drawCard(card, { parameters, gradient, most, units, unit, pinned });
    this.drawLabels(parameters, gradient, unit);
    drawMaps(this, maps, size, { config, data, inputMaps, looks });
  }

  drawWire({ path, point, spot, l, to }, weight, gradient, most, unit) {
    const size = Math.round(28 * Math.min(1, Math.abs(weight) / THICKEST)) / 28; // in steps, as marks
    const isOn = unit && unit.l === l && unit.neuron === to ? " on" : "";
    mark(path, "class", `wire ${sign(weight)}${isOn}`);
    mark(path, "stroke-width", (1 + 7 * size).toFixed(1));
    mark(path, "stroke-opacity", (0.3 + 0.65 * size).toFixed(2));
    if (!gradient) {
      mark(point, "d", "");
      return;
    }
    mark(point, "class", `gradient ${sign(gradient)}${isOn}`);
    mark(point, "d", triangle(...spot, sizeOfMark(gradient, most), gradient > 0));
  }

  /** The place of the bias of a card, if it has one. */
  biasOf({ c, l, neuron }) {
    const layer = this.shape.layers[l];
    return c ? [placeOf(layer, neuron, layer.inputs)] : [];
  }

  drawCard(
    { c, l, neuron, card, bias, flow, state, left, top },
    { parameters, gradient, most, units, unit, pinned },
  ) {
    const isOn = unit && unit.l === l && unit.neuron === neuron;
    mark(card, "class", `unit${isOn ? " on" : ""}${c ? "" : " input"}`);
    if (!c) return;
    const layer = this.shape.layers[l];
    const [place] = this.biasOf({ c, l, neuron });
    const b = parameters[place];
    const z = (6 + 7 * Math.min(1, Math.abs(b))) * Math.min(1, this.size / 40);
    mark(bias, "class", `bias ${sign(b)}`);
    mark(bias, "d", `M${left - z / 2},${top + this.size - z / 2}h${z}v${z}h${-z}z`);
    const g = gradient?.[place] ?? 0;
    mark(flow, "class", `gradient ${sign(g)}${isOn ? " on" : ""}`);
    mark(flow, "d", g ? triangle(left - z - 2, top + this.size, sizeOfMark(g, most), g > 0) : "");
    const { said, why } = stateOfUnit(units?.[l]?.[neuron], layer, pinned.includes(place));
    if (state.textContent !== said) state.textContent = said;
    mark(card, "aria-label", [calledIn(this.shape, l, neuron), why].filter(Boolean).join(": "));
    put(this.titleOf(card), why);
  }

  titleOf(card) {
    return card.querySelector("title") ?? card.appendChild(drawn("title"));
  }

  /** The numbers on the lines of the chosen neuron. */
  drawLabels(parameters, gradient, unit) {
    this.labels.replaceChildren();
    if (!unit || this.W < 600) return;
    const z = Math.max(11, this.text * 0.95);
    const mine = this.wires.filter(({ l, to }) => l === unit.l && to === unit.neuron);
    if (mine.length * z * 2.3 > this.H - this.text * 8) return; // the table has them
    for (const { at, place, k } of mine) {
      const [middle, y] = at(mine.length < 3 ? 0.5 : 0.26);
      const x = Math.max(middle, this.x[unit.l] + this.size / 2 + z * 2.9); // beside the cards
      const [w, g] = [parameters[place], gradient?.[place]];
      const lines = [
        written(x, y - z * 0.1, `w ${number(w)}`, { class: `number ${sign(w)}`, "font-size": z }),
      ];
      if (g !== undefined)
        lines.push(
          written(x, y + z, `${markOf(g)} ${number(g)}`, {
            class: "number",
            "font-size": z * 0.92,
          }),
        );
      const width = z * 5.6;
      this.labels.append(
        drawn(
          "g",
          { "data-label": k },
          drawn("rect", {
            class: "plate",
            x: x - width / 2,
            y: y - z * 1.1,
            width,
            height: z * 2.4,
            rx: 5,
          }),
          ...lines,
        ),
      );
    }
  }

  /** Which column of a picture is that of a neuron. */
  columnOf(l, neuron) {
    return this.shape.layers.slice(0, l).reduce((sum, { size }) => sum + size, neuron);
  }

  listen() {
    const { svg, box } = this;
    const of = (event) => {
      const said = event.target.closest(".unit")?.dataset.unit;
      return said ? said.split(",").map(Number) : null;
    };
    svg.addEventListener("click", (event) => {
      const found = of(event);
      this.chosen(...(found ?? [null]));
    });
    svg.addEventListener("pointerover", (event) => this.pointed(...(of(event) ?? [null])));
    svg.addEventListener("pointerleave", () => this.pointed(null));
    // at the box, since an SVG that hears of the focus would have it itself
    box.addEventListener("focusin", (event) => this.pointed(...(of(event) ?? [null])));
    box.addEventListener("focusout", () => this.pointed(null));
    svg.addEventListener("keydown", (event) => {
      const found = of(event);
      if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter") this.chosen(...found);
      else if (event.key.startsWith("Arrow")) this.walk(found, event.key);
      else return;
      event.preventDefault();
    });
  }

  /** The arrows go from card to card. */
  walk([l, neuron], key) {
    const mine = this.cards.filter((one) => one.l === l);
    const k = mine.findIndex((one) => one.neuron === neuron);
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[
      key
    ];
    const beside = this.cards.filter((one) => one.c && one.l === l + step[0]);
    const others = step[0] ? beside : mine;
    const next = others[Math.max(0, Math.min(others.length - 1, k + step[1]))];
    if (!next) return;
    for (const { c, card } of this.cards) if (c) card.setAttribute("tabindex", -1);
    next.card.setAttribute("tabindex", 0);
    next.card.focus();
  }
}

/** How large the mark of a gradient is, of which the largest is given: its area tells. In steps that
 * can hardly be seen, so that most marks stay as they are from frame to frame. */
const sizeOfMark = (gradient, most) =>
  3 + Math.round(36 * Math.sqrt(Math.abs(gradient) / most)) / 4;
