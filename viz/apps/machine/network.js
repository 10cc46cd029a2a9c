// What is recorded to train a network: the graph of one example and its gradients, and the rule of
// an optimiser, as `nn.module`, `nn.recorded_loss` and `nn.optim` write them.

import { TABLES } from "./printed.js";
import {
  Graph,
  Refusal,
  ROW,
  Tape,
  called,
  localDerivative,
  prepared,
  program,
  recorded,
  valueOf,
} from "./record.js";
import { gradients } from "./sweep.js";

export const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);

/** How many parameters layers of these sizes have, and their names, in nn's order. */
export function namesOf(inputs, layers) {
  return layers.flatMap(({ size }, l) =>
    range(1, size).flatMap((k) => {
      const neuron = `layer${l + 1}.neuron${k}`;
      const before = l ? layers[l - 1].size : inputs;
      return [...range(1, before).map((i) => `${neuron}.w${i}`), `${neuron}.b`];
    }),
  );
}

/** The graph of one example: parameters in nn's order, inputs, targets, and a neuron's sum as
 * b + w1·x1 + w2·x2 + …. `layers` are {size, activation}, the last of them without activation. */
export function networkOf(inputs, layers, loss) {
  const sizes = [inputs, ...layers.map(({ size }) => size)];
  const count = layers.reduce((sum, { size }, l) => sum + size * (sizes[l] + 1), 0);
  const outputs = sizes.at(-1);
  const lossGraph = called(loss, TABLES.losses, "loss")[outputs];
  if (!lossGraph) throw new Refusal(`${loss} takes no ${outputs} outputs here`);
  const targets = lossGraph.leaves - outputs;
  const graph = new Graph(count + inputs + targets);
  const inputLeaves = range(count, inputs);
  const targetLeaves = range(count + inputs, targets);
  let next = 0;
  let x = inputLeaves;
  const neurons = layers.map(({ size, activation }) => {
    const layer = range(0, size).map(() => {
      const weights = range(next, x.length);
      const bias = next + x.length;
      next = bias + 1;
      const products = [];
      let sum = bias;
      for (const [i, weight] of weights.entries()) {
        products.push(graph.node(ROW.multiply, weight, x[i]));
        sum = graph.node(ROW.add, sum, products[i]);
      }
      const value = isLinear(activation) ? sum : graph.node(ROW[activation], sum);
      return { bias, weights, products, sum, value, row: ROW[activation] };
    });
    x = layer.map(({ value }) => value);
    return layer;
  });
  const value = graph.include(lossGraph, [...x, ...targetLeaves]);
  return { graph, count, inputs: inputLeaves, targets: targetLeaves, neurons, value };
}

export const isLinear = (activation) => activation === null || activation === "linear";

/** The network on a tape with its gradients: operands, and the programs that are made of them. */
export function recordedNetwork(inputs, layers, loss) {
  const made = networkOf(inputs, layers, loss);
  const { tape, wires, columns } = onTape(made);
  const found = gradients(made.graph, made.value, tape, wires, range(0, made.count));
  const slopes = range(0, made.count).map((leaf) => found[leaf] ?? tape.zero);
  const hidden = made.neurons.slice(0, -1).flat();
  const outputs = made.neurons.at(-1).map(({ value }) => wires[value]);
  const values = hidden.map(({ value }) => wires[value]);
  const locals = hidden.map((neuron) => localOf(tape, wires, neuron));
  const value = wires[made.value];
  const programOf = (ends) => program(tape, columns, ends);
  return {
    count: made.count,
    outputs: outputs.length,
    hidden: hidden.length,
    listing: () => programOf({ value: [value], gradients: slopes, also: outputs }),
    training: () => programOf({ sums: [...slopes, value], columns: [] }),
    evaluation: () => programOf({ sums: [value], columns: [...outputs, ...locals] }),
    /** Of these neurons, counted through all layers. */
    picture: (neurons) =>
      programOf({ sums: [], columns: neurons.map((k) => [...values, ...outputs][k]) }),
  };
}

/** The graph recorded on a new tape, whose inputs are the inputs and the targets of an example. */
export function onTape({ graph, count, inputs, targets }) {
  const tape = new Tape(graph.leaves);
  const wires = new Int32Array(graph.leaves + graph.count);
  const columns = inputs.length + targets.length;
  [...inputs, ...targets, ...range(0, count)].forEach((leaf, i) => (wires[leaf] = i));
  recorded(graph, tape, wires);
  return { tape, wires, columns };
}

/** ∂value/∂sum of a neuron. */
export function localOf(tape, wires, { row, value, sum }) {
  return row === undefined ? tape.one : localDerivative(tape, row, 0, [wires[value], wires[sum]]);
}

// Updates

const RULES = Object.fromEntries(
  Object.entries(TABLES.rules).map(([name, rule]) => [name, prepared(rule)]),
);
const SCHEDULES = Object.fromEntries(
  Object.entries(TABLES.schedules).map(([name, schedule]) => [name, prepared(schedule)]),
);

/** How many numbers an optimiser keeps of a parameter, at most. */
export const MOST_SLOTS = Math.max(...Object.values(RULES).map(({ slots }) => slots.length));

/** The rule of an optimiser: the names of its `slots` and `settings`. */
export function ruleOf({ optimizer, nesterov }) {
  return called(optimizer === "sgd" && nesterov ? "nesterov" : optimizer, RULES, "optimizer");
}

/** The update of one parameter as a program: of the parameter, the sum of its gradients and its
 * slots; the same for all are the number of examples, the penalty's strength, the rate and the
 * settings. Its columns are the gradient, the new number, and the new slots. */
export function recordedUpdate(rule, penalty) {
  const inputs = 2 + rule.slots.length;
  const [x, sum, ...slots] = range(0, inputs);
  const [examples, strength, rate, ...settings] = range(inputs, 3 + rule.settings.length);
  const tape = new Tape(inputs + 3 + rule.settings.length);
  let gradient = tape.apply(ROW.divide, sum, examples);
  if (penalty) {
    const { graph, end } = graphOfAll(penalty.alone);
    const wires = recorded(graph, tape, [x, strength]);
    gradient = tape.apply(ROW.add, gradient, gradients(graph, end, tape, wires, [0])[0]);
  }
  const after = tape.replay(rule, [x, gradient, ...slots, rate, ...settings]);
  return program(tape, inputs, { sums: [], columns: [gradient, ...after] });
}

/** A graph that is data, by itself. */
function graphOfAll(part) {
  const graph = new Graph(part.leaves);
  return { graph, end: graph.include(part, range(0, graph.leaves)) };
}

/** The term of a penalty that a parameter has, as a program whose sum over all of them is wanted.
 */
export function recordedTerm(penalty) {
  const { graph, end } = graphOfAll(penalty.term);
  const tape = new Tape(1);
  const wires = recorded(graph, tape, [0]);
  return program(tape, 1, { sums: [wires[end]], columns: [] });
}

const PENALTIES = Object.fromEntries(
  Object.entries(TABLES.penalties).map(([norm, parts]) => [
    norm,
    { ...parts, sum: prepared(parts.sum) },
  ]),
);

/** A penalty in its parts, by its norm. */
export const penaltyFor = ({ norm }) => called(norm, PENALTIES, "norm");

/** What a penalty adds to the loss, of the sum of all terms and the strength. */
export const addedBy = (penalty, sum, strength) => valueOf(penalty.sum, [sum, strength]);

/** The learning rate of a step. A schedule is chosen by its name, and its period is what `nn` calls
 * `steps` of a cosine, and `every` of a step decay; `constant` is the rate itself. */
export function rateAt(config, step) {
  const { rate, schedule = "constant" } = config;
  if (schedule === "constant") return rate;
  const recipe = called(schedule, SCHEDULES, "schedule");
  const { period, factor } = config;
  const kept = { rate, every: period, steps: period, factor, lowest: 0 };
  return valueOf(recipe, [step, ...recipe.settings.map((name) => kept[name])]);
}
