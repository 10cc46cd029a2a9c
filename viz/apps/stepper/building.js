// Building what stays on the page: the picture, the controls, the table.

import { mistakesParts } from "./asking.js";
import { COPIES } from "./copying.js";
import { made } from "./elements.js";
import { typeset } from "./mathematics.js";
import { notationFields } from "./notation.js";
import { element, pictureOf, sceneOf } from "./picture.js";
import { whatIf } from "./whatif.js";
import { zooming } from "./zoom.js";

const LEVELS = { edge: "edge", node: "node", pass: "pass" };

const KEYS = [
  ["← →", "a step back, a step forward"],
  ["PageUp, PageDown", "the same, from a presenter's remote"],
  ["Home, End", "the first step, the last one"],
  ["Space", "play, pause"],
  ["1 2 3", "a step is an edge, a node, a whole pass"],
  ["P", "predict what flows, before the next key reveals it"],
  ["Tab, then arrows", "from node to node of the graph"],
  ["Enter", "open a node: its story, its number if it has one of its own, or a neuron"],
  ["Escape", "close what is open"],
  ["+ − 0", "a larger picture, a smaller one, one that fits"],
  ["T", "the table of all values"],
  ["M", "what the classic mistakes make of the gradients"],
  ["L", "for a lecture: the graph and the step only, in large type"],
  ["?", "these keys"],
];

export const PARTS = {
  title: "the title",
  moves: "the buttons",
  levels: "how far a step goes",
  zoom: "the zoom",
  scrubber: "the slider",
  legend: "the legend",
  whatif: "what if",
  story: "the story of a node",
  modes: "the buttons for what else there is",
};

/** What opens over the graph, one at a time. */
export const DRAWERS = {
  tape: "All values, in the order in which they are computed",
  mistakes: "Mistakes",
  copies: "Take along",
  keys: "Keys",
  choice: "What is shown",
};

function button(action, label, face, more = {}) {
  return made("button", { type: "button", "data-action": action, "aria-label": label, ...more }, face);
}

/** Buttons that belong together. */
function grouped(kind, label, ...buttons) {
  return made("span", { class: kind, role: "group", "aria-label": label }, ...buttons);
}

const ICONS = {
  first: "M2 2h2v12H2zM14 2v12L5 8z", back: "M12 2v12L3 8z", forward: "M4 2l9 6-9 6z",
  last: "M12 2h2v12h-2zM2 2l9 6-9 6z", play: "M3 1l12 7-12 7z", pause: "M3 2h4v12H3zM9 2h4v12H9z",
  close: "M3 2l5 5 5-5 1 1-5 5 5 5-1 1-5-5-5 5-1-1 5-5-5-5z",
};

export function icon(name) {
  const svg = element("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" });
  svg.append(element("path", { d: ICONS[name] }));
  return svg;
}

export function built(plan, base, fixed, notation) {
  const parts = {
    title: made("h2", {}, ...(plan.formula ? typeset(plan.formula.math, {}) : [plan.title])),
    scrubber: made("input", { type: "range", min: "0", step: "1", "aria-label": "step" }),
    play: button("play", "play", icon("play")),
    speed: button("speed", "speed", "1×"),
    count: made("span", { class: "count" }),
    levelButtons: Object.entries(LEVELS).map(([level, words]) =>
      made("button", { type: "button", "data-level": level }, words),
    ),
    panel: made("section", { class: "panel", tabindex: "0", "aria-label": "this step" }),
    status: made("p", { class: "status", role: "status", "aria-live": "polite" }),
    graph: made("div", { class: "graph" }),
    story: made("section", { class: "story", "aria-label": "the story of a node" }),
    asks: made("section", { class: "asks", "aria-label": "questions about the node" }),
    mistaken: mistakesParts(),
    what: whatIf(plan, base, fixed),
    boxes: Object.entries(PARTS).map(([part, words]) =>
      made("label", {}, made("input", { type: "checkbox", "data-part": part }), ` ${words}`),
    ),
  };
  parts.title.setAttribute("aria-label", plan.title);
  parts.whatif = parts.what.root;
  parts.pictures = {}; // those that have been shown, by what is opened in them
  showPicture(parts, plan, "");
  parts.zooming = zooming(parts.graph, () => parts.picture.svg);
  parts.moves = grouped(
    "moves", "move",
    button("first", "first step", icon("first")),
    button("back", "a step back", icon("back")),
    parts.play,
    button("forward", "a step forward", icon("forward")),
    button("last", "last step", icon("last")),
    parts.speed,
  );
  parts.zoom = grouped(
    "zoom", "zoom",
    button("smaller", "a smaller picture", "−"),
    button("fit", "a picture that fits", "fit"),
    button("larger", "a larger picture", "+"),
  );
  parts.levels = grouped(
    "levels", "how far a step goes", made("span", { class: "label" }, "a step is"),
    ...parts.levelButtons,
  );
  parts.modes = grouped(
    "modes", "more",
    button("predict", "predict", withKey("Predict", "P"), { "data-mode": "predict" }),
    button("tape", "the table", withKey("Table", "T"), { "data-mode": "tape" }),
    button("mistakes", "mistakes", withKey("Mistakes", "M"), { "data-mode": "mistakes" }),
    button("lecture", "lecture", withKey("Lecture", "L")),
    button("copies", "what can be taken along", "Copy", { "data-mode": "copies" }),
    button("keys", "the keys", "?", { "data-mode": "keys" }),
    button("choice", "the parts of this page", "⋯", { "data-mode": "choice" }),
  );
  parts.drawers = {
    tape: drawer("tape", tape(parts, plan)),
    mistakes: drawer("mistakes", parts.mistaken.root),
    copies: drawer("copies", made("p", { class: "boxes" },
      ...Object.entries(COPIES).map(([kind, words]) =>
        made("button", { type: "button", "data-copy": kind }, words)))),
    keys: drawer("keys", listed(KEYS)),
    choice: drawer("choice",
      made("div", {},
        made("p", { class: "boxes" }, ...parts.boxes),
        made("h3", {}, "How it is written"), notationFields(notation))),
  };
  parts.about = made(
    "section", { class: "about", "aria-label": "the chosen node" },
    button("close", "close", icon("close")), parts.whatif, parts.story, parts.asks,
  );
  const passes = made("div", { class: "passes", "aria-hidden": "true" },
    ...["forward: values", "backward: gradients"].map((words) => made("span", { class: "" }, words)));
  parts.passes = [...passes.children];
  parts.transport = made("div", { class: "line" }, parts.scrubber, passes);
  parts.root = made(
    "div",
    { class: "sg-stepper" },
    made("div", { class: "window" },
      made("div", { class: "head" }, parts.title, parts.levels, parts.modes),
      made("div", { class: "stage" },
        parts.graph, parts.about, ...Object.values(parts.drawers)),
      parts.panel,
      made("div", { class: "controls" }, parts.moves, parts.transport, parts.count, parts.zoom),
    ),
    parts.status,
  );
  return parts;
}

/** A word, and the key that does the same. */
const withKey = (word, key) => made("span", {}, `${word} `, made("kbd", {}, key));

const listed = (terms) =>
  made("dl", {}, ...terms.flatMap(([term, does]) => [made("dt", {}, term), made("dd", {}, does)]));

function drawer(name, content) {
  return made(
    "section", { class: `drawer ${name}`, "aria-label": DRAWERS[name] },
    button("shut", "close", icon("close")), made("h3", {}, DRAWERS[name]), content,
  );
}

const LARGEST = 1.5; // how many times its own size a picture may be

/** Shows the picture, that in which a neuron is opened where there is one, and collects the
 * elements of its cards and lines by their ids. */
export function showPicture(parts, plan, neuron) {
  parts.neuron = neuron;
  const known = (parts.pictures[neuron] ??= collected(plan, neuron));
  Object.assign(parts, known);
  parts.graph.replaceChildren(parts.picture.svg);
}

function collected(plan, neuron) {
  const picture = pictureOf(sceneOf(plan.scene, neuron));
  const parts = { picture };
  const { svg, groups, scene } = picture;
  for (const [side, length] of [["minWidth", scene.width], ["minHeight", scene.height]]) {
    svg.style[side] = `calc(var(--sg-least-type) * ${length / scene.type})`;
  }
  svg.style.maxWidth = `${scene.width * LARGEST}px`;
  parts.legend = groups.filter(({ spec }) => spec.kind === "legend").map(({ group }) => group);
  const of = (kind) => groups.filter(({ spec }) => spec.kind === kind);
  const cards = [...of("card"), ...of("weight")].filter(({ spec }) => spec.of in plan.cards);
  parts.cards = Object.fromEntries(cards.map(({ spec, group, title }) => {
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", spec.of === plan.root ? "0" : "-1"); // one Tab stop for all
    return [spec.of, { group, title }];
  }));
  const tagged = new Set(of("tag").map(({ spec }) => spec.of));
  parts.wires = {}; // a long one has a piece in every column that it passes
  parts.lines = []; // one of a network stands for the edges of its input and of its weight
  for (const { spec, title, marks } of of("line")) {
    const ids = spec.of.split(" ").filter(Boolean);
    const hasTag = ids.some((id) => tagged.has(id));
    parts.lines.push({ ids, title });
    for (const id of ids) {
      const wire = (parts.wires[id] ??= { curves: [], hasTag });
      wire.curves.push(marks[0].element);
    }
  }
  for (const { group, marks } of of("opened")) group.append(closer(marks[0].mark.path, scene));
  parts.dots = element("g", { class: "dots" });
  svg.append(parts.dots);
  const solid = [...of("card"), ...of("ghost"), ...of("badge")];
  parts.spare = spareNotes(svg, scene, solid.map(({ group }) => group));
  return parts;
}

/** What closes an opened neuron, at the corner of its frame. */
function closer(frame, { type }) {
  const numbers = frame.match(/-?[\d.]+/g).map(Number);
  const [right, top] = [
    Math.max(...numbers.filter((_, i) => i % 2 === 0)), Math.min(...numbers.filter((_, i) => i % 2)),
  ];
  const cross = element("text", {
    x: right - type, y: top + 1.4 * type, "font-size": 1.2 * type, "text-anchor": "middle",
    fill: "var(--sg-text)", class: "closer", "data-action": "close", role: "button",
    "aria-label": "close the neuron", tabindex: "0",
  });
  cross.textContent = "×";
  return cross;
}

/** Two lines for an edge that is looked at and has no room for numbers of its own. */
function spareNotes(svg, { type }, solid) {
  const group = element("g", { class: "spare" });
  const lines = [0, 1].map(() =>
    element("text", { "font-size": type, "text-anchor": "middle", fill: "var(--sg-text)" }),
  );
  group.append(...lines);
  svg.append(group);
  const boxes = () => solid.map((one) => {
    const { x, y, width, height } = one.getBBox();
    return { left: x, right: x + width, top: y, bottom: y + height };
  });
  let found; // once they are on the page
  return { group, lines, size: type, get obstacles() { return (found ??= boxes()); } };
}

function tape(parts, plan) {
  const heads = ["value", "made from", "is", "gradient"].map((head) =>
    made("th", { scope: "col" }, head),
  );
  parts.rows = Object.fromEntries(
    Object.entries(plan.cards).map(([id, card]) => {
      const [value, grad] = ["", ""].map(() => made("td", {}));
      const rule = made("td", {}, ...(card.rule.math ? typeset(card.rule.math, {}) : [card.rule]));
      const row = made("tr", {}, made("th", { scope: "row" }, card.name), rule, value, grad);
      return [id, { row, value, grad }];
    }),
  );
  const rows = Object.values(parts.rows).map(({ row }) => row);
  const table = made(
    "table", {}, made("thead", {}, made("tr", {}, ...heads)), made("tbody", {}, ...rows),
  );
  return made(
    "div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": "all values" }, table,
  );
}
