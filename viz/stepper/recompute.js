// What Python does when a leaf is edited, for a page on which nobody runs Python: the forward pass,
// then the sweep. ROWS, the values and partials of the operations, are printed from the engine's
// table; so are the sentences about what goes wrong.

class Trouble extends Error {}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

let complaints = {}; // of the graph that is being computed

/** The operation at numbers: finite numbers with a result that is not throw its kind of trouble. */
function at(name, ...args) {
  const result = ROWS[name].value(...args);
  if (Number.isFinite(result) || !args.every(Number.isFinite)) return result;
  throw new Trouble(kindOf(name, result, args));
}

function kindOf(name, result, args) {
  const last = args.at(-1);
  const { symbol, poles } = ROWS[name];
  if (symbol === "/" && last === 0) return "DivisionByZero";
  if (symbol === "**" && args[0] === 0 && last < 0) return "DivisionByZero";
  if (Number.isNaN(result) || poles.includes(args[0])) return "OutsideDomain";
  return "TooLarge";
}

function divided(a, b) {
  if (b === 0) throw new Trouble("DivisionByZero");
  return a / b;
}

/** The partial at numbers, under the same rule. */
function slopeOf(row, position, y, args) {
  const allFinite = [y, ...args].every(Number.isFinite);
  let slope;
  try {
    slope = ROWS[row].partials[position](y, ...args);
  } catch (error) {
    if (allFinite || !(error instanceof Trouble)) throw error;
    return NaN;
  }
  if (Number.isFinite(slope) || !allFinite) return slope;
  throw new Trouble("TooLarge");
}

/** The state with these leaves edited: all numbers of the walk, or the sentence that says why there
 * are none. */
export function recomputed(graph, base, edits) {
  complaints = graph.complaints;
  const nodes = graph.nodes.map((node, i) => ({ ...node, id: `n${i}` }));
  try {
    return { numbers: swept(nodes, graph, forward(nodes, base, edits)), edits, trouble: "" };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { trouble: error.message };
  }
}

function forward(nodes, base, edits) {
  nodes.forEach((node, i) => {
    if (!node.row) {
      node.value = edits[node.id] ?? base[`v${i}`];
      return;
    }
    node.parents = node.args.filter((arg) => typeof arg === "number");
    node.operands = node.args.map((arg) =>
      typeof arg === "number" ? nodes[arg] : { name: "", value: literal(arg) },
    );
    const args = node.operands.map(({ value }) => value);
    node.value = orComplain(() => at(node.row, ...args), node, 0);
  });
  return nodes;
}

const literal = (text) => Number(text.replace("inf", "Infinity"));

function swept(nodes, graph) {
  const numbers = Object.fromEntries(nodes.map(({ value }, i) => [`v${i}`, value]));
  const root = nodes.length - 1;
  const received = new Map([[root, 1]]);
  let k = 0;
  for (let i = root; i >= 0; i--) {
    const node = nodes[i];
    node.args?.forEach((arg, position) => {
      if (typeof arg !== "number") return;
      const { slope, flow } = along(node, position, received.get(i), nodes[arg], graph);
      const before = received.get(arg);
      const total = before === undefined ? flow : before + flow;
      tooLarge(total, [before ?? 0, flow], graph.flows.total, { parent: nodes[arg] });
      received.set(arg, total);
      Object.assign(numbers, { [`s${k}`]: slope, [`f${k}`]: flow, [`t${k}`]: total });
      k += 1;
    });
  }
  for (const [i, gradient] of received) numbers[`g${i}`] = gradient;
  return numbers;
}

/** The slope of an edge, and what flows back along it; nothing does where there is no slope and
 * nothing arrives. */
function along(node, position, upstream, parent, graph) {
  const args = node.operands.map(({ value }) => value);
  let slope;
  try {
    const partial = () => slopeOf(node.row, position, node.value, args);
    slope = orComplain(partial, node, position + 1);
  } catch (error) {
    if (!(error instanceof Trouble) || upstream !== 0) throw error;
    return { slope: null, flow: 0 };
  }
  let flow = upstream * slope;
  if (!Number.isFinite(flow) && upstream === 0 && !Number.isNaN(slope)) flow = 0;
  tooLarge(flow, [upstream, slope], graph.flows.product, { node, parent });
  return { slope, flow };
}

// Sentences

const inErrors = (x) => digits(x, 6);

function orComplain(compute, node, which) {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    throw new Trouble(pointed(complaints[node.row][error.message][which], node.operands));
  }
}

/** The operands put into a sentence: `x = -1`, or just `-1`. */
function pointed(sentence, operands) {
  const shown = ({ name, value }) => (name ? `${name} = ${inErrors(value)}` : inErrors(value));
  return sentence
    .replace(/\ue000(\d+)\ue001 = \ue000\1\ue002/g, (_, i) => shown(operands[i]))
    .replace(/\ue000(\d+)\ue001/g, (_, i) => operands[i].name || LETTERS[i]);
}

function tooLarge(result, [first, second], sentence, called) {
  if (Number.isFinite(result) || !Number.isFinite(first) || !Number.isFinite(second)) return;
  const places = { upstream: inErrors(first), slope: inErrors(second) };
  for (const [place, { name, value }] of Object.entries(called)) {
    places[place] = name || `an unnamed value (${inErrors(value)})`;
  }
  throw new Trouble(sentence.replace(/\ue000(\w+)[\ue001\ue002]/g, (_, place) => places[place]));
}
