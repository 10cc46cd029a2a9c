// What an address, a page around this one or a hand in the console may ask for, checked before it
// is used: each trouble is a sentence. Where Python answers, it checks the same and more.

const isCount = (x, least, most) => Number.isSafeInteger(x) && x >= least && x <= most;
export const inShort = (x) => {
  if (x === undefined || x === null) return "nothing";
  return (typeof x === "object" ? JSON.stringify(x) : String(x)).slice(0, 60);
};
const LARGEST_SEED = 1e15 - 1; // as in Python, whose seeds a page has to know

function check(isGood, sentence) {
  if (!isGood) throw new Error(sentence);
}

/** A change of a network of this shape: the layers, the numbers at places, and a neuron. */
export function checkChange({ config = {}, weights = {}, redraw }, shape, { activations, most }) {
  if ("layers" in config) checkLayers(config.layers, activations, most);
  if ("seed" in config) checkSeed(config.seed);
  for (const [place, number] of Object.entries(weights)) {
    check(isCount(Number(place), 0, shape.count - 1), `there is no weight ${inShort(place)}`);
    check(Number.isFinite(number), `a weight must be a finite number, not ${inShort(number)}`);
  }
  if (redraw) {
    const [l, neuron] = redraw;
    check(shape.layers[l]?.size > neuron, "there is no such neuron");
  }
}

function checkLayers(layers, activations, most) {
  check(Array.isArray(layers), "layers are a list of sizes and activations");
  check(layers.length <= most.layers, `${most.layers} hidden layers are the limit`);
  layers.forEach((layer, i) => {
    const { size, activation } = Object(layer);
    const neurons = `the size of layer ${i + 1} must be a whole number from 1 to ${most.neurons}`;
    check(isCount(size, 1, most.neurons), `${neurons}, not ${inShort(size)}`);
    check(activations.includes(activation), `there is no activation named ${inShort(activation)}`);
  });
}

function checkSeed(seed) {
  const isGood = isCount(seed, -LARGEST_SEED, LARGEST_SEED);
  check(isGood, `the seed must be a whole number of at most 15 digits, not ${inShort(seed)}`);
}

/** The data of a message, in a page without Python. */
export function checkData(
  { points = 2, noise = 0, share = 0, seed = 0, text = "", rows = [], inputs = null },
  limits,
) {
  const number = `the number of points must be a whole number from 2 to ${limits.points}`;
  check(isCount(points, 2, limits.points), `${number}, not ${inShort(points)}`);
  const size = `the noise must be a number from 0 to ${limits.noise}`;
  check(
    noise >= 0 && noise <= limits.noise && Number.isFinite(noise),
    `${size}, not ${inShort(noise)}`,
  );
  const part = "the share held out must be at least 0 and below 1";
  check(Number.isFinite(share) && share >= 0 && share < 1, `${part}, not ${inShort(share)}`);
  checkSeed(seed);
  check(typeof text === "string", "tables and expressions are typed as text");
  const areRows = Array.isArray(rows) && rows.every(Array.isArray);
  check(areRows, 'own points are rows, as in {"rows": [[0.5, -1, 1]]}');
  if (inputs !== null) checkInputs(inputs, limits.made);
}

/** Inputs that are to be made of two coordinates. */
function checkInputs(inputs, most) {
  const areTexts = Array.isArray(inputs) && inputs.every((one) => typeof one === "string");
  check(areTexts, `inputs are a list of expressions, not ${inShort(inputs)}`);
  check(inputs.length, "there are no inputs: give one at least, such as x1");
  check(inputs.length <= most, `${inputs.length} inputs are too many: ${most} is the limit`);
  const texts = inputs.map((text) => text.trim());
  check(texts.every(Boolean), "an input is empty: write an expression such as x1*x2");
  const twice = texts.find((text, i) => texts.indexOf(text) < i);
  check(!twice, `the input ${inShort(twice)} is there twice: leave one out`);
}

/** The rows of the examples, in a page without Python. */
export function checkSizes(rows, { size }) {
  const areGood = rows.every((row) => row.every((x) => !(Math.abs(x) > size)));
  check(areGood, `a number of the data is larger than ${size}`);
}
