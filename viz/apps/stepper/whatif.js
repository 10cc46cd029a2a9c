// "What if": the field and the slider that change a leaf, and the change of the result that the
// gradient predicts beside the actual one.

import { curve } from "./curve.js";
import { made } from "./elements.js";
import { legible, numberIn, shown } from "./numbers.js";

const FINE = 4; // significant digits of numbers that are dragged

export function whatIf(plan, base, fixed) {
  const leaves = Object.entries(plan.cards).filter(([, card]) => card.leaf);
  const rows = Object.fromEntries(
    leaves.map(([id, card]) => [id, row(id, card.name, base[card.value])]),
  );
  const said = made("dl", { class: "said" });
  const trouble = made("p", { class: "trouble", role: "alert" });
  const button = (action, words) =>
    made("button", { type: "button", "data-action": action }, words);
  const [reset, start] = [button("reset", "as given"), button("start", "the new start")];
  const plot = made("div", { class: "plot" });
  const root = made(
    "section",
    { class: "what-if", "aria-label": "what if" },
    ...(fixed
      ? [made("p", { class: "later" }, `Numbers cannot be changed here: ${fixed}.`)]
      : [...Object.values(rows).map((one) => one.root), plot, trouble, said,
         made("p", {}, reset, " ", start)]),
  );
  return { root, rows, said, trouble, reset, start, plot };
}

function row(id, name, given) {
  const reach = 2 * Math.max(1, Math.abs(given));
  const step = 10 ** (Math.floor(Math.log10(reach)) - 2);
  const shared = { "data-leaf": id, value: String(given) };
  const field = made("input", {
    ...shared, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
    "aria-label": `${name}, the number`,
  });
  const slider = made("input", {
    ...shared, type: "range", min: given - reach, max: given + reach, step,
    "aria-label": `${name}, to drag`,
  });
  const root = made("div", { class: "leaf-row" }, made("span", { class: "name" }, name), field, slider);
  return { root, field, slider, name, given };
}

/** { number } that was typed, or { trouble }: a sentence about text that is none. */
export function typed({ field, name }) {
  const { number, hint } = numberIn(field.value);
  return hint ? { trouble: `${name}=${shown(field.value)} is not a number: ${hint}` } : { number };
}

/** The slider's number, rounded, because its steps are no binary fractions. */
export const dragged = ({ slider }) => Number(Number(slider.value).toPrecision(FINE));

export function paintWhatIf(parts, plan, view, typing) {
  const { node, edits, base, numbers, trouble } = view;
  parts.root.classList.toggle("of-a-leaf", node in parts.rows);
  if (!parts.trouble.isConnected) return; // nothing can be changed here
  for (const [id, { root, field, slider, given }] of Object.entries(parts.rows)) {
    const number = edits[id] ?? given;
    root.hidden = id !== node;
    root.classList.toggle("edited", id in edits);
    if (field !== typing) field.value = String(number);
    slider.value = number;
    slider.setAttribute("aria-valuetext", String(number));
  }
  if (view.probe && node in parts.rows) paintCurve(parts, plan, view);
  parts.trouble.textContent = trouble;
  const lines = compared(plan, base, numbers);
  parts.reset.hidden = Object.keys(edits).length === 0;
  parts.start.hidden = lines.length === 0;
  if (trouble) lines.unshift(["still shown", stillShown(plan, edits)]);
  parts.said.replaceChildren(
    ...lines.flatMap(([name, text]) => [made("dt", {}, name), made("dd", {}, text)]),
  );
}

const stillShown = (plan, edits) =>
  Object.entries(edits).map(([id, x]) => `${plan.cards[id].name} = ${short(x)}`).join(", ") ||
  "the given numbers";

const short = (x) => legible(x);
const fenced = (x) => (short(x).startsWith("-") ? `(${short(x)})` : short(x));

/** The change that the gradients at the start predict, and the actual one; nothing where no leaf has
 * another number than at the start. */
export function compared(plan, base, numbers) {
  if (Number.isNaN(base[plan.cards[plan.root].value])) return []; // where nothing can be predicted
  const root = plan.cards[plan.root];
  const terms = Object.values(plan.cards)
    .filter(({ leaf, value }) => leaf && numbers[value] !== base[value])
    .map(({ name, value, gradient }) => ({
      name, slope: base[gradient], delta: numbers[value] - base[value],
    }));
  if (!terms.length) return [];
  const predicted = terms.reduce((total, { slope, delta }) => total + slope * delta, 0);
  const actual = numbers[root.value] - base[root.value];
  const symbols = terms.map(({ name }) => `∂${root.name}/∂${name} · δ${name}`).join(" + ");
  const products = terms
    .map(({ slope, delta }, i) => `${(i ? fenced : short)(slope)} · ${fenced(delta)}`)
    .join(" + ");
  const sum = terms.length <= 4 ? `${symbols} = ${products} = ` : "the sum of gradient · δ: ";
  const rounding = 1e-13 * Math.max(Math.abs(predicted), Math.abs(numbers[root.value]));
  const [before, after] = [base[root.value], numbers[root.value]].map(short);
  return [
    ["predicted change", sum + short(predicted)],
    ["actual change", `${root.name}: ${before} → ${after}, which is ${short(actual)}`],
    ["difference", Math.abs(actual - predicted) > rounding ? short(actual - predicted) : "0"],
    ...passed(plan.corners, base, numbers),
  ];
}

/** Corners, such as that of a relu, between the given numbers and these. */
function passed(corners, base, numbers) {
  const there = Object.entries(corners).filter(([slope]) => base[slope] !== numbers[slope]);
  if (there.length === 0) return [];
  const [[slope, edge]] = there;
  const others = there.length > 1 ? `, and ${there.length - 1} more` : "";
  const change = `${edge} was ${short(base[slope])} and is ${short(numbers[slope])}`;
  return [["beyond a corner", `${change}${others}: a gradient describes only its own side of a corner`]];
}

const POINTS = 48;

/** The result as the chosen leaf moves, while the others stay: computed once for all of its numbers. */
function paintCurve(parts, plan, { node, edits, base, numbers, probe }) {
  const { [node]: now, ...others } = edits;
  const about = JSON.stringify([node, others]);
  if (parts.about !== about) {
    parts.about = about;
    parts.points = points(parts.rows[node], plan, (x) => probe({ ...others, [node]: x }));
  }
  const leaf = plan.cards[node];
  const root = plan.cards[plan.root];
  const x = base[leaf.value];
  const given = probe({ ...others, [node]: x }); // nothing where it is not defined there
  const ends = [given?.[root.value], given?.[leaf.gradient], numbers[root.value]];
  if (parts.points.length < 2 || !ends.every(Number.isFinite)) {
    parts.plot.replaceChildren();
    return;
  }
  parts.plot.replaceChildren(curve({
    points: parts.points,
    given: [x, given[root.value]],
    slope: given[leaf.gradient],
    now: [now ?? x, numbers[root.value]],
    names: [leaf.name, root.name],
  }));
}

function points({ slider }, plan, probe) {
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const root = plan.cards[plan.root].value;
  return Array.from({ length: POINTS + 1 }, (_, i) => low + (i / POINTS) * (high - low))
    .map((x) => [x, probe(x)?.[root]])
    .filter(([, y]) => Number.isFinite(y));
}
