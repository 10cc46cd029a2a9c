// What the machine of a page is measured against: a network as a graph of objects, in the shape of
// TensorFlow Playground's (https://github.com/tensorflow/playground, nn.ts), an example at a time; and
// the measurement, which both take in turns.

const ACTIVATIONS = {
  tanh: { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  relu: { value: (x) => Math.max(0, x), slope: (x) => (x <= 0 ? 0 : 1) },
  linear: { value: (x) => x, slope: () => 1 },
};

class ObjectGraph {
  constructor(inputs, layers, parameters) {
    let next = 0;
    const node = (activation) => ({
      activation: ACTIVATIONS[activation], links: [], outs: [], bias: 0, sum: 0, output: 0, outputDer: 0,
      inputDer: 0, biasSum: 0,
    });
    this.layers = [Array.from({ length: inputs }, () => node("linear"))];
    for (const { size, activation } of layers) {
      const before = this.layers.at(-1);
      this.layers.push(Array.from({ length: size }, () => {
        const one = node(activation ?? "linear");
        for (const source of before) {
          const link = { source, dest: one, weight: parameters[next++], sum: 0 };
          source.outs.push(link);
          one.links.push(link);
        }
        one.bias = parameters[next++];
        return one;
      }));
    }
  }

  forward(x) {
    x.forEach((number, i) => (this.layers[0][i].output = number));
    for (const layer of this.layers.slice(1)) {
      for (const node of layer) {
        node.sum = node.bias;
        for (const link of node.links) node.sum += link.weight * link.source.output;
        node.output = node.activation.value(node.sum);
      }
    }
  }

  backward(target) {
    const [last] = this.layers.at(-1);
    last.outputDer = 2 * (last.output - target);
    for (let l = this.layers.length - 1; l > 0; l--) {
      for (const node of this.layers[l]) {
        node.inputDer = node.outputDer * node.activation.slope(node.sum);
        node.biasSum += node.inputDer;
        for (const link of node.links) link.sum += node.inputDer * link.source.output;
      }
      if (l === 1) continue;
      for (const node of this.layers[l - 1]) {
        node.outputDer = 0;
        for (const link of node.outs) node.outputDer += link.weight * link.dest.inputDer;
      }
    }
  }

  update(inputs, targets, rate) {
    inputs.forEach((x, i) => {
      this.forward(x);
      this.backward(targets[i]);
    });
    const by = rate / inputs.length;
    for (const node of this.layers.slice(1).flat()) {
      node.bias -= by * node.biasSum;
      node.biasSum = 0;
      for (const link of node.links) {
        link.weight -= by * link.sum;
        link.sum = 0;
      }
    }
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** Microseconds of a call of each function: medians of turns that they take. */
function inTurns(functions, milliseconds, turns = 9) {
  const found = Object.entries(functions).map(([name, run]) => {
    const until = performance.now() + 6 * milliseconds;
    let calls = 0;
    for (; performance.now() < until; calls++) run();
    return { name, run, calls: Math.max(1, Math.round(calls / 6)), times: [] };
  });
  for (let turn = 0; turn < turns; turn++) {
    for (const { run, calls, times } of found) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) run();
      times.push((1000 * (performance.now() - start)) / calls);
    }
  }
  return Object.fromEntries(found.map(({ name, times }) => [name, median(times)]));
}

/** One row of the table: what an update, a picture and a change of architecture take. */
function measured({ config, batch, milliseconds }) {
  const answered = (backend, message) => {
    const answer = backend.handle(message);
    if (answer.trouble) throw new Error(answer.trouble);
    return answer;
  };
  const rng = new Random(1);
  const inputs = Array.from({ length: batch }, () => [rng.uniform(-1, 1), rng.uniform(-1, 1)]);
  const targets = inputs.map(([x, y]) => (x * y > 0 ? 1 : -1));
  const view = { do: "picture", bounds: [-1, 1, -1, 1], size: [100, 100], maps: [26, 26] };
  const machines = ["wasm", "js"].map((kind) => {
    const backend = new Backend(kind);
    answered(backend, { do: "data", inputs, targets });
    return backend;
  });
  const [wasm, js] = machines;
  const changes = [0, 1, 2, 3, 4].map((more) => {
    const layers = config.layers.map((layer) => ({ ...layer, size: layer.size + (more % 2) }));
    const changed = { ...config, layers };
    const start = performance.now();
    const { parameters } = answered(wasm, { do: "drawn", config: changed });
    answered(wasm, { do: "set", config: changed, state: { parameters } });
    answered(wasm, view);
    return performance.now() - start;
  });
  const { parameters } = answered(wasm, { do: "drawn", config });
  answered(wasm, { do: "set", config, state: { parameters } });
  answered(js, { do: "set", config, state: { parameters } });
  const objects = new ObjectGraph(2, [...config.layers, { size: 1 }], parameters);
  objects.update(inputs, targets, config.rate);
  answered(wasm, { do: "train", updates: 1 });
  const numbers = objects.layers.slice(1).flat().flatMap(({ links, bias }) => [...links.map(({ weight }) => weight), bias]);
  const after = wasm.trainer.state().parameters;
  const apart = Math.max(...numbers.map((x, i) => Math.abs(x - after[i])));
  const updates = inTurns({
    wasm: () => wasm.trainer.train(1, null),
    js: () => js.trainer.train(1, null),
    objects: () => objects.update(inputs, targets, config.rate),
  }, milliseconds);
  const points = Array.from({ length: 10_000 }, (_, i) => [-1 + 0.02 * (i % 100), 1 - 0.02 * Math.floor(i / 100)]);
  const pictures = inTurns({
    wasm: () => answered(wasm, view),
    js: () => answered(js, view),
    objects: () => points.forEach((point) => objects.forward(point)),
  }, milliseconds);
  return { parameters: parameters.length, updates, pictures, change: median(changes), apart };
}

onmessage = ({ data }) => postMessage(measured(data));
