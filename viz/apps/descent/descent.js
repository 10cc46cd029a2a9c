// The map of a descent: each dot is a step of an optimiser, and opens the graph of that step in the
// stepper beside it, whose own program computes it anew.

import { put } from "../stepper/elements.js";
import { model, state } from "../stepper/file.js";
import { legible } from "../stepper/numbers.js";
import { element } from "../stepper/picture.js";

const { descent } = state;
const mapOfLoss = document.querySelector(".map svg");
const readout = document.querySelector(".readout");
const dotLayer = mapOfLoss.querySelector(".dots");
const STEP_SHAPES = [
  "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0", "M-5,-5H5V5H-5Z", "M0,-6.5L6,5H-6Z", "M0,-7L7,0L0,7L-7,0Z",
  "M0,7L-6,-5H6Z",
]; // one for each optimiser, as colours are not enough

/** Dots that lie close together are smaller. */
function sizeOfDots(places) {
  const gaps = places.slice(1).map(([x, y], k) => Math.hypot(x - places[k][0], y - places[k][1]));
  const middle = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 10;
  return Math.min(1, Math.max(0.55, middle / 10));
}

const stepDots = descent.paths.map(({ optimizer, places, points, losses }, i) =>
  places.map(([x, y], k) => {
    const dot = element("path", {
      class: `step c${i}`, d: STEP_SHAPES[i % STEP_SHAPES.length], transform: `translate(${x} ${y}) scale(${sizeOfDots(places)})`,
      role: "button", tabindex: "-1", "aria-label": toldOfStep(optimizer, k, points[k], losses[k]),
    });
    dot.dataset.at = `${i} ${k}`;
    dotLayer.append(dot);
    return dot;
  }));

function toldOfStep(optimizer, k, point, loss) {
  const numbers = descent.names.map((name, j) => `${name} = ${legible(point[j])}`);
  const step = k === 0 ? "the start" : `step ${k}`;
  return `${optimizer}, ${step}: ${numbers.join(", ")}, ${descent.result} = ${legible(loss)}`;
}

const dotAt = (i, k) => stepDots[i]?.[k];
const indexOfStep = (dot) => dot.dataset.at.split(" ").map(Number);

/** The numbers of a step, while it is pointed at; of the one that is open else. */
function readOut(dot) {
  put(readout, dot ? dot.getAttribute("aria-label") : openDot()?.getAttribute("aria-label") ?? descent.hint);
}

const editsOfStep = ([i, k]) =>
  Object.fromEntries(descent.ids.map((id, j) => [id, descent.paths[i].points[k][j]]));

/** The dot whose graph is shown, if it is that of a dot: the one that was opened, or the first with
 * these numbers. */
let openedStep = null;
function openDot() {
  const edits = model.get("edits");
  const start = Object.fromEntries(descent.ids.map((id, j) => [id, descent.start[j]]));
  const now = JSON.stringify(Object.keys(start).map((id) => edits[id] ?? start[id]));
  if (Object.keys(edits).some((id) => !descent.ids.includes(id))) return null;
  const isShown = (dot) => JSON.stringify(Object.values(editsOfStep(indexOfStep(dot)))) === now;
  if (openedStep && isShown(openedStep)) return openedStep;
  return stepDots.flat().find(isShown) ?? null;
}

function markStep(dot) {
  for (const one of stepDots.flat()) {
    one.classList.toggle("open", one === dot);
    one.setAttribute("aria-pressed", one === dot);
  }
  for (const one of stepDots.flat()) one.setAttribute("tabindex", one === (dot ?? stepDots[0][0]) ? "0" : "-1");
  readOut(null);
}

/** Shows the graph with the numbers of a step, all gradients known. */
function openStep(dot) {
  openedStep = dot;
  const edits = editsOfStep(indexOfStep(dot));
  const isStart = descent.ids.every((id, j) => edits[id] === descent.start[j]);
  model.set("edits", isStart ? {} : edits);
  model.set("step", state.plan.steps.length - 1);
  model.save_changes();
  markStep(dot);
  const below = document.getElementById("stepper").getBoundingClientRect().top > innerHeight / 2;
  if (below) document.getElementById("stepper").scrollIntoView();
}

const STEP_MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const REACH = 24; // of a finger, in units of the drawing

/** The dot that an event is about: its own, or the nearest one. */
function dotOf({ target, clientX, clientY }) {
  if (target.dataset.at) return target;
  const at = new DOMPoint(clientX, clientY).matrixTransform(mapOfLoss.getScreenCTM().inverse());
  const far = ([x, y]) => Math.hypot(x - at.x, y - at.y);
  const places = descent.paths.flatMap(({ places: some }, i) => some.map((place, k) => [far(place), i, k]));
  const [distance, i, k] = places.reduce((best, one) => (one[0] < best[0] ? one : best));
  return distance < REACH ? dotAt(i, k) : null;
}

mapOfLoss.addEventListener("click", (event) => {
  const dot = dotOf(event);
  if (dot) openStep(dot);
});
mapOfLoss.addEventListener("pointermove", (event) => readOut(dotOf(event)));
mapOfLoss.addEventListener("pointerleave", () => readOut(null));
dotLayer.addEventListener("focusin", ({ target }) => readOut(target));
dotLayer.addEventListener("focusout", () => readOut(null));
dotLayer.addEventListener("keydown", (event) => {
  const [i, k] = indexOfStep(event.target);
  if (event.key === "Enter" || event.key === " ") openStep(event.target);
  else if (event.key in STEP_MOVES) {
    const [down, on] = STEP_MOVES[event.key];
    const path = stepDots[i + down];
    const next = path?.[Math.min(k + on, path.length - 1)];
    next?.focus();
    if (next) for (const one of stepDots.flat()) one.setAttribute("tabindex", one === next ? "0" : "-1");
  } else return;
  event.preventDefault();
});

if (!new URLSearchParams(location.hash.slice(1)).has("step")) model.set("step", state.plan.steps.length - 1);
model.on("change:edits", () => markStep(openDot()));
markStep(openDot());
