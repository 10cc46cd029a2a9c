// Shows a plan step by step. Every sentence comes with the plan, and every number from the engine:
// nothing is computed here but which of them are to be seen.

import { questionOf } from "./asking.js";
import { DRAWERS, PARTS, built } from "./building.js";
import { copyText, formulasOf, latexOf, pictureFile, pixelsOf, saveAs } from "./copying.js";
import { put, takeKeys } from "./elements.js";
import { notationOf, planIn, sensible } from "./notation.js";
import { numberIn, shown, use } from "./numbers.js";
import {
  announce, announceChange, announceStory, isAsked, isLecture, light, paint, paintPlay, placeOf,
  sentenceOf,
} from "./painting.js";
import { recomputed } from "./engine.js";
import { paintPointed } from "./hover.js";
import { revived, tellOf } from "./telling.js";
import { dragged, typed } from "./whatif.js";

const SPEEDS = [1, 2, 4, 0.5];
const isDrawer = (name) => Object.hasOwn(DRAWERS, name);
const PAUSE = 1500; // milliseconds between the steps while it plays

export default {
  /** In another notation everything is written anew, and so is another graph. */
  render({ model, el }) {
    let remove = rendered(model, el);
    const lastStep = () => model.get("plan").steps.length - 1;
    let last = lastStep();
    const again = () => {
      const isFocused = el.contains(document.activeElement);
      remove();
      remove = rendered(model, el);
      if (isFocused) takeKeys(el);
    };
    const another = () => {
      const [step, before] = [model.get("step"), last];
      last = lastStep();
      if (step === before || step > last) model.set("step", last); // at the end one stays there
      model.save_changes();
      again();
    };
    const heard = { "change:notation": again, "change:plan": another };
    for (const [event, react] of Object.entries(heard)) model.on(event, react);
    return () => {
      for (const [event, react] of Object.entries(heard)) model.off(event, react);
      remove();
    };
  },
};

function rendered(model, el) {
  const notation = sensible(model.get("notation"));
  const given = model.get("plan");
  const plan = planIn(given, notation);
  const base = revived(model.get("base"));
  const parts = built(plan, base, model.get("fixed"), notation);
  el.append(parts.root);

  let numbers;
  const start = starting(plan, base, model); // the numbers that changes are compared with
  let isTrying = false; // a number is being changed, and nobody has moved on
  const answer = { at: -1, guess: null }; // the last step whose flow was revealed, and the guess
  const read = () => (numbers = revived(model.get("numbers")));
  const isBroken = () => !!plan.failed && Object.keys(model.get("edits")).length === 0;
  const end = () => (isBroken() ? plan.failed.at : plan.steps.length - 1);
  const place = () => placeOf(plan, model.get("step"), model.get("level"), end());
  const view = () => ({
    end: end(),
    isBroken: isBroken(),
    ...Object.fromEntries(
      [...Object.keys(plan.kept), "trouble", "told"].map((name) => [name, model.get(name)]),
    ),
    base: start(numbers),
    numbers,
    isTrying,
    answer,
    probe: plan.graph.why_not ? null : (edits) => recomputed(plan.graph, base, edits).numbers,
  });
  const change = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const goTo = (step) => {
    isTrying = false;
    if (step === model.get("step")) repaint();
    change("step", step);
  };
  const reveal = (guess = null) => {
    Object.assign(answer, { at: model.get("step"), guess });
    repaint();
    announce(parts, plan, view());
    const told = { step: answer.at, guess }; // a quiz may listen
    parts.root.dispatchEvent(new CustomEvent("stepgrad-revealed", { bubbles: true, detail: told }));
  };
  const toggle = (name) => {
    const open = model.get("opened");
    const others = open.filter((one) => one !== name && !(isDrawer(name) && isDrawer(one)));
    change("opened", open.includes(name) ? others : [...others, name]);
  };
  const move = (by) => {
    if (by > 0 && isAsked(plan, view())) return reveal();
    answer.at = -1;
    const { stops, position } = place();
    goTo(stops[Math.max(0, Math.min(stops.length - 1, position + by))]);
  };
  const player = playing(parts, {
    next: () => move(1),
    rewind: () => goTo(0),
    done: () => model.get("step") >= end(),
    stopped: () => announce(parts, plan, view()),
    painted: (isOn) => paintPlay(parts, isOn),
  });
  const repaint = () => {
    use(notation); // another stepper of the page may have its own
    tellOf(plan.graph);
    const isFocused = () =>
      parts.root.contains(document.activeElement) && document.activeElement.checkVisibility();
    const wasFocused = isFocused();
    paint(parts, plan, view());
    if (wasFocused && !isFocused()) takeKeys(parts.root); // what was pressed has gone away
    const question = questionOf(plan, { ...view(), seen: parts.seen });
    if (question && model.get("asked") !== question) change("asked", question);
  };
  let due = false; // what an edit changes comes one by one, and is painted once
  const repaintSoon = () => {
    if (!due) queueMicrotask(() => ((due = false), repaint()));
    due = true;
  };
  const heard = {
    "change:step": () => (repaint(), player.on() || announce(parts, plan, view())),
    "change:level": () => (repaint(), announce(parts, plan, view())),
    "change:node": () => (repaint(), announceStory(parts)),
    "change:numbers": () => (read(), repaintSoon(), announceChange(parts, plan, view())),
    "change:edits": repaintSoon,
    "change:start": repaintSoon,
    "change:trouble": repaintSoon,
    "change:told": repaintSoon,
    "change:mistake": repaint,
    "change:hide": repaint,
    "change:opened": repaint,
    "change:lock": repaint,
  };
  for (const [event, react] of Object.entries(heard)) { // another graph is painted by another one
    heard[event] = () => model.get("plan") === given && react();
  }

  const actions = {
    first: () => goTo(0),
    back: () => move(-1),
    forward: () => move(1),
    last: () => goTo(end()),
    play: player.toggle,
    copy: async (kind) => {
      const formulas = formulasOf(parts.panel);
      const { told } = place();
      const file = () => pictureFile(parts.picture.svg, plan.scene);
      const name = `${plan.cards[plan.root].name.replace(/\W+/g, "_")}-${model.get("step")}`;
      await {
        sentence: () => copyText(sentenceOf(told, numbers)),
        latex: () => copyText(formulas.map(latexOf).join("\n")),
        mathml: () => copyText(formulas.map((one) => one.outerHTML).join("\n")),
        svg: () => saveAs(`${name}.svg`, file(), "image/svg+xml"),
        png: async () => saveAs(`${name}.png`, await pixelsOf(file()), "image/png"),
      }[kind]();
      put(parts.status, kind === "svg" || kind === "png" ? "Saved." : "Copied.");
    },
    predict: () => toggle("predict"),
    guess: (field) => {
      const { number, hint } = numberIn(field.value);
      const told = `${shown(field.value)} is not a number: ${hint}`;
      if (field.value.trim() && hint) put(field.nextSibling, told);
      else reveal(number ?? null);
    },
    reveal,
    why: () => toggle("why"),
    unfold: () => change("asked", `unfold ${model.get("node")}`),
    fold: () => change("asked", `fold ${model.get("node")}`),
    mistake: (name) => {
      change("mistake", name);
      goTo(end()); // where all gradients are known
    },
    ...Object.fromEntries(Object.keys(DRAWERS).map((name) => [name, () => toggle(name)])),
    shut: () => change("opened", model.get("opened").filter((one) => !isDrawer(one))),
    close: () => {
      const node = model.get("node");
      actions.tell(node);
      parts.cards[node]?.group.focus({ preventScroll: true });
    },
    ...parts.zooming,
    reset: () => (model.set("start", {}), change("edits", {})),
    start: () => change("start", model.get("edits")),
    speed: player.faster,
    point: (id) => {
      if (parts.pointed === id) return;
      parts.pointed = id;
      paintPointed(parts, plan, numbers);
    },
    tell: (id) => {
      isTrying = false;
      const home = plan.scene.home?.[id] ?? id; // a weight is seen in its neuron only
      const others = home === id ? "" : home;
      change("node", model.get("node") === id ? others : id);
      repaint();
    },
    level: (level) => change("level", level),
    goTo,
    goToStop: (i) => goTo(place().stops[i]),
    edit: (id, number) => {
      isTrying = true;
      const { [id]: _, ...others } = model.get("edits");
      const given = base[plan.cards[id].value];
      change("edits", number === given ? others : { ...others, [id]: number });
      repaintSoon();
    },
    refuse: (sentence) => change("trouble", sentence),
    lecture: () => change("hide", isLecture(model.get("hide")) ? [] : Object.keys(PARTS)),
    write: (fields) => change("notation", notationOf(fields)),
    hide: (part, away) =>
      change("hide", Object.keys(PARTS).filter((one) =>
        one === part ? away : model.get("hide").includes(one))),
  };
  for (const event of ["click", "change", "input", "keydown"]) {
    parts.root.addEventListener(event, () => use(notation), { capture: true });
  }
  listen(parts, plan, { actions, model, stop: player.stop });
  for (const [event, react] of Object.entries(heard)) model.on(event, react);
  read();
  repaint();

  return () => {
    player.stop();
    for (const [event, react] of Object.entries(heard)) model.off(event, react);
    parts.root.remove();
  };
}

/** The numbers at the start: as given, or with the edits that were made a new one. */
function starting(plan, base, model) {
  let known = ["{}", base];
  return (numbers) => {
    const wanted = JSON.stringify(model.get("start"));
    if (wanted === "{}") return base;
    if (known[0] !== wanted) {
      const isNow = wanted === JSON.stringify(model.get("edits"));
      const found = plan.graph.why_not ? null : recomputed(plan.graph, base, model.get("start"));
      known = [wanted, isNow ? numbers : found?.numbers ?? base];
    }
    return known[1];
  };
}

// What a person does

function playing(parts, { next, rewind, done, stopped, painted }) {
  let timer = null;
  let speed = 1;
  const stop = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    painted(false);
    stopped();
  };
  const start = () => {
    if (done()) rewind();
    painted(true);
    run();
  };
  const run = () => {
    timer = setInterval(() => {
      next();
      if (done()) stop();
    }, PAUSE / speed);
  };
  const faster = () => {
    speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
    put(parts.speed, `${speed === 0.5 ? "½" : speed}×`);
    if (timer === null) return;
    clearInterval(timer);
    run();
  };
  return { on: () => timer !== null, stop, faster, toggle: () => (timer === null ? start() : stop()) };
}

const STEPPING = {
  ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last",
  PageUp: "back", PageDown: "forward", // a presenter's remote sends these
};
const ZOOMING = { "+": "larger", "=": "larger", "-": "smaller", "−": "smaller", 0: "fit" };
const LEVEL_KEYS = { 1: "edge", 2: "node", 3: "pass" };
const OPENING = { p: "predict", t: "tape", m: "mistakes", l: "lecture", "?": "keys" };
const ROVING = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

function listen(parts, plan, { actions, model, stop }) {
  const isLocked = (part) => model.get("lock").includes(part);
  const byPerson = (name, ...more) => {
    if (isLocked(Object.hasOwn(PART_OF, name) ? PART_OF[name] : "modes")) return;
    if (!["play", "speed", ...Object.values(ZOOMING)].includes(name)) stop();
    actions[name](...more);
  };
  parts.root.addEventListener("click", ({ target }) => {
    const { action, level, copy } = target.closest("button, .closer")?.dataset ?? {};
    if (copy) byPerson("copy", copy);
    if (action) byPerson(action);
    if (level) byPerson("level", level);
    const card = target.closest("g[role=button]");
    if (card) {
      actions.tell(card.dataset.of);
      focusCard(parts, card);
    }
  });
  parts.scrubber.addEventListener("input", () => {
    stop();
    actions.goToStop(Number(parts.scrubber.value));
  });
  parts.drawers.choice.addEventListener("change", ({ target }) => {
    if (target.dataset.part) actions.hide(target.dataset.part, !target.checked);
    else actions.write(parts.drawers.choice);
  });
  parts.mistaken.choice.addEventListener("change", ({ target }) => actions.mistake(target.value));
  for (const [id, row] of Object.entries(parts.what.rows)) listenToLeaf(id, row, actions);
  for (const event of ["mouseover", "focusin"]) {
    parts.root.addEventListener(event, ({ target }) => {
      light(parts, target.closest?.(".factor"));
      actions.point(target.closest?.("g.card")?.dataset.of ?? "");
    });
  }
  parts.root.addEventListener("mouseleave", () => (light(parts, null), actions.point("")));
  parts.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab") return;
    if (event.key === "Escape") {
      if (!escape(model, actions)) return; // a notebook's own
      event.stopPropagation();
      return;
    }
    event.stopPropagation(); // a notebook would take them for commands
    if ("guess" in event.target.dataset) {
      if (event.key === "Enter") actions.guess(event.target);
      return;
    }
    const { leaf, notation } = event.target.dataset ?? {};
    if (leaf || notation || event.target.matches("select")) return; // arrows move in it
    const card = event.target.closest("g[role=button]");
    const done = card ? keyOnCard(parts, card, event.key, actions.tell) : false;
    if (done || keyAnywhere(event, byPerson)) event.preventDefault();
  });
}

const PART_OF = {
  first: "moves", back: "moves", forward: "moves", last: "moves", play: "moves",
  level: "levels", larger: "zoom", smaller: "zoom", fit: "zoom", reset: "whatif",
  start: "whatif", speed: "moves",
  close: "", shut: "", // what is open can always be closed
};

/** Closes what is open, the chosen node or else a drawer. */
function escape(model, { close, shut }) {
  if (model.get("node")) {
    close();
    return true;
  }
  if (!model.get("opened").some(isDrawer)) return false;
  shut();
  return true;
}

function listenToLeaf(id, row, { edit, refuse }) {
  row.field.addEventListener("change", () => {
    const { number: typedNumber, trouble } = typed(row);
    if (trouble) refuse(trouble);
    else edit(id, typedNumber);
  });
  row.slider.addEventListener("input", () => edit(id, dragged(row)));
}

function keyOnCard(parts, card, key, tell) {
  const ids = Object.keys(parts.cards);
  if (key === "Enter" || key === " ") {
    tell(card.dataset.of);
    return true;
  }
  if (!(key in ROVING)) return false;
  const next = ids.indexOf(card.dataset.of) + ROVING[key];
  if (next in ids) focusCard(parts, parts.cards[ids[next]].group);
  return true;
}

function focusCard({ cards }, card) {
  for (const { group } of Object.values(cards)) {
    group.setAttribute("tabindex", group === card ? "0" : "-1");
  }
  card.focus({ preventScroll: true });
}

function keyAnywhere({ key, target }, act) {
  const presses = target.closest("button, summary, input[type=checkbox]");
  const opening = OPENING[key.toLowerCase()];
  if (key === " " && !presses) act("play");
  else if (opening) act(opening);
  else if (key in LEVEL_KEYS) act("level", LEVEL_KEYS[key]);
  else if (key in STEPPING) act(STEPPING[key]);
  else if (key in ZOOMING) act(ZOOMING[key]);
  else return false;
  return true;
}
