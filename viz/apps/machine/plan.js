// How the machine runs a program: which kernels, in which order, on which numbers.
//
// What depends on parameters and constants only is a uniform, computed once; all else is a lane, a
// number per example. Sums of products of a uniform and a lane become one chain, and the sums over
// the examples that share a lane are computed side by side. Products and sums stay what they are in
// the program, each rounded by itself and in its order, so no bit depends on the plan.

import { ADD, ARITY, MULTIPLY } from "./record.js";

/** The plan of a program: uniforms with `numbers` to start from, of which the parameters are the
 * first; instructions that run `once`; `steps` on lanes, each with its place among `buffers`; sums
 * and columns that are the same for all examples, `flat` and `level`, as [which, uniform]. */
export function planOf(program) {
  return new Planner(program).plan();
}

class Planner {
  constructor(program) {
    Object.assign(this, program);
    this.leaves = this.inputs + this.parameters;
    this.ones = this.leaves + this.count; // a lane of ones
    this.lane = new Uint8Array(this.ones + 1).fill(1, 0, this.inputs);
    this.lane[this.ones] = 1;
    this.readers = new Int32Array(this.ones + 1); // how many read a lane
    this.fused = new Uint8Array(this.ones + 1); // instructions that are part of a larger step
    this.numbers = new Array(this.parameters).fill(0);
    this.places = new Map(); // of uniforms
    for (let i = 0; i < this.parameters; i++) this.places.set(this.inputs + i, i);
    this.once = [];
    this.made = []; // the instructions that make lanes
  }

  plan() {
    this.sortInstructions();
    const dots = this.dots();
    const chains = this.chains();
    const steps = this.orderedSteps(dots, chains);
    const uniformEnds = (ends) =>
      ends.flatMap((end, i) => (this.isLane(end) ? [] : [[i, this.uniform(end)]]));
    return {
      inputs: this.inputs,
      parameters: this.parameters,
      sums: this.sums.length,
      columns: this.columns.length,
      flat: uniformEnds(this.sums),
      level: uniformEnds(this.columns),
      numbers: this.numbers,
      once: this.once,
      steps,
      ones: this.ones,
      ...buffersFor(steps, this.ones),
    };
  }

  isLane(operand) {
    return operand >= 0 && this.lane[operand] === 1;
  }

  /** The place of an operand among the uniforms. */
  uniform(operand) {
    return this.kept(operand, operand < 0 ? this.constants[~operand] : 0);
  }

  kept(key, number) {
    let place = this.places.get(key);
    if (place === undefined) this.places.set(key, (place = this.numbers.push(number) - 1));
    return place;
  }

  rowOf(wire) {
    return wire >= this.leaves && wire < this.ones ? this.code[4 * (wire - this.leaves)] : -1;
  }

  argsOf(wire) {
    const at = 4 * (wire - this.leaves);
    return this.code.subarray(at + 1, at + 1 + ARITY[this.code[at]]);
  }

  sortInstructions() {
    for (let wire = this.leaves; wire < this.ones; wire++) {
      const args = this.argsOf(wire);
      if (args.some((arg) => this.isLane(arg))) {
        this.lane[wire] = 1;
        this.made.push(wire);
        for (const arg of args) if (arg >= 0) this.readers[arg]++;
      } else {
        const operands = Array.from(args, (arg) => this.uniform(arg));
        this.once.push({ row: this.rowOf(wire), to: this.uniform(wire), operands });
      }
    }
    for (const end of [...this.sums, ...this.columns]) if (end >= 0) this.readers[end]++;
  }

  /** Sums over the examples: of products of two lanes, or of one lane; by the lane behind which
   * they can be computed. */
  dots() {
    const pairs = [];
    this.sums.forEach((end, sum) => {
      if (!this.isLane(end)) return;
      const isProduct = this.rowOf(end) === MULTIPLY && this.readers[end] === 1;
      const [a, b] = isProduct ? this.argsOf(end) : [this.ones, end];
      const fits = isProduct && this.isLane(a) && this.isLane(b);
      if (fits) this.fused[end] = 1;
      pairs.push(fits ? [a, b, sum] : [this.ones, end, sum]);
    });
    return grouped(pairs, this.ones);
  }

  /** By the last addition of each: where its sum starts, and its terms. */
  chains() {
    const chains = new Map();
    for (const wire of this.made) {
      if (this.rowOf(wire) !== ADD) continue;
      let [a, b] = this.argsOf(wire);
      const before = [a, b].find((x) => chains.has(x) && this.readers[x] === 1);
      if (before !== undefined) {
        const chain = chains.get(before);
        chains.delete(before);
        this.fused[before] = 1;
        chain.terms.push(this.term(before === a ? b : a));
        chains.set(wire, chain);
        continue;
      }
      if (this.isTerm(a)) [a, b] = [b, a];
      const terms = [this.term(b)];
      // −0 + x is x, for −0 too
      const start = this.isTerm(a) ? { uniform: this.kept("nothing", -0) } : this.operand(a);
      if (this.isTerm(a)) terms.push(this.term(a));
      chains.set(wire, { start, terms });
    }
    return chains;
  }

  /** Whether nothing else reads this product of a uniform and a lane. */
  isTerm(x) {
    if (!this.isLane(x) || this.readers[x] !== 1 || this.rowOf(x) !== MULTIPLY) return false;
    const [a, b] = this.argsOf(x);
    return !(this.isLane(a) && this.isLane(b));
  }

  /** What is added, as the product of a uniform and a lane. */
  term(x) {
    if (!this.isLane(x)) return [this.uniform(x), this.ones];
    if (!this.isTerm(x)) return [this.kept("one", 1), x];
    this.fused[x] = 1;
    const [a, b] = this.argsOf(x);
    return this.isLane(a) ? [this.uniform(b), a] : [this.uniform(a), b];
  }

  operand(x) {
    return this.isLane(x) ? { lane: x } : { uniform: this.uniform(x) };
  }

  /** All steps, each lane made before it is read. A step reads `lanes`, and makes the lane `to`. */
  orderedSteps(dots, chains) {
    const steps = [];
    const loaded = new Uint8Array(this.inputs);
    const put = (step) => {
      for (const x of step.lanes) {
        if (x >= this.inputs || loaded[x]) continue;
        loaded[x] = 1;
        steps.push({ kind: "load", to: x, lanes: [], column: x });
      }
      steps.push(step);
    };
    const stored = new Map();
    this.columns.forEach((end, column) => {
      if (this.isLane(end)) stored.set(end, [...(stored.get(end) ?? []), column]);
    });
    const finished = (wire) => {
      for (const step of dots.get(wire) ?? []) put(step);
      for (const column of stored.get(wire) ?? []) put({ kind: "store", lanes: [wire], column });
    };
    for (let input = 0; input < this.inputs; input++) finished(input);
    for (const wire of this.made) {
      if (!this.fused[wire]) put(this.stepFor(wire, chains.get(wire)));
      finished(wire);
    }
    return steps;
  }

  stepFor(wire, chain) {
    const args = Array.from(this.argsOf(wire));
    if (chain && (chain.terms.length > 1 || args.some((arg) => arg >= 0 && this.fused[arg]))) {
      const { start, terms } = chain;
      const lanes = terms.map(([, lane]) => lane);
      if ("lane" in start) lanes.push(start.lane);
      return { kind: "chain", to: wire, start, terms, lanes };
    }
    const operands = args.map((arg) => this.operand(arg));
    const lanes = args.filter((arg) => this.isLane(arg));
    return { kind: "row", row: this.rowOf(wire), to: wire, operands, lanes };
  }
}

/** Sums of products of two lanes, side by side where they share one. */
function grouped(pairs, ones) {
  const uses = new Map();
  for (const [a, b] of pairs) for (const x of [a, b]) uses.set(x, (uses.get(x) ?? 0) + 1);
  const sharing = new Map();
  for (const [a, b, sum] of pairs) {
    const [m, n] = [uses.get(a), uses.get(b)];
    const [other, shared] = m > n || (m === n && a > b) ? [b, a] : [a, b];
    if (!sharing.has(shared)) sharing.set(shared, []);
    sharing.get(shared).push([other, sum]);
  }
  const known = (x) => (x === ones ? -1 : x); // the ones are there from the beginning
  const behind = new Map();
  for (const [shared, list] of sharing) {
    list.sort(([a], [b]) => known(a) - known(b));
    for (let i = 0; i < list.length;) {
      const left = list.length - i;
      const size = left >= 7 ? 8 : left >= 3 ? 4 : 2;
      const group = list.slice(i, i + size);
      i += size;
      const last = Math.max(known(shared), ...group.map(([x]) => known(x)));
      const step = { kind: "dots", size, shared, group, lanes: [shared, ...group.map(([x]) => x)] };
      if (!behind.has(last)) behind.set(last, []);
      behind.get(last).push(step);
    }
  }
  return behind;
}

/** A buffer for every lane that no other needs at the time; 0 is that of the ones. */
function buffersFor(steps, ones) {
  const last = new Map();
  steps.forEach(({ lanes }, i) => lanes.forEach((x) => last.set(x, i)));
  const buffer = new Map([[ones, 0]]);
  const free = [];
  let buffers = 1;
  steps.forEach(({ lanes, to }, i) => {
    if (to !== undefined) buffer.set(to, free.pop() ?? buffers++);
    for (const x of new Set(to === undefined ? lanes : [...lanes, to])) {
      if (x !== ones && (last.get(x) ?? i) === i) free.push(buffer.get(x));
    }
  });
  return { buffer, buffers };
}
