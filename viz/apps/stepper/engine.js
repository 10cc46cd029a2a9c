// The small engine of a page: a tape of operations, and a sweep along their edges. It knows the values
// of primitives; every other value, and every local derivative, is a recipe that Python recorded from
// the table, and so are the sentences about what goes wrong. A flow of NOTHING is that into the branch
// of a choice which is not taken.

import { digits } from "./numbers.js";
import { PRIMITIVES } from "./primitives.js";

class Trouble extends Error {}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

const NOTHING = null;

let rows = {}; // of the graph that is being computed
let complaints = {};
let strict = true; // whether what is not finite throws

function unchecked(compute) {
  strict = false;
  try {
    return compute();
  } finally {
    strict = true;
  }
}

const rowOf = (name) => rows[name] ?? PRIMITIVES[name];

// Recipes

/** What a recipe makes of what is in its places: as much of it as its end needs, so that a choice
 * computes one branch. */
function madeBy({ do: steps, end }, places) {
  const known = [...places];
  const of = (arg) => {
    if (typeof arg === "string") return literal(arg);
    return (known[arg] ??= result(steps[arg - places.length]));
  };
  const result = ([row, ...args]) => {
    if (PRIMITIVES[row]?.symbol === "if") return of(args[of(args[0]) !== 0 ? 1 : 2]);
    return applied(row, args.map(of));
  };
  return of(end);
}

const PLAIN = ["+", "-", "*", "<", "<="]; // which need not be looked at: what they give is looked at

function applied(row, args) {
  const { symbol } = rowOf(row);
  if (symbol === "/") return divided(...args);
  return PLAIN.includes(symbol) ? PRIMITIVES[row].value(...args) : at(row, ...args);
}

/** The operation at numbers: finite numbers with a result that is not throw its kind of trouble. */
function at(name, ...args) {
  const value = () => {
    const recipe = rows[name]?.value;
    return recipe ? madeBy(recipe, args) : PRIMITIVES[name].value(...args);
  };
  if (!strict || !args.every(Number.isFinite)) return strict ? unchecked(value) : value();
  const result = value();
  if (Number.isFinite(result)) return result;
  throw new Trouble(kindOf(name, result, args));
}

function kindOf(name, result, args) {
  const last = args.at(-1);
  const { symbol, poles } = rowOf(name);
  if (symbol === "/" && last === 0) return "DivisionByZero";
  if (symbol === "**" && args[0] === 0 && last < 0) return "DivisionByZero";
  if (Number.isNaN(result) || poles.includes(args[0])) return "OutsideDomain";
  return "TooLarge";
}

function divided(a, b) {
  if (b === 0 && strict) throw new Trouble("DivisionByZero");
  return a / b;
}

/** The partial at numbers, under the same rule. */
function slopeOf(row, position, y, args) {
  const allFinite = [y, ...args].every(Number.isFinite);
  let slope;
  try {
    slope = madeBy(rows[row].partials[position], [y, ...args]);
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
  ({ complaints, rows } = graph);
  const nodes = graph.nodes.map((node, i) => ({ ...node, id: `n${i}` }));
  try {
    forward(nodes, base, edits);
    return { numbers: swept(nodes, graph), edits, trouble: "" };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { trouble: error.message };
  }
}

/** The number of every node. A branch that is not taken need have none: what goes wrong there is
 * of no account. */
function forward(nodes, base, edits) {
  nodes.forEach((node, i) => {
    node.index = i;
    if (!node.row) {
      node.value = edits[node.id] ?? base[`v${i}`];
      return;
    }
    node.parents = node.args.filter((arg) => typeof arg === "number");
    node.operands = node.args.map((arg) =>
      typeof arg === "number" ? nodes[arg] : { name: "", value: literal(arg) },
    );
    const args = node.operands.map(({ value }) => value);
    const wrong = node.operands.map((arg, place) => isTaken(node, place) && arg.wrong);
    node.wrong = wrong.filter(Boolean).sort((a, b) => a.index - b.index)[0];
    try {
      node.value = orComplain(() => at(node.row, ...args), node, 0);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      node.value = unchecked(() => at(node.row, ...args));
      node.wrong ??= { index: i, error };
    }
  });
  const { wrong } = nodes.at(-1);
  if (wrong) throw wrong.error;
}

/** Whether an argument is no branch that a choice has not taken. */
function isTaken(node, place) {
  if (rows[node.row].symbol !== "if" || place === 0) return true;
  return (place === 1) === (node.operands[0].value !== 0);
}

const literal = (text) => Number(text.replace("inf", "Infinity"));

function swept(nodes, graph) {
  const numbers = Object.fromEntries(nodes.map(({ value }, i) => [`v${i}`, value]));
  const root = nodes.at(-1);
  const received = new Map([[root, 1]]);
  const edges = [];
  for (const node of [...nodes].reverse()) {
    node.args?.forEach((arg, place) => {
      if (typeof arg !== "number") return;
      const edge = { node, place, parent: nodes[arg], upstream: received.get(node) };
      Object.assign(edge, along(edge, { nodes, edges }, graph));
      const { slope, flow, parent } = edge;
      const total = sum(received.get(parent), flow, parent, graph);
      received.set(parent, total);
      Object.assign(numbers, { [`s${edges.length}`]: slope });
      Object.assign(numbers, { [`f${edges.length}`]: flow ?? 0, [`t${edges.length}`]: total ?? 0 });
      edges.push(edge);
    });
  }
  for (const [node, gradient] of received) numbers[`g${node.index}`] = gradient ?? 0;
  for (const node of nodes) Object.assign(numbers, numbersInside(node, numbers));
  return numbers;
}

/** What an opened neuron shows: its sum, the local derivative of its activation, the gradient of
 * the sum, and its products. */
function numbersInside({ row, index, value, operands }, numbers) {
  const { inside, local } = rows[row] ?? {};
  if (!inside) return {};
  const args = operands.map((one) => one.value);
  const [sum, ...products] = inside.map((one) => unchecked(() => madeBy(one, args)));
  const slope = local ? defined(unchecked(() => madeBy(local, [value, sum]))) : 1;
  const upstream = numbers[`g${index}`];
  const flow = upstream === 0 || slope === null ? 0 : upstream * slope;
  return {
    [`z${index}`]: sum, [`l${index}`]: slope, [`u${index}`]: flow,
    ...Object.fromEntries(products.map((product, j) => [`p${index}.${j}`, product])),
  };
}

const defined = (x) => (Number.isFinite(x) ? x : null);

function sum(before, flow, parent, graph) {
  if (flow === NOTHING) return before ?? NOTHING;
  const total = before == null ? flow : before + flow;
  tooLarge(total, [before ?? 0, flow], graph.flows.total, { parent });
  return total;
}

/** The slope of an edge, and what flows back along it. */
function along({ node, place, parent, upstream }, walked, graph) {
  if (upstream === NOTHING) return { slope: slopeAt(node, place), flow: NOTHING };
  if (leadsNowhere(node, place)) return { slope: 0, flow: NOTHING };
  let slope;
  try {
    const partial = () => slopeOf(node.row, place, node.value, numbersOf(node));
    slope = orComplain(partial, node, place + 1);
  } catch (error) {
    if (!(error instanceof Trouble) || upstream !== 0 || !staysZero(node, walked)) throw error;
    return { slope: null, flow: 0 };
  }
  let flow = upstream * slope;
  if (!Number.isFinite(flow) && upstream === 0 && !Number.isNaN(slope)) flow = 0;
  tooLarge(flow, [upstream, slope], graph.flows.product, { node, parent });
  return { slope, flow };
}

/** The slope of an edge, or null where there is none. */
function slopeAt(node, place) {
  if (leadsNowhere(node, place)) return 0;
  try {
    return slopeOf(node.row, place, node.value, numbersOf(node));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return null;
  }
}

const numbersOf = (node) => node.operands.map(({ value }) => value);

/** Whether an edge is that of a condition, or of the branch that is not taken. */
function leadsNowhere(node, place) {
  return rows[node.row].symbol === "if" && (place === 0 || !isTaken(node, place));
}

// Where a slope does not exist, only a 0 that stays 0 is known to let nothing through

/** Whether the gradient of a node, which is 0 now, stays so whatever it is made from does. */
function staysZero(node, { nodes, edges }) {
  const moving = ancestorsOf(node);
  for (const one of nodes) {
    if (one.operands?.some((operand, place) => moving.has(operand) && follows(one, place, moving))) {
      moving.add(one);
    }
  }
  const changing = new Set(); // the nodes whose gradients change
  for (const { node: head, place, parent, upstream, slope, flow } of edges) {
    if (flow === NOTHING) continue;
    const slopes = slope !== null && slopeMoves(head, place, moving);
    const changes = changing.has(head)
      ? slope !== 0 || slopes
      : slopes && upstream !== 0;
    if (changes) changing.add(parent);
  }
  return !changing.has(node);
}

function ancestorsOf(node) {
  const found = new Set([node]);
  for (const one of found) one.operands?.filter(({ id }) => id).forEach((arg) => found.add(arg));
  return found;
}

/** Whether the number of a node moves with that of an argument. */
function follows(node, place, moving) {
  if (leadsNowhere(node, place)) return false;
  if (slopeAt(node, place) !== 0 || isAtCorner(node)) return true;
  const { stepwise, uses } = rows[node.row];
  if (stepwise[place]) return false;
  return uses[place].some((i) => i === 0 || i - 1 === place || moving.has(node.operands[i - 1]));
}

/** Whether the slope of an edge is another one where these nodes move. */
function slopeMoves(node, place, moving) {
  const { stepwise, uses } = rows[node.row];
  if (stepwise[place] && !isAtCorner(node)) return false;
  return uses[place].some((i) => moving.has(i === 0 ? node : node.operands[i - 1]));
}

const isAtCorner = (node) =>
  rows[node.row].corners.some((corner) => madeBy(corner, numbersOf(node)) === 0);

// How many digits

const FULL = 17; // which tell a number from every other
const edges = new WeakMap(); // of graphs: the node and the place of every edge, as the sweep walks

function edgesOf(graph) {
  if (!edges.has(graph)) {
    const found = graph.nodes.flatMap((_, i) => i).reverse().flatMap((i) =>
      (graph.nodes[i].args ?? []).flatMap((arg, place) =>
        typeof arg === "number" ? [{ i, place }] : []));
    edges.set(graph, found);
  }
  return edges.get(graph);
}

/** With how many digits the numbers of an equation are written so that it is true, by the key of what
 * it comes to: more where they cancel, as in 1 − 0.9999999959². */
export function digitsFor(key, graph, numbers, least) {
  const [letter, index] = [key[0], Number(key.slice(1))];
  const { i, place } = letter === "s" ? edgesOf(graph)[index] : { i: index };
  const { row, args } = graph.nodes[i] ?? {};
  const result = numbers[key];
  const { hides, inside, local } = graph.rows[row] ?? {};
  const isOfSum = letter === "z" || (letter === "v" && inside && !local);
  const isTold = isOfSum || (letter === "v" && !inside) || (letter === "s" && hides === undefined);
  if (!row || hides || !isTold || !Number.isFinite(result)) return least;
  rows = graph.rows;
  const near = (x, count) => Number(digits(x, count));
  const compute = (count) => {
    const read = (arg) => (typeof arg === "number" ? near(numbers[`v${arg}`], count) : literal(arg));
    if (place !== undefined) {
      return madeBy(rows[row].partials[place], [near(numbers[`v${i}`], count), ...args.map(read)]);
    }
    const known = args.map((arg) => (typeof arg === "number" ? read(arg) : near(literal(arg), count)));
    return isOfSum ? madeBy(inside[0], known) : at(row, ...known);
  };
  const isClose = (count) =>
    Math.abs(unchecked(() => compute(count)) - result) <= 10 ** (2 - least) * Math.abs(result);
  let count = least;
  while (count < FULL && !isClose(count)) count++;
  return count;
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
