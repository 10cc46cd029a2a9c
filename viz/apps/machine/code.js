// A plan in the memory of a machine, ready to run.

import { planOf } from "./plan.js";
import { KERNELS, ROWS } from "./printed.js";

const KERNEL = Object.fromEntries(KERNELS.map((name, i) => [name, i]));
const FIRST_ROW = KERNELS.length - ROWS.length; // the operations come last, in their order
const TILE = 128; // examples that the machine works through at a time
const PART = 256; // examples that are added up by themselves: PART of `autograd/program/batch.py`

/** A program on a machine. `from` and `to` are the addresses of the columns that it reads and
 * writes, `values` that of its parameters; where it is `ordered`, it takes the examples that an
 * order lists. */
export class Code {
  constructor(program, machine, { from = [], to = [], values = 0, ordered = false }) {
    const plan = planOf(program);
    Object.assign(this, { machine, to, plan });
    this.uniforms = machine.take(16 * plan.numbers.length);
    this.sums = machine.take(8 * (plan.sums + 1)); // the last one is nobody's
    this.lanes = machine.take(8 * TILE * plan.buffers);
    const once = plan.parameters ? [KERNEL.pairs, this.uniforms, values, plan.parameters] : [];
    for (const { row, to: place, operands } of plan.once) {
      once.push(FIRST_ROW + row, this.at(place), ...operands.flatMap((x) => [this.at(x), 0]));
    }
    const words = [];
    for (const step of plan.steps) this.write(step, words, from, ordered);
    this.once = machine.take(4 * (once.length + words.length));
    this.each = this.once + 4 * once.length;
    this.end = this.each + 4 * words.length;
    machine.words().set(once, this.once >> 2);
    machine.words().set(words, this.each >> 2);
    const m = machine.doubles();
    plan.numbers.forEach((x, i) => m.fill(x, this.at(i) >> 3, (this.at(i) >> 3) + 2));
    m.fill(1, this.lanes >> 3, (this.lanes >> 3) + TILE);
  }

  at(uniform) {
    return this.uniforms + 16 * uniform;
  }

  lane(x) {
    return this.lanes + 8 * TILE * this.plan.buffer.get(x);
  }

  operand(x) {
    return "lane" in x ? [this.lane(x.lane), 16] : [this.at(x.uniform), 0];
  }

  /** The words of a step, as the kernels of `kernels.py` read them. */
  write(step, words, from, ordered) {
    const { kind, to, lanes } = step;
    if (kind === "load")
      words.push(ordered ? KERNEL.gather : KERNEL.read, this.lane(to), from[step.column]);
    else if (kind === "store") words.push(KERNEL.write, this.lane(lanes[0]), this.to[step.column]);
    else if (kind === "chain") {
      words.push(KERNEL.chain, this.lane(to), ...this.operand(step.start), step.terms.length);
      for (const [u, x] of step.terms) words.push(this.at(u), this.lane(x));
    } else if (kind === "dots") {
      const { size, shared, group } = step;
      words.push(KERNEL[`dots${size}`], this.lane(shared));
      for (let k = 0; k < size; k++) words.push(this.lane(group[k]?.[0] ?? shared));
      for (let k = 0; k < size; k++) words.push(this.sums + 8 * (group[k]?.[1] ?? this.plan.sums));
    } else
      words.push(
        FIRST_ROW + step.row,
        this.lane(to),
        ...step.operands.flatMap((x) => this.operand(x)),
      );
  }

  /** What is the same for all examples: to be computed anew when a parameter has changed. */
  prepare() {
    if (this.once < this.each) this.machine.run(this.once, this.each, 16, 0, 0);
  }

  /** The columns for so many examples, once it is prepared. */
  fill(count) {
    this.tiles(0, count, 0);
    this.level(count);
  }

  /** The columns that are the same for all examples. */
  level(count) {
    const m = this.machine.doubles();
    for (const [column, uniform] of this.plan.level) {
      m.fill(m[this.at(uniform) >> 3], this.to[column] >> 3, (this.to[column] >> 3) + count);
    }
  }

  /** The sums over so many examples, those that the order at this address lists, written to `to`;
   * and the columns. Sums are those of parts that are added up by themselves, as Python's are. */
  add(count, to, order = 0) {
    this.prepare();
    const m = this.machine.doubles();
    const [from, into, sums] = [this.sums >> 3, to >> 3, this.plan.sums];
    for (let first = 0; first < count; first += PART) {
      const end = Math.min(first + PART, count);
      m.fill(0, from, from + sums);
      this.tiles(first, end, order);
      for (const [sum, uniform] of this.plan.flat) {
        for (let i = first; i < end; i++) m[from + sum] += m[this.at(uniform) >> 3];
      }
      if (first === 0) m.copyWithin(into, from, from + sums);
      else for (let k = 0; k < sums; k++) m[into + k] += m[from + k];
    }
    this.level(count);
  }

  tiles(first, end, order) {
    const { run } = this.machine;
    for (let i = first; i < end; i += TILE) {
      run(this.each, this.end, 8 * Math.min(TILE, end - i), order + 4 * i, 8 * i);
    }
  }
}

/** Makes the number at `to` a nan unless all these are finite. */
export class FiniteCheck {
  constructor(machine, columns, count) {
    this.machine = machine;
    this.to = machine.take(8);
    const words = columns.flatMap((column) => [KERNEL.finite, this.to, column, count]);
    this.start = machine.take(4 * words.length);
    this.end = this.start + 4 * words.length;
    machine.words().set(words, this.start >> 2);
  }

  passes() {
    const m = this.machine.doubles();
    m[this.to >> 3] = 0;
    this.machine.run(this.start, this.end, 0, 0, 0);
    return m[this.to >> 3] === 0;
  }
}
