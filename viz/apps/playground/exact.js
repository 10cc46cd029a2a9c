// The mean and the standard deviation of numbers as Python's `statistics` gives them: computed
// exactly, and rounded once. A float is a whole number of units of 2⁻¹⁰⁷⁴.

const UNIT = 1074;
const ENOUGH = 80; // bits, of which a float keeps 53

/** The mean. */
export function exactMean(numbers) {
  return nearestFloat(sumOf(numbers.map(inUnits)), BigInt(numbers.length), UNIT);
}

/** The standard deviation √(n·Σx² − (Σx)²) / n. */
export function exactDeviation(numbers) {
  const units = numbers.map(inUnits);
  const count = BigInt(numbers.length);
  const square = count * sumOf(units.map((x) => x * x)) - sumOf(units) ** 2n;
  const wanted = square << BigInt(2 * ENOUGH);
  const root = rootOf(wanted);
  return nearestFloat((root << 1n) | BigInt(root * root < wanted), count, UNIT + ENOUGH + 1);
}

const sumOf = (all) => all.reduce((sum, x) => sum + x, 0n);
const bitsIn = (x) => x.toString(16).length * 4; // or up to three fewer

function inUnits(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const power = bits >> 52n;
  const figures = bits & 0xfffffffffffffn;
  const size = power ? (figures | (1n << 52n)) << (power - 1n) : figures;
  return x < 0 ? -size : size;
}

/** The largest whole number whose square is not above x, by Newton's method. */
function rootOf(x) {
  if (!x) return x;
  let root = 1n << BigInt(bitsIn(x) / 2 + 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The float next to top / bottom · 2⁻ᵖᵒʷᵉʳ. */
function nearestFloat(top, bottom, power) {
  const size = top < 0n ? -top : top;
  const spare = bitsIn(size) - bitsIn(bottom) - ENOUGH;
  const [above, below] =
    spare < 0 ? [size << BigInt(-spare), bottom] : [size, bottom << BigInt(spare)];
  // a last bit that says whether anything was cut off: else it could look like half of a digit
  const figures = ((above / below) << 1n) | BigInt(above % below > 0n);
  const up = spare - 1 - power;
  const half = up >> 1; // 2 ** up alone may be too small for a float
  const number = Number(figures) * 2 ** half * 2 ** (up - half);
  return top < 0n ? -number : number;
}
