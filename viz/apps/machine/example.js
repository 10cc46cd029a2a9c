// One example, opened: every number, flow and local derivative of its network, from the recorded
// program, of which they are ends.

import { localOf, networkOf, onTape } from "./network.js";
import { computed, program } from "./record.js";
import { gradients } from "./sweep.js";

export class Example {
  /** For a network with these layers, the last one included. */
  constructor(inputs, layers, loss) {
    const made = networkOf(inputs, layers, loss);
    const { tape, wires, columns } = onTape(made);
    const { graph, count, neurons } = made;
    const leaves = [...Array(count + inputs).keys()]; // parameters, inputs
    const found = gradients(graph, made.value, tape, wires, leaves);
    const gradientOf = (node) => found[node] ?? tape.zero;
    const ends = { value: [wires[made.value]] };
    ends.gradients = leaves.map(gradientOf);
    const all = neurons.flat();
    ends.sum = all.map(({ sum }) => wires[sum]);
    ends.values = all.map(({ value }) => wires[value]);
    ends.local = all.map((neuron) => localOf(tape, wires, neuron));
    ends.gradient = all.map(({ value }) => gradientOf(value));
    ends.flow = all.map(({ sum }) => gradientOf(sum));
    ends.products = all.flatMap(({ products }) => products.map((node) => wires[node]));
    this.program = program(tape, columns, ends);
    Object.assign(this, { count, sizes: neurons.map((layer) => layer.length) });
  }

  /** Everything about an example, for these parameters. `targets` are the numbers of its target. */
  opened(inputs, targets, parameters) {
    const read = computed(this.program, Float64Array.of(...inputs, ...targets, ...parameters));
    const numbers = Object.fromEntries(
      ["value", "gradients", "sum", "values", "local", "gradient", "flow", "products"].map(
        (name) => [name, this.program[name].map(read)],
      ),
    );
    let [next, product, before] = [0, 0, inputs.length];
    const layers = this.sizes.map((size) => {
      const layer = Array.from({ length: size }, () => {
        const i = next++;
        const products = numbers.products.slice(product, (product += before));
        const { sum, values, local, gradient, flow } = numbers;
        return {
          sum: sum[i],
          value: values[i],
          products,
          local: local[i],
          gradient: gradient[i],
          flow: flow[i],
        };
      });
      before = size;
      return layer;
    });
    return {
      layers,
      outputs: layers.at(-1).map(({ value }) => value),
      loss: numbers.value[0],
      gradients: Float64Array.from(numbers.gradients.slice(0, this.count)),
      inputs_gradients: numbers.gradients.slice(this.count),
    };
  }
}
