// Building what stays on the page: the picture, the controls, the table.

import { made } from "./elements.js";
import { whatIf } from "./whatif.js";

const LEVELS = { edge: "an edge", node: "a node", pass: "a whole pass" };

const MOST_USED = "Keys: ← → step, Space plays, ? shows them all";
const KEYS = [
  ["← →", "a step back, a step forward"],
  ["Home, End", "the first step, the last one"],
  ["Space", "play, pause"],
  ["Tab, then arrows", "from node to node of the graph"],
  ["Enter", "the whole story of the node"],
  ["?", "show or hide these keys"],
];

export const PARTS = {
  title: "the title",
  moves: "the buttons",
  levels: "how far a step goes",
  scrubber: "the slider",
  legend: "the legend",
  whatif: "what if",
  story: "the story of a node",
  tape: "the table",
  keys: "the keys",
};

function button(action, label, face) {
  return made("button", { type: "button", "data-action": action, "aria-label": label }, face);
}

export function built(plan, base, fixed) {
  const parts = {
    title: made("h2", {}, plan.title),
    scrubber: made("input", { type: "range", min: "0", step: "1", "aria-label": "step" }),
    play: button("play", "play", "play"),
    levelButtons: Object.entries(LEVELS).map(([level, words]) =>
      made("button", { type: "button", "data-level": level }, words),
    ),
    panel: made("section", { class: "panel", tabindex: "0", "aria-label": "this step" }),
    status: made("p", { class: "status", role: "status", "aria-live": "polite" }),
    graph: made("div", { class: "graph" }),
    legend: made("p", { class: "legend" }, plan.notes.join(" ")),
    story: made("section", { class: "story", "aria-label": "the story of a node" }),
    keys: details("keys", MOST_USED),
    what: whatIf(plan, base, fixed),
    boxes: Object.entries(PARTS).map(([part, words]) =>
      made("label", {}, made("input", { type: "checkbox", "data-part": part }), ` ${words}`),
    ),
  };
  parts.whatif = parts.what.root;
  parts.keys.append(
    made("dl", {}, ...KEYS.flatMap(([key, does]) => [made("dt", {}, key), made("dd", {}, does)])),
  );
  parts.choice = details("choice", "Which parts of this page are shown", made("p", {}, ...parts.boxes));
  const svg = drawn(plan);
  parts.graph.append(svg);
  collect(parts, plan, svg);
  parts.moves = made(
    "span",
    { class: "moves", role: "group", "aria-label": "move" },
    button("first", "first step", "|<"),
    button("back", "a step back", "< back"),
    button("forward", "a step forward", "next >"),
    button("last", "last step", ">|"),
    parts.play,
  );
  parts.levels = made(
    "span",
    { class: "levels", role: "group", "aria-label": "how far a step goes" },
    made("span", { class: "label" }, "a step is"),
    ...parts.levelButtons,
  );
  parts.tape = tape(parts, plan);
  parts.root = made(
    "div",
    { class: "sg-stepper" },
    parts.title,
    made("div", { class: "controls" }, parts.moves, parts.levels, parts.scrubber),
    parts.panel,
    parts.status,
    parts.graph,
    parts.legend,
    made("div", { class: "below" }, made("div", {}, parts.whatif, parts.story), parts.tape),
    parts.keys,
    parts.choice,
  );
  return parts;
}

function details(kind, summary, ...content) {
  return made("details", { class: kind }, made("summary", {}, summary), ...content);
}

/** The elements of the picture that change, by the ids of their cards and wires. */
function collect(parts, plan, svg) {
  const one = (group, kind) => group.querySelector(kind);
  const groupOf = (kind, id) => svg.querySelector(`g.${kind}[data-id="${id}"]`);
  parts.cards = Object.fromEntries(
    Object.keys(plan.cards).map((id) => {
      const group = groupOf("card", id);
      group.setAttribute("role", "button");
      group.setAttribute("tabindex", id === plan.root ? "0" : "-1"); // one Tab stop for all of them
      const [title, value, grad, frame, tint] = [
        "title", "text.value", "text.grad", ".frame", ".tint",
      ].map((kind) => one(group, kind));
      return [id, { group, title, value, grad, frame, tint, width: frame.width.baseVal.value }];
    }),
  );
  parts.wires = Object.fromEntries(
    Object.keys(plan.wires).map((id) => {
      const group = groupOf("wire", id);
      const notes = [...svg.querySelectorAll(`g.notes[data-of="${id}"] text`)];
      return [id, { group, title: one(group, "title"), curve: one(group, ".curve"), notes }];
    }),
  );
  parts.spare = spareNotes(svg);
}

/** Two lines for an edge that is looked at and has no room for notes of its own. */
function spareNotes(svg) {
  const [group, ...lines] = ["g", "text", "text"].map((kind) =>
    document.createElementNS(svg.namespaceURI, kind),
  );
  group.append(...lines);
  svg.querySelector("g.card").parentNode.append(group); // which is moved by the margin
  return { group, lines };
}

function tape(parts, plan) {
  const heads = ["value", "made from", "is", "gradient"].map((head) =>
    made("th", { scope: "col" }, head),
  );
  parts.rows = Object.fromEntries(
    Object.entries(plan.cards).map(([id, card]) => {
      const [rule, value, grad] = [card.rule, "", ""].map((text) => made("td", {}, text));
      const row = made("tr", {}, made("th", { scope: "row" }, card.name), rule, value, grad);
      return [id, { row, value, grad }];
    }),
  );
  const rows = Object.values(parts.rows).map(({ row }) => row);
  const table = made(
    "table", {}, made("thead", {}, made("tr", {}, ...heads)), made("tbody", {}, ...rows),
  );
  const scrolls = made(
    "div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": "all values" }, table,
  );
  const shown = details("tape", "All values, in the order in which they are computed", scrolls);
  shown.open = true;
  return shown;
}

/** The picture. Its styles are set from here, because a page's policy forbids style attributes. */
function drawn(plan) {
  const parsed = new DOMParser().parseFromString(plan.svg, "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  for (const one of svg.querySelectorAll("[data-style]")) one.style.cssText = one.dataset.style;
  svg.querySelector("desc").remove(); // it would tell all numbers beforehand
  svg.removeAttribute("aria-describedby");
  svg.setAttribute("role", "group");
  for (const group of svg.querySelectorAll("g.card, g.wire")) {
    group.dataset.kind = [...group.classList].slice(1).filter((kind) => !SIGNS.has(kind)).join(" ");
  }
  return svg;
}

const SIGNS = new Set(["positive", "negative"]);
