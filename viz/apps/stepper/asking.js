// What is asked of Python, and what it has answered: why a gradient is what it is, what the classic
// mistakes make of all of them, and another graph, in which an operation is unfolded.

import { made, mark, put } from "./elements.js";
import { typeset } from "./mathematics.js";
import { legible, number, signed } from "./numbers.js";
import { element, gradAt } from "./picture.js";

/** The question that what is open asks, and has no answer to yet. */
export function questionOf(plan, { opened, node, told, numbers, seen }) {
  if (opened.includes("mistakes") && !told.mistakes) return "mistakes";
  const why = `why ${node}`;
  return opened.includes("why") && !told[why] && oddOf(plan, node, seen, numbers) ? why : "";
}

/** In a word, what is odd about a gradient that is known: "" for most. */
function oddOf(plan, node, at, numbers) {
  const card = plan.cards[node];
  if (!card || card.grads.at(-1).from > at) return "";
  const gradient = gradAt(card, at, numbers);
  if (!Number.isFinite(gradient)) return "not finite";
  const size = Math.abs(gradient);
  if (size === 0) return "0";
  return size < plan.asks.small ? "tiny" : size > plan.asks.large ? "huge" : "";
}

const askButton = (action, words, pressed) =>
  made("button", { type: "button", "data-action": action, ...(pressed !== undefined && { "aria-pressed": pressed }) }, words);

/** What can be asked about the chosen node, and the answers; lights the edges that are to blame. */
export function paintAsks({ asks, picture, seen }, plan, { node, opened, told, numbers }) {
  const odd = oddOf(plan, node, seen, numbers);
  const isOpen = opened.includes("why") && odd !== "";
  const why = told[`why ${node}`];
  const unfolds = plan.cards[node]?.unfolds;
  const buttons = [
    ...(odd ? [askButton("why", `Why is the gradient ${odd}?`, isOpen)] : []),
    ...(unfolds ? [askButton("unfold", `Unfold ${unfolds}`)] : []),
    ...(plan.unfolded.length ? [askButton("fold", `Fold ${plan.unfolded.at(-1)} again`)] : []),
  ];
  const answers = isOpen ? [why] : [];
  answers.push(told[`unfold ${node}`], told[`fold ${node}`]);
  asks.parentNode.classList.toggle("answering", isOpen); // which leaves the graph in sight
  const focused = asks.contains(document.activeElement) && document.activeElement.dataset.action;
  asks.replaceChildren(
    ...(buttons.length ? [made("p", { class: "buttons" }, ...buttons)] : []),
    ...answers.filter(Boolean).map(answered),
  );
  if (focused) asks.querySelector(`[data-action=${focused}]`)?.focus({ preventScroll: true });
  const blamed = isOpen ? why?.wires ?? [] : [];
  for (const { spec, group } of picture.groups) {
    const isOne = ["line", "tag"].includes(spec.kind) && spec.of.split(" ").some((id) => blamed.includes(id));
    group.classList.toggle("blamed", isOne);
  }
}

function answered({ paragraphs = [], sorry }) {
  if (sorry) return made("p", { class: "later" }, `${sorry}.`);
  const lines = paragraphs.map((one) =>
    made("p", one.math ? { class: "equation" } : {}, ...(one.math ? typeset(one.math, {}) : [one])));
  return made("div", { class: "because", role: "status" }, ...lines);
}

// Mistakes

/** The chooser, and what is said about the chosen mistake. */
export function mistakesParts() {
  const choice = made("select", { "aria-label": "the mistake" });
  const said = made("div", { class: "said-of-mistake" });
  const root = made("div", {},
    made("p", {}, "A backward pass with this mistake gives:"), made("p", {}, choice), said);
  return { root, choice, said, listed: null };
}

/** The chosen mistake: the one of the address, or the first that makes a difference. */
const chosenIn = (found, name) =>
  found.find((one) => one.name === name) ?? found.find(({ first }) => first) ?? found[0];

/** Paints the drawer, and the wrong gradients beside the right ones in the picture. */
export function paintMistakes({ mistaken, picture, cards }, plan, view) {
  picture.svg.querySelector(".mistaken")?.remove();
  for (const { group } of Object.values(cards)) group.classList.remove("first-wrong");
  if (!view.opened.includes("mistakes")) return;
  const { mistakes: found, sorry } = view.told.mistakes ?? {};
  mistaken.choice.disabled = !found;
  if (!found) {
    mistaken.said.replaceChildren(made("p", { class: "later" }, sorry ? `${sorry}.` : "…"));
    return;
  }
  const one = chosenIn(found, view.mistake);
  listMistakes(mistaken, found, one);
  mistaken.said.replaceChildren(...saidOf(one, plan, view));
  const labels = element("g", { class: "mistaken" });
  picture.svg.append(labels);
  for (const [id, wrong] of Object.entries(one.gradients)) {
    if (!(id in cards)) continue;
    const { group } = cards[id];
    group.classList.toggle("first-wrong", id === one.first);
    labels.append(flag(group.getBBox(), Number(wrong), picture.scene.type, id === one.first));
    mark(group, "aria-label", `${group.getAttribute("aria-label")}, with the mistake ${signed(Number(wrong))}`);
  }
}

function listMistakes(mistaken, found, { name }) {
  const now = JSON.stringify(found.map((one) => [one.name, one.first]));
  if (mistaken.listed !== now) {
    mistaken.listed = now;
    const option = (one) => made("option", { value: one.name }, one.title);
    const group = (label, some) =>
      some.length ? [made("optgroup", { label }, ...some.map(option))] : [];
    mistaken.choice.replaceChildren(
      ...group("makes a difference here", found.filter(({ first }) => first)),
      ...group("makes none here", found.filter(({ first }) => !first)),
    );
  }
  mistaken.choice.value = name;
}

function saidOf(one, plan, { numbers }) {
  const inOrder = Object.keys(plan.cards).filter((id) => id in one.gradients).reverse(); // of the pass
  const rows = inOrder.map((id) => {
    const wrong = one.gradients[id];
    const { name, gradient } = plan.cards[id];
    const cells = [legible(numbers[gradient]), legible(Number(wrong))].map((text) => made("td", {}, text));
    const row = made("tr", {}, made("th", { scope: "row" }, name), ...cells);
    if (id === one.first) row.className = "first";
    return row;
  });
  const heads = ["gradient of", "right", "with it"].map((head) => made("th", { scope: "col" }, head));
  return [
    made("dl", { class: "codes" },
      made("dt", {}, "with it"), made("dd", {}, made("code", {}, one.wrong)),
      made("dt", {}, "right"), made("dd", {}, made("code", {}, one.right))),
    ...one.told.map((text) => made("p", {}, text)),
    ...(rows.length
      ? [made("table", {}, made("thead", {}, made("tr", {}, ...heads)), made("tbody", {}, ...rows))]
      : []),
  ];
}

/** A wrong gradient, on the lower edge of its card. */
function flag({ x, y, width, height }, wrong, type, isFirst) {
  const words = `✗ ${signed(wrong)}`;
  const wide = (0.62 * words.length + 0.6) * type;
  const [left, top, high] = [x + width - wide, y + height - 0.35 * type, 1.3 * type];
  const label = element("g", { class: isFirst ? "flag first" : "flag" });
  const frame = element("rect", { x: left, y: top, width: wide, height: high, rx: 0.3 * type });
  const text = element("text", {
    x: left + wide / 2, y: top + 0.98 * type, "font-size": type, "text-anchor": "middle",
  });
  put(text, words);
  const title = element("title", {});
  title.textContent = `with the mistake: ${number(wrong)}`;
  label.append(title, frame, text);
  return label;
}
