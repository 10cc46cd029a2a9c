// The rule of the optimiser as a formula, and below it the same with the numbers of one weight.

import { made } from "./elements.js";
import { equation, formulaOf, nameOf, numeralOf } from "./formula.js";
import { inFormula } from "./numbers.js";

const EXACT = 6; // digits of the weight, whose change is small

export class Rule {
  /** `rules` and `symbols` are Python's: what an update assigns, and how names are written. */
  constructor({ rules, symbols }) {
    Object.assign(this, { rules, symbols, key: null });
    this.inSymbols = made("div");
    this.inNumbers = made("div", { class: "in-numbers" });
    this.element = made("div", { class: "rule" }, this.inSymbols, this.inNumbers);
  }

  symbolOf(name) {
    return this.symbols[name] ?? name;
  }

  /** What an update assigns with these settings, in order. */
  of(config) {
    const keys = Object.keys(this.rules).map((key) => key.split(" "));
    const mine = keys.filter(([name]) => name === config.optimizer);
    const used = [...new Set(mine.flatMap(([, ...some]) => some))].filter((name) => config[name]);
    const [key] = mine.filter(
      (one) => one.length === used.length + 1 && used.every((name) => one.includes(name)),
    );
    return this.rules[key.join(" ")];
  }

  /** The slots that have a column of their own: those that differ from weight to weight. */
  slotsOf(config) {
    const reads = (math) => (Array.isArray(math) ? math.some(reads) : math.at === "gradient");
    return this.of(config).flatMap(({ to, math }) => (to !== "w" && reads(math) ? [to] : []));
  }

  /** `update` is that of one weight: how it is called, its number before and after, and the numbers
   * of what the rule reads; without one, there is no next update. */
  draw(config, update) {
    const rule = this.of(config);
    if (rule !== this.key) {
      this.key = rule;
      this.inSymbols.replaceChildren(
        ...rule.map(({ to, math }) => {
          return equation(
            [nameOf(this.symbolOf(to)), formulaOf(math, (name) => this.symbolOf(name))],
            ["←"],
          );
        }),
      );
    }
    this.inNumbers.hidden = !update;
    if (!update) return;
    const { called, before, after, numbers } = update;
    const textOf = (name) =>
      name === "w" ? inFormula(before, EXACT) : inFormula(numbers[name] ?? config[name]);
    const end = after === null ? "?" : inFormula(after, EXACT);
    const line = equation([formulaOf(rule.at(-1).math, textOf), numeralOf(end)], ["="]);
    this.inNumbers.replaceChildren(made("span", { class: "muted" }, `${called}:`), line);
  }
}
