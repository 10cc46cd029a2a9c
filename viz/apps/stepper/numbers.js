// Numbers as people type them, and as the engine and its pictures write them.

export const DIGITS = 4; // as many as cards have room for

let notation = { digits: DIGITS, comma: false };

/** How the numbers from now on are written. */
export function use({ digits: count = DIGITS, comma = false }) {
  notation = { digits: count, comma };
}

export const digitsNow = () => notation.digits;

/** A number, and a text with some, with decimals as they are written here. */
const decimal = (text) => (notation.comma ? text.replace(".", ",") : text);
export const inDecimals = (text) =>
  notation.comma ? text.replace(/(?<![\w.])(\d+)\.(?=\d)/g, "$1,") : text;

// As people type them: the rule of `autograd/expression/numbers.py`

export const FOLDED = { "·": "*", "⋅": "*", "∙": "*", "×": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/" };
for (const minus of "−–‐‑﹣") FOLDED[minus] = "-";
for (let i = 0; i < 94; i++) FOLDED[String.fromCharCode(0xff01 + i)] = String.fromCharCode(0x21 + i);

const FIGURES = "[0-9]+(?:_[0-9]+)*";
export const DECIMAL = `(?:${FIGURES}(?:\\.(?:${FIGURES})?)?|\\.${FIGURES})(?:[eE][-+]?${FIGURES})?`;
const TERM = `((?:${DECIMAL})?(?:pi|π)|${DECIMAL}|e)`;
const BLANK = "[ \\t\\r\\n\\u00a0\\u2009\\u202f]*";
const NUMBER = new RegExp(
  `^${BLANK}([-+]?)${BLANK}${TERM}${BLANK}(?:/${BLANK}${TERM}${BLANK})?$`,
);
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
// a power of ten as pictures have it: 9·10⁻⁶, or 10³⁰ alone
const POWER = new RegExp(`(?:([0-9.])[·⋅×*]|(?<![0-9._]))10([⁻⁺]?[${SUPERSCRIPTS}]+)`, "g");
const BLANKS_AROUND = new RegExp(`^${BLANK}|${BLANK}$`, "g");
const TOO_LARGE = "the largest number is about 1.8e308";

/** { number } that was typed, or { hint } that says what to write. */
export function numberIn(typed) {
  const point = notation.comma ? typed.replace(/^([^,.]*),([^,.]*)$/, "$1.$2") : typed;
  const written = point.replace(POWER, withExponent);
  const text = [...written].map((one) => FOLDED[one] ?? one).join("");
  const found = text.match(NUMBER);
  if (!found) return { hint: whatToWrite(text.replace(BLANKS_AROUND, "")) };
  const [, sign, above, below] = found;
  const [top, bottom] = [term(above), below === undefined ? 1 : term(below)];
  if (![top, bottom].every(Number.isFinite)) return { hint: TOO_LARGE };
  if (bottom === 0) return { hint: "it divides by zero" };
  const number = top / bottom;
  if (!Number.isFinite(number)) return { hint: TOO_LARGE };
  return { number: sign === "-" ? -number : number };
}

function withExponent(_, figure, power) {
  const onTheLine = (one) => ({ "⁻": "-", "⁺": "+" })[one] ?? SUPERSCRIPTS.indexOf(one);
  return `${figure ?? 1}e${[...power].map(onTheLine).join("")}`;
}

function term(text) {
  if (text === "e") return Math.E;
  const decimal = text.replace(/pi|π/, "");
  const number = decimal ? Number(decimal.replaceAll("_", "")) : 1;
  return decimal === text ? number : number * Math.PI;
}

function whatToWrite(text) {
  const comma = text.match(/^([-+]?[0-9]+),([0-9]+)$/);
  if (comma) {
    const [, whole, rest] = comma;
    const without = /^[-+]?[1-9][0-9]{0,2},[0-9]{3}$/.test(text) ? `${whole}${rest}, or ` : "";
    return `write ${without}${whole}.${rest}, with a point`;
  }
  if (/^[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?$/.test(text)) {
    return `write ${text.replaceAll(",", "")}, without commas`;
  }
  if (/^[-+]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?$/.test(text)) {
    return `write ${text.replaceAll(".", "").replace(",", ".")}, with one point`;
  }
  if (/^[-+]?(?:inf(?:inity)?|nan|∞)$/i.test(text)) return "numbers are finite";
  if (/^[-+]?0[xXbBoO][0-9a-fA-F_]+$/.test(text)) return "write it in decimal digits";
  return "write digits, as in 0.5";
}

/** The text on one line of at most 40 characters, all of which can be seen. */
export function shown(text, room = 40) {
  const all = [...text];
  const some = all.length > room ? [...all.slice(0, room - 1), "…"] : all;
  return some.map(visible).join("");
}

function visible(character) {
  if (character === "\n" || character === "\t" || character === " ") return " ";
  return /[\p{C}\p{Z}]/u.test(character) ? "�" : character;
}

// As the engine writes them

/** x with so many significant digits, as Python's format(x, ".4g") has it. */
export function digits(x, count) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const [mantissa, power] = rounded(Math.abs(x), count).split("e");
  const figures = mantissa.replace(".", "").replace(/0+$/, "") || "0";
  const exponent = Number(power);
  if (exponent < -4 || exponent >= count) {
    const fraction = figures.length > 1 ? `.${figures.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${figures[0]}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = figures.slice(exponent + 1);
  return sign + whole + (fraction && `.${fraction}`);
}

/** In the form 1.234e-5. JavaScript rounds a number that lies exactly between two away from 0, and
 * Python to the even one. */
function rounded(x, count) {
  const up = x.toExponential(count - 1);
  const [, rest, power] = x.toExponential(60).match(/^(.*)e(.*)$/);
  const cut = rest.slice(0, count > 1 ? count + 1 : 1);
  const tie = /^\.?50*$/.test(rest.slice(cut.length));
  return tie && Number(cut.at(-1)) % 2 === 0 ? `${cut}e${power}` : up;
}

/** The same for people, who need not meet the sign of 0. */
export const legible = (x, count = notation.digits) => decimal(digits(x === 0 ? 0 : x, count));

/** As formulas show it that are typeset: with so many digits, a minus as long as a plus, and powers
 * of ten as people write them. */
export function inFormula(x, count = notation.digits) {
  if (x === null) return "undefined";
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const [figures, power] = legible(x, count).split("e");
  return power ? times10(figures.replace("-", "−"), Number(power)) : figures.replace("-", "−");
}

/** As pictures show it: three digits behind the point, or four that count, or as many as were asked
 * for; powers of ten as people write them, and a minus as long as a plus. */
export function number(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  if (size && (size < 1e-3 || size >= 1e5)) return decimal(powerOfTen(x));
  return decimal(inFull(x, size)).replace("-", "−");
}

function inFull(x, size) {
  if (Number.isInteger(x)) return String(x === 0 ? 0 : x);
  const count = notation.digits;
  if (count === DIGITS && size < 10) return fixed(x, size < 0.01 ? 4 : 3);
  return size < 10 ** (count - 1) ? digits(x, count) : fixed(x, 0);
}

function powerOfTen(x) {
  const [figures, power] = scientific(x, Math.max(1, notation.digits - 1)).split("e");
  return times10(digits(Number(figures), 6).replace("-", "−"), Number(power));
}

function times10(figures, power) {
  const exponent = [...String(power)].map((one) => SUPERSCRIPTS[one] ?? "⁻").join("");
  if (figures === "1" || figures === "−1") return `${figures.slice(0, -1)}10${exponent}`;
  return `${figures}·10${exponent}`;
}

/** In the form -1.23e-5, and with so many digits behind the point; Python rounds ties to even. */
const scientific = (x, count) => `${x < 0 ? "-" : ""}${rounded(Math.abs(x), count)}`;

function fixed(x, places) {
  const up = Math.abs(x).toFixed(places);
  const exact = Math.abs(x).toFixed(60);
  const cut = exact.slice(0, exact.indexOf(".") + (places ? places + 1 : 0));
  const tie = /^\.?50*$/.test(exact.slice(cut.length));
  return `${x < 0 ? "-" : ""}${tie && Number(cut.at(-1)) % 2 === 0 ? cut : up}`;
}

/** A number whose sign is written in any case. */
export const signed = (x) => (x > 0 ? `+${number(x)}` : number(x));

export const sign = (x) => (x > 0 ? "positive" : x < 0 ? "negative" : "");
