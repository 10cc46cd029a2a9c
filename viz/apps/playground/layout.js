// Where everything stands on the page.

import { textButton } from "./buttons.js";
import { choice } from "./controls.js";
import { made } from "./elements.js";
import { SPEEDS } from "./training.js";

// settings; the others are under More
const IN_HEAD = ["loss", "optimizer", "rate", "batch", "penalty", "norm"];

/** The parts of the page, in `el`: `fields` are the settings, and `acts` what its buttons do. */
export function layOut(el, { fields, training, acts }) {
  const button = (said, name, label) =>
    textButton(said, acts[name], { "data-action": name, ...(label && { "aria-label": label }) });
  const elements = (names) => names.map((name) => fields[name].element);
  const others = Object.keys(fields).filter((name) => !IN_HEAD.includes(name));
  const speeds = choice("speed", Object.entries(SPEEDS), (speed) => (training.speed = speed), {
    "data-name": "speed",
  });
  speeds.show(training.speed);
  const moves = made(
    "div",
    { class: "group", role: "group", "aria-label": "training" },
    ...training.buttons,
  );
  const undo = button("Undo", "undo");
  const moreButton = button("More", "more");
  moreButton.setAttribute("aria-expanded", false);
  const epoch = button("epoch", "epoch", "one epoch");
  epoch.title = "as many updates as it takes to use every example once";
  const head = made(
    "header",
    {},
    made("h1", {}, "Playground"),
    moves,
    epoch,
    speeds.element,
    ...elements(IN_HEAD),
    moreButton,
    undo,
    button("Reset", "reset", "start anew"),
    made(
      "span",
      { class: "end" },
      button("Map", "map", "map of settings"),
      button("Save", "save"),
      button("?", "keys", "keys and signs"),
    ),
  );
  const more = made("div", { class: "more drawer", hidden: "" }, ...elements(others));
  const box = (name) => made("div", { class: name });
  const boxes = {
    dataSets: made("div"),
    example: box("example"),
    stage: box("stage"),
    map: box("map"),
    table: box("update"),
    prediction: made("div"),
  };
  const trouble = made("p", { class: "trouble", role: "alert" });
  const status = made("p", { class: "status", role: "status", "aria-live": "polite" });
  const what = made("h2");
  const section = (name, ...children) => made("section", { class: name }, ...children);
  const net = section("net", boxes.stage, trouble);
  const time = section("time");
  el.replaceChildren(
    head,
    more,
    section("data", boxes.dataSets, boxes.example),
    net,
    section("out", what, boxes.map, boxes.prediction, boxes.table),
    time,
    status,
  );
  return { ...boxes, more, moreButton, undo, trouble, status, what, net, time };
}

// where controls are that are not called by their name
const CALLED_OTHERWISE = {
  data: ".sets",
  inputs: ".inputs",
  held_out: "[data-name='share']",
  show_held_out: "[data-name='held_out']",
  draw_data: "[data-action='draw-data']",
  penalty: "[data-name='penalty'], [data-name='norm']",
};

/** Leave out controls by their names. Those of layers are made anew again and again, and left to
 * the styles. */
export function leaveOut(el, names) {
  el.dataset.leftOut = names.join(" ");
  for (const name of names) {
    const where = CALLED_OTHERWISE[name] ?? `[data-name="${name}"], [data-action="${name}"]`;
    for (const one of el.querySelectorAll(where))
      (one.closest("label") ?? one).classList.add("left-out");
  }
}

/** Show the settings of now; under More only those that matter. */
export function showFields(fields, config, used) {
  for (const [name, field] of Object.entries(fields)) {
    const value = config[name] ?? "";
    field.show(value === "" ? 0 : value);
    if (!IN_HEAD.includes(name)) field.element.hidden = !used.includes(name);
  }
}
