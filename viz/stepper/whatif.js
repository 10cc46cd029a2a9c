// What if a leaf were another number: fields and sliders for the leaves, and the change that the
// gradient predicts beside the one that comes.

import { legible } from "./numbers.js";
import { made } from "./elements.js";

const AT_ONCE = 8; // more leaves than these, and only those are shown that are chosen or edited
const FINE = 4; // significant digits of numbers that are dragged

export function whatIf(plan, base, fixed) {
  const leaves = Object.entries(plan.cards).filter(([, card]) => card.leaf);
  const rows = Object.fromEntries(
    leaves.map(([id, card]) => [id, row(id, card.name, base[card.value])]),
  );
  const said = made("dl", { class: "said" });
  const trouble = made("p", { class: "trouble", role: "alert" });
  const reset = made("button", { type: "button", "data-action": "reset" }, "the given numbers again");
  const hint = hintFor(leaves.length);
  const root = made(
    "section",
    { class: "what-if", "aria-label": "what if" },
    made("h3", {}, "What if a number were another?"),
    ...(fixed
      ? [made("p", { class: "later" }, `Here it cannot be tried: ${fixed}.`)]
      : [made("div", { class: "leaves" }, ...Object.values(rows).map((one) => one.root)),
         made("p", { class: "later" }, hint), trouble, said, reset]),
  );
  return { root, rows, said, trouble, reset, few: leaves.length <= AT_ONCE };
}

function hintFor(leaves) {
  if (leaves > AT_ONCE) return "Choose a leaf in the graph to change it.";
  return leaves ? "" : "Nothing here is a leaf: inputs that are Values can be changed.";
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

/** The number that was typed, or a sentence that says why it is none. */
export function typed({ field, name }) {
  const text = field.value.trim().replace("−", "-");
  const number = text ? Number(text) : NaN;
  if (Number.isFinite(number)) return { number };
  if (!text) return { trouble: `${name} takes a number, such as 0.5: the field is empty.` };
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  const point = /^[-+]?\d+,\d+$/.test(text) ? `: write ${shown.replace(",", ".")}` : "";
  return { trouble: `${name} takes a number, such as 0.5, and not “${shown}”${point}.` };
}

/** A number that was dragged, without the dust of binary fractions. */
export const dragged = ({ slider }) => Number(Number(slider.value).toPrecision(FINE));

export function paintWhatIf(parts, plan, { node, edits, base, numbers, trouble }, typing) {
  if (!parts.trouble.isConnected) return; // there is nothing that could be changed
  for (const [id, { root, field, slider, given }] of Object.entries(parts.rows)) {
    const number = edits[id] ?? given;
    root.hidden = !(parts.few || id === node || id in edits);
    root.classList.toggle("edited", id in edits);
    if (field !== typing) field.value = String(number);
    slider.value = number;
    slider.setAttribute("aria-valuetext", String(number));
  }
  parts.trouble.textContent = trouble;
  parts.reset.hidden = Object.keys(edits).length === 0;
  const lines = Object.keys(edits).length ? compared(plan, edits, base, numbers) : [];
  if (trouble) lines.unshift(["still shown", stillShown(plan, edits)]);
  parts.said.replaceChildren(
    ...lines.flatMap(([name, text]) => [made("dt", {}, name), made("dd", {}, text)]),
  );
}

const stillShown = (plan, edits) =>
  Object.entries(edits).map(([id, x]) => `${plan.cards[id].name} = ${short(x)}`).join(", ") ||
  "the given numbers";

const short = (x) => legible(x, FINE);
const fenced = (x) => (short(x).startsWith("-") ? `(${short(x)})` : short(x));

/** What the gradients at the given numbers predict, and what has come of it. */
export function compared(plan, edits, base, numbers) {
  const root = plan.cards[plan.root];
  const terms = Object.entries(edits).map(([id, number]) => {
    const { name, value, gradient } = plan.cards[id];
    return { name, slope: base[gradient], delta: number - base[value] };
  });
  const predicted = terms.reduce((sum, { slope, delta }) => sum + slope * delta, 0);
  const actual = numbers[root.value] - base[root.value];
  const symbols = terms.map(({ name }) => `∂${root.name}/∂${name} · δ${name}`).join(" + ");
  const products = terms
    .map(({ slope, delta }, i) => `${(i ? fenced : short)(slope)} · ${fenced(delta)}`)
    .join(" + ");
  const told = terms.length <= 4 ? `${symbols} = ${products} = ` : "gradient · δ, summed up: ";
  const dust = 1e-13 * Math.max(Math.abs(predicted), Math.abs(numbers[root.value])); // of rounding
  const [before, after] = [base[root.value], numbers[root.value]].map(short);
  return [
    ["predicted change", told + short(predicted)],
    ["actual change", `${root.name}: ${before} → ${after}, which is ${short(actual)}`],
    ["apart by", Math.abs(actual - predicted) > dust ? short(actual - predicted) : "0"],
    ...passed(plan.corners, base, numbers),
  ];
}

/** Corners, such as that of a relu, which lie between the numbers that were given and these. */
function passed(corners, base, numbers) {
  const there = Object.entries(corners).filter(([slope]) => base[slope] !== numbers[slope]);
  if (there.length === 0) return [];
  const [[slope, edge]] = there;
  const others = there.length > 1 ? `, and ${there.length - 1} more` : "";
  const change = `${edge} was ${short(base[slope])} and is ${short(numbers[slope])}`;
  return [["beyond a corner", `${change}${others}: a gradient knows nothing of corners ahead`]];
}
