// Why training stops before an update, in the words of `nn.TrainingStopped`: the operation, with
// its operands, or the gradient or the new number that is not finite.

import { namesOf, networkOf } from "./network.js";
import { PRIMITIVES } from "./primitives.js";
import { ROWS } from "./printed.js";
import { ARITY } from "./record.js";

/** The sentence about an update that is not done: `loss` and `rate` are its own, `gradient` and
 * `after` the columns that it computed, `last` the loss and the gradient of the update before, or
 * null. */
export function stoppedSentence({
  names,
  rule,
  step,
  examples,
  batch,
  loss,
  rate,
  gradient,
  after,
  last,
  failure,
}) {
  const place = gradient.findIndex((x) => !Number.isFinite(x));
  let why = failure(examples, batch);
  if (!why && !Number.isFinite(loss)) why = `the loss is ${inPython(loss)}`;
  if (!why && place >= 0) why = `the gradient of ${names[place]} is ${inPython(gradient[place])}`;
  why ||= refusal(names, rule, step, rate, gradient, after);
  const where = `training stopped before update ${step + 1}`;
  const sentence = `${where}, with the parameters unchanged: ${why}`;
  if (!last) return sentence;
  const largest = last.gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return (
    `${sentence}. The last finite loss was ${general(last.loss, 6)}, ` +
    `with ${general(largest, 3)} as its largest gradient`
  );
}

/** What `nn.Optimizer.step` says of a number that it would set. */
function refusal(names, rule, step, rate, gradient, after) {
  for (let i = 0; i < names.length; i++) {
    const k = after.findIndex((column) => !Number.isFinite(column[i]));
    if (k < 0) continue;
    const slot = k ? `the ${rule.slots[k - 1]} of ` : "";
    return (
      `step ${step} of ${rule.name} would set ${slot}${names[i]} to ${inPython(after[k][i])} ` +
      `(gradient ${general(gradient[i], 6)}, learning rate ${general(rate, 6)}): ` +
      "nothing was changed, and a smaller rate or clipped gradients may help"
    );
  }
  return "a number is not finite";
}

const inPython = (x) => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");

/** A number as Python's format :.{digits}g has it. */
export function general(x, digits) {
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const power = Number(exponent);
  if (power >= -4 && power < digits) return trimmed(x.toFixed(digits - 1 - power));
  return `${trimmed(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A function that says which operation gives the first number that is not finite: of the network
 * for all examples of the batch, then of their losses, then of their sum; "" where none does. */
export function failureOf(width, layers, loss, parameters) {
  const made = networkOf(width, layers, loss);
  const { graph, inputs, targets, neurons } = made;
  const labels = labelsOf(width, layers, neurons);
  const end = neurons.at(-1).at(-1).value + 1 - graph.leaves; // of the network's instructions
  return ({ inputs: rows, targets: wanted }, batch) => {
    const all = batch.map((i) => {
      const numbers = new Float64Array(graph.leaves + graph.count);
      numbers.set(parameters);
      inputs.forEach((leaf, k) => (numbers[leaf] = rows[i][k]));
      targets.forEach((leaf, k) => (numbers[leaf] = wanted[i][k]));
      return numbers;
    });
    for (const [first, last] of [
      [0, end],
      [end, graph.count],
    ]) {
      for (const numbers of all) {
        const why = firstFailure(graph, numbers, first, last, labels);
        if (why) return why;
      }
    }
    let sum = 0;
    for (const numbers of all) {
      const [before, term] = [sum, numbers[made.value]];
      sum += term;
      if (!Number.isFinite(sum))
        return `add(${general(before, 6)}, ${general(term, 6)}): too large for a float`;
    }
    return "";
  };
}

/** Computes instructions of a graph for one example, up to the first that has no finite value. */
function firstFailure({ code, constants, leaves }, numbers, first, last, labels) {
  for (let i = first; i < last; i++) {
    const args = Array.from(code.subarray(4 * i + 1, 4 * i + 1 + ARITY[code[4 * i]]));
    const operands = args.map((arg) => (arg < 0 ? constants[~arg] : numbers[arg]));
    const name = ROWS[code[4 * i]];
    const result = PRIMITIVES[name].value(...operands);
    numbers[leaves + i] = result;
    if (Number.isFinite(result)) continue;
    const shown = args.map(
      (arg, k) => (labels.has(arg) ? `${labels.get(arg)} = ` : "") + general(operands[k], 6),
    );
    const problem = Number.isNaN(result) ? "it does not exist there" : "too large for a float";
    return `${name}(${shown.join(", ")}): ${problem}`;
  }
  return "";
}

/** What the nodes of a network are called, as `nn.module` calls them. */
function labelsOf(width, layers, neurons) {
  const labels = new Map(namesOf(width, layers).map((name, leaf) => [leaf, name]));
  neurons.forEach((layer, l) =>
    layer.forEach(({ sum, value }, k) => {
      const name = `layer${l + 1}.neuron${k + 1}`;
      labels.set(sum, `${name}.sum`);
      labels.set(value, name);
    }),
  );
  const outputs = neurons.at(-1);
  outputs.forEach(({ value }, k) =>
    labels.set(value, outputs.length > 1 ? `output${k + 1}` : "output"),
  );
  return labels;
}
