// Painting what changes: the same picture for the same step, wherever one came from.

import { PARTS } from "./building.js";
import { made, mark, put } from "./elements.js";
import { number, runs, said, sign, signed } from "./numbers.js";
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

const UNKNOWN = { text: "?", sign: "" };

function valueAt(card, at, numbers) {
  return card.from <= at ? number(numbers[card.value]) : UNKNOWN.text;
}

function gradAt(card, at, numbers) {
  const grad = card.grads.findLast((entry) => entry.from <= at);
  if (!grad) return UNKNOWN;
  const total = numbers[grad.of || card.gradient];
  return { text: grad.more ? `${signed(total)} …` : signed(total), sign: sign(total) };
}

const inWords = (shown) => (shown === UNKNOWN.text ? "not known yet" : shown);

/** What stands on an edge that has been walked. */
function notesOf({ slope, flow }, numbers) {
  const steep = numbers[slope] === null ? "undefined" : `× ${number(numbers[slope])}`;
  return [steep, signed(numbers[flow])];
}

export function paint(parts, plan, view) {
  const { step, level, node, numbers } = view;
  const place = placeOf(plan, step, level);
  // a whole pass lights nothing: it would hide the colours of what it has brought
  const pointed = level === "pass" ? [] : place.told;
  const lit = new Set(pointed.flatMap(({ cards, wires }) => [...cards, ...wires]));
  for (const [id, card] of Object.entries(plan.cards)) {
    const grad = gradAt(card, place.at, numbers);
    const value = valueAt(card, place.at, numbers);
    const marks = { current: lit.has(id), selected: id === node, future: card.from > place.at };
    paintCard(parts.cards[id], card, value, grad, marks);
    paintRow(parts.rows[id], value, grad, marks);
  }
  for (const [id, wire] of Object.entries(plan.wires)) {
    paintWire(parts.wires[id], wire, plan, place.at, lit.has(id), numbers);
  }
  paintSpareNotes(parts, plan.wires, place.at, [...lit], numbers);
  paintPanel(parts, place, numbers);
  paintControls(parts, place, view);
  paintStory(parts, plan, place.at, view);
  paintWhatIf(parts.what, plan, view, document.activeElement);
  const last = place.told.at(-1);
  bringIntoView(parts, lit.size ? [...lit] : [...last.cards, ...last.look]);
}

const classes = (group, ...names) => mark(group, "class", names.filter(Boolean).join(" "));

function paintCard(parts, card, value, grad, { current, selected, future }) {
  const { group } = parts;
  classes(
    group, "card", group.dataset.kind, grad.sign, future && "future",
    current && "current", selected && "selected",
  );
  const told = `${card.name}, value ${inWords(value)}, gradient ${inWords(grad.text)}`;
  mark(group, "aria-label", told);
  mark(group, "aria-pressed", selected);
  mark(group, "aria-current", current ? "step" : "false");
  put(parts.title, told);
  write(parts, "value", value);
  write(parts, "grad", grad.text);
}

const LETTER = 7.85; // the width of one, and the space on both sides of a card
const PADDING = 10;
const HALF_A_NOTE = 44;

/** A row of a card, squeezed if the number has become longer than there is room. */
function write(parts, row, text) {
  const element = parts[row];
  if (element.textContent === text) return;
  element.textContent = text;
  const room = parts.width - 2 * PADDING - (row.length + 1) * LETTER;
  if (text.length * LETTER > room + 1) {
    element.setAttribute("textLength", room);
    element.setAttribute("lengthAdjust", "spacingAndGlyphs");
  } else element.removeAttribute("textLength");
}

function paintRow({ row, value, grad }, shown, gradient, { current }) {
  put(value, shown);
  put(grad, gradient.text);
  mark(row, "aria-current", current ? "step" : "false");
}

function paintWire({ group, title, notes }, wire, plan, at, current, numbers) {
  const walked = wire.walked <= at;
  const kind = group.dataset.kind || (walked && sign(numbers[wire.flow]));
  classes(group, "wire", kind, wire.from > at && "future", current && "current");
  put(title, walked ? said(plan.steps[wire.walked].sentence, numbers) : wire.ends);
  const told = walked ? notesOf(wire, numbers) : [];
  notes.forEach((line, i) => {
    put(line, told[i] ?? "");
    if (i === 1) classes(line, "note", "middle", walked && sign(numbers[wire.flow]));
  });
}

function paintSpareNotes({ spare, wires }, plan, at, lit, numbers) {
  const id = lit.find((one) => plan[one]?.walked <= at && wires[one].notes.length === 0);
  spare.group.style.display = id ? "" : "none";
  if (!id) return;
  const { curve } = wires[id];
  const start = curve.getPointAtLength(0); // at its parent, which is in view
  const { x, y } = curve.getPointAtLength(Math.min(90, curve.getTotalLength() / 2));
  notesOf(plan[id], numbers).forEach((text, i) => {
    const line = spare.lines[i];
    classes(line, "note", "middle", i === 1 && sign(numbers[plan[id].flow]));
    mark(line, "x", Math.max(x, start.x + HALF_A_NOTE)); // beside other cards, and not on them
    mark(line, "y", y + (i ? 7.5 : -7.5));
    put(line, text);
  });
}

/** The thicker, the larger, as in the still picture. */
export function paintStrength(parts, plan, numbers) {
  const gradients = Object.values(plan.cards).map(({ gradient }) => gradient);
  const flows = Object.values(plan.wires).flatMap(({ flow }) => flow ?? []);
  const strongest = (keys) =>
    Math.max(0, ...keys.map((key) => Math.abs(numbers[key])).filter(Number.isFinite));
  const share = (x, largest) => {
    if (!x || Number.isNaN(x)) return 0;
    return Number.isFinite(x) ? Math.sqrt(Math.abs(x) / largest) : 1;
  };
  const [steepest, broadest] = [gradients, flows].map(strongest);
  for (const [id, { gradient }] of Object.entries(plan.cards)) {
    const strength = share(numbers[gradient], steepest);
    parts.cards[id].frame.style.strokeWidth = `${(1.2 + 2 * strength).toFixed(2)}px`;
    parts.cards[id].tint.style.opacity = strength.toFixed(3);
  }
  for (const [id, { flow }] of Object.entries(plan.wires)) {
    const width = 1 + 4 * share(flow ? numbers[flow] : 0, broadest);
    parts.wires[id].curve.style.strokeWidth = `${width.toFixed(2)}px`;
  }
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
  for (const part of Object.keys(PARTS)) parts[part].hidden = hide.includes(part);
  for (const { firstChild: box } of parts.boxes) box.checked = !hide.includes(box.dataset.part);
}

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
export function light({ cards, wires }, factor) {
  const ids = factor ? factor.dataset.at.split(" ") : [];
  for (const [id, { group }] of Object.entries({ ...cards, ...wires })) {
    group.classList.toggle("lit", ids.includes(id));
  }
}
