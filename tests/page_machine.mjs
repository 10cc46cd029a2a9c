// Runs the machine of a page in Node, for test_page_machine.py:
// node page_machine.mjs FOLDER TASK < cases.json > answers.json

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, task] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const [record, network, machines, codes, random, workers, printed, trainers] = await Promise.all(
  ["record", "network", "machine", "code", "random", "worker", "printed", "trainer"].map(from),
);
const KINDS = ["wasm", "js"];

const bits = (x) => new DataView(Float64Array.of(x).buffer).getBigUint64(0, true).toString(16).padStart(16, "0");
const hex = (numbers) => Array.from(numbers, bits).join("");
const fromHex = (text) => {
  const view = new DataView(Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16)).buffer);
  return Float64Array.from({ length: view.byteLength / 8 }, (_, i) => view.getFloat64(8 * i));
};

function listing(program) {
  const { ROWS } = printed;
  const arg = (x) => (x < 0 ? `#${bits(program.constants[~x])}` : String(x));
  const lines = [];
  for (let at = 0; at < program.code.length; at += 4) {
    const row = program.code[at];
    lines.push([ROWS[row], ...Array.from(program.code.subarray(at + 1, at + 1 + record.ARITY[row]), arg)].join(" "));
  }
  const ends = [program.value, program.gradients, program.also].map((list) => list.map(arg).join(" "));
  return [program.inputs, program.parameters, ...lines, ...ends].join("\n");
}

/** Two states, or parts of frames, as bits. */
const stateOf = ({ parameters, slots }) =>
  ({ parameters: hex(parameters), slots: Object.fromEntries(Object.entries(slots).map(([k, v]) => [k, hex(v)])) });
const given = ({ parameters, slots, ...rest }) =>
  ({ ...rest, parameters: fromHex(parameters), slots: Object.fromEntries(Object.entries(slots).map(([k, v]) => [k, fromHex(v)])) });

function backendFor(kind, { data }) {
  const backend = new workers.Backend(kind);
  const answer = backend.handle({ do: "data", ...data });
  if (answer.trouble) throw new Error(answer.trouble);
  return backend;
}

function frameOf(frame) {
  if (frame.trouble && !frame.state) return frame;
  const { next, state, losses, ...rest } = frame;
  const { step, epoch, batch } = state;
  return {
    ...rest,
    losses: hex(losses),
    state: { ...stateOf(state), step, epoch, batch },
    next: next.trouble ? next : { ...stateOf(next), loss: next.loss, gradient: hex(next.gradient) },
  };
}

const tasks = {
  listings: (cases) => cases.map(({ inputs, layers, loss }) =>
    listing(network.recordedNetwork(inputs, layers, loss).listing())),

  /** A frame after setting a state, and one after some updates, by both machines. */
  frames: (cases) => cases.map((one) => KINDS.map((kind) => {
    const backend = backendFor(kind, one);
    const first = backend.handle({ do: "set", config: one.config, state: given(one.state) });
    if (first.trouble && !first.state) return [first];
    return one.updates ? [first, backend.handle({ do: "train", updates: one.updates })] : [first];
  }).map((frames) => frames.map(frameOf))),

  /** Every row on lanes, by both machines. */
  rows: (cases) => cases.map(({ row, columns }) => KINDS.map((kind) => {
    const machine = new machines.Machine(kind);
    const inputs = columns.map(fromHex);
    const count = inputs[0].length;
    const tape = new record.Tape(inputs.length);
    const end = tape.apply(record.ROW[row], ...inputs.keys());
    const program = record.program(tape, inputs.length, { sums: [], columns: [end] });
    const to = machine.column(count);
    const code = new codes.Code(program, machine, { from: inputs.map((x) => machine.column(x)), to: [to] });
    code.prepare();
    code.fill(count);
    return Array.from(machine.read(to, count), (x) => (Number.isNaN(x) ? "nan" : bits(x)));
  })),

  random: ({ seeds, orders, models }) => ({
    numbers: seeds.map((seed) => {
      const rng = new random.Random(seed);
      return hex([rng.random(), rng.uniform(-1, 3), rng.gauss(0, 1), rng.gauss(2, 3), ...Array.from({ length: 700 }, () => rng.random())]);
    }),
    orders: orders.map((args) => Array.from(random.randomOrder(...args))),
    models: models.map(({ data, config }) => {
      const { parameters, names } = backendFor("js", { data }).handle({ do: "drawn", config });
      return { parameters: hex(parameters), names };
    }),
  }),

  rates: (cases) => cases.map(({ config, steps }) => hex(steps.map((step) => network.rateAt(config, step)))),

  messages: (cases) => cases.map(({ data, messages }) => {
    const backend = new workers.Backend("wasm");
    if (data) backend.handle({ do: "data", ...data });
    return messages.map((message) => {
      const answer = backend.handle(message.state ? { ...message, state: given(message.state) } : message);
      return JSON.parse(JSON.stringify(answer, (_, x) => (ArrayBuffer.isView(x) ? hex(x) : x)));
    });
  }),

  /** Which programs of a trainer are made anew when a setting changes. */
  replanned: ({ data, config, state, changes }) => {
    const backend = backendFor("wasm", { data });
    const parts = ({ network: net, training, evaluator, update }) => ({ net, training, evaluator, update });
    return changes.map((change) => {
      backend.handle({ do: "set", config, state: given(state) });
      const before = parts(backend.trainer);
      backend.handle({ do: "set", config: { ...config, ...change }, state: given(state) });
      const after = parts(backend.trainer);
      return Object.keys(before).filter((name) => before[name] !== after[name]);
    });
  },
};

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(tasks[task](cases)));
