// What is learned: data sets with their pictures, and how much noise, how many points, which share
// is held out; points made by hand, a pasted table, and a typed expression.

import { classColour, shapeOfClass } from "./colours.js";
import { slider } from "./controls.js";
import { made } from "./elements.js";
import { InputsPanel } from "./inputs_panel.js";
import { drawn } from "./svg.js";

const SAID_SETS = {
  own: "your own",
  table: "a table",
  expression: "y > f(x)",
  blobs3: "three blobs",
  given: "from Python",
};
const BY_HAND = ["own", "table", "given"]; // with as many points as they have
const NOISY = ["moons", "circles", "spiral", "xor", "blobs", "blobs3", "line", "sine", "plane"];

const OWN_SAID =
  "Click into the picture to add a point of the class below, drag to move, " +
  "Delete takes the chosen one away.";
const FLAT_SAID = "what the network decides everywhere, without shades for how clearly";
const COLUMNS_SAID =
  "columns: type two numbers, as in 21, 44, " +
  "or nothing for the two directions in which most happens";

export class DataPanel {
  /** `changed(patch, what)` is called with a patch of the data, or with a function from the data of
   * then to one, and `looked(name, isOn)` for what is to be drawn. */
  constructor(box, { changed, looked, said, hasPython }) {
    Object.assign(this, { box, changed, said, hasPython });
    this.list = made("div", { class: "sets" });
    this.inputs = new InputsPanel({ changed });
    this.fields = {
      noise: slider(
        "noise",
        { min: 0, max: 0.5, step: 0.01 },
        (noise) => changed({ noise }, `noise ${noise}`),
        (x) => x.toFixed(2),
      ),
      points: slider("points", { min: 10, max: 400, step: 10 }, (points) =>
        changed({ points }, `${points} points`),
      ),
      share: slider(
        "held out",
        { min: 0, max: 0.5, step: 0.05 },
        (share) => changed({ share }, `${Math.round(100 * share)} % held out`),
        (x) => `${Math.round(100 * x)} %`,
      ),
    };
    const check = (name) => {
      const box = made("input", { type: "checkbox", "data-name": name });
      box.addEventListener("change", () => looked(name, box.checked));
      return box;
    };
    for (const [name, { element }] of Object.entries(this.fields)) element.dataset.name = name;
    this.checks = { held_out: check("held_out"), flat: check("flat") };
    this.again = made("button", { "data-action": "draw-data" }, "Draw new points");
    this.again.addEventListener("click", () =>
      changed(({ seed = 0 }) => ({ seed: seed + 1 }), "data drawn anew"),
    );
    this.typed = made("div", { class: "typed" });
    this.columns = made("input", {
      type: "text",
      placeholder: "two directions",
      "data-name": "columns",
      "aria-label": "the two columns that it sees",
    });
    this.columns.addEventListener("change", () => this.see(this.columns.value));
    this.seenBy = made("label", { class: "check" }, "sees columns", this.columns);
    box.replaceChildren(
      made("h2", {}, "data"),
      this.list,
      this.typed,
      this.seenBy,
      this.inputs.element,
      ...Object.values(this.fields).map(({ element }) => element),
      made("label", { class: "check" }, this.checks.held_out, "show held out"),
      made("label", { class: "check", title: FLAT_SAID }, this.checks.flat, "flat colours"),
      this.again,
    );
  }

  /** The data sets that there are, and some rows of those that are drawn. */
  offer(names, thumbnails) {
    this.list.replaceChildren(
      ...names.map((name) => this.button(name, SAID_SETS[name] ?? name, thumbnails[name] ?? [])),
    );
  }

  button(name, said, rows) {
    const button = made(
      "button",
      { "data-set": name, "aria-pressed": false },
      thumbnail(rows, name),
      made("span", {}, said),
    );
    button.addEventListener("click", () => this.choose(name));
    return button;
  }

  /** Two columns by their numbers, counted from 1, or the two directions in which most happens. */
  see(text) {
    const numbers = text
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number);
    if (!numbers.length) this.changed({ columns: "principal" }, "seen along two directions");
    else if (numbers.length === 2 && numbers.every((x) => Number.isInteger(x) && x > 0)) {
      this.changed({ columns: numbers.map((x) => x - 1) }, `columns ${numbers.join(" and ")}`);
    } else this.said(COLUMNS_SAID);
  }

  choose(name) {
    if (name === "table" || name === "expression") {
      this.typed.replaceChildren(...this.fieldFor(name));
      this.typed.firstChild.focus();
    } else if (name === "own")
      this.changed(
        { name, rows: this.data?.rows?.length ? this.data.rows : FIRST_POINTS },
        "points of your own",
      );
    else this.changed({ name }, `data ${name}`);
  }

  /** A field for a table or an expression. */
  fieldFor(name) {
    const isTable = name === "table";
    const field = isTable
      ? made("textarea", {
          rows: 6,
          "aria-label": "a table: columns of numbers, the last one is learned",
          placeholder: "x1,x2,class\n0.2,1.5,a\n1.1,0.3,b",
        })
      : made("input", {
          type: "text",
          "aria-label": "which points are in the class",
          placeholder: "y > sin(3*x)",
        });
    field.value = this.data?.name === name ? (this.data.text ?? "") : isTable ? "" : "y > sin(3*x)";
    const take = made("button", {}, "Learn it");
    const done = () => this.changed({ name, text: field.value }, isTable ? "a table" : field.value);
    take.addEventListener("click", done);
    field.addEventListener("keydown", ({ key }) => {
      if (key === "Enter" && !isTable) done();
    });
    return [field, take];
  }

  show(data, looks, width) {
    this.data = data;
    for (const button of this.list.children)
      button.setAttribute("aria-pressed", button.dataset.set === data.name);
    // else somebody may be typing there
    if (data.name !== this.shownName) this.typed.replaceChildren();
    const isNew = data.name !== this.shownName;
    this.shownName = data.name;
    if (isNew && (data.name === "table" || data.name === "expression"))
      this.typed.replaceChildren(...this.fieldFor(data.name));
    if (isNew && data.name === "own") {
      this.typed.replaceChildren(made("p", { class: "muted" }, OWN_SAID), this.classes());
    }
    const isDrawn = !BY_HAND.includes(data.name);
    const { columns } = data;
    this.seenBy.hidden = !this.hasPython || !(data.name === "digits" || columns || width > 2);
    if (document.activeElement !== this.columns)
      this.columns.value = Array.isArray(columns) ? columns.map((x) => x + 1).join(", ") : "";
    this.fields.noise.element.hidden = !NOISY.includes(data.name);
    this.fields.points.element.hidden = !isDrawn;
    this.again.hidden = !isDrawn;
    this.inputs.show(data, width);
    this.fields.noise.show(data.noise ?? 0);
    this.fields.points.show(data.points ?? 100);
    this.fields.share.show(data.share ?? 0);
    // a point that was just set has to be there
    const { held_out: heldOut, flat } = this.checks;
    heldOut.checked = looks.has("held_out") || data.name === "own";
    heldOut.disabled = data.name === "own";
    flat.checked = looks.has("flat");
  }

  classes() {
    const group = made("div", {
      class: "group",
      role: "group",
      "aria-label": "class of new points",
    });
    [0, 1, 2].forEach((kind) => {
      const button = made("button", {
        "aria-pressed": kind === this.kind,
        "aria-label": `class ${kind}`,
      });
      const svg = drawn("svg", { viewBox: "-9 -9 18 18", width: 18, height: 18 });
      svg.append(drawn("path", { d: shapeOfClass(kind, 5), fill: classColour(kind) }));
      button.append(svg);
      button.addEventListener("click", () => {
        this.kind = kind;
        for (const [i, other] of [...group.children].entries())
          other.setAttribute("aria-pressed", i === kind);
      });
      group.append(button);
    });
    return group;
  }

  kind = 1;
}

const FIRST_POINTS = [
  [-1, -1, 0],
  [1, 1, 0],
  [-1, 1, 1],
  [1, -1, 1],
];

function thumbnail(rows, name) {
  const svg = drawn("svg", { viewBox: "0 0 60 40", "aria-hidden": "true" });
  if (!rows.length) {
    svg.append(
      drawn("path", {
        class: "plus",
        d:
          name === "table"
            ? "M12,8h36v24h-36zM12,16h36M24,8v24M36,8v24"
            : name === "expression"
              ? "M8,30C20,0 34,40 52,10"
              : "M30,10v20M20,20h20",
      }),
    );
    return svg;
  }
  const range = (k) => {
    const numbers = rows.map((row) => row[k]);
    return [Math.min(...numbers), Math.max(...numbers)];
  };
  const [[x0, x1], [y0, y1]] = [range(0), range(1)];
  for (const [x, y, kind] of rows) {
    const at = [4 + (52 * (x - x0)) / (x1 - x0 || 1), 36 - (32 * (y - y0)) / (y1 - y0 || 1)];
    svg.append(
      drawn("path", {
        d: shapeOfClass(kind ?? 1, 1.7),
        fill: `var(--sg-class-${(kind ?? 1) % 3})`,
        transform: `translate(${at})`,
      }),
    );
  }
  return svg;
}
