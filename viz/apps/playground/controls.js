// What can be chosen: fields that say what they change, as soon as they are changed.

import { made } from "./elements.js";
import { legible, numberIn } from "./numbers.js";

const SAID = {
  // what is written otherwise than it is called
  binary_cross_entropy: "binary cross-entropy",
  cross_entropy: "cross-entropy",
  sgd: "SGD",
  adam: "Adam",
  adamw: "AdamW",
  rmsprop: "RMSProp",
  step_decay: "step decay",
  l2: "L2",
  l1: "L1",
};
export const saidOf = (name) => SAID[name] ?? name;
const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const BATCHES = [0, 1, 2, 5, 10, 20, 32, 50, 100];
const PENALTIES = [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1];

/** A list to choose from; `options` are pairs of a value and what is said of it. */
export function choice(label, options, change, attributes = {}) {
  const select = made("select", attributes);
  const set = (list) =>
    select.replaceChildren(...list.map(([value, said]) => made("option", { value }, said)));
  set(options);
  select.addEventListener("change", () => change(select.value));
  return {
    element: made("label", {}, label, select),
    select,
    show(value, list) {
      if (list) set(list);
      if (![...select.options].some((one) => one.value === String(value)))
        select.append(made("option", { value }, String(value)));
      select.value = String(value);
    },
  };
}

/** A number to type, with sensible ones to choose from. */
export function numeric(label, list, change, said, name) {
  const id = `list-${name}-${Math.random().toString(36).slice(2)}`;
  const field = made("input", {
    type: "text",
    inputmode: "decimal",
    list: id,
    size: 5,
    "aria-label": label,
    "data-name": name,
    autocomplete: "off",
  });
  const options = made(
    "datalist",
    { id },
    ...list.map((x) => made("option", { value: String(x) })),
  );
  let shown = "";
  const done = () => {
    if (field.value === shown) return;
    const { number, hint } = numberIn(field.value);
    if (hint) {
      said(`${label}: ${hint}`);
      field.value = shown;
    } else {
      shown = field.value; // what comes of it is shown, also where it is refused
      change(number);
    }
  };
  field.addEventListener("change", done);
  return {
    element: made("label", {}, label, field, options),
    show(x) {
      if (document.activeElement === field && field.value !== shown && field.isConnected) return;
      shown = legible(x, 6);
      field.value = shown;
    },
  };
}

/** A slider with its number. */
export function slider(label, { min, max, step }, change, format = (x) => String(x)) {
  const input = made("input", { type: "range", min, max, step, "aria-label": label });
  const said = made("b");
  const name = made("span", {}, label);
  const shown = () => (said.textContent = format(Number(input.value)));
  input.addEventListener("input", shown);
  input.addEventListener("change", () => change(Number(input.value)));
  return {
    element: made("label", { class: "slide" }, name, said, input),
    show(x) {
      input.value = x;
      said.textContent = format(x);
    },
  };
}

const MEANINGS = {
  loss: "how wrong the answers are: training makes it smaller",
  optimizer: "the rule that moves the weights",
  rate: "how far a weight moves for its gradient",
  batch: "how many examples an update looks at",
  penalty: "adds to the loss for large weights, which keeps them small",
  norm: "what the penalty adds up: L2 the squares of all weights, L1 their sizes",
  schedule: "how the rate changes in the course of training",
  period: "after how many updates the schedule has done its work",
  factor: "what the rate is multiplied by after so many steps",
  momentum: "how much of its last move a weight keeps",
  nesterov: "looks one move ahead; needs a momentum",
  beta1: "how much of the mean of the gradients, m, an update keeps",
  beta2: "how much of the mean of their squares, v, an update keeps",
  eps: "a small number that prevents a division by 0",
  decay: "how much of the mean of the squares, v, an update keeps",
  weight_decay: "pulls every weight towards 0 at each update",
  init: "how large the first weights are",
  seed: "which random numbers are drawn: the same seed, the same weights",
};

/** All settings of training, each in its field. `changed(patch, what)` is called with a patch. */
export function settingFields(choices, changed, said) {
  const set = (name, label) => (value) => changed({ [name]: value }, `${label} ${value}`);
  const of = (names) => names.map((name) => [name, saidOf(name)]);
  const number = (name, label, list) => numeric(label, list, set(name, label), said, name);
  const fields = {
    loss: choice("loss", of(choices.losses), set("loss", "loss"), { "data-name": "loss" }),
    optimizer: choice(
      "optimiser",
      of(Object.keys(choices.optimizers)),
      set("optimizer", "optimiser"),
      { "data-name": "optimizer" },
    ),
    rate: number("rate", "rate", RATES),
    batch: choice(
      "batch",
      BATCHES.map((n) => [n, n ? String(n) : "all"]),
      (n) => changed({ batch: Number(n) }, `batch ${Number(n) || "all"}`),
      { "data-name": "batch" },
    ),
    penalty: number("penalty", "penalty", PENALTIES),
    norm: choice("", of(choices.norms), set("norm", "norm"), {
      "data-name": "norm",
      "aria-label": "norm of the penalty",
    }),
    schedule: choice("schedule", of(Object.keys(choices.schedules)), set("schedule", "schedule"), {
      "data-name": "schedule",
    }),
    period: number("period", "steps of it", [100, 1000, 10000]),
    factor: number("factor", "decay factor", [0.1, 0.5]),
    momentum: number("momentum", "momentum", [0, 0.5, 0.9, 0.99]),
    nesterov: choice(
      "nesterov",
      [
        ["false", "no"],
        ["true", "yes"],
      ],
      (yes) => changed({ nesterov: yes === "true" }, `nesterov ${yes === "true" ? "yes" : "no"}`),
      { "data-name": "nesterov" },
    ),
    beta1: number("beta1", "β₁", [0, 0.5, 0.9]),
    beta2: number("beta2", "β₂", [0.9, 0.99, 0.999]),
    eps: number("eps", "ε", [1e-8, 1e-4]),
    decay: number("decay", "decay", [0.9, 0.99]),
    weight_decay: number("weight_decay", "weight decay", [0, 0.001, 0.01, 0.1]),
    init: choice("first weights", of(choices.inits), set("init", "first weights"), {
      "data-name": "init",
    }),
    seed: number("seed", "seed", [0, 1, 2, 3]),
  };
  for (const [name, { element }] of Object.entries(fields)) element.title = MEANINGS[name];
  return fields;
}

/** Which of the further settings matter. */
export const usedBy = ({ optimizer, schedule }, { optimizers, schedules }) => [
  ...optimizers[optimizer].reads,
  ...schedules[schedule].reads,
];
