// A map of settings: a grid over two of them, every cell trained from the same data by the same
// machine, and coloured by what came of it. A cell that is clicked opens in the playground.

import { choice, saidOf } from "./controls.js";
import { made, put } from "./elements.js";
import { legible, number } from "./numbers.js";

const scalesOf = ({ activations, norms, optimizers }) => ({
  rate: {
    said: "rate",
    values: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    set: (rate) => ({ rate }),
  },
  width: {
    said: "neurons in each layer",
    values: [1, 2, 3, 4, 6, 8, 12, 16],
    set: (size, { layers }) => ({ layers: layers.map((one) => ({ ...one, size })) }),
  },
  depth: {
    said: "hidden layers",
    values: [1, 2, 3, 4],
    set: (count, { layers }) => ({
      layers: Array.from({ length: count }, () => ({
        ...(layers[0] ?? { size: 4, activation: activations[0] }),
      })),
    }),
  },
  batch: {
    said: "batch",
    values: [1, 5, 10, 20, 50, 0],
    set: (batch) => ({ batch }),
    name: (n) => (n ? String(n) : "all"),
  },
  penalty: {
    said: "penalty",
    values: [0, 0.0001, 0.001, 0.003, 0.01, 0.03],
    set: (penalty) => ({ penalty }),
  },
  norm: {
    said: norms.map(saidOf).join(" or "),
    values: norms,
    set: (norm) => ({ norm }),
    name: saidOf,
  },
  activation: {
    said: "activation",
    values: activations.slice(0, 6),
    set: (activation, { layers }) => ({ layers: layers.map((one) => ({ ...one, activation })) }),
    name: String,
  },
  optimizer: {
    said: "optimiser",
    values: Object.keys(optimizers),
    set: (optimizer) => ({ optimizer }),
    name: saidOf,
  },
  seed: { said: "seed", values: [0, 1, 2, 3, 4, 5], set: (seed) => ({ seed }) },
});

const OUTCOMES = {
  learned: ["●", "learned: what was held out is right as well"],
  slow: ["◐", "slow: not there yet"],
  memorised: ["▣", "memorised: right in training, wrong on what was held out"],
  diverged: ["✕", "diverged: numbers became too large"],
};

export class SettingsMap {
  constructor(session, choices, { taken, run }) {
    Object.assign(this, {
      session,
      scales: scalesOf(choices),
      taken,
      run,
      across: "rate",
      down: "width",
      updates: 300,
      stopped: false,
    });
    const names = Object.entries(this.scales).map(([name, { said }]) => [name, said]);
    const axis = (label, which) => {
      const field = choice(
        label,
        names,
        (name) => {
          this[which] = name;
          this.lay();
        },
        { "data-name": which },
      );
      field.show(this[which]);
      return field.element;
    };
    const updates = choice(
      "updates",
      [100, 300, 1000, 3000].map((n) => [n, String(n)]),
      (n) => (this.updates = Number(n)),
      { "data-name": "updates" },
    );
    updates.show(300);
    this.start = made("button", { class: "primary", "data-action": "train-map" }, "Train all");
    this.start.addEventListener("click", () => this.train());
    this.said = made(
      "p",
      { role: "status" },
      "Every cell is trained from the start, on the data of now.",
    );
    this.table = made("table", { class: "settings-map" });
    const legend = made(
      "p",
      { class: "muted" },
      Object.values(OUTCOMES)
        .map(([sign, said]) => `${sign} ${said}`)
        .join(" · "),
    );
    this.element = made(
      "div",
      { class: "mapping" },
      made(
        "div",
        { class: "row" },
        axis("across", "across"),
        axis("down", "down"),
        updates.element,
        this.start,
      ),
      this.said,
      made(
        "div",
        { class: "scrolls", tabindex: 0, role: "region", "aria-label": "the cells" },
        this.table,
      ),
      legend,
    );
    this.lay();
  }

  lay() {
    const [across, down] = [this.scales[this.across], this.scales[this.down]];
    const name = (scale, value) => (scale.name ?? legible)(value);
    this.cells = [];
    const rows = down.values.map((low) =>
      made(
        "tr",
        {},
        made("th", { scope: "row" }, name(down, low)),
        ...across.values.map((high) => {
          const button = made(
            "button",
            {
              "aria-label": `${across.said} ${name(across, high)}, ${down.said} ${name(down, low)}`,
            },
            "·",
          );
          const patch = (config) => {
            const first = down.set(low, config);
            return { ...first, ...across.set(high, { ...config, ...first }) };
          };
          const cell = { button, patch, what: button.getAttribute("aria-label") };
          button.addEventListener("click", () =>
            this.taken({ config: patch(this.session.config), reset: true, what: cell.what }),
          );
          this.cells.push(cell);
          return made("td", {}, button);
        }),
      ),
    );
    const heads = across.values.map((value) => made("th", { scope: "col" }, name(across, value)));
    this.table.replaceChildren(
      made("caption", {}, `${across.said} across, ${down.said} down`),
      made("thead", {}, made("tr", {}, made("td"), ...heads)),
      made("tbody", {}, ...rows),
    );
  }

  async train() {
    const cells = this.cells;
    this.start.disabled = true;
    await this.run(async () => {
      for (const [i, cell] of cells.entries()) {
        if (!this.element.isConnected || cells !== this.cells) break;
        put(this.said, `training ${i + 1} of ${cells.length}`);
        this.show(cell, await this.session.tried(cell.patch, this.updates));
        await new Promise(requestAnimationFrame);
      }
      await this.session.go(this.session.step);
      put(this.said, "Click a cell to open it.");
    });
    this.start.disabled = false;
    if (document.activeElement === document.body) this.start.focus(); // which it lost
  }

  show({ button, what }, found) {
    const outcome = outcomeOf(found);
    const [sign, said] = OUTCOMES[outcome];
    button.textContent = sign;
    button.className = outcome;
    const right = found.accuracy === null ? "" : `, ${Math.round(100 * found.accuracy)} % right`;
    const numbers = found.trouble ? found.trouble : `loss ${number(found.loss)}${right}`;
    button.setAttribute("aria-label", `${what}: ${said}; ${numbers}`);
    button.title = `${said}; ${numbers}`;
  }
}

/** What came of a training, from its last frame and the loss that it began with. */
export function outcomeOf({
  trouble,
  accuracy,
  held_out_accuracy: heldOut,
  loss,
  held_out_loss: heldOutLoss,
  first,
}) {
  if (trouble) return "diverged";
  if (accuracy !== null && accuracy !== undefined) {
    if (accuracy < 0.95) return "slow";
    return heldOut === null || heldOut === undefined || heldOut >= 0.9 ? "learned" : "memorised";
  }
  if (loss > 0.1 * first) return "slow";
  return heldOutLoss === null || heldOutLoss === undefined || heldOutLoss < 5 * loss + 0.02 * first
    ? "learned"
    : "memorised";
}
