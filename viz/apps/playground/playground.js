// The playground: a network that is built and trained while one watches, in any host.

import { Address } from "./address.js";
import { takenAway } from "./by_hand.js";
import { readColours } from "./colours.js";
import { usedBy } from "./controls.js";
import { put } from "./elements.js";
import { Focus, hearKeys } from "./keys.js";
import { inputWritten, nameWritten } from "./inputs_panel.js";
import { leaveOut, showFields } from "./layout.js";
import { buildPanels, buildParts } from "./parts.js";
import { dimensionsOf } from "./plane.js";
import { Session } from "./session.js";
import { calledIn, placesOf } from "./shape.js";

const STOPPED = "Stopped before the step in the address: Space trains on from here.";

class Playground {
  constructor({ backend, el, settings, host }) {
    Object.assign(this, { el, host, settings, choices: settings.choices });
    Object.assign(this, { unit: null, hovered: null, predicting: false });
    this.looks = new Set(settings.looks); // names of what is drawn otherwise than usual
    el.classList.add("sg-playground");
    el.tabIndex = -1; // so that keys work after a click anywhere in it
    this.address = host?.address ? new Address(settings) : null;
    this.session = new Session(backend, this.choices, (what) => this.heard(what));
    this.focus = new Focus(el);
    buildParts(this);
    buildPanels(this);
    leaveOut(el, settings.hide ?? []);
    this.listen();
  }

  listen() {
    const { el, training } = this;
    hearKeys(el, {
      timeline: this.losses.slider,
      escaped: () => this.escape(),
      actions: {
        " ": () => training.toggle(),
        ArrowRight: () => training.update(),
        ArrowLeft: () => training.back(),
        Home: () => training.goTo(-Infinity),
        End: () => training.goTo(Infinity),
        e: () => training.epoch(),
        o: () => this.chosen.open(),
        p: () => this.prediction.toggle(),
        l: () => this.lecture(),
        f: () => this.look("flat", !this.looks.has("flat")),
        u: () => this.undo(),
        Delete: () => this.removePoint(),
        "?": () => this.drawers.openKeys(),
      },
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.parts.stage);
    this.observer.observe(this.parts.map);
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => {
      this.answers.refresh();
      this.draw();
    };
    this.dark.addEventListener("change", this.redraw);
  }

  remove() {
    this.training.pause();
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
    const { without, wrong, ...settings } = this.settings;
    try {
      if (wrong) throw new Error(wrong);
      if (!(await this.session.begin(settings))) this.tell(STOPPED);
    } catch (error) {
      if (!without) throw error;
      await this.session.begin(without);
      this.tell(`The address does not fit this page, which begins anew: ${error.message}`);
    }
  }

  /** Whatever an action refuses is said on the page, and nothing is lost. Returns whether it was.
   */
  async run(action) {
    try {
      this.tell("");
      await action();
      return false;
    } catch (error) {
      this.tell(error.message);
      return true;
    }
  }

  /** A change of the session. What a network begins with takes effect at the beginning. */
  change(change, isOfBeginning = false) {
    const isAtFirst = this.session.frame && this.session.step === 0;
    if (isOfBeginning && isAtFirst) change = { ...change, reset: true };
    return this.run(async () => {
      await this.session.change(change);
      if (isOfBeginning && !isAtFirst) this.tell(`${change.what}: from the next start on`);
    });
  }

  undo() {
    return this.run(() => this.session.undo());
  }

  choose(l, neuron) {
    const isChosen = this.unit?.l === l && this.unit.neuron === neuron;
    const isNone = l === null || l < 0 || (isChosen && !this.chosen.isOpen);
    this.unit = isNone ? null : { l, neuron };
    this.draw();
  }

  point(l, neuron) {
    const next = l === null || l < 0 ? null : { l, neuron };
    if (next?.l === this.hovered?.l && next?.neuron === this.hovered?.neuron) return;
    this.hovered = next;
    this.drawPlane();
  }

  removePoint() {
    const { example } = this.chosen;
    if (!example || !this.answers.plane.edits) return;
    this.chosen.forget();
    this.change(takenAway(example));
  }

  get chosenUnit() {
    return this.unit ?? { l: this.session.shape.layers.length - 1, neuron: 0 };
  }

  get calledNow() {
    return calledIn(this.session.shape, this.chosenUnit.l, this.chosenUnit.neuron);
  }

  /** The weights of the chosen neuron stay as they are, or move again. */
  pin() {
    const {
      chosenUnit: { l, neuron },
      calledNow,
    } = this;
    return this.change(({ config, shape }) => {
      const mine = placesOf(shape.layers[l], neuron);
      const before = config.pinned ?? [];
      const isPinned = before.includes(mine[0]);
      const pinned = isPinned
        ? before.filter((place) => !mine.includes(place))
        : [...before, ...mine];
      return { config: { pinned }, what: `${calledNow} ${isPinned ? "moves again" : "pinned"}` };
    });
  }

  /** Other layers: `change` makes them of those that there are when its turn has come. */
  layers(change, what, kept) {
    return this.change(({ config }) => {
      const layers = change(config.layers);
      if (!layers) return null;
      return { config: { layers }, what, ...(kept && { kept }) };
    });
  }

  openMap() {
    this.training.pause();
    this.drawers.openMap(this.session, this.choices, {
      taken: (change) => this.change(change),
      run: (action) => this.run(action),
    });
  }

  lecture() {
    this.el.classList.toggle("lecture");
    this.network.key = "";
    this.draw();
  }

  /** Draw something otherwise from now on, or as usual. */
  look(name, isOn) {
    if (isOn) this.looks.add(name);
    else this.looks.delete(name);
    this.draw();
  }

  toggleMore() {
    const { more, moreButton } = this.parts;
    more.hidden = !more.hidden;
    this.el.classList.toggle("all-settings", !more.hidden); // a narrow page shows no others
    moreButton.setAttribute("aria-expanded", !more.hidden);
    if (!more.hidden) more.querySelector("select, input")?.focus();
  }

  escape() {
    if (this.session.stop()) return;
    if (this.drawers.close() || this.chosen.close()) return;
    if (!this.parts.more.hidden) this.toggleMore();
  }

  // Drawing

  heard(what) {
    this.training.showPlaying();
    if (what === "way") {
      this.losses.showWay(this.session);
      return;
    }
    if (what === "all") {
      const {
        unit,
        session: { shape },
      } = this;
      this.unit = unit && shape.layers[unit.l]?.size > unit.neuron ? unit : null;
    }
    if (!this.training.isPlaying) this.drawAll(); // else the loop draws
  }

  get names() {
    const { data } = this.session;
    if (data.axes) return data.names.map(inputWritten);
    return data.names?.length
      ? data.names.map(nameWritten)
      : data.inputs[0].map((_, i) => `x${"₁₂₃₄₅₆₇₈₉"[i] ?? i + 1}`);
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
    await this.answers.fetch(this.training.isPlaying, this.pointed);
    await this.chosen.fetch();
  }

  draw() {
    const { session } = this;
    // it is drawn when it is done
    if (!session.frame || !session.timeline || !this.answers.bounds || session.isHalfway) return;
    readColours(this.el);
    const { names, unit, answers } = this;
    const { isPlaying } = this.training;
    if (isPlaying) this.focus.keep(); // below, the browser would lay the page out once more
    for (const part of [answers.plane, this.losses]) part.measure();
    const { frame, config, shape, data } = session;
    // While it trains, a frame has one half and the next the other: with both it would be late.
    this.isTurnOfNetwork = !this.isTurnOfNetwork;
    const chosen = [config, data, unit];
    const isWhole = !isPlaying || chosen.some((one, i) => one !== this.chosenBefore?.[i]);
    const [isFirst, isSecond] = [isWhole || this.isTurnOfNetwork, isWhole || !this.isTurnOfNetwork];
    this.chosenBefore = chosen;
    if (isFirst) this.drawNetwork();
    this.heads.draw(config, unit);
    this.heads.drawGradients(frame, shape);
    if (isSecond) this.drawPlane();
    if (isSecond) this.losses.draw(session.timeline, frame);
    if (isFirst)
      this.table.draw({ shape, unit, names, frame, config, predicting: this.predicting, isPlaying });
    this.prediction.draw({ shape, unit, names, frame });
    this.chosen.drawInShort();
    this.drawSettings();
    this.chosen.drawOpened({ unit, names, chosen: (l, neuron) => this.choose(l, neuron) });
    if (isPlaying) return;
    this.address?.write(session, this.looks);
    this.focus.keep();
  }

  drawNetwork() {
    const { names, unit, answers, session } = this;
    const { frame, config, shape, data } = session;
    this.network.draw({
      shape,
      names,
      unit,
      config,
      data,
      parameters: frame.state.parameters,
      gradient: frame.next?.gradient,
      units: frame.units,
      maps: answers.areOfNow ? answers.columns : null,
      size: answers.size,
      inputMaps: answers.inputMaps,
      pinned: config.pinned ?? [],
      looks: this.looks,
    });
  }

  /** The neuron that is pointed at, and its column among the answers. */
  get pointed() {
    const { hovered, network, session } = this;
    const { layers } = session.shape;
    if (!hovered || !(hovered.neuron < layers[hovered.l]?.size)) return null;
    const isOutput = hovered.l === layers.length - 1;
    return { ...hovered, isOutput, column: network.columnOf(hovered.l, hovered.neuron) };
  }

  drawPlane() {
    const { session, answers } = this;
    if (!session.frame || !answers.bounds || session.isHalfway) return;
    const {
      looks,
      chosen: { example },
    } = this;
    const names = session.data.axes?.map(nameWritten) ?? this.names;
    answers.draw(this.pointed, { names, looks, example });
  }

  drawSettings() {
    const { config, data, timeline, step } = this.session;
    showFields(this.fields, config, ["schedule", "init", "seed", ...usedBy(config, this.choices)]);
    const losses = this.session.fitting;
    for (const option of this.fields.loss.select.options)
      option.disabled = !losses.includes(option.value);
    this.panel.show(timeline.partAt(step).wanted, this.looks, dimensionsOf(data));
    this.parts.undo.disabled = !this.session.undone.length;
  }

  /** Whether everything that was asked for is there, and drawn. */
  isAtRest() {
    const { session, training } = this;
    return (
      Boolean(session.frame) &&
      !session.isBusy &&
      !this.underWay &&
      !training.isPlaying &&
      !training.isLooping &&
      !training.isGoing
    );
  }

  // What is said

  tell(text) {
    put(this.trouble, text);
  }

  say(text) {
    put(this.parts.status, text);
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
