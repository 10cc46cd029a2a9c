// Things as Python writes them, as its `repr` does.

/** A float. Both languages find the shortest digits that are read as the same number. */
export function pythonFloat(x) {
  if (Object.is(x, -0)) return "-0.0";
  const [figures, power] = x.toExponential().split("e");
  if (x !== 0 && (power < -4 || power >= 16)) {
    return `${figures}e${power[0]}${power.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(x) ? `${x}.0` : String(x);
}

/** A text. */
export function pythonText(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const written = Array.from(text, (one) => {
    if (one === quote || one === "\\") return `\\${one}`;
    if (one === " " || !/[\p{C}\p{Z}]/u.test(one)) return one;
    return { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[one] ?? escaped(one);
  });
  return `${quote}${written.join("")}${quote}`;
}

/** A text as `ascii` writes it. */
export const pythonAscii = (text) => pythonText(text).replace(/[^ -~]/gu, escaped);

function escaped(character) {
  const code = character.codePointAt(0);
  const [letter, size] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).padStart(size, "0")}`;
}

/** A tuple of what is written already. */
export const pythonTuple = (written) => `(${written.join(", ")}${written.length === 1 ? "," : ""})`;

const LINE_LENGTH = 100; // characters

/** A list of what is written already, with as much on each line as there is room for. */
export function pythonList(written, indent = "") {
  const empty = `${indent}    `;
  const lines = [];
  let line = empty;
  for (const one of written) {
    if (line.length + one.length + 2 > LINE_LENGTH && line !== empty) {
      lines.push(line.trimEnd());
      line = empty;
    }
    line += `${one}, `;
  }
  return ["[", ...lines, line.trimEnd(), `${indent}]`].join("\n");
}

/** A call, over several lines where it is long. */
export function pythonCall(called, args) {
  const line = `${called}(${args.join(", ")})`;
  if (line.length <= LINE_LENGTH) return line;
  return [`${called}(`, ...args.map((one) => `    ${one},`), ")"].join("\n");
}

/** `from nn import …` of these names. */
export function pythonImport(names) {
  const sorted = [...names].sort().join(", ");
  const line = `from nn import ${sorted}`;
  return line.length <= LINE_LENGTH ? line : `from nn import (\n    ${sorted},\n)`;
}
