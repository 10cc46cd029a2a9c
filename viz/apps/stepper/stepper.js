// Shows a plan step by step. Every sentence comes with the plan, and every number from the engine:
// nothing is computed here but which of them are to be seen.

import { PARTS, built } from "./building.js";
import { takeKeys } from "./elements.js";
import { revived } from "./numbers.js";
import {
  announce, announceChange, announceStory, isLecture, light, paint, placeOf,
} from "./painting.js";
import { dragged, typed } from "./whatif.js";

const PAUSE = 1500; // milliseconds between the steps while it plays

export default {
  render({ model, el }) {
    const plan = model.get("plan");
    const base = revived(model.get("base"));
    const parts = built(plan, base, model.get("fixed"));
    el.append(parts.root);

    let numbers;
    const read = () => (numbers = revived(model.get("numbers")));
    const view = () => ({
      ...Object.fromEntries(
        ["step", "level", "node", "edits", "trouble", "hide"].map((name) => [name, model.get(name)]),
      ),
      base,
      numbers,
    });
    const change = (name, value) => {
      model.set(name, value);
      model.save_changes();
    };
    const goTo = (step) => change("step", step);
    const move = (by) => {
      const { stops, position } = placeOf(plan, model.get("step"), model.get("level"));
      goTo(stops[Math.max(0, Math.min(stops.length - 1, position + by))]);
    };
    const player = playing(parts, {
      next: () => move(1),
      rewind: () => goTo(0),
      done: () => model.get("step") >= plan.steps.length - 1,
      stopped: () => announce(parts, plan, view()),
    });
    const repaint = () => paint(parts, plan, view());
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
      "change:trouble": repaintSoon,
      "change:hide": repaint,
    };

    const actions = {
      first: () => goTo(0),
      back: () => move(-1),
      forward: () => move(1),
      last: () => goTo(plan.steps.length - 1),
      play: player.toggle,
      keys: () => {
        parts.keys.open = !parts.keys.open;
        parts.keys.scrollIntoView({ block: "nearest" });
      },
      ...parts.zooming,
      reset: () => change("edits", {}),
      tell: (id) => change("node", model.get("node") === id ? "" : id),
      level: (level) => change("level", level),
      goTo,
      edit: (id, number) => {
        const { [id]: _, ...others } = model.get("edits");
        const given = base[plan.cards[id].value];
        change("edits", number === given ? others : { ...others, [id]: number });
      },
      refuse: (sentence) => change("trouble", sentence),
      lecture: () => {
        change("hide", isLecture(model.get("hide")) ? [] : Object.keys(PARTS));
        // what had the focus may be gone, and keys go on working
        if (!parts.root.contains(document.activeElement)) takeKeys(parts.root);
      },
      hide: (part, away) =>
        change("hide", Object.keys(PARTS).filter((one) =>
          one === part ? away : model.get("hide").includes(one))),
    };
    listen(parts, plan, { actions, model, stop: player.stop });
    for (const [event, react] of Object.entries(heard)) model.on(event, react);
    read();
    repaint();

    return () => {
      player.stop();
      for (const [event, react] of Object.entries(heard)) model.off(event, react);
      parts.root.remove();
    };
  },
};

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

const STEPPING = {
  ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last",
  PageUp: "back", PageDown: "forward", // a presenter's remote sends these
};
const ZOOMING = { "+": "larger", "=": "larger", "-": "smaller", "−": "smaller", 0: "fit" };
const ROVING = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

function listen(parts, plan, { actions, model, stop }) {
  const byPerson = (name) => {
    if (name !== "play" && !Object.values(ZOOMING).includes(name)) stop();
    actions[name]();
  };
  parts.root.addEventListener("click", ({ target }) => {
    const { action, level } = target.closest("button")?.dataset ?? {};
    if (action) byPerson(action);
    if (level) actions.level(level);
    const card = target.closest("g.card[role=button]");
    if (card) {
      actions.tell(card.dataset.of);
      focusCard(parts, card);
    }
  });
  parts.scrubber.addEventListener("input", () => {
    stop();
    actions.goTo(plan.stops[model.get("level")][Number(parts.scrubber.value)]);
  });
  parts.choice.addEventListener("change", ({ target }) =>
    actions.hide(target.dataset.part, !target.checked),
  );
  for (const [id, row] of Object.entries(parts.what.rows)) listenToLeaf(id, row, actions);
  parts.root.addEventListener("mouseover", ({ target }) =>
    light(parts, target.closest?.(".factor")),
  );
  parts.root.addEventListener("mouseleave", () => light(parts, null));
  parts.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" || event.key === "Escape") return;
    event.stopPropagation(); // a notebook would take them for commands
    if (event.target.dataset?.leaf) return; // in a field, arrows and Home mean something else
    const card = event.target.closest("g.card[role=button]");
    const done = card ? keyOnCard(parts, card, event.key, actions.tell) : false;
    if (done || keyAnywhere(event, byPerson)) event.preventDefault();
  });
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
  card.focus();
}

function keyAnywhere({ key, target }, act) {
  const presses = target.closest("button, summary, input[type=checkbox]");
  if (key === " " && !presses) act("play");
  else if (key === "?") act("keys");
  else if (key === "l" || key === "L") act("lecture");
  else if (key in STEPPING) act(STEPPING[key]);
  else if (key in ZOOMING) act(ZOOMING[key]);
  else return false;
  return true;
}
