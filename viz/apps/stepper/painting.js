// Painting what changes: the same picture for the same step, wherever one came from.

import { common, paintAbout, paintStory } from "./about.js";
import { paintAsks, paintMistakes } from "./asking.js";
import { DRAWERS, PARTS, icon, showPicture } from "./building.js";
import { made, mark, put } from "./elements.js";
import { paintPointed } from "./hover.js";
import { aloud, rich } from "./mathematics.js";
import { inFormula, number, signed } from "./numbers.js";
import { element, gradAt, paintPicture } from "./picture.js";
import { said } from "./telling.js";
import { compared, paintWhatIf } from "./whatif.js";

/** The last stop of the level that is not behind `step`, and the steps told there; none is behind
 * the `end` of what there is. */
export function placeOf(plan, step, level, end = plan.steps.length - 1) {
  const there = plan.stops[level].filter((stop) => stop <= end);
  const stops = there.at(-1) === end ? there : [...there, end];
  const position = stops.findLastIndex((stop) => stop <= step);
  const at = stops[position];
  const before = position > 0 ? stops[position - 1] : at - 1;
  return { stops, position, at, told: plan.steps.slice(before + 1, at + 1) };
}

const UNKNOWN = "?";

const valueAt = (card, at, numbers) =>
  card.from <= at ? number(numbers[card.value]) : UNKNOWN;

function gradientAt(card, at, numbers) {
  const total = gradAt(card, at, numbers);
  return total === undefined ? UNKNOWN : signed(total);
}

const inWords = (shown) => (shown === UNKNOWN ? "not known yet" : shown);

export function paint(parts, plan, view) {
  const { step, level, node, numbers, end, isBroken } = view;
  parts.root.classList.toggle("lecture", isLecture(view.hide)); // before anything is measured
  const place = placeOf(plan, step, level, end);
  const asked = isAsked(plan, view) ? place.told[0].wires[0] : "";
  // of a change all is seen at once, and of what is to be predicted nothing
  const isAtFailure = isBroken && place.at === end;
  const all = isBroken ? end - 1 : plan.steps.length - 1;
  const seen = view.isTrying ? all : asked || isAtFailure ? place.at - 1 : place.at;
  // a whole pass lights nothing: it would hide the colours of what it has brought
  const pointed = level === "pass" ? [] : place.told;
  const lit = new Set(pointed.flatMap(({ cards, wires }) => [...cards, ...wires]));
  const opened = plan.scene.home?.[node] ?? "";
  if (opened !== parts.neuron) openNeuron(parts, plan, opened);
  parts.seen = seen;
  paintPicture(parts.picture, plan, { at: seen, lit, numbers, asked });
  for (const [id, card] of Object.entries(plan.cards)) {
    const shown = [valueAt(card, seen, numbers), gradientAt(card, seen, numbers)];
    const state = { current: lit.has(id), selected: id === node, edited: id in view.edits };
    if (id in parts.cards) paintCard(parts.cards[id], card, shown, state);
    paintRow(parts.rows[id], shown, lit.has(id));
  }
  for (const { ids, title } of parts.lines) {
    const told = ids.map((id) => {
      const { walked, ends } = plan.wires[id];
      return walked <= seen ? said(plan.steps[walked].sentence, numbers) : ends;
    });
    put(title, told.join("; "));
  }
  paintPointed(parts, plan, numbers);
  paintDots(parts, plan, place);
  paintSpareNotes(parts, plan.wires, seen, [...lit], numbers);
  if (isAtFailure) paintFailure(parts, plan);
  else paintPanel(parts, place, numbers, asked, view.answer);
  paintControls(parts, plan, place, view);
  paintStory(parts, plan, seen, view);
  paintAsks(parts, plan, view);
  paintMistakes(parts, plan, view);
  paintWhatIf(parts.what, plan, view, document.activeElement);
  paintAbout(parts, plan, view, lit);
  const last = place.told.at(-1);
  const about = lit.size ? [...lit] : [...last.cards, ...last.look];
  if (parts.looked === String([place.at, level])) return; // what is chosen never moves the view
  parts.looked = String([place.at, level]);
  bringIntoView(parts, about);
}

/** Opens a neuron in its place, or closes it; the focus stays on the same node. */
function openNeuron(parts, plan, id) {
  const focused = document.activeElement?.closest?.("g[role=button]")?.dataset.of;
  showPicture(parts, plan, id);
  const card = parts.cards[focused] ?? parts.cards[id];
  if (focused) card?.group.focus({ preventScroll: true });
}

function paintCard({ group, title }, card, [value, gradient], { current, selected, edited }) {
  group.classList.toggle("selected", selected);
  group.classList.toggle("edited", edited);
  const told = `${card.name}, value ${inWords(value)}, gradient ${inWords(gradient)}`;
  mark(group, "aria-label", told);
  mark(group, "aria-pressed", selected);
  mark(group, "aria-current", current ? "step" : "false");
  put(title, told);
}

function paintRow({ row, value, grad }, shown, current) {
  [value, grad].forEach((cell, i) => put(cell, shown[i]));
  mark(row, "aria-current", current ? "step" : "false");
}

const DURATION = "1.2s";

/** Dots run along the edges that a step is about: forward as values do, and back as flows do. */
function paintDots({ dots, wires }, plan, { told, at }) {
  const ids = told.length === 1 ? told[0].wires : [];
  if (dots.dataset.of === ids.join(" ")) return;
  dots.dataset.of = ids.join(" ");
  const back = at > plan.seed;
  const curves = ids.flatMap((id) => wires[id]?.curves ?? []);
  dots.replaceChildren(...curves.flatMap((curve) =>
    [0, 0.6].map((early) => {
      const dot = element("circle", { class: "dot", r: 6 });
      dot.append(element("animateMotion", {
        path: curve.getAttribute("d"), dur: DURATION, begin: `-${early}s`,
        repeatCount: "indefinite", calcMode: "linear", keyTimes: "0;1",
        keyPoints: back ? "1;0" : "0;1",
      }));
      return dot;
    }),
  ));
}

const HALF_A_NOTE = 44;
const SPOTS = 40;

/** Where notes on a line hide least of cards and badges; of equals the first, which is beside the
 * parent. */
function freeSpot(curve, { size, obstacles }) {
  const length = curve.getTotalLength();
  const hidden = ({ x, y }) => {
    const note = {
      left: x - HALF_A_NOTE, right: x + HALF_A_NOTE, top: y - 1.3 * size, bottom: y + 1.4 * size,
    };
    return obstacles.reduce((sum, box) => sum + common(note, box), 0);
  };
  const spots = Array.from({ length: SPOTS }, (_, i) => curve.getPointAtLength((i / SPOTS) * length));
  const costs = spots.map(hidden);
  return spots[costs.indexOf(Math.min(...costs))];
}

/** The numbers of an edge that is looked at, where the picture has no room for them. */
function paintSpareNotes({ spare, wires }, plan, at, lit, numbers) {
  const id = lit.find((one) => plan[one]?.walked <= at && wires[one]?.hasTag === false);
  spare.group.style.display = id ? "" : "none";
  if (!id) return;
  const { x, y } = freeSpot(wires[id].curves[0], spare);
  const { slope, flow, place } = plan[id];
  const local = numbers[slope] === null ? "undefined" : `${place}×${number(numbers[slope])}`;
  [local, signed(numbers[flow])].forEach((text, i) => {
    const line = spare.lines[i];
    mark(line, "x", x);
    mark(line, "y", y + (i ? 1.2 : -0.3) * spare.size);
    put(line, text);
  });
}

function paintPanel({ panel }, { told, at }, numbers, asked, answer) {
  if (told.length === 1) {
    const boxes = [];
    for (const [name, text] of told[0].lines) {
      const content = rich(text, numbers, asked);
      if (name || !boxes.length || text.columns) boxes.push(box(name, ...content));
      else boxes.at(-1).lastChild.append(made("small", { class: "note" }, ...content));
      if (text.math || text.columns) boxes.at(-1).classList.add("formula");
    }
    if (asked) boxes.push(question());
    else if (answer.at === at && answer.guess !== null) boxes.push(box("your number", inFormula(answer.guess)));
    const kind = boxes.length > MANY ? { class: "many" } : {};
    panel.replaceChildren(made("h3", {}, told[0].title), made("dl", kind, ...boxes));
  } else {
    const items = told.map(({ sentence }) => made("li", {}, ...rich(sentence, numbers)));
    panel.replaceChildren(made("h3", {}, told[0].group), made("ol", {}, ...items));
  }
  fit(panel);
}

/** What went wrong, where the walk cannot go on: as long as no number is changed. */
function paintFailure({ panel }, { failed, steps }) {
  const { title } = steps[failed.at];
  const boxes = [box("what cannot be computed", failed.sentence)];
  if (failed.source) boxes.push(box("the line", made("code", {}, failed.source)));
  boxes.push(box("what if", "change a number: click on a value that was given"));
  panel.replaceChildren(made("h3", {}, `${title}: here it ends`), made("dl", {}, ...boxes));
  fit(panel);
}

const box = (name, ...content) =>
  made("div", { class: "box" }, made("dt", {}, name), made("dd", {}, ...content));

/** What flows back is asked for, before it is revealed. */
function question() {
  const field = made("input", {
    type: "text", "data-guess": "", inputmode: "decimal", autocomplete: "off",
    "aria-label": "your number",
  });
  const words = "Enter, or the next step, reveals it";
  return box("what flows back?", field, made("small", { "aria-live": "polite" }, words));
}

/** Whether the flow of the step is to be predicted, and has not been revealed. */
export function isAsked(plan, { step, level, opened, answer }) {
  if (!opened.includes("predict") || level !== "edge" || answer.at === step) return false;
  return step > plan.seed && step < plan.steps.length - 1;
}

const MANY = 6; // boxes that do not fit side by side, however small their type
const SMALLEST = 0.5;

/** Formulas become smaller, all together, until they fit. */
function fit(panel) {
  const boxes = panel.querySelector("dl");
  if (!boxes) return;
  const isTooLarge = (one) =>
    one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
  for (let size = 1; size >= SMALLEST; size -= 0.1) {
    boxes.style.setProperty("--size", size);
    if (![panel, boxes, ...boxes.children].some(isTooLarge)) return;
  }
}

function paintControls(parts, plan, { stops, position, at, told }, view) {
  const { level, hide, lock, opened, numbers, end, isBroken } = view;
  parts.scrubber.max = stops.length - 1;
  parts.scrubber.value = position;
  mark(parts.scrubber, "aria-valuetext", sentenceOf(told, numbers));
  put(parts.count, `${at} / ${end}`);
  const forward = stops.filter((stop) => stop < plan.seed).length - (isBroken ? 0 : 0.5);
  [forward, stops.length - 1 - forward].forEach((share, i) => {
    parts.passes[i].style.flexGrow = share;
    parts.passes[i].classList.toggle("on", i === (at < plan.seed ? 0 : 1));
  });
  for (const one of parts.levelButtons) mark(one, "aria-pressed", one.dataset.level === level);
  for (const one of parts.modes.querySelectorAll("[data-mode]")) {
    mark(one, "aria-pressed", opened.includes(one.dataset.mode));
  }
  for (const name of Object.keys(DRAWERS)) parts.drawers[name].hidden = !opened.includes(name);
  for (const part of Object.keys(PARTS)) {
    for (const one of [parts[part]].flat()) {
      one.toggleAttribute("hidden", hide.includes(part));
      one.toggleAttribute("inert", lock.includes(part));
    }
  }
  for (const { firstChild: box } of parts.boxes) box.checked = !hide.includes(box.dataset.part);
}

export function paintPlay({ play }, isOn) {
  play.replaceChildren(icon(isOn ? "pause" : "play"));
  play.setAttribute("aria-label", isOn ? "pause" : "play");
}

/** In a lecture there are the graph and the step, and nothing else. */
export const isLecture = (hide) => Object.keys(PARTS).every((part) => hide.includes(part));

/** Scrolls the box of the graph, and never the page. */
function bringIntoView({ graph, cards }, ids) {
  const card = ids.map((id) => cards[id]).find(Boolean);
  if (!card) return;
  const box = graph.getBoundingClientRect();
  const spot = card.group.getBoundingClientRect();
  graph.scrollLeft += (spot.left + spot.right - box.left - box.right) / 2;
  graph.scrollTop += (spot.top + spot.bottom - box.top - box.bottom) / 2;
}

export function announce({ status }, plan, view) {
  const { step, level, numbers, end, isBroken } = view;
  const { told, at } = placeOf(plan, step, level, end);
  if (isBroken && at === end) {
    put(status, `Here it ends: ${plan.failed.sentence}.`);
    return;
  }
  if (isAsked(plan, view)) {
    put(status, `${told[0].title}. What flows back?`);
    return;
  }
  const title = told.length > 1 ? told[0].group : told[0].title;
  put(status, `${title}. ${sentenceOf(told, numbers)}`);
}

/** One sentence, about a step or about several at once. */
export function sentenceOf(told, numbers) {
  const last = told.at(-1);
  return said(told.length > 1 ? last.together : last.sentence, numbers);
}

export function announceStory({ status, story }) {
  put(status, [...story.children].map(aloud).join(". "));
}

export function announceChange({ status }, plan, { base, numbers }) {
  const told = compared(plan, base, numbers).map(([name, text]) => `${name}: ${text}`).join("; ");
  put(status, told || "Reset to the given numbers.");
}

/** Lights, in the picture, what a factor of a product speaks of. */
export function light({ picture }, factor) {
  const ids = factor ? factor.dataset.at.split(" ") : [];
  for (const { spec, group } of picture.groups) {
    const isLit = ids.includes(spec.of) && ["card", "line"].includes(spec.kind);
    group.classList.toggle("lit", isLit);
  }
}
