// A session of the playground: what is trained on what, and where in its timeline a person is. The
// backend computes; it is asked one thing at a time.

import { checkChange } from "./checking.js";
import { columnOf, shadesOf, stateOf } from "./columns.js";
import { Timeline } from "./history.js";
import { keptInputs } from "./inputs_panel.js";
import {
  fittingLosses,
  moved,
  movedPins,
  outputsOf,
  rewritten,
  sameShape,
  suited,
} from "./moved.js";
import { placesOf, shapeOf } from "./shape.js";

export class Trouble extends Error {}

const MOST_IN_ADDRESS = 1e6; // updates that an address begins with
const MOST_UNDONE = 30; // timelines that are kept, to return to
const MOST_ASKED_FOR = 1e4; // updates that are asked for
const PIECE = 200; // milliseconds of a long way, after which it can be stopped

export class Session {
  /** `backend.ask(message)` gives a promise of the answer; `choices` is what Python offers; `heard`
   * is called when something is new. */
  constructor(backend, choices, heard) {
    Object.assign(this, {
      backend,
      choices,
      heard,
      timeline: null,
      frame: null,
      data: null,
      undone: [],
      waiting: 0,
      end: null, // of the way that it is on
    });
    this.queue = Promise.resolve();
  }

  /** One after the other: what an action finds is what the last one left. */
  next(action) {
    this.waiting++;
    const begun = this.queue.then(() => {
      this.isStopped = false;
      return action();
    });
    const done = begun.finally(() => this.waiting--);
    this.queue = done.catch(() => {});
    return done;
  }

  /** What changes what is trained. Until it is done, the settings, the data and the numbers do not
   * belong together, and none of them can be drawn. */
  nextChange(action) {
    return this.next(async () => {
      this.isHalfway = true;
      try {
        return await action();
      } finally {
        this.isHalfway = false;
      }
    });
  }

  get isBusy() {
    return this.waiting > 0;
  }

  async ask(message) {
    const answer = await this.backend.ask(message);
    if (answer.trouble && message.do !== "train" && message.do !== "set")
      throw new Trouble(answer.trouble);
    return answer;
  }

  get config() {
    return this.timeline.partAt(this.step).config;
  }

  get step() {
    return this.frame.state.step;
  }

  get shape() {
    return shapeOf(this.config, this.data.inputs[0].length, this.outputs);
  }

  get outputs() {
    return outputsOf(this.config, this.data);
  }

  /** Start with these settings: from given parameters, or from drawn ones. Gives whether it came as
   * far as it should. */
  begin({ config, data, state, changes = [], step = 0 }) {
    return this.next(async () => {
      checkChange({ config }, null, this.choices);
      const found = await this.ask({ do: "data", data });
      this.data = found;
      config = this.suited(config, found);
      const first = state ? stateOf(state) : await this.drawn(config);
      this.timeline = new Timeline({
        step: first.step,
        state: first,
        config,
        data: found,
        wanted: data,
        what: "start",
      });
      this.undone = [];
      await this.set(first, config);
      for (const { step: at, ...change } of changes) {
        if (at > MOST_IN_ADDRESS) break;
        await this.trainTo(at);
        if (this.isStopped) break;
        await this.changed(change);
      }
      if (!this.isStopped) await this.trainTo(Math.min(step, MOST_IN_ADDRESS));
      this.heard("all");
      return !this.isStopped;
    });
  }

  /** The first state of a network. */
  async drawn(config) {
    const { parameters } = await this.ask({ do: "drawn", config });
    return { parameters: columnOf(parameters), slots: {}, step: 0, epoch: 0, batch: 0 };
  }

  /** Make the backend continue from a state. */
  async set(state, config) {
    const part = this.timeline.partAt(state.step);
    if (this.data !== part.data) {
      await this.ask({ do: "data", data: part.wanted });
      this.data = part.data;
    }
    const answer = await this.ask({ do: "set", config, state });
    if (!answer.state) throw new Trouble(answer.trouble);
    this.take(answer);
  }

  take(answer) {
    const { next } = answer;
    this.frame = { ...answer, state: stateOf(answer.state) };
    if (next?.parameters) {
      this.frame.next = { ...stateOf(next), loss: next.loss, gradient: columnOf(next.gradient) };
    }
    this.timeline.note(this.step, answer.loss, answer.held_out_loss);
  }

  /** Train for so many updates, or for some milliseconds. Past the end of the timeline they are
   * new. */
  train(updates, budget = null) {
    return this.next(async () => {
      const { last } = this.timeline;
      if (this.step < last) await this.reach(Math.min(last, this.step + updates));
      else await this.trained(updates, budget);
      this.heard("step");
    });
  }

  async trained(updates, budget) {
    const answer = await this.ask({ do: "train", updates, budget });
    if (!answer.state) throw new Trouble(answer.trouble);
    const losses = columnOf(answer.losses);
    this.take(answer);
    this.timeline.add(this.frame.state, losses);
  }

  trainTo(step) {
    return this.onTheWay(step, (updates) => this.trained(updates, PIECE));
  }

  /** Do updates with `some(how many, at most)` until a step is reached, nothing moves any more, or
   * somebody stops it. */
  async onTheWay(step, some) {
    this.end = step;
    try {
      while (this.step < step && !this.isStopped) {
        const before = this.step;
        await some(Math.min(step - before, MOST_ASKED_FOR));
        if (this.step === before) return; // training stopped
        if (this.step < step) this.heard("way");
      }
    } finally {
      this.end = null;
    }
  }

  /** Stay at the step that is reached on a way to another one. Returns whether there is a way. */
  stop() {
    this.isStopped = this.end !== null;
    return this.isStopped;
  }

  /** Go to a step of the timeline; a function gives it from the step of then. */
  go(to) {
    return this.nextChange(async () => {
      const step = typeof to === "function" ? to(this.step) : to;
      await this.reach(Math.max(this.timeline.parts[0].step, Math.min(this.timeline.last, step)));
      this.heard("step");
    });
  }

  async reach(step) {
    const part = this.timeline.partAt(step);
    const near = this.timeline.before(step);
    // where the backend is already, it need not be taken back
    const isOnTheWay =
      this.step <= step && this.step >= near.step && this.timeline.partAt(this.step) === part;
    if (!isOnTheWay) await this.set(near, part.config);
    await this.onTheWay(step, async (updates) => {
      const answer = await this.ask({ do: "train", updates, budget: PIECE });
      if (!answer.state) throw new Trouble(answer.trouble);
      this.take(answer);
    });
  }

  /** The losses that the data of now can have; the first is the usual one. */
  get fitting() {
    return fittingLosses(this.data, this.choices);
  }

  /** The settings with a loss that the data can have. */
  suited(config, data, before = data) {
    return suited(config, data, before, this.choices, this.timeline?.parts ?? []);
  }

  /** Change something here: {config} a patch of the settings, {weights} numbers by place, {redraw}
   * a neuron, {data} a patch of the data, or {reset} to begin anew. A function gives the change
   * when its turn has come, from what the last one left, or null for none. */
  change(given) {
    return this.nextChange(async () => {
      const change = typeof given === "function" ? given(this) : given;
      if (!change) return;
      this.undone.push({ timeline: this.timeline.copy(), step: this.step });
      if (this.undone.length > MOST_UNDONE) this.undone.shift();
      try {
        await this.changed(change);
      } catch (error) {
        const { timeline, step } = this.undone.pop();
        await this.returned(timeline, step);
        throw error;
      } finally {
        this.heard("all");
      }
    });
  }

  async changed(change) {
    checkChange(change, this.shape, this.choices);
    const part = this.timeline.partAt(this.step);
    const wanted = { ...part.wanted, ...change.data };
    const data = change.data ? await this.ask({ do: "data", data: wanted }) : part.data;
    this.data = data;
    const asked = { ...part.config, ...change.config };
    let config = change.config?.loss ? asked : this.suited(asked, data, part.data);
    let state = this.frame.state;
    const old = shapeOf(part.config, part.data.inputs[0].length, outputsOf(part.config, part.data));
    const shape = shapeOf(config, data.inputs[0].length, outputsOf(config, data));
    const inputs = keptInputs(part.wanted, wanted);
    const isOther = inputs !== null || !sameShape(old, shape);
    const ways = [old, shape, change.kept, inputs];
    if (isOther) config = { ...config, pinned: movedPins(config.pinned ?? [], ...ways) };
    if (change.reset) state = await this.drawn(config);
    else if (isOther) state = moved(state, await this.drawn(config), ...ways);
    else if (change.weights) state = rewritten(state, change.weights);
    else if (change.redraw) state = await this.redrawn(state, config, shape, change.redraw);
    if (config.optimizer !== part.config.optimizer) state = { ...state, slots: {} };
    if (data !== part.data || config.batch !== part.config.batch) {
      state = { ...state, epoch: state.epoch + (state.step > 0), batch: 0 };
    }
    if (change.reset) state = { ...state, step: 0, epoch: 0, batch: 0, slots: {} };
    const isKept = (name) => state[name] === this.frame.state[name];
    const set = ["parameters", "slots"].filter((name) => !isKept(name));
    const what = change.what ?? "";
    const made = { step: state.step, state, config, data, wanted, change, what, set };
    if (change.reset) this.timeline = new Timeline(made);
    else this.timeline.begin(made);
    await this.set(state, config);
  }

  /** The state with first weights for a neuron that no other one had. */
  async redrawn(state, config, shape, [l, neuron]) {
    const seed = config.seed + 1 + this.timeline.parts.length;
    const { parameters } = await this.drawn({ ...config, seed });
    const places = placesOf(shape.layers[l], neuron);
    return rewritten(state, Object.fromEntries(places.map((place) => [place, parameters[place]])));
  }

  undo() {
    return this.nextChange(async () => {
      const last = this.undone.pop();
      if (!last) return;
      await this.returned(last.timeline, last.step);
      this.heard("all");
    });
  }

  async returned(timeline, step) {
    this.timeline = timeline;
    const part = timeline.partAt(step);
    await this.set(timeline.before(step), part.config);
    await this.reach(step);
  }

  /** What every input is on a grid. */
  inputMaps(bounds, size) {
    return this.next(async () => {
      const { columns } = await this.ask({ do: "inputs", bounds, size });
      return columns.map(shadesOf);
    });
  }

  /** What every neuron answers on a grid; `parts` may ask for small maps of all but some. */
  picture(bounds, size, parts = {}) {
    return this.next(async () => {
      const { columns } = await this.ask({ do: "picture", bounds, size, ...parts });
      return columns.map(shadesOf);
    });
  }

  example(inputs, target) {
    return this.next(async () => {
      const answer = await this.ask({ do: "example", inputs, target });
      return { ...answer, gradients: columnOf(answer.gradients) };
    });
  }

  /** The last frame of a training with other settings, which leaves no trace here. */
  tried(patch, updates) {
    return this.next(async () => {
      const { config } = this;
      const other = this.suited({ ...config, ...patch(config), pinned: [] }, this.data);
      const first = await this.ask({ do: "set", config: other, state: await this.drawn(other) });
      if (!first.state) throw new Trouble(first.trouble);
      const answer = await this.ask({ do: "train", updates, budget: null });
      await this.set(this.frame.state, config);
      return { ...answer, first: first.loss };
    });
  }

  /** What a script of this training needs, of every part: what it changed. The first is complete.
   */
  marks() {
    const upTo = this.timeline.parts.filter(({ step }) => step <= this.step);
    return upTo.map(({ step, state, config, data, wanted, set }, i) => {
      const before = upTo[i - 1];
      const { parameters, slots, epoch, batch } = state;
      return {
        ...{ step, config, epoch, batch },
        ...(data !== before?.data && { data: wanted }),
        ...((!before || set.includes("parameters")) && { parameters }),
        ...((!before || set.includes("slots")) && { slots }),
      };
    });
  }

  /** The changes of the timeline up to here, as an address keeps them. */
  changes() {
    const upTo = this.timeline.parts.filter(({ step }) => step <= this.step);
    return upTo.slice(1).map(({ step, change }) => ({ step, ...change }));
  }
}
