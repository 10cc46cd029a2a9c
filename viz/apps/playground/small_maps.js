// The small maps in the cards of the neurons, all painted on one canvas below them.

import { paintNumbers, painted } from "./colours.js";
import { scaled } from "./plane.js";

export const COARSE = 26; // columns of the map in a neuron

/** The columns and rows of the map in a neuron, of a picture with so many. */
export const mapWithin = (size) => size.map((count) => Math.min(count, COARSE));

/** Paint what every neuron answers, of pictures of so many columns and rows; and what inputs are
 * that are made of coordinates, of their maps; all in flat colours, if they are to look so. */
export function drawMaps(network, pictures, [w, h], { config, data, inputMaps, looks }) {
  const { canvas, cards, shape, size, W, H } = network;
  const pen = canvas.getContext("2d");
  const scale = canvas.width / Math.max(1, W);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, W, H);
  if (!pictures) return;
  const [across, down] = h === 1 ? [Math.min(w, COARSE), COARSE] : mapWithin([w, h]);
  const places = placesIn([w, h], [across, down]);
  const ofInputs = placesIn([COARSE, COARSE], [across, down]);
  const scratch = (network.scratch ??= document.createElement("canvas"));
  Object.assign(scratch, { width: across, height: down });
  const ink = scratch.getContext("2d");
  const image = ink.createImageData(across, down);
  const paint = (numberAt) => paintNumbers(image, (i) => painted(numberAt(i), looks.has("flat")));
  for (const { l, neuron, left, top } of cards) {
    if (l < 0 && inputMaps?.[neuron]) {
      const { numbers, scale: full } = scaled(inputMaps[neuron], { isOutput: false }, config, data);
      paint((i) => numbers[ofInputs[i]] * full);
    } else if (l < 0) paint(alongInput(image, neuron, shape.inputs));
    else {
      const isOutput = l === shape.layers.length - 1 && shape.layers[l].size === 1;
      const picture = pictures[network.columnOf(l, neuron)];
      const { numbers, scale: full } = scaled(picture, { isOutput }, config, data);
      const isSmall = numbers.length < w * h; // it has this size already
      paint((i) => numbers[isSmall ? i : places[i]] * full);
    }
    ink.putImageData(image, 0, 0);
    pen.drawImage(scratch, left, top, size, size);
  }
}

/** Which number of a picture stands at each place of a small one: the one in its middle. */
function placesIn([w, h], [across, down]) {
  const column = (i) => Math.floor(((i % across) + 0.5) * (w / across));
  const row = (i) => (h === 1 ? 0 : Math.floor((Math.floor(i / across) + 0.5) * (h / down)));
  return Int32Array.from({ length: across * down }, (_, i) => row(i) * w + column(i));
}

/** An input grows to the right, or upwards; of more than two none has a direction. */
function alongInput({ width, height }, neuron, inputs) {
  const middle = (place, count) => (2 * place + 1) / count - 1;
  return (i) => {
    if (inputs > 2) return 0;
    return neuron ? -middle(Math.floor(i / width), height) : middle(i % width, width);
  };
}
