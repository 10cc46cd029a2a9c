// The heads of the layers: how many neurons, which activation, and how large the gradients are.

import { textButton } from "./buttons.js";
import { choice } from "./controls.js";
import { made, put } from "./elements.js";
import { number } from "./numbers.js";

const TIGHT = 105; // pixels between two layers, below which everything is smaller
const NEW_LAYER = 4; // neurons

export class Heads {
  /** `changed(change, what, kept)` is called with a function from the layers of now to others. */
  constructor(network, choices, changed) {
    Object.assign(this, { network, choices, changed, key: "" });
  }

  /** The heads over the columns of the network, as it was drawn last. */
  draw({ layers, pinned }, unit) {
    const {
      network,
      choices: { most },
    } = this;
    const key = JSON.stringify([layers, network.x, pinned, unit]);
    if (key === this.key) return;
    this.key = key;
    const heads = [this.at(0, made("span", {}, "inputs"))];
    layers.forEach((layer, l) => heads.push(this.ofLayer(layer, l, layers.length)));
    const add = this.button(
      "+ layer",
      "add a layer",
      layers.length >= most.layers,
      (all) => {
        const activation = all.at(-1)?.activation ?? this.choices.activations[0];
        return [...all, { size: NEW_LAYER, activation }];
      },
      "a layer more",
    );
    const last = this.at(layers.length + 1, made("span", {}, "output"), add);
    // as wide as there is room at the right, and then to the left
    const minWidth = `${2 * (network.W - network.x.at(-1) - 4)}px`;
    Object.assign(last.style, { left: "auto", right: "4px", transform: "none", minWidth });
    network.heads.classList.toggle("tight", network.x[1] - network.x[0] < TIGHT);
    network.heads.replaceChildren(...heads, last);
  }

  at(column, ...children) {
    const head = made("div", { class: "layer-head" }, ...children);
    head.style.left = `${this.network.x[column]}px`; // a policy forbids style attributes, not this
    return head;
  }

  button(said, label, isDisabled, change, what, kept) {
    const act = () => this.changed(change, what, kept);
    return textButton(said, act, { "aria-label": label, ...(isDisabled && { disabled: "" }) });
  }

  ofLayer({ size, activation }, l, count) {
    const name = l + 1;
    const names = this.choices.activations.map((one) => [one, one]);
    const with_ = (patch) => (all) =>
      all.map((one, i) => (i === l ? { ...one, ...patch(one) } : one));
    const other = (chosen) =>
      this.changed(
        with_(() => ({ activation: chosen })),
        `layer ${name}: ${chosen}`,
      );
    const attributes = {
      "aria-label": `activation of layer ${name}`,
      "data-name": `activation${name}`,
    };
    const select = choice("", names, other, attributes);
    select.show(activation);
    const { most } = this.choices;
    const kept = [...Array(count + 1).keys()].filter((i) => i !== l);
    const sized = (by) => with_((one) => ({ size: one.size + by }));
    return this.at(
      l + 1,
      made(
        "span",
        { class: "of-layer" },
        this.button(
          "−",
          `one neuron less in layer ${name}`,
          size < 2,
          sized(-1),
          `layer ${name}: ${size - 1}`,
        ),
        made("b", {}, String(size)),
        this.button(
          "+",
          `one neuron more in layer ${name}`,
          size >= most.neurons,
          sized(1),
          `layer ${name}: ${size + 1}`,
        ),
        this.button(
          "×",
          `remove layer ${name}`,
          false,
          (all) => (all.length === count ? all.toSpliced(l, 1) : null),
          `layer ${name} removed`,
          kept,
        ),
      ),
      select.select,
    );
  }

  /** How large the gradients of each layer are, on the average. */
  drawGradients({ next }, shape) {
    const heads = [...this.network.heads.children].slice(1);
    shape.layers.forEach((layer, l) => {
      const mine = [layer.at, layer.at + layer.size * (layer.inputs + 1)];
      const sizes = next?.gradient?.subarray(...mine) ?? [];
      const mean = sizes.reduce((sum, g) => sum + Math.abs(g), 0) / sizes.length;
      const title = "the mean size of the gradients of its weights";
      const box = heads[l].querySelector("small") ?? heads[l].appendChild(made("small", { title }));
      put(box, sizes.length ? `|∂L/∂w| ${number(Number(mean.toPrecision(2)))}` : "");
    });
  }
}
