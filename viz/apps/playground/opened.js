// One example at one step, opened: every neuron with its value and its gradient, and the chosen
// neuron with all that is inside it, forward and back.

import { made } from "./elements.js";
import { number, sign } from "./numbers.js";
import { shownOf } from "./network.js";
import { calledIn, placeOf } from "./shape.js";
import { drawn, markOf } from "./svg.js";

/** The panel of an example; `story` is what the backend tells of it. */
export function openedExample({
  story,
  shape,
  parameters,
  names,
  example,
  unit,
  step,
  chosen,
  closed,
  stepper,
}) {
  const [l, neuron] = unit ? [unit.l, unit.neuron] : [shape.layers.length - 1, 0];
  const head = made(
    "header",
    {},
    made(
      "h2",
      {},
      `Example ${example.index + 1} at step ${step}: `,
      `the chain rule of ${calledIn(shape, l, neuron)}`,
    ),
    ...(stepper ? [button("Step through its graph", stepper, { "data-action": "step" })] : []),
    button("Close", closed, { "data-action": "close" }),
  );
  return made(
    "section",
    { class: "opened", role: "dialog", "aria-label": "the chain rule of one example" },
    head,
    made(
      "div",
      { class: "both" },
      cardsOf({ story, shape, names, example }, [l, neuron], chosen),
      insideOf({ story, shape, parameters, names, example, l, neuron, chosen }),
    ),
  );
}

function button(said, act, attributes = {}) {
  const made_ = made("button", attributes, said);
  made_.addEventListener("click", act);
  return made_;
}

/** A column of cards per layer: the value above, the gradient below. */
function cardsOf({ story, shape, names, example }, [l, neuron], chosen) {
  const inputs = made(
    "div",
    { class: "column" },
    ...shownOf(shape.inputs).map((i) =>
      i === null
        ? more(shape.inputs)
        : made(
            "div",
            { class: "card", "data-card": `-1,${i}` },
            made("small", {}, names[i]),
            figure(example.inputs[i], "value"),
          ),
    ),
  );
  const columns = story.layers.map((layer, i) =>
    made(
      "div",
      { class: "column" },
      ...shownOf(layer.length).map((k) => {
        if (k === null) return more(layer.length);
        const { value, gradient } = layer[k];
        const isOn = i === l && k === neuron;
        const card = button("", () => chosen(i, k), {
          class: `card${isOn ? " on" : ""}`,
          "aria-pressed": isOn,
          "data-card": `${i},${k}`,
          "aria-label":
            `${calledIn(shape, i, k)}: value ${number(value)}, ` + `gradient ${number(gradient)}`,
        });
        card.append(figure(value, "value"), figure(gradient, "gradient"));
        return card;
      }),
    ),
  );
  const said = made("p", { class: "muted" }, "value above, gradient ∂L/∂value below");
  return made(
    "div",
    { class: "cards" },
    made(
      "div",
      { class: "columns", tabindex: 0, role: "region", "aria-label": "all neurons" },
      drawn("svg", { "aria-hidden": "true" }),
      inputs,
      ...columns,
    ),
    said,
  );
}

const more = (size) => made("small", { class: "muted" }, `${size} in all`);

/** The weights between the cards, as lines; those of the chosen neuron stand out. */
export function linesBetween(panel, shape, parameters, unit) {
  const box = panel.querySelector(".columns");
  const svg = box.querySelector("svg");
  const { left, top } = box.getBoundingClientRect();
  const [x0, y0] = [left - box.scrollLeft, top - box.scrollTop];
  const at = new Map(
    [...box.querySelectorAll("[data-card]")].map((card) => [
      card.dataset.card,
      card.getBoundingClientRect(),
    ]),
  );
  svg.style.width = `${box.scrollWidth}px`;
  svg.style.height = `${box.scrollHeight}px`;
  const lines = [];
  shape.layers.forEach((layer, l) => {
    for (let k = 0; k < layer.size; k++) {
      for (let j = 0; j < layer.inputs; j++) {
        const [from, to] = [at.get(`${l - 1},${j}`), at.get(`${l},${k}`)];
        if (!from || !to) continue;
        const weight = parameters[placeOf(layer, k, j)];
        const isOn = l === unit?.l && k === unit.neuron;
        const [ax, ay, bx, by] = [
          from.right - x0,
          from.top + from.height / 2 - y0,
          to.left - x0,
          to.top + to.height / 2 - y0,
        ];
        const bend = (bx - ax) / 2;
        lines.push([
          isOn,
          drawn("path", {
            class: `wire ${sign(weight)}`,
            d: `M${ax},${ay}C${ax + bend},${ay} ${bx - bend},${by} ${bx},${by}`,
            "stroke-width": (1 + 4 * Math.min(1, Math.abs(weight) / 2)).toFixed(1),
            opacity: isOn ? 1 : 0.14,
          }),
        ]);
      }
    }
  });
  lines.sort(([a], [b]) => a - b);
  svg.replaceChildren(...lines.map(([, line]) => line));
}

const figure = (x, kind) =>
  made(
    "span",
    { class: `figure ${kind} ${sign(x)}` },
    kind === "gradient" ? `${markOf(x)} ${number(x)}` : number(x),
  );

/** The neuron: its products and their sum, the activation and its local derivative, and what flows
 * back to each weight and each input. */
function insideOf({ story, shape, parameters, names, example, l, neuron, chosen }) {
  const { sum, value, products, local, gradient, flow } = story.layers[l][neuron];
  const layer = shape.layers[l];
  const isLinear = layer.activation === "linear";
  const row = (cells, attributes = {}) => made("tr", attributes, ...cells);
  const cell = (x, kind = "") =>
    made(
      "td",
      { class: `${kind} ${kind ? sign(x) : ""}` },
      kind ? `${markOf(x)} ${number(x)}` : number(x),
    );
  const rows = products.map((product, j) => {
    const weight = parameters[placeOf(layer, neuron, j)];
    const input = l ? story.layers[l - 1][j].value : example.inputs[j];
    const from = l
      ? button(`neuron ${j + 1}`, () => chosen(l - 1, j), { class: "link" })
      : names[j];
    return row([
      made("th", { scope: "row" }, from),
      cell(input),
      made("td", { class: "sign" }, "×"),
      cell(weight),
      made("td", { class: "sign" }, "="),
      cell(product),
      cell(flow * input, "gradient"),
      cell(flow * weight, "flow"),
    ]);
  });
  const bias = parameters[placeOf(layer, neuron, layer.inputs)];
  rows.push(
    row([
      made("th", { scope: "row" }, "bias"),
      made("td"),
      made("td", { class: "sign" }),
      made("td"),
      made("td", { class: "sign" }),
      cell(bias),
      cell(flow, "gradient"),
      made("td"),
    ]),
  );
  const heads = ["from", "value", "", "weight", "", "product", "∂L/∂w", "flow back"];
  const table = made(
    "table",
    {},
    made(
      "thead",
      {},
      row(
        heads.map((head) =>
          head ? made("th", { scope: "col" }, head) : made("td", { class: "sign" }),
        ),
      ),
    ),
    made("tbody", {}, ...rows),
    made(
      "tfoot",
      {},
      row([
        made("th", { scope: "row" }, "sum"),
        made("td"),
        made("td", { class: "sign" }),
        made("td"),
        made("td", { class: "sign" }),
        cell(sum),
        made("td", { colspan: 2 }, ""),
      ]),
    ),
  );
  const forward = isLinear
    ? [line("value", `the sum, ${number(value)}`)]
    : [line("value", `${layer.activation}(${number(sum)}) = ${number(value)}`)];
  const back = [
    line("gradient ∂L/∂value", number(gradient), sign(gradient)),
    line(
      isLinear ? "local derivative" : `local derivative of ${layer.activation}`,
      number(local),
      sign(local),
    ),
    line(
      "flow = upstream × local",
      `${number(gradient)} × ${number(local)} = ${number(flow)}`,
      sign(flow),
    ),
  ];
  return made(
    "div",
    { class: "inside" },
    made(
      "div",
      { class: "scrolls", tabindex: 0, role: "region", "aria-label": "inside the neuron" },
      table,
    ),
    made("dl", {}, ...[...forward, ...back].flat()),
    made(
      "p",
      { class: "muted" },
      `The loss of this example is ${number(story.loss)}. A weight's gradient is the flow times `,
      "what the weight is multiplied by; what flows back is the flow times the weight.",
    ),
  );
}

const line = (term, said, kind = "") => [made("dt", {}, term), made("dd", { class: kind }, said)];
