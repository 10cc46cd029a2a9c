// Reads expressions as a page does, and records them in its machine, for test_made_inputs.py:
// node made_inputs.mjs FOLDER TASK < cases.json > answers.json

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, task] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const [{ readExpression }, { MadeInputs }, record, printed, { Machine }, { Code }, { Backend }] = await Promise.all(
  ["expression", "made_inputs", "record", "printed", "machine", "code", "worker"].map(from),
);

const written = ({ program }) => {
  const arg = (x) => (x < 0 ? String(program.constants[~x]) : `@${x}`);
  const lines = [];
  for (let at = 0; at < program.code.length; at += 4) {
    const row = program.code[at];
    lines.push([printed.ROWS[row], ...Array.from(program.code.subarray(at + 1, at + 1 + record.ARITY[row]), arg)].join(" "));
  }
  return [...lines, program.columns.map(arg).join(" ")].join("\n");
};

/** The columns that a machine computes. */
function columnsOn(kind, { program, texts }, points) {
  const machine = new Machine(kind);
  const places = [0, 1].map((k) => machine.column(points.map((point) => point[k])));
  const to = texts.map(() => machine.column(points.length));
  const code = new Code(program, machine, { from: places, to });
  code.prepare();
  code.fill(points.length);
  return to.map((at) => Array.from(machine.read(at, points.length)));
}

const tasks = {
  /** How expressions are shown. */
  shown: async (texts) => texts.map((await from("inputs_panel")).inputWritten),

  /** The programs of expressions as the page reads them, and as Python does. */
  listings: ({ texts, recipes, aliases }) => {
    const typed = texts.map((text) => ({ text, ...readExpression(text, aliases).recipe }));
    const read = recipes.map((recipe, i) => ({ text: texts[i], ...recipe }));
    return [typed, read].map((some) => written(new MadeInputs(some)));
  },

  /** Their values at points: one by one, and on both machines. */
  values: ({ recipes, points }) => {
    const made = new MadeInputs(recipes);
    const rows = made.rowsAt(points);
    return [recipes.map((_, k) => rows.map((row) => row[k])), columnsOn("wasm", made, points), columnsOn("js", made, points)];
  },

  /** A network's answers where its inputs are made of the coordinates, and what it was given. */
  messages: ({ data, config, messages }) => ["wasm", "js"].map((kind) => {
    const backend = new Backend(kind);
    const examples = backend.handle({ do: "data", data });
    if (examples.trouble) return [examples];
    const { parameters } = backend.handle({ do: "drawn", config });
    const frame = backend.handle({ do: "set", config, state: { parameters } });
    return [examples, frame, ...messages.map((message) => backend.handle(message))];
  }),
};

const cases = JSON.parse(readFileSync(0, "utf8"));
const answer = await tasks[task](cases);
process.stdout.write(JSON.stringify(answer, (_, x) => (ArrayBuffer.isView(x) ? [...x] : x)));
