// A typed expression, read by recursive descent: less than `autograd/expression` reads, and what is
// read means the same. Its values are those of the rows that Python printed: none is computed here
// by hand.

import { DECIMAL, FOLDED, shown } from "./numbers.js";
import { PRIMITIVES } from "./primitives.js";
import { BLANKS } from "./table.js";

const VARIABLES = ["x", "y", "x1", "x2"];
const CONSTANTS = { pi: Math.PI, π: Math.PI, e: Math.E };
const LONGEST = 4000; // characters
const MOST_NESTED = 100; // parentheses, minus signs and powers in each other
const NAME = "[\\p{L}_][\\p{L}\\p{M}_0-9₀-₉]*";
const SIGN = "\\*\\*|[<>]=|[-+*/^(),<>=≤≥]";
const WORD = new RegExp(
  `(?<blank>${BLANKS})|(?<number>${DECIMAL})|(?<name>${NAME})|(?<sign>${SIGN})`,
  "yu",
);
const WRITTEN = { "^": "**", "≤": "<=", "≥": ">=" };
const HINTS = {
  "|": "write abs(x)",
  "√": "write sqrt(x)",
  "²": "write powers with **, as in x**2",
  "³": "write powers with **, as in x**3",
  ";": "write one expression",
  "[": "write all brackets as ( and )",
  "{": "write all brackets as ( and )",
};
const ALL_THERE_IS = "write numbers, names, + - * / ** and functions such as tanh(x)";
const ROW_OF_SIGN = Object.fromEntries(
  Object.entries(PRIMITIVES)
    .filter(([, { value }]) => value.length === 2)
    .map(([row, { symbol }]) => [symbol, row]),
);

/** {names, valueAt, recipe}: the inputs that a text uses, in the order x, y, x1, x2, a function from
 * their numbers, by name, to its value, and a recipe of the two coordinates that they are. `aliases`
 * are other names of operations. Throws an Error that names the place for a text that cannot be
 * read, and one that names the operation for a value that is not finite. */
export function readExpression(text, aliases) {
  if ([...text].length > LONGEST)
    throw new Error(`the expression has ${[...text].length} characters; ${LONGEST} is the limit`);
  const reader = new ExpressionReader(text, aliases);
  const tree = reader.statement();
  const names = VARIABLES.filter((name) => reader.used.has(name));
  return { names, valueAt: (numbers) => valueOfTree(tree, numbers), recipe: recipeOfTree(tree) };
}

/** A tree as instructions, in the form that Python gives recipes. */
function recipeOfTree(tree) {
  const steps = [];
  const placeOfNode = (node) => {
    if (typeof node === "number") return String(node);
    if (typeof node === "string") return Number(node === "y" || node === "x2");
    const step = [node[0]];
    for (const one of node.slice(1)) step.push(placeOfNode(one));
    return steps.push(step) + 1; // behind the two coordinates
  };
  const ends = [placeOfNode(tree)];
  return { do: steps, ends };
}

/** A node is a number, the name of an input, or [row, node, …]. */
function valueOfTree(node, numbers) {
  if (typeof node === "number") return node;
  if (typeof node === "string") return numbers[node];
  const [row, ...nodes] = node;
  const { value } = PRIMITIVES[row];
  if (row === "where") {
    // the branch that is not taken need not be defined
    const taken = value(valueOfTree(nodes[0], numbers), 1, 2);
    return valueOfTree(nodes[taken], numbers);
  }
  const args = [];
  // not in a call in a call: sums are deep
  for (const one of nodes) args.push(valueOfTree(one, numbers));
  const found = value(...args);
  if (!Number.isFinite(found)) throw new Error(`${row}(${args.join(", ")}) has no finite value`);
  return found;
}

class ExpressionReader {
  constructor(text, aliases) {
    this.text = text;
    this.aliases = aliases;
    this.words = this.wordsIn([...text].map((one) => FOLDED[one] ?? one).join(""));
    this.at = 0;
    this.depth = 0;
    this.used = new Set();
    this.assigned = "";
  }

  wordsIn(text) {
    const words = [];
    for (let at = 0; at < text.length; at = WORD.lastIndex) {
      WORD.lastIndex = at;
      const found = WORD.exec(text);
      if (!found) throw this.refusal(HINTS[text[at]] ?? ALL_THERE_IS, at);
      const { blank, number, name, sign } = found.groups;
      if (blank && /[\n\r\x1c-\x1e\x85\u2028\u2029]/.test(blank))
        throw this.refusal("write one expression, on one line", at);
      const kind = number ? "number" : name ? "name" : (WRITTEN[sign] ?? sign);
      if (!blank)
        words.push({
          kind,
          text: number ?? name?.normalize("NFKC") ?? sign,
          at,
          end: WORD.lastIndex,
        });
    }
    return [...words, { kind: "end", text: "", at: text.length }];
  }

  refusal(hint, at = this.word.at) {
    const text = shown(this.text.trim()) || "this";
    const character = [...this.text.slice(0, at)].length + 1;
    return new Error(`${text} cannot be read at character ${character}: ${hint}`);
  }

  get word() {
    return this.words[this.at];
  }

  /** Goes on behind the next word, if it is of one of these kinds, and returns it. */
  take(...kinds) {
    return kinds.includes(this.word.kind) ? this.words[this.at++] : null;
  }

  statement() {
    if (this.words[1]?.kind === "=" && this.word.kind === "name") {
      this.assigned = this.word.text;
      if (this.functionCalled(this.assigned))
        throw this.refusal("it is an operation: choose another name for the value");
      this.at = 2;
    }
    const tree = this.comparison();
    if (this.word.kind === ")") throw this.refusal("one ) has no ( before it");
    if (this.word.kind !== "end")
      throw this.refusal(
        this.word.kind === "=" ? "numbers are compared with < and <=" : "an operator is missing",
      );
    if (!this.assigned && !this.used.size)
      throw this.refusal("there is no input in it: use x or y", 0);
    return tree;
  }

  comparison() {
    const left = this.sum();
    const sign = this.take("<", "<=", ">", ">=")?.kind;
    if (!sign) return left;
    const right = this.sum();
    if (["<", "<=", ">", ">="].includes(this.word.kind))
      throw this.refusal("write (a < b)*(b < c) for a < b < c");
    return sign[0] === "<"
      ? [ROW_OF_SIGN[sign], left, right]
      : [ROW_OF_SIGN[sign.replace(">", "<")], right, left];
  }

  sum() {
    let left = this.product();
    for (let sign; (sign = this.take("+", "-"));)
      left = [ROW_OF_SIGN[sign.kind], left, this.product()];
    return left;
  }

  product() {
    let left = this.signed();
    for (;;) {
      const sign = this.take("*", "/");
      if (!sign && !this.isFactor()) return left;
      left = [ROW_OF_SIGN[sign?.kind ?? "*"], left, this.signed()];
    }
  }

  /** Whether a name or ( stands behind a number, as in 2x. */
  isFactor() {
    const number = this.words[this.at - 1];
    if (number.kind !== "number" || !["name", "("].includes(this.word.kind)) return false;
    if (number.text === "0" && this.word.at === number.end)
      throw this.refusal("write numbers in decimal digits, and products with *");
    let before = this.at - 2;
    while (["-", "+"].includes(this.words[before]?.kind)) before--;
    if (["/", "**"].includes(this.words[before]?.kind))
      throw this.refusal("this can mean two things: write * and parentheses");
    return true;
  }

  /** A power, or minus something; `outer` is the sign of the power whose exponent it is. */
  signed(outer = null) {
    if (++this.depth > MOST_NESTED) throw this.refusal("it is nested too deep");
    let found;
    if (this.take("-")) found = ["negative", this.signed(outer)];
    else found = this.take("+") ? this.signed(outer) : this.power(outer);
    this.depth--;
    return found;
  }

  power(outer) {
    const isE = this.word.text === "e" && this.assigned !== "e";
    const base = this.operand();
    const sign = this.take("**");
    if (!sign) return base;
    if (outer && (sign.text === "^" || outer.text === "^"))
      throw this.refusal("write (a**b)**c or a**(b**c)", sign.at);
    const exponent = this.signed(sign);
    return isE ? ["exp", exponent] : [ROW_OF_SIGN["**"], base, exponent];
  }

  operand() {
    const word = this.take("number", "name", "(");
    if (!word)
      throw this.refusal(
        this.word.kind === "end"
          ? "something is missing at the end"
          : `something is missing before ${this.word.text}`,
      );
    if (word.kind === "number") return this.number(word);
    if (word.kind === "name") return this.word.kind === "(" ? this.call(word) : this.named(word);
    const inside = this.comparison();
    this.close(word);
    return inside;
  }

  number({ text, at }) {
    const number = Number(text.replaceAll("_", ""));
    if (!Number.isFinite(number)) throw this.refusal("the largest number is about 1.8e308", at);
    return number;
  }

  named({ text, at }) {
    if (text === this.assigned)
      throw this.refusal(`${shown(text)} is used before it is computed`, at);
    if (VARIABLES.includes(text)) {
      this.used.add(text);
      return text;
    }
    if (Object.hasOwn(CONSTANTS, text)) return CONSTANTS[text];
    throw this.refusal(
      this.functionCalled(text)
        ? `write ${shown(text)}(x)`
        : `${shown(text)} has no value: use x and y`,
      at,
    );
  }

  call({ text, at }) {
    const row = this.functionCalled(text);
    if (!row) throw this.refusal(`there is no operation named ${shown(text)}`, at);
    const bracket = this.take("(");
    const args = [this.comparison()];
    while (this.take(",")) args.push(this.comparison());
    this.close(bracket);
    const count = PRIMITIVES[row].value.length;
    if (args.length !== count) {
      const takes = `${shown(text)} takes ${count} argument${count > 1 ? "s" : ""} here`;
      throw this.refusal(`${takes}, and was given ${args.length}`, at);
    }
    return [row, ...args];
  }

  functionCalled(name) {
    const row = Object.hasOwn(this.aliases, name) ? this.aliases[name] : name;
    return Object.hasOwn(PRIMITIVES, row) ? row : null;
  }

  close(bracket) {
    if (this.take(")")) return;
    if (this.word.kind === "end") throw this.refusal("one ( is not closed", bracket.at);
    throw this.refusal(
      this.word.kind === ","
        ? "a comma stands between the arguments of a function, as in max(x, y)"
        : "an operator is missing",
    );
  }
}

/** The examples that a text makes of random points: {rows, classes, names}. `points` are the points
 * and the offsets that noise gives them. */
export function examplesOfExpression({ names: used, valueAt }, names, points) {
  const values = points.map(([point]) => {
    const numbers = Object.fromEntries(used.map((name) => [name, point[names.indexOf(name)] ?? 0]));
    return valueAt(numbers);
  });
  if (values.every((value) => value === 0 || value === 1)) {
    if (new Set(values).size < 2)
      throw new Error(
        `the expression is ${values[0] ? "true" : "false"} at all points: there is one class only`,
      );
    return {
      rows: points.map(([point, offset], i) => [...point.map((x, k) => x + offset[k]), values[i]]),
      classes: 2,
      names,
    };
  }
  const width = used.every((name) => name === names[0]) ? 1 : 2;
  const rows = points.map(([point, offset], i) => [
    ...point.slice(0, width),
    values[i] + offset[0],
  ]);
  return { rows, classes: null, names: names.slice(0, width) };
}

/** The names of the two inputs of an expression that uses these. */
export function inputsOfExpression(used) {
  const has = (name) => used.includes(name);
  if (!["x1", "x2"].some(has)) return ["x", "y"];
  const mixed = ["x", "y"].find(has);
  if (mixed) throw new Error(`call the inputs x and y, or x1 and x2: ${mixed} is of the others`);
  return ["x1", "x2"];
}
