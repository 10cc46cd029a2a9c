// The backend of the playground in a page without Python: it answers the messages of the front end.
// It holds the examples, the settings and the state that were set last, and no history.

import { checkTargets, examplesOf, outputsFor } from "./data.js";
import { Example } from "./example.js";
import { Random, firstParameters } from "./random.js";
import { isLinear, namesOf, penaltyFor, range, rateAt, ruleOf } from "./network.js";
import { Refusal, ROW, ARITY } from "./record.js";
import { Trainer } from "./trainer.js";

const MOST_UPDATES = 100_000; // in one message
const MOST_NUMBERS = 4_000_000; // in one picture
const MOST_PARAMETERS = 50_000;

/** A backend; `kind` is "wasm" or "js", and without it the fastest that the page allows. */
export class Backend {
  constructor(kind) {
    this.kind = kind;
    this.examples = this.trainer = null;
    this.ready = false;
  }

  /** The answer to a message; or {trouble: a sentence}, and nothing has changed. */
  handle(message) {
    try {
      if (!Object.hasOwn(ANSWERS, message?.do)) {
        throw new Refusal(`a message does one of ${Object.keys(ANSWERS).join(", ")}`);
      }
      return ANSWERS[message.do].call(this, message);
    } catch (error) {
      return { trouble: error.message }; // a front end waits for an answer, whatever happens
    }
  }

  /** All layers for these settings and the examples: the last one has the outputs. */
  layersOf({ layers, loss }) {
    if (!this.examples) throw new Refusal("there are no data yet");
    if (!Array.isArray(layers)) throw new Refusal("layers are a list of sizes and activations");
    for (const { size, activation } of layers.map(Object)) {
      if (!(Number.isInteger(size) && size > 0))
        throw new Refusal("the size of a layer is a whole number from 1");
      if (!isLinear(activation) && ARITY[ROW[activation]] !== 1) {
        throw new Refusal(`there is no activation named ${activation}`);
      }
    }
    checkTargets(this.examples, loss);
    const all = [...layers, { size: outputsFor(this.examples, loss), activation: null }];
    const before = (l) => (l ? all[l - 1].size : this.examples.width);
    const count = all.reduce((sum, { size }, l) => sum + size * (before(l) + 1), 0);
    if (count > MOST_PARAMETERS)
      throw new Refusal(`${count} parameters are too many: ${MOST_PARAMETERS} is the limit`);
    return all;
  }

  /** The numbers of the columns and rows of a grid, with so many numbers at each of its points. */
  grid([x0, x1, y0, y1], [width, height], numbers) {
    const inputs = this.examples.made ? 2 : this.examples.width;
    if (inputs > 2)
      throw new Refusal(`a picture shows one or two inputs, and this network has ${inputs}`);
    const rows = inputs === 1 ? 1 : height;
    if (!(width * rows * numbers <= MOST_NUMBERS))
      throw new Refusal("so many points are too many: take fewer");
    return { xs: pointsFrom(x0, x1, width), ys: inputs === 1 ? null : pointsFrom(y1, y0, rows) };
  }

  check() {
    if (!this.ready)
      throw new Refusal("the data have changed: set the settings and a state that fit them");
  }
}

const ANSWERS = {
  data({ data, ...given }) {
    const examples = examplesOf({ ...data, ...given });
    this.examples = examples;
    this.ready = false;
    const single = (rows) => rows.map((row) => (row.length > 1 ? row : row[0]));
    const { heldOut, classes, coordinates, heldOutCoordinates } = examples;
    const heldOutRows = { inputs: heldOut?.inputs ?? [], targets: single(heldOut?.targets ?? []) };
    return {
      inputs: examples.inputs,
      targets: single(examples.targets),
      held_out: { ...heldOutRows, ...(coordinates && { coordinates: heldOutCoordinates }) },
      ...(coordinates && { coordinates }),
      classes,
      class_names: [],
      names: examples.inputs[0].map((_, i) => (examples.width > 1 ? `x${i + 1}` : "x")),
      said: "",
    };
  },

  drawn({ config }) {
    const layers = this.layersOf(config);
    const { width } = this.examples;
    const sizes = layers.map(({ size }) => size);
    if (!Number.isSafeInteger(config.seed)) throw new Refusal("the seed is a whole number");
    return {
      parameters: firstParameters(width, sizes, config.init, config.seed),
      names: namesOf(width, layers),
    };
  },

  set({ config, state }) {
    const layers = this.layersOf(config);
    const settings = checkedSettings(config);
    const checked = checkedState(state, settings, namesOf(this.examples.width, layers).length);
    const examples = this.examples.inputs.length;
    const batches = Math.ceil(examples / Math.min(settings.batch || examples, examples));
    if (checked.batch >= batches)
      throw new Refusal(`there is no batch ${checked.batch}: an epoch has ${batches}`);
    this.trainer ??= new Trainer(this.kind);
    this.trainer.set(this.examples, layers, settings, checked);
    this.ready = true;
    return this.trainer.frame();
  },

  train({ updates, budget = null }) {
    this.check();
    if (!(Number.isInteger(updates) && updates >= 0 && updates <= MOST_UPDATES)) {
      throw new Refusal(`updates are a whole number up to ${MOST_UPDATES}`);
    }
    return this.trainer.frame(this.trainer.train(updates, budget));
  },

  picture({ bounds, size, maps = null, whole = [] }) {
    this.check();
    const neurons = this.trainer.layers.reduce((sum, layer) => sum + layer.size, 0);
    const grid = this.grid(bounds, size, neurons);
    const [width, rows] = [grid.xs.length, grid.ys?.length ?? 1];
    if (maps && !(maps[0] >= 1 && maps[1] >= 1 && maps[0] <= width && maps[1] <= rows)) {
      throw new Refusal("the maps of neurons are no larger than the picture");
    }
    return { columns: this.trainer.picture({ ...grid, maps, whole }) };
  },

  /** What every input is over a grid: a column each. */
  inputs({ bounds, size }) {
    if (!this.examples) throw new Refusal("there are no data yet");
    const { made, width } = this.examples;
    const { xs, ys } = this.grid(bounds, size, width);
    const points = (ys ?? [0]).flatMap((y) => xs.map((x) => (ys ? [x, y] : [x])));
    const rows = made ? made.rowsAt(points) : points;
    return { columns: range(0, width).map((i) => Float64Array.from(rows, (row) => row[i])) };
  },

  example({ inputs, target }) {
    this.check();
    const { trainer, examples } = this;
    const targets = [target].flat();
    if (inputs.length !== examples.width || targets.length !== examples.targetWidth) {
      throw new Refusal("the example does not have the width of the others");
    }
    if (this.opened?.shape !== trainer.shape) {
      const { shape, layers, config } = trainer;
      this.opened = { shape, example: new Example(examples.width, layers, config.loss) };
    }
    return this.opened.example.opened(inputs, targets, trainer.state().parameters);
  },

  /** The answers of a backend that begins with nothing, to messages of which this one knows
   * nothing. */
  aside({ messages }) {
    const other = new Backend(this.kind);
    return { answers: messages.map((one) => other.handle(one)) };
  },

  /** Random points of a square and offsets for them, as Python draws them for an expression. */
  points({ count, seed, reach, noise }) {
    const rng = new Random(`expression ${seed}`);
    const two = (draw) => [draw(), draw()];
    const point = () => [two(() => rng.uniform(-reach, reach)), two(() => rng.gauss(0, noise))];
    return { points: Array.from({ length: count }, point) };
  },
};

/** So many points, evenly from one to the other, as `numpy.linspace` gives them. */
function pointsFrom(first, last, count) {
  const step = (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) =>
    i && i === count - 1 ? last : first + (i && i * step),
  );
}

const isFraction = (x) => x >= 0 && x < 1;
const isPositive = (x) => x > 0 && x < Infinity;
const isFromZero = (x) => x >= 0 && x < Infinity;
const isCount = (x) => Number.isSafeInteger(x) && x >= 0;

// What a setting has to be, in words and as a test.
const RANGES = {
  rate: ["positive", isPositive],
  eps: ["positive", isPositive],
  momentum: ["at least 0 and below 1", isFraction],
  decay: ["at least 0 and below 1", isFraction],
  beta1: ["at least 0 and below 1", isFraction],
  beta2: ["at least 0 and below 1", isFraction],
  weight_decay: ["finite and at least 0", isFromZero],
  penalty: ["finite and at least 0", isFromZero],
  factor: ["above 0 and at most 1", (x) => x > 0 && x <= 1],
  period: ["a whole number from 1", (x) => isCount(x) && x > 0],
  batch: ["a whole number from 0", isCount],
  seed: ["a whole number", Number.isSafeInteger],
  pinned: ["a list of the numbers of parameters", (x) => Array.isArray(x) && x.every(isCount)],
};

/** The settings of a message, which has all of them. */
function checkedSettings(settings) {
  for (const [name, [needed, test]] of Object.entries(RANGES)) {
    if (!test(settings[name]))
      throw new Refusal(`${name} must be ${needed}, not ${settings[name]}`);
  }
  if (settings.optimizer === "sgd" && settings.nesterov && !settings.momentum) {
    throw new Refusal("nesterov needs a momentum greater than 0");
  }
  rateAt(settings, 0); // complains about an unknown schedule, as these do about other names
  ruleOf(settings);
  penaltyFor(settings);
  return settings;
}

function checkedState(state, settings, count) {
  const { parameters, slots = {}, step = 0, epoch = 0, batch = 0 } = state;
  const all = [
    ["parameters", parameters],
    ...ruleOf(settings).slots.map((name) => [name, slots[name]]),
  ];
  for (const [name, column] of all) {
    if (name !== "parameters" && column === undefined) continue; // the optimiser begins anew
    if (column?.length !== count) {
      throw new Refusal(
        `${name} have ${column?.length ?? 0} numbers, and this network has ${count} parameters`,
      );
    }
    if (!column.every(Number.isFinite)) throw new Refusal(`one of ${name} is not finite`);
  }
  if (![step, epoch, batch].every(isCount))
    throw new Refusal("step, epoch and batch are whole numbers from 0");
  if (settings.pinned.some((i) => i >= count))
    throw new Refusal("a parameter is pinned that does not exist");
  return { parameters, slots, step, epoch, batch };
}

const backend = new Backend();

/** The answer to a message of the front end. */
export const handle = (message) => backend.handle(message);

if (typeof WorkerGlobalScope !== "undefined") {
  onmessage = ({ data: { id, message } }) => {
    const answer = handle(message);
    postMessage(
      { id, answer },
      (answer.columns ?? []).map(({ buffer }) => buffer),
    ); // which moves them
  };
}
