// What the neurons of a network answer over a grid of points, in one pass.

import { Code } from "./code.js";
import { Machine } from "./machine.js";
import { range } from "./network.js";

export class Picture {
  constructor(kind) {
    this.machine = new Machine(kind);
    this.key = this.place = null;
  }

  /** The value of every neuron, hidden layers first: a column each. A grid has the numbers `xs` of
   * its columns and `ys` of its rows, none for a network with one input. Where it has `maps`, the
   * numbers of columns and rows of a small map, hidden neurons other than those in `whole` have
   * that one. */
  columns({ shape, network, examples: { made } }, { xs, ys, maps, whole }, parameters) {
    const count = xs.length * (ys?.length ?? 1);
    const key = JSON.stringify([shape, count, maps, whole, made?.key]);
    if (this.key !== key)
      this.build(network, count, maps ? maps[0] * maps[1] : count, whole, ys ? 2 : 1, made);
    const place = JSON.stringify([key, xs[0], xs.at(-1), ys?.[0], ys?.at(-1), xs.length]);
    if (this.place !== place) this.putPoints(xs, ys, maps);
    Object.assign(this, { key, place });
    return this.run(parameters);
  }

  /** The programs: one for the points of the small map, which come first, and one for the rest; and
   * that of the inputs, where these are made of the coordinates. */
  build(network, count, few, whole, coordinates, made) {
    const { machine } = this;
    machine.reset();
    const neurons = range(0, network.hidden + network.outputs);
    const wholes = neurons.filter((k) => few === count || k >= network.hidden || whole.includes(k));
    const values = machine.column(network.count);
    const columns = (some) => some.map(() => machine.column(count));
    const places = columns(range(0, coordinates));
    const from = made ? columns(made.texts) : places;
    const inputs = made && new Code(made.program, machine, { from: places, to: from });
    const to = neurons.map((k) => machine.column(wholes.includes(k) ? count : few));
    const codeFor = (some) =>
      new Code(network.picture(some), machine, { from, to: some.map((k) => to[k]), values });
    const rest = few < count ? codeFor(wholes) : null;
    Object.assign(this, {
      count,
      few,
      wholes: new Set(wholes),
      values,
      places,
      inputs,
      to,
      all: codeFor(neurons),
      rest,
    });
  }

  putPoints(xs, ys, maps) {
    const {
      count,
      few,
      inputs,
      machine,
      places: [across, down],
    } = this;
    const width = xs.length;
    const isFirst = new Uint8Array(count);
    const first = maps ? placesOfMap([width, ys?.length ?? 1], maps) : [];
    for (const place of first) isFirst[place] = 1;
    this.order =
      few < count
        ? [...first, ...range(0, count).filter((place) => !isFirst[place])]
        : range(0, count);
    const m = machine.doubles();
    this.order.forEach((place, i) => {
      m[(across >> 3) + i] = xs[place % width];
      if (ys) m[(down >> 3) + i] = ys[Math.floor(place / width)];
    });
    inputs?.prepare();
    inputs?.fill(count);
  }

  run(parameters) {
    const { machine, all, rest, count, few, to } = this;
    machine.doubles().set(parameters, this.values >> 3);
    all.prepare();
    all.fill(few);
    if (rest) {
      rest.prepare();
      rest.tiles(few, count, 0);
      rest.level(count);
    }
    return to.map((at, k) => (this.wholes.has(k) ? this.inRows(at) : machine.read(at, few)));
  }

  /** A column in the order of the grid. */
  inRows(at) {
    if (!this.rest) return this.machine.read(at, this.count);
    const m = this.machine.doubles();
    const column = new Float64Array(this.count);
    const { order } = this;
    for (let i = 0, from = at >> 3; i < order.length; i++) column[order[i]] = m[from + i];
    return column;
  }
}

/** The places on a grid of the points of a smaller one: those next to the middles of its cells. */
export function placesOfMap([width, height], [across, down]) {
  const middle = (i, few, many) => Math.floor((i + 0.5) * (many / few));
  return range(0, across * down).map(
    (i) => middle(Math.floor(i / across), down, height) * width + middle(i % across, across, width),
  );
}
