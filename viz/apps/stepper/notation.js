// What a class calls the result, and how it writes numbers.

import { made } from "./elements.js";
import { DIGITS, use } from "./numbers.js";

const RESULT = "\ue010"; // where the plan names the result
const LONGEST_NAME = 4; // on a card, beside the value
const MOST_DIGITS = 8; // digits for which there is room

/** A notation as far as it makes sense. */
export function sensible({ name = "", digits, comma }) {
  const called = String(name).trim().slice(0, LONGEST_NAME);
  const count = Number(digits);
  return {
    ...(called && { name: called }),
    ...(Number.isInteger(count) && count > 1 && count <= MOST_DIGITS && count !== DIGITS && { digits: count }),
    ...(comma && { comma: true }),
  };
}

/** The plan in a notation. */
export function planIn(plan, { name, ...ofNumbers }) {
  use(ofNumbers);
  const { scene, graph, cards, ...rest } = plan;
  const result = name ? { name, math: inMath(name) } : plan.result;
  const root = { ...cards[plan.root], name: name ?? cards[plan.root].name };
  return {
    ...called(rest, result),
    title: name ? plan.title.replace(cards[plan.root].name, name) : plan.title,
    cards: { ...called(cards, result), [plan.root]: called(root, result) },
    scene: { ...scene, root: plan.root, renamed: name ? [plan.result.picture, name] : null },
    graph,
  };
}

function called(told, { name, math }) {
  if (typeof told === "string") return told.replaceAll(RESULT, name);
  if (told === null || typeof told !== "object") return told;
  if (Array.isArray(told)) {
    if (told.length === 2 && told[0] === "mi" && told[1] === RESULT) return math;
    return told.map((one) => called(one, { name, math }));
  }
  return Object.fromEntries(
    Object.entries(told).map(([key, one]) => [key, called(one, { name, math })]),
  );
}

function inMath(name) {
  const [, letter, index] = name.match(/^([A-Za-z])(\d*)$/) ?? [];
  if (!letter) return ["mtext", name];
  return index ? ["msub", ["mi", letter], ["mn", index]] : ["mi", letter];
}

/** The fields for it. */
export function notationFields(notation) {
  const { name = "", digits = DIGITS, comma = false } = notation;
  const field = made("input", {
    type: "text", value: name, maxlength: LONGEST_NAME, autocomplete: "off", spellcheck: "false",
    "data-notation": "name", placeholder: "as given",
  });
  const counts = Array.from({ length: MOST_DIGITS - 1 }, (_, i) => i + 2);
  const select = made("select", { "data-notation": "digits" }, ...counts.map((count) =>
    made("option", { value: count, ...(count === digits && { selected: "" }) }, String(count))));
  const box = made("input", { type: "checkbox", "data-notation": "comma", ...(comma && { checked: "" }) });
  return made("p", { class: "boxes notation" },
    made("label", {}, "the result is called ", field),
    made("label", {}, "digits of a number ", select),
    made("label", {}, box, " decimals have a comma"),
  );
}

/** What the fields say. */
export function notationOf(fields) {
  const by = (name) => fields.querySelector(`[data-notation=${name}]`);
  return sensible({ name: by("name").value, digits: by("digits").value, comma: by("comma").checked });
}
