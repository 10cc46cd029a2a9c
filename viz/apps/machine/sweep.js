// The gradients of a graph, recorded on a tape by a sweep along its edges, as
// `autograd/backprop.py` and `autograd/program/flows.py` do it: each flow is the upstream gradient
// times the local derivative.

import { ADD, ARITY, MULTIPLY, WHERE, localDerivative } from "./record.js";

// Flows: an operand, NOTHING into the branch that a choice does not take, or, through a choice that
// is made when the program runs, {guards: [{condition, side}, …], flow}.

const NOTHING = null;

const isGuarded = (flow) => typeof flow === "object" && flow !== NOTHING;

/** upstream · slope, the flow along an edge. */
function product(tape, upstream, slope) {
  if (upstream === NOTHING || slope === NOTHING) return NOTHING;
  if (isGuarded(upstream) || isGuarded(slope)) {
    const guards = [...(upstream.guards ?? []), ...(slope.guards ?? [])];
    const bare = (flow) => (isGuarded(flow) ? flow.flow : flow);
    return { guards, flow: product(tape, bare(upstream), bare(slope)) };
  }
  if (upstream === tape.one) return slope;
  // nothing flows, whatever the slope is
  if (isZero(tape, upstream) && slope >= 0) return tape.zero;
  if (slope === tape.one) return upstream;
  if (isZero(tape, slope) && upstream >= 0) return tape.zero;
  return tape.apply(MULTIPLY, upstream, slope);
}

const isZero = (tape, operand) => operand < 0 && tape.constants[~operand] === 0;

/** So far + flow, of which the gradient of a node is made up. */
function total(tape, before, flow) {
  if (before === NOTHING || flow === NOTHING) return before ?? flow;
  if (isGuarded(before) || isGuarded(flow)) return guardedTotal(tape, before, flow);
  return tape.apply(ADD, before, flow);
}

/** The sum of two flows, behind the guards that both have. */
function guardedTotal(tape, one, other) {
  let shared = 0;
  if (isGuarded(one) && isGuarded(other)) {
    const [left, right] = [one.guards, other.guards];
    const isSame = (a, b) => a && b && a.condition === b.condition && a.side === b.side;
    while (isSame(left[shared], right[shared])) shared++;
    const [a, b] = [left.at(-1), right.at(-1)];
    const areBranches = a.condition === b.condition && a.side !== b.side;
    if (left.length === right.length && left.length === shared + 1 && areBranches) {
      const [yes, no] = a.side ? [one.flow, other.flow] : [other.flow, one.flow];
      const flow = tape.apply(WHERE, a.condition, yes, no);
      return shared ? { guards: left.slice(0, shared), flow } : flow;
    }
  }
  const [first, second] = [one, other].map((flow) => settled(tape, flow, shared));
  if (!shared) return total(tape, first, second);
  return { guards: one.guards.slice(0, shared), flow: total(tape, first.flow, second.flow) };
}

/** A flow with all its guards, but the first few, written down as choices. */
function settled(tape, flow, kept = 0) {
  if (flow === NOTHING) return tape.zero;
  if (!isGuarded(flow)) return flow;
  const inner = flow.guards.slice(kept).reduceRight((inside, { condition, side }) => {
    return side
      ? tape.wire(WHERE, condition, inside, tape.zero)
      : tape.wire(WHERE, condition, tape.zero, inside);
  }, flow.flow);
  return kept ? { guards: flow.guards.slice(0, kept), flow: inner } : inner;
}

/** The local derivative of a choice: nothing flows to the condition, and to a branch what its guard
 * lets through. */
function through(tape, condition, position) {
  if (position === 0) return NOTHING;
  const side = position === 1;
  if (condition >= 0) return { guards: [{ condition, side }], flow: tape.one };
  return (tape.constants[~condition] !== 0) === side ? tape.one : NOTHING;
}

// The sweep

/** The gradient of every node on the way from `root` to one of the leaves that are `wanted`, as
 * operands; undefined for others. */
export function gradients(graph, root, tape, wires, wanted) {
  const { code, leaves } = graph;
  const used = ancestors(graph, root);
  const leading = leadingTo(graph, wanted);
  const received = new Array(leaves + graph.count);
  const order = [root]; // in which they were reached first
  received[root] = tape.one;
  for (let node = root; node >= leaves; node--) {
    if (!used[node]) continue;
    const at = 4 * (node - leaves);
    const row = code[at];
    const arity = ARITY[row];
    let operands = null;
    for (let position = 0; position < arity; position++) {
      const parent = code[at + 1 + position];
      if (parent < 0 || !leading[parent]) continue;
      const upstream = received[node];
      let flow = NOTHING;
      if (upstream !== NOTHING) {
        operands ??= [wires[node], ...operandsOf(graph, at, arity, tape, wires)];
        const isChoice = row === WHERE;
        const slope = isChoice
          ? through(tape, operands[1], position)
          : localDerivative(tape, row, position, operands);
        flow = product(tape, upstream, slope);
      }
      if (received[parent] === undefined) {
        order.push(parent);
        received[parent] = flow;
      } else received[parent] = total(tape, received[parent], flow);
    }
  }
  for (const node of order) received[node] = settled(tape, received[node]);
  return received;
}

function operandsOf(graph, at, arity, tape, wires) {
  const found = [];
  for (let i = 1; i <= arity; i++) {
    const arg = graph.code[at + i];
    found.push(arg >= 0 ? wires[arg] : tape.constant(graph.constants[~arg]));
  }
  return found;
}

/** Whether each node was used for `root`, or is it. */
function ancestors({ code, leaves, count }, root) {
  const seen = new Uint8Array(leaves + count);
  seen[root] = 1;
  for (let node = root; node >= leaves; node--) {
    if (!seen[node]) continue;
    const at = 4 * (node - leaves);
    for (let i = ARITY[code[at]]; i > 0; i--) if (code[at + i] >= 0) seen[code[at + i]] = 1;
  }
  return seen;
}

/** Whether each node is one of these, or was made from one. */
function leadingTo({ code, leaves, count }, wanted) {
  const found = new Uint8Array(leaves + count);
  for (const node of wanted) found[node] = 1;
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    for (let k = ARITY[code[at]]; k > 0; k--)
      if (code[at + k] >= 0 && found[code[at + k]]) found[leaves + i] = 1;
  }
  return found;
}
