// Painting what changes: the same picture for the same step, wherever one came from.

import { PARTS } from "./building.js";
import { made, mark, put } from "./elements.js";
import { number, runs, said, signed } from "./numbers.js";
import { gradAt, paintPicture } from "./picture.js";
import { compared, paintWhatIf } from "./whatif.js";

const IN_NUMBERS = "with numbers";

/** The last stop of the level that is not behind `step`, and the steps told there. */
export function placeOf(plan, step, level) {
  const stops = plan.stops[level];
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
  const { step, level, node, numbers } = view;
  const place = placeOf(plan, step, level);
  // a whole pass lights nothing: it would hide the colours of what it has brought
  const pointed = level === "pass" ? [] : place.told;
  const lit = new Set(pointed.flatMap(({ cards, wires }) => [...cards, ...wires]));
  paintPicture(parts.picture, plan, { at: place.at, lit, numbers });
  for (const [id, card] of Object.entries(plan.cards)) {
    const shown = [valueAt(card, place.at, numbers), gradientAt(card, place.at, numbers)];
    paintCard(parts.cards[id], card, shown, { current: lit.has(id), selected: id === node });
    paintRow(parts.rows[id], shown, lit.has(id));
  }
  for (const [id, wire] of Object.entries(plan.wires)) {
    const walked = wire.walked <= place.at;
    const sentence = walked ? said(plan.steps[wire.walked].sentence, numbers) : wire.ends;
    for (const title of parts.wires[id].titles) put(title, sentence);
  }
  paintSpareNotes(parts, plan.wires, place.at, [...lit], numbers);
  paintPanel(parts, place, numbers);
  paintControls(parts, place, view);
  paintStory(parts, plan, place.at, view);
  paintWhatIf(parts.what, plan, view, document.activeElement);
  const last = place.told.at(-1);
  const about = lit.size ? [...lit] : [...last.cards, ...last.look];
  if (parts.about === String([place.at, level])) return; // what is chosen never moves the view
  parts.about = String([place.at, level]);
  bringIntoView(parts, about);
}

function paintCard({ group, title }, card, [value, gradient], { current, selected }) {
  group.classList.toggle("selected", selected);
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

const HALF_A_NOTE = 44;

/** The numbers of an edge that is looked at, where the picture has no room for them. */
function paintSpareNotes({ spare, wires }, plan, at, lit, numbers) {
  const id = lit.find((one) => plan[one]?.walked <= at && !wires[one].hasTag);
  spare.group.style.display = id ? "" : "none";
  if (!id) return;
  const { curve } = wires[id];
  const start = curve.getPointAtLength(0); // at its parent, which is in view
  const { x, y } = curve.getPointAtLength(Math.min(90, curve.getTotalLength() / 2));
  const { slope, flow, place } = plan[id];
  const local = numbers[slope] === null ? "undefined" : `${place}×${number(numbers[slope])}`;
  [local, signed(numbers[flow])].forEach((text, i) => {
    const line = spare.lines[i];
    mark(line, "x", Math.max(x, start.x + HALF_A_NOTE)); // beside other cards, and not on them
    mark(line, "y", y + (i ? 1.2 : -0.3) * spare.size);
    put(line, text);
  });
}

/** Text whose numbers are put in; what speaks of the picture lights it when it is pointed at. */
function rich(text, numbers) {
  return runs(text, numbers).map(({ text: words, ids }) =>
    ids.length ? made("span", { class: "factor", "data-at": ids.join(" ") }, words) : words,
  );
}

/** The lines of a step, without the numbers where they repeat what stands beside them. */
function linesOf({ lines }, numbers) {
  const texts = lines.map(([, text]) => said(text, numbers));
  const again = (i) => texts.indexOf(texts[i]) !== i || texts.lastIndexOf(texts[i]) !== i;
  return lines.filter(([name], i) => name !== IN_NUMBERS || !again(i));
}

function paintPanel({ panel }, { told }, numbers) {
  if (told.length === 1) {
    const lines = linesOf(told[0], numbers).flatMap(([name, text]) => [
      made("dt", {}, name),
      made("dd", {}, ...rich(text, numbers)),
    ]);
    panel.replaceChildren(made("h3", {}, told[0].title), made("dl", {}, ...lines));
    return;
  }
  const items = told.map(({ sentence }) => made("li", {}, ...rich(sentence, numbers)));
  panel.replaceChildren(made("h3", {}, told[0].group), made("ol", {}, ...items));
}

function paintControls(parts, { stops, position, told }, { level, hide, numbers }) {
  parts.scrubber.max = stops.length - 1;
  parts.scrubber.value = position;
  mark(parts.scrubber, "aria-valuetext", sentenceOf(told, numbers));
  for (const one of parts.levelButtons) mark(one, "aria-pressed", one.dataset.level === level);
  for (const part of Object.keys(PARTS)) {
    for (const one of [parts[part]].flat()) one.toggleAttribute("hidden", hide.includes(part));
  }
  parts.root.classList.toggle("lecture", isLecture(hide));
  for (const { firstChild: box } of parts.boxes) box.checked = !hide.includes(box.dataset.part);
}

/** In a lecture there are the graph and the step, and nothing else. */
export const isLecture = (hide) => Object.keys(PARTS).every((part) => hide.includes(part));

function paintStory({ story }, plan, at, { node, numbers }) {
  const card = plan.cards[node];
  if (!card) {
    const hint = "Choose a node of the graph, by a click or by Tab, arrows and Enter.";
    story.replaceChildren(
      made("h3", {}, "The story of a node"),
      made("p", { class: "later" }, hint),
    );
    return;
  }
  const known = card.story.filter((line) => line.from <= at);
  const lines = known.map(({ text }) => made("p", {}, ...rich(text, numbers)));
  if (known.length < card.story.length) {
    lines.push(made("p", { class: "later" }, "The rest is told when the walk has come that far."));
  }
  story.replaceChildren(made("h3", {}, `The story of ${card.name}`), ...lines);
}

/** Scrolls the box of the graph, and never the page. */
function bringIntoView({ graph, cards }, ids) {
  const card = ids.map((id) => cards[id]).find(Boolean);
  if (!card) return;
  const box = graph.getBoundingClientRect();
  const spot = card.group.getBoundingClientRect();
  graph.scrollLeft += (spot.left + spot.right - box.left - box.right) / 2;
  graph.scrollTop += (spot.top + spot.bottom - box.top - box.bottom) / 2;
}

export function announce({ status }, plan, { step, level, numbers }) {
  const { told } = placeOf(plan, step, level);
  const title = told.length > 1 ? told[0].group : told[0].title;
  put(status, `${title}. ${sentenceOf(told, numbers)}`);
}

/** One sentence, about a step or about several at once. */
function sentenceOf(told, numbers) {
  const last = told.at(-1);
  return said(told.length > 1 ? last.together : last.sentence, numbers);
}

export function announceStory({ status, story }) {
  put(status, [...story.children].map((line) => line.textContent).join(". "));
}

export function announceChange({ status }, plan, { edits, base, numbers }) {
  const lines = Object.keys(edits).length ? compared(plan, edits, base, numbers) : [];
  const told = lines.map(([name, text]) => `${name}: ${text}`).join("; ");
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
