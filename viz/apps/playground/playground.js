// The playground: a network that is built and trained while one watches, in any host.

import { readColours } from "./colours.js";
import { choice, settingFields, usedBy } from "./controls.js";
import { Losses } from "./curve_of_losses.js";
import { DataPanel } from "./datasets.js";
import { made, put } from "./elements.js";
import { leaving } from "./leaving.js";
import { Network } from "./network.js";
import { number } from "./numbers.js";
import { linesBetween, openedExample } from "./opened.js";
import { Plane, boundsOf } from "./plane.js";
import { Prediction } from "./predicting.js";
import { Session, outputsOf } from "./session.js";
import { SettingsMap } from "./settings_map.js";
import { calledIn, placesOf } from "./shape.js";
import { UpdateTable } from "./update.js";

const ICONS = {
  first: "M2 2h2v12H2zM14 2v12L5 8z", back: "M12 2v12L3 8z", play: "M3 1l12 7-12 7z", pause: "M3 1h4v14H3zM9 1h4v14H9z", next: "M4 2l9 6-9 6z",
};
const SPEEDS = { 2: "2/s", 10: "10/s", 60: "60/s", 600: "600/s", all: "full" };
const BUDGET = 12; // milliseconds of training for a frame
const MOST_AT_ONCE = 1e5; // updates

class Playground {
  constructor({ backend, el, settings, host }) {
    Object.assign(this, { el, host, settings });
    Object.assign(this, { unit: null, hovered: null, example: null, story: null, playing: false, speed: "all", showHeldOut: false, predicting: false });
    el.classList.add("sg-playground");
    el.tabIndex = -1; // so that keys work after a click anywhere in it
    this.choices = settings.choices;
    this.session = new Session(backend, (what) => this.heard(what));
    this.backend = backend;
    this.build();
    this.listen();
  }

  // The page

  build() {
    const { el } = this;
    const section = (name, ...children) => made("section", { class: name }, ...children);
    this.fields = settingFields(this.choices, (patch, what) => this.change({ config: patch, what }, "init" in patch || "seed" in patch), (text) => this.tell(text));
    this.speeds = choice("speed", Object.entries(SPEEDS), (speed) => (this.speed = speed), { "data-name": "speed" });
    this.speeds.show("all");
    this.more = made("div", { class: "more drawer", hidden: "" });
    this.play = this.button("play", "play", "Play", () => this.toggle());
    const moves = made("div", { class: "group", role: "group", "aria-label": "training" },
      this.button("first", "first", "back to the first step", () => this.go(-Infinity)),
      this.button("back", "back", "one step back", () => this.go(-1, true)),
      this.play,
      this.button("next", "next", "one update", () => this.update()),
    );
    const textButton = (said, act, attributes = {}) => {
      const one = made("button", attributes, said);
      one.addEventListener("click", act);
      return one;
    };
    this.undoButton = textButton("Undo", () => this.run(() => this.session.undo()), { "data-action": "undo" });
    const head = made("header", {}, made("h1", {}, "Playground"), moves,
      textButton("epoch", () => this.epoch(), { "data-action": "epoch", "aria-label": "one epoch" }),
      this.speeds.element,
      ...["loss", "optimizer", "rate", "batch", "penalty"].map((name) => this.fields[name].element),
      textButton("More", () => this.toggleMore(), { "data-action": "more", "aria-expanded": "false" }),
      this.undoButton,
      textButton("Reset", () => this.change({ reset: true, what: "started anew" }), { "data-action": "reset", "aria-label": "start anew" }),
      made("span", { class: "end" }, textButton("Map", () => this.openMap(), { "data-action": "map", "aria-label": "map of settings" }),
        textButton("Save", () => this.openLeaving(), { "data-action": "save" }),
        textButton("?", () => this.openKeys(), { "data-action": "keys", "aria-label": "keys and signs" })));
    const parts = Object.fromEntries(["data", "net", "out", "time"].map((name) => [name, section(name)]));
    this.stage = made("div", { class: "stage" });
    this.trouble = made("p", { class: "trouble", role: "alert" });
    this.status = made("p", { class: "status", role: "status", "aria-live": "polite" });
    this.exampleBox = made("div", { class: "example" });
    this.map = made("div", { class: "map" });
    this.what = made("h2");
    this.tableBox = made("div", { class: "update" });
    this.dataBox = made("div");
    parts.data.append(this.dataBox, this.exampleBox);
    parts.net.append(this.stage, this.trouble);
    this.prediction = new Prediction((predicting) => {
      this.predicting = predicting;
      this.draw();
    }, (text) => this.tell(text));
    parts.out.append(this.what, this.map, this.prediction.element, this.tableBox);
    el.replaceChildren(head, this.more, parts.data, parts.net, parts.out, parts.time, this.status);
    this.parts = parts;
    this.network = new Network(this.stage, {
      chosen: (l, neuron) => this.choose(l, neuron),
      pointed: (l, neuron) => this.point(l, neuron),
    });
    this.plane = new Plane(this.map, {
      chosen: (index, heldOut) => this.chooseExample(index, heldOut),
      placed: (at, index) => this.place(at, index),
    });
    this.table = new UpdateTable(this.tableBox, {
      typed: (place, x) => this.change({ weights: { [place]: x }, what: `a weight typed in: ${number(x)}` }),
      said: (text) => this.tell(text),
      taken: () => this.update(),
      pinned: () => this.pin(),
      redrawn: () => this.change({ redraw: [this.chosenUnit.l, this.chosenUnit.neuron], what: `${this.calledNow} drawn anew` }),
    });
    this.losses = new Losses(parts.time, { went: (step) => this.goTo(step) });
    this.panel = new DataPanel(this.dataBox, {
      hasPython: this.host?.name !== "file",
      said: (text) => this.tell(text),
      changed: (patch, what) => this.change({ data: patch, what }, true),
      shown: (yes) => {
        this.showHeldOut = yes;
        this.draw();
      },
    });
    this.more.append(...Object.entries(this.fields).filter(([name]) => !["loss", "optimizer", "rate", "batch", "penalty"].includes(name)).map(([, field]) => field.element));
  }

  button(name, icon, label, act) {
    const svg = `<svg viewBox="0 0 16 16" class="icon" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
    const button = made("button", { "data-action": name, "aria-label": label });
    button.innerHTML = svg;
    button.addEventListener("click", act);
    return button;
  }

  listen() {
    const { el } = this;
    el.addEventListener("keydown", (event) => this.key(event));
    el.addEventListener("focusin", ({ target }) => (this.focused = target));
    el.addEventListener("focusout", ({ target }) => queueMicrotask(() => { // some browsers tell of it before they take it away
      if (this.focused === target && canHaveFocus(target)) this.focused = null;
    }));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
    this.observer.observe(this.map);
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => {
      this.plane.refresh();
      this.draw();
    };
    this.dark.addEventListener("change", this.redraw);
  }

  remove() {
    this.playing = false;
    this.observer.disconnect();
    this.dark.removeEventListener("change", this.redraw);
    this.el.replaceChildren();
  }

  // What is done

  async start() {
    await this.run(async () => {
      this.panel.offer(this.choices.data, this.settings.thumbnails ?? {});
      await this.begin();
      this.say("Ready. Space starts training.");
    });
  }

  /** An address that makes no sense opens what the page has without it. */
  async begin() {
    const { without, ...settings } = this.settings;
    try {
      await this.session.begin(settings);
    } catch (error) {
      if (!without) throw error;
      await this.session.begin(without);
      this.tell(`The address does not fit this page, which begins anew: ${error.message}`);
    }
  }

  /** Whatever an action refuses is said on the page, and nothing is lost. */
  async run(action) {
    try {
      this.tell("");
      await action();
    } catch (error) {
      this.tell(error.message);
    }
  }

  change(change, isAtStart = false) {
    // what a network begins with takes effect at the beginning
    const isAtFirst = this.session.frame && this.session.step === 0;
    if (isAtStart && isAtFirst && !change.data) change = { ...change, reset: true };
    return this.run(async () => {
      await this.session.change(change);
      if (isAtStart && !isAtFirst && !change.data) this.tell(`${change.what}: from the next start on`);
    });
  }

  async toggle() {
    this.playing = !this.playing;
    this.showPlaying();
    if (this.playing) await this.loop();
  }

  showPlaying() {
    this.play.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.play.querySelector("path").setAttribute("d", ICONS[this.playing ? "pause" : "play"]);
  }

  /** One frame after the other: while one is drawn, the next is computed. */
  async loop() {
    let due = performance.now();
    const frame = async () => {
      const { session } = this;
      const now = performance.now();
      if (this.speed === "all") await session.train(session.step < session.timeline.last ? this.pace : MOST_AT_ONCE, BUDGET);
      else if (now >= due) {
        const each = 1000 / Number(this.speed);
        const count = Math.max(1, Math.min(1000, Math.floor((now - due) / each) + 1));
        due += count * each;
        await session.train(count);
      }
      await this.lookAt();
    };
    let coming = frame();
    while (this.playing) {
      await this.run(() => coming);
      if (!this.playing) break;
      const { frame: { trouble }, step, timeline } = this.session;
      if (trouble && step === timeline.last) this.stop(trouble);
      if (this.trouble.textContent) this.playing = false;
      if (this.playing) coming = frame();
      this.draw();
      await new Promise(requestAnimationFrame);
    }
    await coming.catch((error) => this.tell(error.message));
    this.showPlaying();
    await this.drawAll(); // the picture at rest is finer
  }

  pace = 20; // updates of a frame where they were done before

  /** Say in plain words that training diverged, which step was still good, and then what the engine
   * says of it. */
  stop(said) {
    this.playing = false;
    const { timeline } = this.session;
    const good = timeline.lastGood();
    const back = good > timeline.parts[0].step ? `Go back to step ${good}, where the loss was still small` : "Go back to the first step, or reset";
    this.tell(`The numbers became too large, and nothing was lost. ${back}, and make the rate smaller. (${said.replace(/\.?$/, ".")})`);
  }

  async update() {
    if (this.prediction.waits(this.session.frame)) return;
    await this.run(async () => {
      await this.session.train(1);
      const { trouble, state, loss } = this.session.frame;
      if (trouble && this.session.step === this.session.timeline.last) this.stop(trouble);
      this.say(`Step ${state.step}, loss ${number(loss)}.`);
    });
  }

  epoch() {
    const { batch } = this.session.config;
    const count = this.session.data.inputs.length;
    return this.run(() => this.session.train(batch ? Math.ceil(count / batch) : 1));
  }

  go(steps, isPause = false) {
    if (isPause) this.playing = false;
    return this.goTo(this.session.step + steps);
  }

  /** The slider moves faster than the training: only the last place counts. */
  async goTo(step) {
    this.playing = false;
    this.wanted = step;
    if (this.going) return;
    this.going = true;
    await this.run(async () => {
      while (this.wanted !== null) {
        const next = this.wanted;
        this.wanted = null;
        await this.session.go(Number.isFinite(next) ? next : next < 0 ? 0 : this.session.timeline.last);
      }
    });
    this.going = false;
    this.wanted = null;
  }

  choose(l, neuron) {
    if (l === null || l < 0) this.unit = null;
    else if (this.unit?.l === l && this.unit.neuron === neuron && !this.opened) this.unit = null;
    else this.unit = { l, neuron };
    this.draw();
  }

  point(l, neuron) {
    const next = l === null || l < 0 ? null : { l, neuron };
    if (next?.l === this.hovered?.l && next?.neuron === this.hovered?.neuron) return;
    this.hovered = next;
    this.drawPlane();
  }

  async chooseExample(index, heldOut) {
    this.example = { index, heldOut };
    await this.tellExample();
    this.draw();
  }

  async tellExample() {
    if (!this.example) return;
    const part = this.example.heldOut ? this.session.data.held_out : this.session.data;
    const inputs = part?.inputs[this.example.index];
    if (!inputs) {
      this.example = null;
      return;
    }
    const target = part.targets[this.example.index];
    Object.assign(this.example, { inputs, target });
    await this.run(async () => (this.story = await this.session.example(inputs, target)));
  }

  place([x, y], index) {
    const rows = [...(this.session.timeline.partAt(this.session.step).wanted.rows ?? [])];
    const row = index === null ? -1 : this.rowOf(index, false);
    if (row < 0) rows.push([x, y, this.panel.kind]);
    else rows[row] = [x, y, rows[row][2]];
    return this.change({ data: { rows }, what: index === null ? "a point more" : "a point moved" });
  }

  /** Which of the points of one's own an example is: those held out are drawn by lot, so their order
   * is another. */
  rowOf(index, heldOut) {
    const { data, timeline, step } = this.session;
    const { inputs, targets } = heldOut ? data.held_out : data;
    const rows = timeline.partAt(step).wanted.rows ?? [];
    const isThere = ([x, y]) => x === inputs[index]?.[0] && y === inputs[index]?.[1];
    const exact = rows.findIndex((row) => isThere(row) && row[2] === targets[index]);
    return exact < 0 ? rows.findIndex(isThere) : exact;
  }

  removePoint() {
    const { wanted } = this.session.timeline.partAt(this.session.step);
    if (wanted.name !== "own" || !this.example) return;
    if (wanted.rows.length < 3) {
      this.tell("Two points are the least: set another one first.");
      return;
    }
    const row = this.rowOf(this.example.index, this.example.heldOut);
    this.example = null;
    this.change({ data: { rows: wanted.rows.filter((_, i) => i !== row) }, what: "a point less" });
  }

  // Layers and neurons

  get chosenUnit() {
    return this.unit ?? { l: this.session.shape.layers.length - 1, neuron: 0 };
  }

  get calledNow() {
    return calledIn(this.session.shape, this.chosenUnit.l, this.chosenUnit.neuron);
  }

  /** The weights of the chosen neuron stay as they are, or move again. */
  pin() {
    const { l, neuron } = this.chosenUnit;
    const mine = placesOf(this.session.shape.layers[l], neuron);
    const before = this.session.config.pinned ?? [];
    const isPinned = before.includes(mine[0]);
    const pinned = isPinned ? before.filter((place) => !mine.includes(place)) : [...before, ...mine];
    return this.change({ config: { pinned }, what: `${this.calledNow} ${isPinned ? "moves again" : "pinned"}` });
  }

  layers(change, what, kept) {
    const layers = change([...this.session.config.layers.map((one) => ({ ...one }))]);
    const { most } = this.choices;
    if (layers.length > most.layers) return this.tell(`${most.layers} hidden layers are the limit`);
    this.unit = null;
    return this.change({ config: { layers }, what, ...(kept && { kept }) });
  }

  drawHeads() {
    const { session, network } = this;
    const { layers } = session.config;
    const key = JSON.stringify([layers, network.x, session.config.pinned, this.unit]);
    if (key === this.headKey) return;
    this.headKey = key;
    const small = (said, label, act, disabled) => {
      const one = made("button", { "aria-label": label, ...(disabled && { disabled: "" }) }, said);
      one.addEventListener("click", act);
      return one;
    };
    const at = (c, ...children) => {
      const head = made("div", { class: "layer-head" }, ...children);
      head.style.left = `${network.x[c]}px`; // a policy forbids style attributes, and not this
      return head;
    };
    const heads = [at(0, made("span", {}, "inputs"))];
    layers.forEach(({ size, activation }, l) => {
      const select = choice("", this.choices.activations.map((name) => [name, name]), (name) => this.change({
        config: { layers: layers.map((one, i) => (i === l ? { ...one, activation: name } : one)) }, what: `layer ${l + 1}: ${name}`,
      }), { "aria-label": `activation of layer ${l + 1}`, "data-name": `activation${l + 1}` });
      select.show(activation);
      heads.push(at(l + 1, made("span", { class: "of-layer" },
        small("−", `one neuron less in layer ${l + 1}`, () => this.layers((all) => ((all[l].size -= 1), all), `layer ${l + 1}: ${size - 1}`), size < 2),
        made("b", {}, String(size)),
        small("+", `one neuron more in layer ${l + 1}`, () => this.layers((all) => ((all[l].size += 1), all), `layer ${l + 1}: ${size + 1}`), size >= this.choices.most.neurons),
        small("×", `remove layer ${l + 1}`, () => {
          const kept = [...layers.keys(), layers.length].filter((i) => i !== l);
          this.layers((all) => all.toSpliced(l, 1), `layer ${l + 1} removed`, kept);
        })), select.select));
    });
    const isLast = layers.length >= this.choices.most.layers;
    heads.push(at(layers.length + 1, made("span", {}, "output"),
      small("+ layer", "add a layer", () => this.layers((all) => [...all, { size: 4, activation: all.at(-1)?.activation ?? this.choices.activations[0] }], "a layer more"), isLast)));
    const room = network.x[1] - network.x[0];
    network.heads.classList.toggle("tight", room < 105);
    const last = heads.at(-1); // as wide as there is room at the right, and then to the left
    Object.assign(last.style, { left: "auto", right: "4px", transform: "none", minWidth: `${2 * (network.W - network.x.at(-1) - 4)}px` });
    network.heads.replaceChildren(...heads);
  }

  /** How large the gradients of each layer are, on the average. */
  drawGradientSizes({ next }, shape) {
    const heads = [...this.network.heads.children].slice(1);
    shape.layers.forEach((layer, l) => {
      const sizes = next?.gradient?.subarray(layer.at, layer.at + layer.size * (layer.inputs + 1)) ?? [];
      const mean = sizes.reduce((sum, g) => sum + Math.abs(g), 0) / sizes.length;
      const box = heads[l].querySelector("small") ?? heads[l].appendChild(made("small", { title: "the mean size of the gradients of its weights" }));
      put(box, sizes.length ? `|∂L/∂w| ${number(Number(mean.toPrecision(2)))}` : "");
    });
  }

  // Drawing

  heard(what) {
    if (what === "all") {
      this.unit = this.unit && this.session.shape.layers[this.unit.l]?.size > this.unit.neuron ? this.unit : null;
    }
    if (!this.playing) this.drawAll(); // else the loop draws
  }

  get names() {
    const { data } = this.session;
    return data.names?.length ? data.names : data.inputs[0].map((_, i) => `x${"₁₂₃₄₅₆₇₈₉"[i] ?? i + 1}`);
  }

  /** The picture and what is chosen, then everything: once at a time. */
  async drawAll() {
    if (this.underWay) {
      this.again = true;
      return;
    }
    this.underWay = true;
    do {
      this.again = false;
      try {
        await this.lookAt();
        this.draw();
      } catch (error) {
        this.tell(error.message);
      }
    } while (this.again);
    this.underWay = false;
  }

  async lookAt() {
    const { session } = this;
    const { data } = session;
    this.bounds = boundsOf(data);
    const size = this.plane.size(data, this.playing);
    if (data.inputs[0].length <= 2) {
      this.maps = await session.picture(centred(this.bounds, size), size);
      this.mapSize = size;
      this.mapShape = session.shape;
    } else this.maps = null;
    if (this.example) await this.tellExample();
  }

  draw() {
    const { session } = this;
    if (!session.frame || !session.timeline || !this.bounds || session.isHalfway) return; // it is drawn when it is done
    readColours(this.el);
    const { frame, config, shape, data } = session;
    const isSame = this.mapShape && JSON.stringify(this.mapShape) === JSON.stringify(shape);
    const { parameters } = frame.state;
    this.network.draw({
      shape, names: this.names, parameters, gradient: frame.next?.gradient, maps: isSame ? this.maps : null, size: this.mapSize ?? [1, 1],
      units: frame.units, unit: this.unit, pinned: config.pinned ?? [], config, data,
    });
    this.drawHeads();
    this.drawGradientSizes(frame, shape);
    this.drawPlane();
    this.table.draw({ shape, unit: this.unit, names: this.names, frame, config, predicting: this.predicting });
    this.prediction.draw({ shape, unit: this.unit, names: this.names, frame });
    this.losses.draw(session.timeline, frame);
    this.drawExample();
    this.drawSettings();
    this.drawOpened();
    if (this.host?.address) this.writeAddress();
    this.keepFocus();
  }

  /** Keys are heard where the focus is: what had it and was drawn anew, hidden or disabled hands it to
   * its successor, or to the page. */
  keepFocus() {
    const { el, focused } = this;
    if (!focused || canHaveFocus(focused) || ![document.body, focused].includes(document.activeElement)) return;
    const label = focused.getAttribute("aria-label");
    const successor = label && [...el.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === label && canHaveFocus(one));
    (successor || el).focus({ preventScroll: true });
  }

  drawPlane() {
    const { session } = this;
    if (!session.frame || !this.bounds || session.isHalfway) return;
    const { config, data } = session;
    this.plane.edits = session.timeline.partAt(session.step).wanted.name === "own";
    const isSame = this.mapShape && JSON.stringify(this.mapShape) === JSON.stringify(session.shape);
    const outputs = outputsOf(config, data);
    const shape = session.shape;
    const hovered = this.hovered && this.hovered.l < shape.layers.length ? this.hovered : null;
    const isOutput = hovered?.l === shape.layers.length - 1;
    const unit = hovered && !(isOutput && outputs === 1) ? { ...hovered, isOutput, column: this.network.columnOf(hovered.l, hovered.neuron) } : null;
    put(this.what, this.describe(unit, data, config, outputs));
    if (!this.maps || !isSame) {
      if (!this.maps) this.map.classList.add("none");
      return;
    }
    this.map.classList.remove("none");
    this.plane.draw({ data, bounds: this.bounds, size: this.mapSize, columns: this.maps, unit, outputs, config, showHeldOut: this.showHeldOut || this.plane.edits, example: this.example });
  }

  describe(unit, data, config, outputs) {
    if (data.inputs[0].length > 2) return `${data.inputs[0].length} inputs: no plane to draw`;
    if (unit) return `what layer ${unit.l + 1}, neuron ${unit.neuron + 1} answers`;
    if (data.inputs[0].length === 1) return "what the network answers, and the examples";
    if (outputs > 1 && data.classes) return "which class the network answers, the more colour the surer";
    const name = (i) => data.class_names?.[i] ?? String(i);
    if (!data.classes) return "what the network answers: orange above the mean, blue below";
    return `what the network answers: orange towards class ${name(1)}, blue towards ${name(0)}`;
  }

  drawExample() {
    const { example, story, session } = this;
    if (!example?.inputs || !story) {
      this.exampleBox.replaceChildren(made("p", { class: "muted" }, "Click a point to see what the network makes of it."));
      return;
    }
    const row = (term, said) => [made("dt", {}, term), made("dd", {}, said)];
    const open = made("button", { class: "primary", "data-action": "open" }, "Open its chain rule");
    open.addEventListener("click", () => this.open());
    const target = session.data.class_names?.[example.target] ?? (Array.isArray(example.target) ? example.target.map(number).join(", ") : number(example.target));
    this.exampleBox.replaceChildren(
      made("h2", {}, `example ${example.index + 1}${example.heldOut ? ", held out" : ""}, at step ${session.step}`),
      made("dl", {}, ...row("inputs", example.inputs.slice(0, 4).map((x) => number(x)).join(", ")), ...row("target", target), ...row("answer", story.outputs.map(number).join(", ")), ...row("loss", number(story.loss))), open);
  }

  drawSettings() {
    const { config, data, timeline, step } = this.session;
    for (const [name, field] of Object.entries(this.fields)) {
      const value = config[name] ?? "";
      field.show(value === "" ? 0 : value);
      if (!["loss", "optimizer", "rate", "batch", "penalty"].includes(name)) {
        field.element.hidden = !["schedule", "init", "seed", ...usedBy(config, this.choices)].includes(name);
      }
    }
    const losses = data.classes > 2 ? ["cross_entropy"] : data.classes ? ["mse", "hinge", "binary_cross_entropy", "cross_entropy"] : ["mse"];
    for (const option of this.fields.loss.select.options) option.disabled = !losses.includes(option.value);
    this.panel.show(timeline.partAt(step).wanted, this.showHeldOut, data.inputs[0].length);
    this.undoButton.disabled = !this.session.undone.length;
  }

  // What opens

  open() {
    this.opened = true;
    this.unit ??= { l: this.session.shape.layers.length - 1, neuron: 0 };
    this.playing = false;
    this.draw();
    this.el.querySelector(".opened button")?.focus({ preventScroll: true });
  }

  drawOpened() {
    const before = this.el.querySelector(".opened");
    if (!this.opened || !this.story || !this.example) {
      before?.remove();
      this.opened = false;
      return;
    }
    const { session } = this;
    const focused = before?.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    const panel = openedExample({
      story: this.story, shape: session.shape, parameters: session.frame.state.parameters, names: this.names, example: this.example, unit: this.unit, step: session.step,
      chosen: (l, neuron) => {
        this.unit = { l, neuron };
        this.draw();
      },
      closed: () => {
        this.opened = false;
        this.draw();
        this.exampleBox.querySelector("button")?.focus();
      },
      stepper: this.host?.stepper && (() => this.run(() => this.host.stepper(this.example))),
    });
    if (before) before.replaceWith(panel);
    else this.el.append(panel);
    const box = panel.querySelector(".columns");
    const column = box.querySelector(".card.on")?.parentElement; // with those before it, from which it has its inputs
    if (column) box.scrollLeft = column.offsetLeft + column.offsetWidth + 6 - box.clientWidth;
    linesBetween(panel, session.shape, session.frame.state.parameters, this.unit);
    if (focused) panel.querySelector(`[aria-label="${focused}"]`)?.focus({ preventScroll: true });
  }

  lecture() {
    this.el.classList.toggle("lecture");
    this.network.key = "";
    this.draw();
  }

  toggleMore() {
    this.more.hidden = !this.more.hidden;
    this.el.classList.toggle("all-settings", !this.more.hidden); // a narrow page shows no others
    this.el.querySelector("[data-action=more]").setAttribute("aria-expanded", !this.more.hidden);
    if (!this.more.hidden) this.more.querySelector("select, input")?.focus();
  }

  /** A panel over the network; the last one is closed. */
  drawer(title, ...children) {
    this.closeDrawer();
    const close = made("button", { "data-action": "close" }, "Close");
    close.addEventListener("click", () => this.closeDrawer());
    const panel = made("section", { class: "over drawer", role: "dialog", "aria-label": title }, made("header", {}, made("h2", {}, title), close), ...children);
    this.parts.net.append(panel);
    this.before = document.activeElement;
    close.focus({ preventScroll: true });
    return panel;
  }

  closeDrawer() {
    const panel = this.parts.net.querySelector(".over");
    if (!panel) return false;
    panel.remove();
    this.before?.focus?.({ preventScroll: true });
    this.keepFocus();
    return true;
  }

  openMap() {
    this.playing = false;
    const map = new SettingsMap(this.session, this.choices, { taken: (change) => this.change(change), run: (action) => this.run(action) });
    this.drawer("Map of settings", map.element);
  }

  openLeaving() {
    this.drawer("Take it along", leaving({ session: this.session, network: this.network, tell: (text) => this.tell(text) }));
  }

  openKeys() {
    const keys = [["Space", "train, or pause"], ["→ ←", "one update, one step back"], ["Home End", "first and last step"], ["E", "one epoch"], ["O", "open the example's chain rule"], ["P", "predict the next update"], ["U", "undo"], ["L", "lecture: large type, and only what matters"], ["arrows on the network", "from neuron to neuron"], ["Enter", "choose a neuron, change a weight"], ["Delete", "take a point of your own away"], ["Esc", "close"]];
    this.drawer("Keys and signs", made("dl", { class: "keys" }, ...keys.flatMap(([key, said]) => [made("dt", {}, key), made("dd", {}, said)])));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const typing = event.target.closest("input[type=text], textarea, select");
    if (event.key === "Escape") {
      if (this.closeDrawer()) return;
      if (this.opened) {
        this.opened = false;
        this.draw();
      } else if (!this.more.hidden) this.toggleMore();
      return;
    }
    if (typing) return;
    const isButton = event.target.closest("button, [type=checkbox]");
    const slides = event.target.matches("[type=range]") && event.target !== this.losses.slider;
    const actions = {
      " ": !isButton && (() => this.toggle()), ArrowRight: !slides && (() => this.update()), ArrowLeft: !slides && (() => this.go(-1, true)),
      Home: !slides && (() => this.goTo(-Infinity)), End: !slides && (() => this.goTo(Infinity)), e: () => this.epoch(), o: () => this.story && this.open(),
      p: () => this.prediction.toggle(), l: () => this.lecture(), u: () => this.run(() => this.session.undo()), Delete: () => this.removePoint(), "?": () => this.openKeys(),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** Whether everything that was asked for is there, and drawn. */
  isAtRest() {
    return Boolean(this.session.frame) && !this.session.isBusy && !this.underWay && !this.playing && !this.going;
  }

  // What is said

  tell(text) {
    put(this.trouble, text);
  }

  say(text) {
    put(this.status, text);
  }

  writeAddress() {
    const { session, settings: { state, given } } = this;
    if (state !== given) return; // an address cannot tell where this began
    const [first] = session.timeline.parts;
    const kept = { config: first.config, data: first.wanted, changes: session.changes(), step: session.step };
    const text = `#${encodeURIComponent(JSON.stringify(kept))}`;
    if (this.playing || text === this.written) return;
    this.written = text;
    history.replaceState(null, "", text);
  }
}

const canHaveFocus = (element) => element.isConnected && !element.disabled && element.checkVisibility();

/** The bounds of the middles of so many columns and rows. */
function centred([x0, x1, y0, y1], [w, h]) {
  const [across, down] = [(x1 - x0) / (2 * w), (y1 - y0) / (2 * h)];
  return [x0 + across, x1 - across, y0 + down, y1 - down];
}

/** What an address says of a session, if it makes sense: it goes on from the first state, whatever
 * the host has reached since. */
export function settingsInAddress(settings) {
  try {
    const { config, data, changes = [], step = 0 } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    const { state, given, ...rest } = settings;
    return {
      ...rest, changes, step, given, ...(given && { state: given }), without: settings,
      config: { ...settings.config, ...config }, data: { ...settings.data, ...data },
    };
  } catch {
    return settings;
  }
}

export default {
  render({ backend, el, settings, host }) {
    const playground = new Playground({ backend, el, settings, host });
    playground.start();
    el.playground = playground; // for tests, and for whoever looks at it in the console
    return () => playground.remove();
  },
};
