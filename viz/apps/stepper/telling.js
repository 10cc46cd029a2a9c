// Sentences and formulas with the numbers of now. They come with the plan, with places for numbers.

import { inDecimals, inFormula, legible } from "./numbers.js";

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

const plainly = (x) => (x === null ? "undefined" : legible(x));

/** A sentence as runs of text, each with the ids of what it points at in the graph. */
export function runs(told, numbers, ids = []) {
  if (typeof told === "string") return [{ text: inDecimals(told), ids }];
  if (Array.isArray(told)) return told.flatMap((piece) => runs(piece, numbers, ids));
  if ("number" in told) return [{ text: plainly(under(numbers, told.number)), ids }];
  if ("fenced" in told) {
    const shown = plainly(under(numbers, told.fenced));
    return [{ text: shown.startsWith("-") ? `(${shown})` : shown, ids }];
  }
  if ("at" in told) return runs(told.say, numbers, told.at);
  if (!("chain" in told)) return runs(chosen(told, numbers), numbers, ids);
  const seen = new Set(); // a chain: f = f = 2 would say one thing twice
  return told.chain.flatMap((link) => {
    const piece = runs(link, numbers, ids);
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
export const figureOf = (key, numbers) => inFormula(under(numbers, key));

/** JSON has no infinities. */
export const revived = (numbers) =>
  Object.fromEntries(
    Object.entries(numbers).map(([key, x]) => [key, typeof x === "string" ? Number(x) : x]),
  );
