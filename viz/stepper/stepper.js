// Shows a plan step by step. Every formula and every number comes with the plan: nothing is
// computed here but which of them are to be seen.

const LEVELS = { edge: "an edge", node: "a node", pass: "a whole pass" };
const PAUSE = 1500; // milliseconds between the steps while it plays

const MOST_USED = "Keys: ← → step, Space plays, ? shows them all";
const KEYS = [
  ["← →", "a step back, a step forward"],
  ["Home, End", "the first step, the last one"],
  ["Space", "play, pause"],
  ["Tab, then arrows", "from node to node of the graph"],
  ["Enter", "the whole story of the node"],
  ["?", "show or hide these keys"],
];

export default {
  render({ model, el }) {
    const plan = model.get("plan");
    const parts = built(plan);
    el.append(parts.root);

    const goTo = (step) => {
      model.set("step", step);
      model.save_changes();
    };
    const move = (by) => {
      const { stops, position } = placeOf(plan, model.get("step"), model.get("level"));
      goTo(stops[Math.max(0, Math.min(stops.length - 1, position + by))]);
    };
    const tell = (id) => {
      model.set("node", model.get("node") === id ? "" : id);
      model.save_changes();
    };
    const player = playing(parts, {
      next: () => move(1),
      rewind: () => goTo(0),
      done: () => model.get("step") >= plan.steps.length - 1,
      stopped: () => announce(parts, plan, model),
    });
    const repaint = () =>
      paint(parts, plan, model.get("step"), model.get("level"), model.get("node"));
    const heard = {
      "change:step": () => (repaint(), player.on() || announce(parts, plan, model)),
      "change:level": () => (repaint(), announce(parts, plan, model)),
      "change:node": () => (repaint(), announceStory(parts)),
    };

    const actions = {
      first: () => goTo(0),
      back: () => move(-1),
      forward: () => move(1),
      last: () => goTo(plan.steps.length - 1),
      play: player.toggle,
      keys: () => (parts.keys.open = !parts.keys.open),
    };
    listen(parts, plan, { actions, tell, goTo, model, stop: player.stop });
    for (const [event, react] of Object.entries(heard)) model.on(event, react);
    repaint();

    return () => {
      player.stop();
      for (const [event, react] of Object.entries(heard)) model.off(event, react);
      parts.root.remove();
    };
  },
};

// Where a step lies

/** The last stop of the level that is not behind `step`, and the steps told there. */
function placeOf(plan, step, level) {
  const stops = plan.stops[level];
  const position = stops.findLastIndex((stop) => stop <= step);
  const at = stops[position];
  const before = position > 0 ? stops[position - 1] : at - 1;
  return { stops, position, at, told: plan.steps.slice(before + 1, at + 1) };
}

const latest = (entries, at) => entries.findLast((entry) => entry.from <= at);
const valueAt = (card, at) => (card.from <= at ? card.value : "?");
const gradAt = (card, at) => latest(card.grads, at) ?? { text: "?", sign: "" };
const unknown = (shown) => (shown === "?" ? "not known yet" : shown);

// Building what stays

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function button(action, label, face) {
  return made("button", { type: "button", "data-action": action, "aria-label": label }, face);
}

function built(plan) {
  const parts = {
    title: made("h2", {}, plan.title),
    scrubber: made("input", { type: "range", min: "0", step: "1", "aria-label": "step" }),
    play: button("play", "play", "play"),
    levels: Object.entries(LEVELS).map(([level, words]) =>
      made("button", { type: "button", "data-level": level }, words),
    ),
    panel: made("section", { class: "panel", tabindex: "0", "aria-label": "this step" }),
    status: made("p", { class: "status", role: "status", "aria-live": "polite" }),
    graph: made("div", { class: "graph" }),
    story: made("section", { class: "story", "aria-label": "the story of a node" }),
    rows: made("tbody"),
    keys: made("details", { class: "keys" }, made("summary", {}, MOST_USED)),
  };
  parts.keys.append(
    made("dl", {}, ...KEYS.flatMap(([key, does]) => [made("dt", {}, key), made("dd", {}, does)])),
  );
  const svg = drawn(plan);
  parts.graph.append(svg);
  parts.cards = byId(Object.keys(plan.cards), (id) => svg.querySelector(`g.card[data-id="${id}"]`));
  parts.wires = byId(Object.keys(plan.wires), (id) => ({
    group: svg.querySelector(`g.wire[data-id="${id}"]`),
    notes: svg.querySelectorAll(`g.notes[data-of="${id}"] text`),
  }));
  for (const [id, card] of Object.entries(parts.cards)) {
    card.setAttribute("role", "button");
    card.setAttribute("tabindex", id === plan.root ? "0" : "-1"); // one Tab stop for all of them
  }
  parts.root = made(
    "div",
    { class: "sg-stepper" },
    parts.title,
    controls(parts),
    parts.panel,
    parts.status,
    parts.graph,
    made("p", { class: "legend" }, plan.notes.join(" ")),
    made("div", { class: "below" }, parts.story, tape(parts)),
    parts.keys,
  );
  return parts;
}

function controls(parts) {
  return made(
    "div",
    { class: "controls" },
    made(
      "span",
      { class: "moves", role: "group", "aria-label": "move" },
      button("first", "first step", "|<"),
      button("back", "a step back", "< back"),
      button("forward", "a step forward", "next >"),
      button("last", "last step", ">|"),
      parts.play,
    ),
    made(
      "span",
      { class: "levels", role: "group", "aria-label": "how far a step goes" },
      made("span", { class: "label" }, "a step is"),
      ...parts.levels,
    ),
    parts.scrubber,
  );
}

function tape(parts) {
  const heads = ["value", "made from", "is", "gradient"].map((head) =>
    made("th", { scope: "col" }, head),
  );
  return made(
    "details",
    { class: "tape", open: "" },
    made("summary", {}, "All values, in the order in which they are computed"),
    made("table", {}, made("thead", {}, made("tr", {}, ...heads)), parts.rows),
  );
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
    group.dataset.kind = group.classList.item(1) ?? "";
  }
  return svg;
}

const byId = (ids, find) => Object.fromEntries(ids.map((id) => [id, find(id)]));

// Painting what changes: the same picture for the same step, wherever one came from

function paint(parts, plan, step, level, node) {
  const place = placeOf(plan, step, level);
  // a whole pass lights nothing: it would hide the colours of what it has brought
  const pointed = level === "pass" ? [] : place.told;
  const lit = new Set(pointed.flatMap(({ cards, wires }) => [...cards, ...wires]));
  for (const [id, card] of Object.entries(plan.cards)) {
    paintCard(parts.cards[id], card, place.at, lit.has(id), id === node);
  }
  for (const [id, wire] of Object.entries(plan.wires)) {
    paintWire(parts.wires[id], wire, place.at, lit.has(id));
  }
  paintPanel(parts, place);
  paintControls(parts, place, level);
  paintStory(parts, plan, place.at, node);
  paintTape(parts, plan, place.at, lit);
  bringIntoView(parts, [...lit]);
}

function classes(group, ...names) {
  group.setAttribute("class", names.filter(Boolean).join(" "));
}

function paintCard(group, card, at, current, selected) {
  const grad = gradAt(card, at);
  const value = valueAt(card, at);
  const known = card.from <= at;
  classes(
    group, "card", group.dataset.kind, grad.sign, !known && "future",
    current && "current", selected && "selected",
  );
  const told = `${card.name}, value ${unknown(value)}, gradient ${unknown(grad.text)}`;
  group.setAttribute("aria-label", told);
  group.setAttribute("aria-pressed", selected);
  group.setAttribute("aria-current", current ? "step" : "false");
  group.querySelector("title").textContent = told;
  group.querySelector("text.value").textContent = value;
  group.querySelector("text.grad").textContent = grad.text;
}

function paintWire({ group, notes }, wire, at, current) {
  const walked = wire.walked <= at;
  const kind = group.dataset.kind === "from-constant" ? "from-constant" : walked && wire.sign;
  classes(group, "wire", kind, wire.from > at && "future", current && "current");
  group.querySelector("title").textContent = walked ? wire.sentence : wire.ends;
  notes.forEach((line, i) => (line.textContent = walked ? wire.notes[i] : ""));
}

function paintPanel({ panel }, { told }) {
  if (told.length === 1) {
    const lines = told[0].lines.flatMap(([name, text]) => [
      made("dt", {}, name),
      made("dd", {}, text),
    ]);
    panel.replaceChildren(made("h3", {}, told[0].title), made("dl", {}, ...lines));
    return;
  }
  const items = told.map(({ sentence }) => made("li", {}, sentence));
  panel.replaceChildren(made("h3", {}, told[0].group), made("ol", {}, ...items));
}

function paintControls(parts, { stops, position, told }, level) {
  parts.scrubber.max = stops.length - 1;
  parts.scrubber.value = position;
  parts.scrubber.setAttribute("aria-valuetext", told.at(-1).sentence);
  for (const one of parts.levels) {
    one.setAttribute("aria-pressed", one.dataset.level === level);
  }
}

function paintStory({ story }, plan, at, node) {
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
  const lines = known.map(({ text }) => made("p", {}, text));
  if (known.length < card.story.length) {
    lines.push(made("p", { class: "later" }, "The rest is told when the walk has come that far."));
  }
  story.replaceChildren(made("h3", {}, `The story of ${card.name}`), ...lines);
}

function paintTape({ rows }, plan, at, lit) {
  const lines = Object.entries(plan.cards).map(([id, card]) => {
    const current = lit.has(id) ? "step" : "false";
    const cells = [card.rule, valueAt(card, at), gradAt(card, at).text];
    const name = made("th", { scope: "row" }, card.name);
    return made("tr", { "aria-current": current }, name, ...cells.map((c) => made("td", {}, c)));
  });
  rows.replaceChildren(...lines);
}

/** Scrolls the box of the graph, and never the page. */
function bringIntoView({ graph, cards }, ids) {
  const card = ids.map((id) => cards[id]).find(Boolean);
  if (!card) return;
  const box = graph.getBoundingClientRect();
  const spot = card.getBoundingClientRect();
  graph.scrollLeft += (spot.left + spot.right - box.left - box.right) / 2;
  graph.scrollTop += (spot.top + spot.bottom - box.top - box.bottom) / 2;
}

function announce({ status }, plan, model) {
  const { told } = placeOf(plan, model.get("step"), model.get("level"));
  status.textContent = `${told.at(-1).title}. ${told.at(-1).sentence}`;
}

function announceStory({ status, story }) {
  status.textContent = [...story.children].map((line) => line.textContent).join(". ");
}

// What a person does

function playing({ play }, { next, rewind, done, stopped }) {
  let timer = null;
  const face = (words) => {
    play.textContent = words;
    play.setAttribute("aria-label", words);
  };
  const stop = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    face("play");
    stopped();
  };
  const start = () => {
    if (done()) rewind();
    face("pause");
    timer = setInterval(() => {
      next();
      if (done()) stop();
    }, PAUSE);
  };
  return { on: () => timer !== null, stop, toggle: () => (timer === null ? start() : stop()) };
}

const STEPPING = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };
const ROVING = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

function listen(parts, plan, { actions, tell, goTo, model, stop }) {
  const byPerson = (name) => {
    if (name !== "play") stop();
    actions[name]();
  };
  parts.root.addEventListener("click", ({ target }) => {
    const { action, level } = target.closest("button")?.dataset ?? {};
    if (action) byPerson(action);
    if (level) {
      model.set("level", level);
      model.save_changes();
    }
    const card = target.closest("g.card[role=button]");
    if (card) {
      tell(card.dataset.id);
      focusCard(parts, card);
    }
  });
  parts.scrubber.addEventListener("input", () => {
    stop();
    goTo(plan.stops[model.get("level")][Number(parts.scrubber.value)]);
  });
  parts.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" || event.key === "Escape") return;
    event.stopPropagation(); // a notebook would take them for commands
    const card = event.target.closest("g.card[role=button]");
    const done = card ? keyOnCard(parts, card, event.key, tell) : false;
    if (done || keyAnywhere(event, byPerson)) event.preventDefault();
  });
}

function keyOnCard(parts, card, key, tell) {
  const ids = Object.keys(parts.cards);
  if (key === "Enter" || key === " ") {
    tell(card.dataset.id);
    return true;
  }
  if (!(key in ROVING)) return false;
  const next = ids.indexOf(card.dataset.id) + ROVING[key];
  if (next in ids) focusCard(parts, parts.cards[ids[next]]);
  return true;
}

function focusCard({ cards }, card) {
  for (const one of Object.values(cards)) {
    one.setAttribute("tabindex", one === card ? "0" : "-1");
  }
  card.focus();
}

function keyAnywhere({ key, target }, act) {
  const presses = target.closest("button, summary");
  if (key === " " && !presses) act("play");
  else if (key === "?") act("keys");
  else if (key in STEPPING) act(STEPPING[key]);
  else return false;
  return true;
}
