// Sentences and formulas with the numbers of now. They come with the plan, with places for numbers.

import { digitsFor } from "./engine.js";
import { digitsNow, inDecimals, inFormula, legible } from "./numbers.js";

let graph = null; // of which is told now

export function tellOf(one) {
  graph = one.why_not ? null : one;
}

/** How many digits the numbers in a chain have, which comes to its last link. */
export function digitsIn({ chain }, numbers) {
  const last = chain.at(-1);
  const key = last?.number ?? last?.fenced;
  return key && graph ? digitsFor(key, graph, numbers, digitsNow()) : digitsNow();
}

/** The number under a key; |g0| is the size of g0. */
const under = (numbers, key) =>
  key.startsWith("|") ? Math.abs(numbers[key.slice(1, -1)]) : numbers[key];

const CASES = {
  slope: (x) => (x === null ? 1 : 0), // where a local derivative does not exist
  sign: (x) => (x > 0 ? 1 : x < 0 ? 2 : 0),
};

/** What is said where it depends on numbers. */
export function chosen(told, numbers) {
  if ("by" in told) return told.say[CASES[told.by](numbers[told.of])];
  const sizes = told.most.map((key) => Math.abs(numbers[key]));
  return told.say[sizes.indexOf(Math.max(...sizes))] ?? "";
}

const plainly = (x, count) => (x === null ? "undefined" : legible(x, count));

/** A sentence as runs of text, each with the ids of what it points at in the graph. */
export function runs(told, numbers, ids = [], count = undefined) {
  if (typeof told === "string") return [{ text: inDecimals(told), ids }];
  if (Array.isArray(told)) return told.flatMap((piece) => runs(piece, numbers, ids, count));
  if ("number" in told) return [{ text: plainly(under(numbers, told.number), count), ids }];
  if ("fenced" in told) {
    const shown = plainly(under(numbers, told.fenced), count);
    return [{ text: shown.startsWith("-") ? `(${shown})` : shown, ids }];
  }
  if ("at" in told) return runs(told.say, numbers, told.at, count);
  if (!("chain" in told)) return runs(chosen(told, numbers), numbers, ids, count);
  const seen = new Set(); // a chain: f = f = 2 would say one thing twice
  const enough = digitsIn(told, numbers);
  return told.chain.flatMap((link, i) => {
    const piece = runs(link, numbers, ids, i < told.chain.length - 1 ? enough : undefined);
    const words = plain(piece);
    if (seen.has(words)) return [];
    const first = seen.size === 0;
    seen.add(words);
    return first ? piece : [{ text: " = ", ids }, ...piece];
  });
}

const plain = (pieces) => pieces.map(({ text }) => text).join("");

export const said = (told, numbers) => plain(runs(told, numbers));

/** A number as typeset formulas show it. */
export const figureOf = (key, numbers, count) => inFormula(under(numbers, key), count);

/** JSON has no infinities. */
export const revived = (numbers) =>
  Object.fromEntries(
    Object.entries(numbers).map(([key, x]) => [key, typeof x === "string" ? Number(x) : x]),
  );
