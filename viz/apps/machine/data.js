// Examples as the trainer has them, and which of a network's answers are right, as `nn.decisions`
// says.

import { MadeInputs } from "./made_inputs.js";
import { Refusal } from "./record.js";
import { randomOrder } from "./random.js";

const MOST_EXAMPLES = 10_000;

/** Checked examples: {inputs, targets, heldOut, classes, width, targetWidth}. `given` has the rows
 * themselves, {inputs, targets, held_out, classes}, or points set by hand, {rows, share, seed}, of
 * which the last number is the target. Where it says how inputs are `made` of two coordinates, and
 * no number of them is above the `largest`, the examples know their coordinates, too. */
export function examplesOf(given) {
  const plain = given.rows ? fromRows(given) : given;
  const made = given.made ? new MadeInputs(given.made) : null;
  const source = made && !plain.coordinates ? withInputs(plain, made, given.largest) : plain;
  const training = part(source.inputs, source.targets, "the examples");
  const { inputs: more = [], targets = [] } = source.held_out ?? {};
  const heldOut = more.length ? part(more, targets, "the held-out examples") : null;
  if (
    heldOut &&
    (heldOut.width !== training.width || heldOut.targetWidth !== training.targetWidth)
  ) {
    throw new Refusal("the held-out examples are not as wide as the others");
  }
  const { classes = null } = source;
  if (classes !== null && !(Number.isInteger(classes) && classes > 1)) {
    throw new Refusal("classes are a whole number from 2");
  }
  const places = {
    coordinates: source.coordinates,
    heldOutCoordinates: source.held_out?.coordinates,
  };
  return { ...training, heldOut, classes, made, ...(made && places) };
}

function withInputs(plain, made, largest) {
  const read = ({ inputs, targets }) => ({
    inputs: made.rowsOf(inputs, largest),
    coordinates: inputs,
    targets,
  });
  return { ...plain, ...read(plain), held_out: read(plain.held_out) };
}

function part(inputs, targets, what) {
  if (!Array.isArray(inputs) || !Array.isArray(targets) || inputs.length !== targets.length) {
    throw new Refusal(`${what} need an input and a target each`);
  }
  if (!inputs.length || inputs.length > MOST_EXAMPLES) {
    throw new Refusal(`${what} are 1 to ${MOST_EXAMPLES}, not ${inputs.length}`);
  }
  const rows = targets.map((target) => [target].flat());
  for (const all of [inputs, rows]) {
    const width = all[0]?.length;
    if (!width || all.some((row) => row.length !== width || !row.every(Number.isFinite))) {
      throw new Refusal(`${what} are rows of finite numbers, all of one width`);
    }
  }
  return { inputs, targets: rows, width: inputs[0].length, targetWidth: rows[0].length };
}

/** Rows whose last number is the target. Where nothing is said about classes, as of points set by
 * hand, targets that are small whole numbers are classes where there are two inputs. */
function fromRows({ rows, share = 0, seed = 0, classes }) {
  if (!rows.length) throw new Refusal("there are no points yet: click into the picture");
  const numbers = rows.map((row) => row.at(-1));
  const areClasses =
    rows[0].length === 3 && numbers.every((t) => Number.isInteger(t) && t >= 0 && t < 10);
  const found = areClasses ? Math.max(2, Math.max(...numbers) + 1) : null;
  const size = roundedToEven((1 - share) * rows.length);
  const isSplit = share > 0 && size > 0 && size < rows.length;
  const order = isSplit ? Array.from(randomOrder(rows.length, "split", seed)) : [...rows.keys()];
  const taken = (places) => ({
    inputs: places.map((i) => rows[i].slice(0, -1)),
    targets: places.map((i) => numbers[i]),
  });
  const kept = isSplit ? order.slice(0, size) : order;
  return {
    ...taken(kept),
    held_out: taken(isSplit ? order.slice(size) : []),
    classes: classes === undefined ? found : classes,
  };
}

const roundedToEven = (x) => {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 ? floor + 1 : floor;
};

/** How many outputs a network has for these examples and this loss. */
export const outputsFor = ({ classes, targetWidth }, loss) =>
  loss === "cross_entropy" ? (classes ?? 1) : targetWidth;

/** Throws a sentence for targets that the loss does not take. */
export function checkTargets({ targets, classes, targetWidth }, loss) {
  const numbers = targets.flat();
  const among = (...allowed) => numbers.every((t) => allowed.includes(t));
  if (
    loss === "cross_entropy" &&
    !(classes && numbers.every((t) => Number.isInteger(t) && t >= 0 && t < classes))
  ) {
    throw new Refusal("cross_entropy takes classes, counted from 0");
  }
  if (loss !== "mse" && targetWidth > 1) throw new Refusal(`${loss} takes one number per target`);
  if (loss !== "cross_entropy" && classes > 2)
    throw new Refusal(`there are ${classes} classes: use cross_entropy`);
  if (loss === "hinge" && !among(-1, 1) && !among(0, 1)) {
    throw new Refusal("hinge takes targets -1 and 1, or 0 and 1: there must be two classes");
  }
  if (loss === "binary_cross_entropy" && !numbers.every((t) => t >= 0 && t <= 1)) {
    throw new Refusal("binary_cross_entropy takes targets from 0 to 1");
  }
}

/** The share of outputs, given as columns, that stand for the class of their target; null where
 * there are no classes, or more than a single output can tell apart. */
export function accuracyOf(
  columns,
  { targets, targetWidth },
  { targets: training, classes },
  loss,
) {
  const numbers = targets.map(([target]) => target);
  const isBinary = training.every(([t]) => t === 0 || t === 1);
  const classifies =
    classes !== null ||
    loss === "hinge" ||
    loss === "cross_entropy" ||
    (loss === "binary_cross_entropy" && isBinary);
  if (targetWidth > 1 || !classifies) return null;
  const cuts = cutsFor(
    training.map(([target]) => target),
    classes,
    loss,
  );
  if (columns.length === 1 && !cuts) return null;
  const decided = (i) => {
    if (columns.length === 1) return cuts.filter((cut) => cut < columns[0][i]).length;
    const scores = columns.map((column) => column[i]);
    return scores.indexOf(Math.max(...scores));
  };
  return (
    numbers.filter((target, i) => decided(i) === Math.max(Math.trunc(target), 0)).length /
    numbers.length
  );
}

/** Where a single output passes from one class to the next. */
function cutsFor(targets, classes, loss) {
  const count = classes ?? Math.max(2, Math.max(...targets) + 1);
  const numbers = targets.includes(-1) ? [-1, 1] : Array.from({ length: count }, (_, i) => i);
  if (loss !== "mse") return numbers.length === 2 ? [0] : null;
  return numbers.slice(1).map((b, i) => (numbers[i] + b) / 2);
}
