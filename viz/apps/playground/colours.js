// The colours of numbers in pictures: from blue over the page to orange, and of classes, each of
// which has a shape as well.

let ramp = null;
let read = "";
const tints = new Map(); // of numbers, for each share of the colour that the largest have

/** Read the palette from the styles: they may have become dark. */
export function readColours(el) {
  const styles = getComputedStyle(el);
  const names = ["background", "positive", "negative", "third"];
  const found = names.map((name) => styles.getPropertyValue(`--sg-${name}`).trim());
  if (found.join() === read) return;
  read = found.join();
  tints.clear();
  const [ground, positive, negative, third] = found.map(bytesOfColour);
  const hues = [negative, positive, third];
  for (let i = 3; i < 10; i++) hues.push(hue((i * 137) % 360, ground[0] < 128 ? 0.7 : 0.4));
  ramp = { ground, positive, negative, classes: hues };
}

const bytesOfColour = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function hue(degrees, lightness) {
  const at = (n) => {
    const k = (n + degrees / 30) % 12;
    const a = 0.55 * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [at(0), at(8), at(4)];
}

const FLAT = 0.75; // how strong a colour without shades is

/** What is painted for a number: with `isFlat` all of one sign are alike. */
export const painted = (x, isFlat) => (isFlat ? FLAT * Math.sign(x) : x);

const SOFT = 0.8; // the power that makes small numbers visible

const STEPS = 512; // between 0 and 1, in a table of colours

/** Fill an image with numbers from -1 to 1, of which the largest have so much of their colour. */
export function paintNumbers(image, numberAt, most = 1) {
  const tint = tintsFor(most);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) {
    const x = Math.max(-1, Math.min(1, numberAt(i) || 0)); // what is undefined has no colour
    pixels[i] = tint[Math.round((x + 1) * STEPS)];
  }
}

/** The colours of the numbers from -1 to 1, as pixels. */
function tintsFor(most) {
  if (!tints.has(most)) {
    const { ground, positive, negative } = ramp;
    const bytes = new Uint8ClampedArray(4 * (2 * STEPS + 1));
    for (let i = -STEPS, o = 0; i <= STEPS; i++, o += 4) {
      const share = most * Math.abs(i / STEPS) ** SOFT;
      const colour = i < 0 ? negative : positive;
      for (let k = 0; k < 3; k++) bytes[o + k] = ground[k] + (colour[k] - ground[k]) * share;
      bytes[o + 3] = 255;
    }
    tints.set(most, new Uint32Array(bytes.buffer));
  }
  return tints.get(most);
}

/** Fill an image with classes, the more colour the surer. */
export function paintClasses(image, classAt, sureAt) {
  const { ground, classes } = ramp;
  const { data } = image;
  for (let i = 0, o = 0; o < data.length; i++, o += 4) {
    const colour = classes[classAt(i) % classes.length];
    const share = 0.15 + 0.5 * Math.min(1, sureAt(i) || 0);
    for (let k = 0; k < 3; k++) data[o + k] = ground[k] + (colour[k] - ground[k]) * share;
    data[o + 3] = 255;
  }
}

export const classColour = (i) => `rgb(${ramp.classes[i % ramp.classes.length].join(" ")})`;

/** The outline of a point of a class about the origin: a square, a circle, a triangle, a diamond …
 */
export function shapeOfClass(i, r) {
  const polygon = (corners, turn, size) => {
    const points = Array.from({ length: corners }, (_, k) => {
      const t = ((k + turn) / corners) * 2 * Math.PI;
      return `${(size * Math.sin(t)).toFixed(2)},${(-size * Math.cos(t)).toFixed(2)}`;
    });
    return `M${points.join("L")}Z`;
  };
  if (i === 1) return `M${-r},0a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`;
  return polygon(
    ...([
      [4, 0.5, 1.25 * r],
      null,
      [3, 0, 1.4 * r],
      [4, 0, 1.3 * r],
      [5, 0, 1.2 * r],
      [6, 0, 1.2 * r],
    ][i] ?? [3 + (i % 5), 0.5, 1.3 * r]),
  );
}
