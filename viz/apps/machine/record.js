// Recording: graphs in, programs out. A tape holds no instruction twice, as that of
// `autograd/program/recording.py`, instruction for instruction. No operation and no derivative is
// known here but by its recipe.
//
// An operand is a whole number: from 0 on a wire, which is a leaf or the result of an instruction;
// below 0 a constant, number ~operand of its tape. Nodes of graphs are numbered in the same way.

import { PRIMITIVES } from "./primitives.js";
import { ROWS, TABLES } from "./printed.js";

/** What cannot be recorded, trained or shown, said in a sentence. */
export class Refusal extends Error {}

/** What a table has under a name. */
export function called(name, table, what) {
  if (Object.hasOwn(table, name)) return table[name];
  throw new Refusal(`there is no ${what} named ${name}`);
}

/** The numbers of operations by their names: places in ROWS. */
export const ROW = Object.fromEntries(ROWS.map((name, i) => [name, i]));
const VALUES = ROWS.map((name) => PRIMITIVES[name].value);
export const ARITY = ROWS.map((name) => VALUES[ROW[name]].length);
export const WHERE = ROWS.findIndex((name) => PRIMITIVES[name].symbol === "if");
export const { add: ADD, multiply: MULTIPLY, power: POWER } = ROW;

export const literal = (text) => Number(text.replace("inf", "Infinity"));

/** A growing list of instructions, four whole numbers each: the operation, and its operands. */
class Instructions {
  constructor(leaves) {
    this.leaves = leaves;
    this.count = 0;
    this.code = new Int32Array(1024);
    this.constants = [];
    this.places = new Map();
  }

  constant(x) {
    const key = Object.is(x, -0) ? "-0" : x; // 0.0 and -0.0 are equal, and not the same
    let place = this.places.get(key);
    if (place === undefined) this.places.set(key, (place = this.constants.push(x) - 1));
    return ~place;
  }

  push(row, a, b, c) {
    const at = 4 * this.count++;
    if (at === this.code.length) {
      const longer = new Int32Array(2 * at);
      longer.set(this.code);
      this.code = longer;
    }
    this.code[at] = row;
    this.code[at + 1] = a;
    this.code[at + 2] = b;
    this.code[at + 3] = c;
    return this.leaves + at / 4;
  }
}

/** A graph: nodes as they were made, two that are alike being two. */
export class Graph extends Instructions {
  node(row, a, b = 0, c = 0) {
    return this.push(row, a, b, c);
  }

  /** The nodes of a graph that Python recorded, with these in the place of its leaves; its end. */
  include({ leaves, do: steps, end }, nodes) {
    const places = nodes.slice(0, leaves);
    const place = (arg) => (typeof arg === "number" ? places[arg] : this.constant(literal(arg)));
    for (const [row, ...args] of steps) places.push(this.node(ROW[row], ...args.map(place)));
    return places[end];
  }
}

/** Instructions in the order in which they run, none of them twice. */
export class Tape extends Instructions {
  constructor(leaves) {
    super(leaves);
    this.known = new Int32Array(2048).fill(-1); // open addressing: the instruction, by its hash
    this.one = this.constant(1);
    this.zero = this.constant(0);
  }

  /** The operation on operands: an instruction, or what it comes to where that is known. */
  apply(row, a, b = 0, c = 0) {
    if (row === WHERE && a < 0) return this.constants[~a] === 0 ? c : b;
    const arity = ARITY[row];
    if (a < 0 && (arity < 2 || b < 0) && (arity < 3 || c < 0)) return this.folded(row, a, b, c);
    return this.wire(row, a, b, c);
  }

  folded(row, ...operands) {
    const numbers = operands.slice(0, ARITY[row]).map((operand) => this.constants[~operand]);
    const result = VALUES[row](...numbers);
    if (Number.isFinite(result) || !numbers.every(Number.isFinite)) return this.constant(result);
    throw new Refusal(`${ROWS[row]}(${numbers.join(", ")}) has no finite value`);
  }

  wire(row, a, b, c) {
    if (row === POWER && b < 0 && this.constants[~b] === 2) [row, b] = [MULTIPLY, a];
    if ((row === POWER || row === MULTIPLY) && b === this.one) return a;
    if (row === MULTIPLY && a === this.one) return b;
    let [first, second] = [a, b]; // which make the key: a + b is b + a
    if ((row === ADD || row === MULTIPLY) && a > b) [first, second] = [b, a];
    const place = this.placeOf(row, first, second, c);
    if (this.known[place] >= 0) return this.leaves + this.known[place];
    this.known[place] = this.count;
    const result = this.push(row, a, b, c);
    if (3 * this.count > 2 * this.known.length) this.grow();
    return result;
  }

  /** Where an instruction stands among the known ones, or may stand. */
  placeOf(row, first, second, c) {
    const { code, known } = this;
    const mask = known.length - 1;
    let hash =
      Math.imul(
        Math.imul(Math.imul(row + 1, 0x9e3779b1) ^ first, 0x85ebca6b) ^ second,
        0xc2b2ae35,
      ) ^ c;
    hash ^= hash >>> 15;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      if (known[place] < 0) return place;
      const at = 4 * known[place];
      if (code[at] !== row || code[at + 3] !== c) continue;
      const [a, b] = [code[at + 1], code[at + 2]];
      if (a === first && b === second) return place;
      if ((row === ADD || row === MULTIPLY) && a === second && b === first) return place;
    }
  }

  grow() {
    this.known = new Int32Array(2 * this.known.length).fill(-1);
    for (let i = 0, at = 0; i < this.count; i++, at += 4) {
      const [row, a, b, c] = this.code.subarray(at, at + 4);
      const turned = (row === ADD || row === MULTIPLY) && a > b;
      this.known[turned ? this.placeOf(row, b, a, c) : this.placeOf(row, a, b, c)] = i;
    }
  }

  /** What a recipe comes to on these operands: an operand for its end, or one for each of its ends.
   * As much is recorded as they need, in the order in which Python evaluates them. */
  replay(recipe, operands) {
    const known = [...operands];
    const of = (arg) => {
      if (arg < 0) return this.constant(recipe.constants[~arg]);
      return (known[arg] ??= result(recipe.steps[arg - operands.length]));
    };
    const result = ([row, ...args]) => {
      const a = of(args[0]);
      if (row === WHERE && a < 0) return of(args[this.constants[~a] === 0 ? 2 : 1]);
      return this.apply(row, a, ...args.slice(1).map(of));
    };
    return recipe.ends ? recipe.ends.map(of) : of(recipe.end);
  }
}

/** A recipe of Python's with the numbers of its operations, and its constants in a list. */
export function prepared({ do: steps, end, ends, ...rest }) {
  const constants = [];
  const arg = (x) => (typeof x === "number" ? x : ~(constants.push(literal(x)) - 1));
  return {
    ...rest,
    steps: steps.map(([row, ...args]) => [ROW[row], ...args.map(arg)]),
    end: end === undefined ? end : arg(end),
    ends: ends?.map(arg),
    constants,
  };
}

/** What a prepared recipe comes to on numbers. */
export function valueOf({ steps, end, constants }, numbers) {
  const known = [...numbers];
  const of = (arg) => (arg < 0 ? constants[~arg] : known[arg]);
  for (const [row, ...args] of steps) known.push(VALUES[row](...args.map(of)));
  return of(end);
}

const PARTIALS = ROWS.map((name) => TABLES.partials[name].map(prepared));

/** ∂(value)/∂(argument number `position`) as an operand, of the value and the arguments. */
export function localDerivative(tape, row, position, operands) {
  return tape.replay(PARTIALS[row][position], operands);
}

/** A graph on a tape: `wires`, the operand of every node, of which the leaves are given. */
export function recorded(graph, tape, wires) {
  const { code, leaves, count } = graph;
  const read = (arg) => (arg >= 0 ? wires[arg] : tape.constant(graph.constants[~arg]));
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    const row = code[at];
    const arity = ARITY[row];
    const a = read(code[at + 1]);
    const b = arity > 1 ? read(code[at + 2]) : 0;
    wires[leaves + i] = tape.apply(row, a, b, arity > 2 ? read(code[at + 3]) : 0);
  }
  return wires;
}

// Programs

/** The program of these groups of ends: what is on the tape, as far as they need it. `inputs` of
 * the leaves change from example to example, the others are parameters. */
export function program(tape, inputs, groups) {
  const { leaves, count, code, constants } = tape;
  const needed = new Uint8Array(leaves + count);
  for (const ends of Object.values(groups)) for (const end of ends) if (end >= 0) needed[end] = 1;
  let kept = 0;
  for (let i = count - 1, at = 4 * i; i >= 0; i--, at -= 4) {
    if (!needed[leaves + i]) continue;
    kept++;
    for (let k = ARITY[code[at]]; k > 0; k--) if (code[at + k] >= 0) needed[code[at + k]] = 1;
  }
  const places = new Int32Array(leaves + count); // of what is kept
  for (let leaf = 0; leaf < leaves; leaf++) places[leaf] = leaf;
  const moved = (operand) => (operand >= 0 ? places[operand] : operand);
  const lines = new Int32Array(4 * kept);
  for (let i = 0, at = 0, to = 0; i < count; i++, at += 4) {
    if (!needed[leaves + i]) continue;
    places[leaves + i] = leaves + to / 4;
    lines[to] = code[at];
    for (let k = ARITY[code[at]]; k > 0; k--) lines[to + k] = moved(code[at + k]);
    to += 4;
  }
  const ends = Object.fromEntries(
    Object.entries(groups).map(([name, list]) => [name, list.map(moved)]),
  );
  return { inputs, parameters: leaves - inputs, code: lines, count: kept, constants, ...ends };
}

/** A function that gives the number of an operand, for one example with these leaves. */
export function computed({ code, count, constants }, leaves) {
  const numbers = new Float64Array(leaves.length + count);
  numbers.set(leaves);
  const read = (operand) => (operand >= 0 ? numbers[operand] : constants[~operand]);
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    const row = code[at];
    numbers[leaves.length + i] = VALUES[row](
      read(code[at + 1]),
      read(code[at + 2]),
      read(code[at + 3]),
    );
  }
  return read;
}
