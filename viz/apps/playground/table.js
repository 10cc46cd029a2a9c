// A pasted table: what `nn.data.csv` and `viz/apps/playground/data.py` make of it, with the same
// sentences.

import { exactDeviation, exactMean } from "./exact.js";
import { pythonAscii, pythonText } from "./in_python.js";
import { digits } from "./numbers.js";

const FILE = "the table";
// a comma may be a decimal one
const SEPARATORS = { "\t": "tabs", ";": "semicolons", ",": "commas" };
const MISSING = ["", "?", "-", ".", "na", "n/a", "nan", "null", "none"]; // no names of columns
const LONGEST_CELL = 131072; // characters, as Python has it
const NUMBER_OF_CSV = /^[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|inf|infinity|nan)$/i;
// what Python strips off a text, which is not what JavaScript trims
export const BLANKS =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const AROUND = new RegExp(`^${BLANKS}|${BLANKS}$`, "g");

/** The examples in a text: {rows, classes, class_names, names, said}, the target last in each row.
 * `limits` are those of the page. Throws an Error for a text that is no such table. */
export function examplesInTable(text, limits) {
  const length = [...text].length;
  if (length > limits.characters)
    throw new Error(`the table has ${length} characters: ${limits.characters} is the limit`);
  if (/(?![0-9])\p{Nd}/u.test(text))
    throw new Error("the table has digits of another script: write 0 to 9");
  const table = tableIn(text);
  if (table.records.length > limits.points)
    throw new Error(`${table.records.length} rows are too many: ${limits.points} is the limit`);
  const { inputs, targets, names } = valuesIn(table);
  const said = `${understood(table, names)}.`;
  const scaled = broughtToSize(inputs, targets, names, limits.large);
  const rows = scaled.inputs.map((row, i) => [...row, scaled.targets[i]]);
  if (!rows.flat().every(Number.isFinite))
    throw new Error("the numbers of the table are too large to be scaled");
  if (inputs[0].length > limits.inputs)
    throw new Error(`${inputs[0].length} inputs are too many: ${limits.inputs} is the limit`);
  if (names?.length > limits.classes)
    throw new Error(`${names.length} classes are too many: ${limits.classes} is the limit`);
  const classes = names ? names.length : null;
  const inputNames = table.header ? { names: table.inputs.map((i) => table.names[i]) } : {};
  return { rows, classes, class_names: names ?? [], ...inputNames, said: said + scaled.said };
}

/** A sentence, whatever was pasted into it, as messages have it. */
export const onOneLine = (sentence) =>
  cut(sentence.split(new RegExp(BLANKS)).filter(Boolean).join(" "), 500);

/** The lines that are not blank, as [number, cells]. */
function* recordsOf(text, separator) {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const wrong = (line, what) =>
    new Error(`${FILE}, line ${line}: ${what}; is a quotation mark missing?`);
  let [cells, cell, isQuoted] = [[], "", false];
  for (const [i, line] of lines.entries()) {
    const end = line.search(/[\r\n]*$/);
    for (let at = 0; ;) {
      if (!isQuoted) {
        while (line[at] === " ") at++;
        isQuoted = line[at] === '"';
        const next = line.indexOf(separator, at);
        const to = isQuoted ? at + 1 : next < 0 ? end : next;
        cell = isQuoted ? "" : line.slice(at, to);
        at = to;
      }
      if (isQuoted) {
        const quote = line.indexOf('"', at);
        cell += line.slice(at, quote < 0 ? undefined : quote);
        if (quote < 0) break; // it goes on in the next line
        at = quote + 1;
        if (line[at] === '"') {
          cell += line[at++];
          continue;
        }
        isQuoted = false;
        if (at < end && line[at] !== separator)
          throw wrong(i + 1, `'${separator}' expected after '"'`);
      }
      if (cell.length > LONGEST_CELL)
        throw wrong(i + 1, `field larger than field limit (${LONGEST_CELL})`);
      cells.push(cell);
      if (at >= end) {
        if (cells.length > 1 || cells[0])
          yield [i + 1, cells.map((one) => one.replace(AROUND, ""))];
        cells = [];
        break;
      }
      at++;
    }
  }
  if (isQuoted) throw wrong(lines.length, "unexpected end of data");
}

const readsAsNumber = (text) => NUMBER_OF_CSV.test(text.replace(AROUND, ""));
const withPoints = (cell) => cell.replaceAll(",", ".");

/** Tabs and semicolons come before commas, which may stand in numbers. */
function separatorOf(text) {
  for (const separator of Object.keys(SEPARATORS)) {
    const lines = [];
    try {
      for (const [, cells] of recordsOf(text, separator)) if (lines.push(cells) === 2) break;
    } catch {
      continue;
    }
    const last = lines.at(-1);
    if (
      last?.length > 1 &&
      last.length === lines[0].length &&
      last.some((cell) => readsAsNumber(withPoints(cell)))
    )
      return separator;
  }
  return ",";
}

/** How the text is read: its separator, its records, and what its columns are. */
function tableIn(text) {
  const separator = separatorOf(text);
  let records = [...recordsOf(text, separator)];
  if (!records.length) throw new Error(`${FILE} is empty`);
  const [[, first]] = records;
  const count = first.length;
  if (count < 2) {
    throw new Error(
      `${FILE} has 1 column, and needs inputs and a target: separate its columns by commas, ` +
        "semicolons or tabs, or name another separator",
    );
  }
  const hasComma = ([, cells]) =>
    cells.some((cell) => cell.includes(",") && readsAsNumber(withPoints(cell)));
  const decimal = separator !== "," && records.some(hasComma) ? "," : ".";
  const header = isHeader(records, decimal);
  if (header) records = records.slice(1);
  if (!records.length) throw new Error(`${FILE} has a line of names, and no rows`);
  const names = header ? first : Array(count).fill("");
  const index =
    header &&
    !names[0] &&
    [0, 1].some((from) => records.every(([, cells], i) => cells[0] === String(from + i)));
  if (count - 1 - index < 1)
    throw new Error(`${FILE} has no inputs: its ${count} columns are targets, or count the rows`);
  const inputs = names.map((_, i) => i).slice(Number(index), -1);
  return { separator, decimal, header, names, index, inputs, target: count - 1, records };
}

/** Whether the first line holds names: no numbers, no marks of missing values, and no target that
 * another line has too. */
function isHeader([[, first], ...others], decimal) {
  const corner = Number(!first[0]);
  const named = first.slice(corner);
  if (first.length > 2 && named.every((cell, i) => cell === String(i))) {
    throw new Error(
      `${FILE} begins with ${cut(named.join(", "), 40)}: is line 1 a header? ` +
        "Say header=True or False, or --header or --no-header, or write names above",
    );
  }
  if (
    named.some(
      (cell) =>
        readsAsNumber(cell.replaceAll(decimal, ".")) || MISSING.includes(cell.toLowerCase()),
    )
  )
    return false;
  const target = first.length - 1;
  return !others.some(([, cells]) => cells[target] === first[target]);
}

/** The inputs and the targets as numbers, and the names of the classes or null. */
function valuesIn(table) {
  const { names, records, decimal, target } = table;
  for (const [line, cells] of records) {
    if (cells.length !== names.length) {
      throw new Error(
        `${FILE}, line ${line} has ${counted(cells.length, "column")}, not ${names.length}`,
      );
    }
  }
  const inputs = records.map((record) => table.inputs.map((i) => numberInCell(table, record, i)));
  const labels = records.map(([, cells]) => cells[target]);
  if (
    !labels.every(Boolean) ||
    labels.some((label) => readsAsNumber(label.replaceAll(decimal, ".")))
  ) {
    return {
      inputs,
      targets: records.map((record) => numberInCell(table, record, target)),
      names: null,
    };
  }
  const found = [...new Set(labels)].sort(byCharacters);
  if (found.length < 2)
    throw new Error(
      `the targets must have at least 2 classes, and have 1 class: ${cut(found.join(", "), 100)}`,
    );
  return { inputs, targets: labels.map((label) => found.indexOf(label)), names: found };
}

/** Python compares characters, and JavaScript halves of them. */
function byCharacters(a, b) {
  const [some, others] = [[...a], [...b]];
  const i = some.findIndex((one, k) => one !== others[k]);
  if (i < 0 || i >= others.length) return some.length - others.length;
  return some[i].codePointAt(0) - others[i].codePointAt(0);
}

function numberInCell({ decimal, header, names }, [line, cells], column) {
  const cell = cells[column];
  const name = names[column] ? ` (${printable(names[column])})` : "";
  const place = `${FILE}, line ${line}, column ${column + 1}${name}`;
  const point = cell.replaceAll(decimal, ".");
  if (!cell) throw new Error(`${place} is empty: fill it in, or leave the row out`);
  const written = cut(pythonText(cell), 60);
  if (!readsAsNumber(point)) {
    const hint =
      header || line > 1 ? "" : "; is line 1 a header? Then say header=True, or --header";
    throw new Error(`${place}: ${written} is not a number${hint}`);
  }
  if (decimal === "," && cell.includes("."))
    throw new Error(`${place}: ${written} has a point, where decimals have a comma`);
  const number = Number(point);
  if (Number.isFinite(number)) return number;
  const what = /nan/i.test(point) ? "nan" : point.startsWith("-") ? "-inf" : "inf";
  throw new Error(`${place} must be finite, not ${what}`);
}

/** How the table was read, in a sentence. */
function understood({ separator, decimal, header, index, inputs, names, target }, classNames) {
  const listed = (some) =>
    some.slice(0, 6).map(printable).join(", ") + (some.length > 6 ? ", …" : "");
  const called = (columns) => listed(columns.map((i) => names[i] || `column ${i + 1}`));
  const kind = classNames ? `${classNames.length} classes: ${listed(classNames)}` : "numbers";
  const parts = [
    `${SEPARATORS[separator]} between the columns`,
    ...(decimal === "," ? ["decimals with a comma"] : []),
    `line 1 ${header ? "holds their names" : "is data"}`,
    ...(index ? ["column 1 only counts the rows, and is left out"] : []),
    `${counted(inputs.length, "input")}: ${called(inputs)}`,
    `target: ${called([target])} (${kind})`,
  ];
  return `${FILE} was read as: ${parts.join("; ")}`;
}

/** The numbers with large columns scaled to mean 0 and deviation 1, and a sentence about it. */
function broughtToSize(inputs, targets, names, large) {
  const isLarge = (numbers) => numbers.some((x) => Math.abs(x) > large);
  let said = "";
  if (isLarge(inputs.flat())) {
    const columns = inputs[0].map((_, j) => scaledTo1(inputs.map((row) => row[j])).numbers);
    inputs = inputs.map((_, i) => columns.map((column) => column[i]));
    said = " Some inputs are large, so each column was scaled to mean 0 and deviation 1.";
  }
  if (!names && isLarge(targets)) {
    const { numbers, middle, spread } = scaledTo1(targets);
    targets = numbers;
    const scale = `0 stands for ${digits(middle, 6)}, and 1 is ${digits(spread, 6)} more`;
    said += ` The target was scaled: ${scale}.`;
  }
  return { inputs, targets, said };
}

function scaledTo1(column) {
  const [middle, spread] = [exactMean(column), exactDeviation(column) || 1];
  return { middle, spread, numbers: column.map((x) => (x - middle) / spread) };
}

const cut = (text, room) => [...text].slice(0, room).join("");
const counted = (count, thing) => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** The name of a column or a class, short and on one line. */
function printable(name) {
  const isPlain = !/(?! )[\p{C}\p{Z}]/u.test(name);
  const all = [...(isPlain ? name : pythonAscii(name).slice(1, -1))];
  return all.length > 40 ? `${all.slice(0, 39).join("")}…` : all.join("");
}
