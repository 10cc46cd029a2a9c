// Which parameter is which: those of a network stand layer by layer and neuron by neuron, the
// weights of each and then its bias, as in nn.

/** The layers with their outputs: how many inputs each has, how many neurons, and where they begin.
 */
export function shapeOf(config, inputs, outputs) {
  let at = 0;
  let before = inputs;
  const sizes = [...config.layers, { size: outputs, activation: "linear" }];
  const layers = sizes.map(({ size, activation }) => {
    const layer = { inputs: before, size, activation, at };
    at += size * (before + 1);
    before = size;
    return layer;
  });
  return { inputs, layers, count: at };
}

/** The place of a weight, and of the bias where `from` is the number of inputs. */
export const placeOf = ({ at, inputs }, neuron, from) => at + neuron * (inputs + 1) + from;

/** The places of all parameters of a neuron, its bias last. */
export const placesOf = (layer, neuron) =>
  Array.from({ length: layer.inputs + 1 }, (_, from) => placeOf(layer, neuron, from));

/** The numbers for a new shape: what is in both stays, neuron by neuron and weight by weight, and
 * what is new is drawn. `kept` says which old layer each new one is; the layers that were not there
 * before have none. `inputs` says the same of the inputs, where these are others. */
export function carried(column, old, shape, drawn, kept, inputs) {
  const numbers = Float64Array.from(drawn);
  shape.layers.forEach((layer, l) => {
    const from = old.layers[kept[l]];
    if (!from) return;
    const sameInputs = l === 0 ? kept[l] === 0 : kept[l - 1] === kept[l] - 1;
    for (let neuron = 0; neuron < Math.min(layer.size, from.size); neuron++) {
      for (let j = 0; sameInputs && j < layer.inputs; j++) {
        const i = l === 0 && inputs ? inputs[j] : j;
        if (i >= 0 && i < from.inputs)
          numbers[placeOf(layer, neuron, j)] = column[placeOf(from, neuron, i)];
      }
      if (sameInputs)
        numbers[placeOf(layer, neuron, layer.inputs)] = column[placeOf(from, neuron, from.inputs)];
    }
  });
  return numbers;
}

/** Which old layer each layer of a new shape is: the outputs stay the outputs. */
export function keptLayers(old, shape) {
  const most = Math.min(old.layers.length, shape.layers.length) - 1;
  const kept = shape.layers.map((_, l) => (l < most ? l : undefined));
  kept[shape.layers.length - 1] = old.layers.length - 1;
  return kept;
}

/** How a parameter is called: the neuron that it belongs to, and where it comes from. */
export function calledIn(shape, l, neuron) {
  const { size } = shape.layers[l];
  if (l < shape.layers.length - 1) return `layer ${l + 1}, neuron ${neuron + 1}`;
  return size > 1 ? `output ${neuron + 1}` : "the output";
}
