// Formulas as elements of MathML, which the browser typesets, with the numbers of now in them.

import { made } from "./elements.js";
import { inDecimals, sign } from "./numbers.js";
import { chosen, digitsIn, figureOf, runs } from "./telling.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

const LONG = 40; // characters that may need more than one line

/** A formula that the plan tells as [tag, children…], with places in it: in pieces, as it is broken
 * before an equals sign where it is too long for a line, and before a plus. */
export function typeset(told, numbers) {
  const pieces = mathOf(told, numbers);
  const flat = pieces.length === 1 && pieces[0].localName === "mrow" ? [...pieces[0].childNodes] : pieces;
  const isLong = flat.reduce((sum, one) => sum + one.textContent.length, 0) > LONG;
  const links = [[]];
  for (const one of flat) {
    const breaks = one.textContent === "=" || (isLong && one.textContent === "+");
    if (breaks && links.at(-1).length > 1) {
      one.setAttribute("form", "infix"); // with room on both sides of it
      links.push([]);
    }
    links.at(-1).push(one);
  }
  return links.flatMap((link, i) => {
    const math = tagged("math", ...link);
    math.setAttribute("displaystyle", "true"); // fractions as large as what is beside them
    return i ? [" ", math] : [math];
  });
}

function tagged(tag, ...children) {
  const one = document.createElementNS(MATHML, tag);
  one.append(...children);
  return one;
}

function mathOf(told, numbers, count = undefined) {
  if (typeof told === "string") return [inDecimals(told)];
  if (Array.isArray(told)) {
    const [tag, ...children] = told;
    return [tagged(tag, ...children.flatMap((one) => mathOf(one, numbers, count)))];
  }
  if ("number" in told) return [numeral(told.number, numbers, count)];
  if ("fenced" in told) return [inParentheses(numeral(told.fenced, numbers, count))];
  if ("at" in told) {
    const pointing = tagged("mrow", ...mathOf(told.say, numbers, count));
    pointing.classList.add("factor");
    pointing.dataset.at = told.at.join(" ");
    return [pointing];
  }
  if ("chain" in told) {
    const enough = digitsIn(told, numbers);
    const last = told.chain.length - 1;
    return equated(told.chain.map((link, i) => inRow(link, numbers, i < last ? enough : undefined)));
  }
  return mathOf(chosen(told, numbers), numbers, count);
}

const inRow = (told, numbers, count) => tagged("mrow", ...mathOf(told, numbers, count));

/** Links between equals signs: f = f = 2 would say one thing twice. */
function equated(links) {
  const seen = new Set();
  return links.flatMap((link) => {
    if (seen.has(link.textContent)) return [];
    seen.add(link.textContent);
    return seen.size > 1 ? [tagged("mo", "="), link] : [link];
  });
}

function numeral(key, numbers, count) {
  const text = figureOf(key, numbers, count);
  if (/[a-z]/.test(text)) return tagged("mtext", text);
  if (!text.startsWith("−")) return tagged("mn", text);
  return tagged("mrow", tagged("mo", "−"), tagged("mn", text.slice(1)));
}

const inParentheses = (one) =>
  one.localName === "mrow" ? tagged("mrow", tagged("mo", "("), one, tagged("mo", ")")) : one;

const SPOKEN = { mfrac: "/", msup: "^", mroot: "√" };

/** A text with typeset formulas in it, as it is read aloud. */
export function aloud(one) {
  if (!one.children?.length) return one.textContent;
  const parts = [...one.childNodes].map(aloud);
  return parts.join(SPOKEN[one.localName] ?? (one.localName === "mrow" ? " " : ""));
}

/** An equation as columns: symbols over numbers over words. Where its flow is asked for, what is to
 * be found is a question mark. */
export function columns(told, numbers, asked) {
  const isOpen = ({ kind, below }) => asked && (kind === "flow" || below === "after");
  return made(
    "span", { class: "columns" },
    ...told.columns.map((one) => column(isOpen(one) ? { ...one, number: "?" } : one, numbers)),
  );
}

function column({ kind, symbols, number, below }, numbers) {
  const say = number.say ?? number;
  const at = number.say ? number.at : [];
  const key = say.number ?? say.fenced;
  const isSigned = key && kind !== "local";
  const tint = isSigned ? sign(numbers[key]) || "zero" : "";
  const attributes = at.length ? { class: `figure factor ${tint}`, "data-at": at.join(" ") } : { class: `figure ${tint}` };
  const plus = isSigned && numbers[key] > 0 ? "+" : "";
  return made(
    "span", { class: `column ${kind}` },
    ...(symbols ? typeset(symbols, numbers) : [made("span")]),
    made("span", attributes, key ? plus + figureOf(key, numbers) : say),
    made("small", {}, below),
  );
}

/** What the plan tells, with the numbers of now; what speaks of the picture lights it when it is
 * pointed at. */
export function rich(told, numbers, asked = "") {
  if (told.math) return typeset(told.math, numbers);
  if (told.columns) return [columns(told, numbers, asked)];
  return runs(told, numbers).map(({ text: words, ids }) =>
    ids.length ? made("span", { class: "factor", "data-at": ids.join(" ") }, words) : words,
  );
}
