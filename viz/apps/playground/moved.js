// What a change makes of a state and of the settings: what fits other data or another shape.

import { carried, keptLayers } from "./shape.js";

/** How many outputs a network needs. */
export function outputsOf({ loss }, data) {
  if (loss === "cross_entropy") return data.classes ?? 1;
  const [target] = data.targets;
  return Array.isArray(target) ? target.length : 1;
}

/** What the targets are: numbers, two classes, or more. */
const kindOf = ({ classes }) => (classes ? (classes > 2 ? "more" : "two") : "numbers");

/** The losses that the data can have; the first is the usual one. */
export const fittingLosses = (data, choices) => choices.losses_for[kindOf(data)];

/** The settings with a loss that the data can have. Where the targets have become of another kind,
 * that is the one that `parts` of a timeline had last with this kind, or the usual one. */
export function suited(config, data, before, choices, parts) {
  const isOther = kindOf(data) !== kindOf(before);
  const fitting = fittingLosses(data, choices);
  if (!isOther && fitting.includes(config.loss)) return config;
  const last = parts.findLast((part) => kindOf(part.data) === kindOf(data));
  return { ...config, loss: last?.config.loss ?? fitting[0] };
}

/** The state for another shape: what is in both stays, and what is new is as it was drawn. `kept`
 * and `inputs` are as in `carried`. */
export function moved(state, drawn, old, shape, kept = keptLayers(old, shape), inputs = null) {
  const parameters = carried(state.parameters, old, shape, drawn.parameters, kept, inputs);
  const nothing = new Float64Array(shape.count);
  const slots = Object.entries(state.slots).map(([name, column]) => {
    return [name, carried(column, old, shape, nothing, kept, inputs)];
  });
  return { ...state, parameters, slots: Object.fromEntries(slots) };
}

/** The state with other numbers at some places. */
export function rewritten(state, numbers) {
  const parameters = Float64Array.from(state.parameters);
  for (const [place, number] of Object.entries(numbers)) parameters[place] = number;
  return { ...state, parameters };
}

/** The places of pinned parameters in another shape; those that are no more are not pinned. */
export function movedPins(pinned, old, shape, kept = keptLayers(old, shape), inputs = null) {
  const isPinned = Float64Array.from({ length: old.count }, (_, place) =>
    Number(pinned.includes(place)),
  );
  const found = carried(isPinned, old, shape, new Float64Array(shape.count), kept, inputs);
  return [...found.keys()].filter((place) => found[place]);
}

export const sameShape = (a, b) =>
  a.inputs === b.inputs &&
  a.layers.length === b.layers.length &&
  a.layers.every(({ size }, l) => size === b.layers[l].size);
