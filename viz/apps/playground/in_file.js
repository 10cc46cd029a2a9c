// The host of an exported page: a worker, made of text in the page, answers. It knows rows and no
// names of data sets, so these are looked up here, among the numbers that came with the page.

import { settingsInAddress } from "./address.js";
import { checkData, checkSizes } from "./checking.js";
import { codeOf } from "./code_of_run.js";
import { inText, textOf } from "./columns.js";
import { examplesOfExpression, inputsOfExpression, readExpression } from "./expression.js";
import { pythonFloat } from "./in_python.js";
import { modelFile } from "./model_file.js";
import playground from "./playground.js";
import { outputsOf } from "./moved.js";
import { COORDINATES } from "./inputs_panel.js";
import { shown } from "./numbers.js";
import { examplesInTable, onOneLine } from "./table.js";

document.body.lastElementChild.remove(); // this script, which a copy of the page unpacks by itself
const source = document.documentElement.outerHTML;
const { settings, shipped, facts, worker: text } = await globalThis.stepgradState;
const { data: first } = settings; // whose examples came with the page
const kept = document.getElementById("session"); // of a page that was saved from this one
if (kept) Object.assign(settings, JSON.parse(kept.textContent));
const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
const waiting = [];
worker.onmessage = ({ data }) => waiting.shift()(data.answer);
worker.onerror = ({ message }) =>
  waiting.splice(0).forEach((settle) => settle({ trouble: message }));

const answered = (message) =>
  new Promise((resolve) => {
    waiting.push(resolve);
    worker.postMessage({ id: waiting.length, message });
  });

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The rows of a data set, as the worker takes them, and what it does not know of them: `drawn`
 * says in Python how they were made, where Python makes the same ones. Or the trouble with them. */
async function rowsOf(data) {
  checkData(data, facts.limits);
  const found = await plainRowsOf(data);
  if (!data.inputs || found.trouble) return found;
  const width = found.coordinates ? 2 : (found.inputs?.[0].length ?? found.rows[0]?.length - 1);
  if (width !== 2) {
    const other = `Inputs are made of two coordinates, and ${found.called} has ${width}.`;
    const isSaid = found.said?.includes(other);
    return isSaid ? found : { ...found, said: [found.said, other].filter(Boolean).join(" ") };
  }
  const texts = data.inputs.map((text) => text.trim());
  const made = texts.map((text) => ({ text: shown(text), ...recipeOf(text) }));
  const axes = found.axes ?? found.names ?? COORDINATES;
  return { ...found, axes, names: texts, made, largest: facts.limits.size };
}

/** The recipe of an expression, which Python may have read: it knows more ways to write one. */
function recipeOf(text) {
  if (Object.hasOwn(facts.made, text)) return facts.made[text];
  const { names, recipe } = readExpression(text, facts.aliases);
  inputsOfExpression(names); // which complains where they are mixed
  return recipe;
}

async function plainRowsOf(data) {
  const { name, points, noise = 0, share = 0, seed = 0 } = data;
  if (name === "own") return { rows: data.rows, share, seed, called: "own points" };
  if (same({ ...data, inputs: null }, { ...first, inputs: null })) {
    const given = same(data, first) ? settings.examples : plainOf(settings.examples);
    return { ...given, called: facts.called, drawn: drawnIn(data) };
  }
  if (name === "table")
    return { ...examplesInTable(data.text, facts.limits), share, seed, called: "the table" };
  if (name === "expression") return { ...(await examplesTyped(data)), share, seed, called: name };
  const set = Object.hasOwn(shipped, name) && shipped[name];
  if (!set)
    return {
      trouble: `${name} needs Python: start stepgrad play, or viz.playground() in a notebook`,
    };
  const count = Math.min(points ?? set.inputs.length, set.inputs.length);
  const rows = set.inputs.slice(0, count).map((x, i) => {
    const offset = set.offsets?.[i] ?? 0;
    const moved = set.classes ? x.map((a, k) => a + noise * (offset[k] ?? 0)) : x;
    return [...moved, set.targets[i] + (set.classes ? 0 : noise * offset)];
  });
  const { classes, names } = set;
  const areAll = points === set.inputs.length && seed === first.seed;
  return { rows, share, seed, classes, names, called: name, drawn: areAll ? drawnIn(data) : "" };
}

async function examplesTyped({ text, points: count, seed, noise }) {
  if (!text?.trim()) throw new Error("the expression is empty: try y > sin(3*x)");
  const read = readExpression(text, facts.aliases);
  const { points } = await answered({
    do: "points",
    count,
    seed,
    noise,
    reach: facts.limits.reach,
  });
  return examplesOfExpression(read, inputsOfExpression(read.names), points);
}

/** Examples with their coordinates as inputs. */
function plainOf(examples) {
  const { coordinates, axes, held_out: rest, ...others } = examples;
  if (!coordinates) return examples;
  const heldOut = { inputs: rest.coordinates, targets: rest.targets };
  return { ...others, inputs: coordinates, names: axes, held_out: heldOut };
}

/** How Python draws the data set of a message; "" where only its rows can be written. */
function drawnIn({ name, points, noise, seed }) {
  const written = [String(points), pythonFloat(noise ?? 0), String(seed)];
  return written.reduce((text, one) => text.replace("{}", one), facts.drawn[name] ?? "");
}

/** The examples of a message and the first weights there, while the worker stays as it is. */
async function look(data, config) {
  const found = await rowsOf(data);
  const { names, axes, said, trouble, class_names = [], called, drawn, ...rows } = found;
  if (trouble) throw new Error(trouble);
  const messages = [
    { do: "data", data: rows },
    { do: "drawn", config },
  ];
  const {
    answers: [examples, first],
  } = await answered({ do: "aside", messages });
  const { share = 0, seed = 0 } = data;
  return {
    examples: { ...examples, class_names, called, drawn, share, seed, made: rows.made && names },
    drawn: first.parameters,
  };
}

let taken = {}; // what the worker has: the examples, the settings, and the state reached

const ANSWERED_HERE = {
  settings: () => settings,

  async data({ data }) {
    const found = await rowsOf(data);
    const { names, axes, class_names, said, trouble, called, drawn, ...rows } = found;
    if (trouble) return { trouble };
    if (rows.rows) checkSizes(rows.rows, facts.limits);
    const answer = await answered({ do: "data", data: rows });
    if (answer.trouble) return answer;
    const isWhole = rows.rows && data.share && !answer.held_out.inputs.length;
    const sentences = [said, isWhole && "Too few examples to hold some out: all are trained on."];
    const more = {
      ...(names && { names }),
      ...(axes && { axes }),
      ...(class_names && { class_names }),
    };
    taken.examples = { ...answer, ...more, said: sentences.filter(Boolean).join(" ") };
    return taken.examples;
  },

  async code({ marks }) {
    return { text: await codeOf(marks, taken.state.step, facts, look) };
  },

  /** This page, which goes on from where the session is. */
  page({ session }) {
    // it ends no element
    const written = JSON.stringify(inText(session)).replaceAll("<", "\\u003c");
    const element = `<script type="application/json" id="session">${written}</script>`;
    const bare = source.replace(/<script type="application\/json" id="session">.*?<\/script>/, "");
    return { text: `<!doctype html>\n${bare.replace("<noscript>", () => `${element}<noscript>`)}` };
  },

  async model() {
    const { examples, config, state } = taken;
    const layers = [...config.layers, { size: outputsOf(config, examples), activation: "linear" }];
    const { format, version } = facts.model;
    const about = {
      format,
      version,
      decision: facts.decisions[config.loss],
      class_names: examples.class_names,
      ...(examples.axes && { feature_names: examples.names }),
    };
    const bytes = await modelFile(examples.inputs[0].length, layers, state.parameters, about);
    return { name: "playground.safetensors", bytes: textOf(bytes) };
  },
};

async function ask(message) {
  if (Object.hasOwn(ANSWERED_HERE, message.do)) {
    try {
      return await ANSWERED_HERE[message.do](message);
    } catch ({ message: sentence }) {
      return { trouble: onOneLine(sentence) };
    }
  }
  const answer = await answered(message);
  if (answer.state)
    taken = { ...taken, state: answer.state, config: message.config ?? taken.config };
  return answer;
}

const el = document.getElementById("playground");
settings.given = settings.state; // what is in the page is there whenever it is opened
const address = location.protocol !== "about:"; // inside another page there is none
const begun = address ? settingsInAddress(settings) : settings;
playground.render({ backend: { ask }, el, settings: begun, host: { name: "file", address } });
// a page around this one needs keys itself
if (window === window.top) el.focus({ preventScroll: true });
