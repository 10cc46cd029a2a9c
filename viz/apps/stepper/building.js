// Building what stays on the page: the picture, the controls, the table.

import { made } from "./elements.js";
import { element, pictureOf } from "./picture.js";
import { whatIf } from "./whatif.js";
import { zooming } from "./zoom.js";

const LEVELS = { edge: "an edge", node: "a node", pass: "a whole pass" };

const MOST_USED = "Keys: ← → step, Space plays, ? shows them all";
const KEYS = [
  ["← →", "a step back, a step forward"],
  ["PageUp, PageDown", "the same, from a presenter's remote"],
  ["Home, End", "the first step, the last one"],
  ["Space", "play, pause"],
  ["Tab, then arrows", "from node to node of the graph"],
  ["Enter", "the whole story of the node"],
  ["+ − 0", "a larger picture, a smaller one, one that fits"],
  ["L", "for a lecture: the graph and the step only, in large type"],
  ["?", "show or hide these keys"],
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
  tape: "the table",
  keys: "the keys",
};

function button(action, label, face) {
  return made("button", { type: "button", "data-action": action, "aria-label": label }, face);
}

/** Buttons that belong together. */
function grouped(kind, label, ...buttons) {
  return made("span", { class: kind, role: "group", "aria-label": label }, ...buttons);
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
  collect(parts, plan);
  parts.moves = grouped(
    "moves", "move",
    button("first", "first step", "|<"),
    button("back", "a step back", "< back"),
    button("forward", "a step forward", "next >"),
    button("last", "last step", ">|"),
    parts.play,
  );
  parts.zoom = grouped(
    "zoom", "zoom",
    button("smaller", "a smaller picture", "−"),
    button("fit", "a picture that fits", "fit"),
    button("larger", "a larger picture", "+"),
  );
  parts.levels = grouped(
    "levels", "how far a step goes",
    made("span", { class: "label" }, "a step is"),
    ...parts.levelButtons,
  );
  parts.tape = tape(parts, plan);
  parts.root = made(
    "div",
    { class: "sg-stepper" },
    made("div", { class: "window" },
      made("div", { class: "head" }, parts.title, parts.zoom, parts.levels),
      parts.graph,
      parts.panel,
      made("div", { class: "controls" }, parts.moves, parts.scrubber),
      made("div", { class: "side" },
        parts.whatif, parts.story, parts.tape, parts.keys, parts.choice),
    ),
    parts.status,
  );
  return parts;
}

function details(kind, summary, ...content) {
  return made("details", { class: kind }, made("summary", {}, summary), ...content);
}

const LARGEST = 1.5; // how many times its own size a picture may be

/** The picture, and the elements of its cards and lines by their ids. */
function collect(parts, plan) {
  const picture = (parts.picture = pictureOf(plan.scene));
  const { svg, groups, scene } = picture;
  for (const [side, length] of [["minWidth", scene.width], ["minHeight", scene.height]]) {
    svg.style[side] = `calc(var(--sg-least-type) * ${length / scene.type})`;
  }
  svg.style.maxWidth = `${scene.width * LARGEST}px`;
  parts.graph.append(svg);
  parts.zooming = zooming(parts.graph, svg);
  parts.legend = groups.filter(({ spec }) => spec.kind === "legend").map(({ group }) => group);
  const of = (kind) => groups.filter(({ spec }) => spec.kind === kind);
  parts.cards = Object.fromEntries(of("card").map(({ spec, group, title }) => {
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", spec.of === plan.root ? "0" : "-1"); // one Tab stop for all
    return [spec.of, { group, title }];
  }));
  const tagged = new Set(of("tag").map(({ spec }) => spec.of));
  parts.wires = {}; // a long one has a piece in every column that it passes
  for (const { spec, title, marks } of of("line")) {
    const curve = marks[0].element;
    const wire = (parts.wires[spec.of] ??= { titles: [], curve, hasTag: tagged.has(spec.of) });
    wire.titles.push(title);
  }
  parts.spare = spareNotes(svg, scene);
}

/** Two lines for an edge that is looked at and has no room for numbers of its own. */
function spareNotes(svg, { type }) {
  const group = element("g", { class: "spare" });
  const lines = [0, 1].map(() =>
    element("text", { "font-size": type, "text-anchor": "middle", fill: "var(--sg-text)" }),
  );
  group.append(...lines);
  svg.append(group);
  return { group, lines, size: type };
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
