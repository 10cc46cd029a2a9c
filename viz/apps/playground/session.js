// A session of the playground: what is trained on what, and where in its timeline a person is. The
// backend computes; it is asked one thing at a time.

import { columnOf, shadesOf, stateOf } from "./columns.js";
import { Timeline } from "./history.js";
import { carried, keptLayers, placesOf, shapeOf } from "./shape.js";

export class Trouble extends Error {}

const MOST_IN_ADDRESS = 1e6; // updates that an address begins with
const MOST_UNDONE = 30; // timelines that are kept, to return to
const MOST_ASKED_FOR = 1e4; // updates that are asked for

export class Session {
  /** `backend.ask(message)` gives a promise of the answer; `heard` is called when something is new. */
  constructor(backend, heard) {
    Object.assign(this, { backend, heard, timeline: null, frame: null, data: null, undone: [], waiting: 0 });
    this.queue = Promise.resolve();
  }

  /** One after the other: what an action finds is what the last one left. */
  next(action) {
    this.waiting++;
    const done = this.queue.then(action).finally(() => this.waiting--);
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
    if (answer.trouble && message.do !== "train" && message.do !== "set") throw new Trouble(answer.trouble);
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

  /** Start with these settings: from given parameters, or from drawn ones. */
  begin({ config, data, state, changes = [], step = 0 }) {
    return this.next(async () => {
      const found = await this.ask({ do: "data", data });
      this.data = found;
      config = suited(config, found);
      const first = state ? stateOf(state) : await this.drawn(config);
      this.timeline = new Timeline({ step: first.step, state: first, config, data: found, wanted: data, what: "start" });
      this.undone = [];
      await this.set(first, config);
      for (const { step: at, ...change } of changes) {
        await this.trainTo(at);
        await this.changed(change);
      }
      await this.trainTo(Math.min(step, MOST_IN_ADDRESS));
      this.heard("all");
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

  /** Train for so many updates, or for some milliseconds. Past the end of the timeline they are new. */
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

  async trainTo(step) {
    while (this.step < step) {
      const before = this.step;
      await this.trained(Math.min(step - this.step, MOST_ASKED_FOR), null);
      if (this.step === before) return; // it stopped
    }
  }

  /** Go to a step of the timeline. */
  go(step) {
    return this.nextChange(async () => {
      await this.reach(Math.max(this.timeline.parts[0].step, Math.min(this.timeline.last, step)));
      this.heard("step");
    });
  }

  async reach(step) {
    const part = this.timeline.partAt(step);
    const near = this.timeline.before(step);
    // where the backend is already, it need not be taken back
    const isOnTheWay = this.step <= step && this.step >= near.step && this.timeline.partAt(this.step) === part;
    if (!isOnTheWay) await this.set(near, part.config);
    while (this.step < step) {
      const before = this.step;
      const answer = await this.ask({ do: "train", updates: Math.min(step - this.step, MOST_ASKED_FOR), budget: null });
      if (!answer.state) throw new Trouble(answer.trouble);
      this.take(answer);
      if (this.step === before) return;
    }
  }

  /** Change something here: {config} a patch of the settings, {weights} numbers by place, {neurons} of
   * a layer taken out, {data} a patch of the data, or {reset} to begin anew. */
  change(change) {
    return this.nextChange(async () => {
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
    const part = this.timeline.partAt(this.step);
    const wanted = { ...part.wanted, ...change.data };
    const data = change.data ? await this.ask({ do: "data", data: wanted }) : part.data;
    this.data = data;
    let config = suited({ ...part.config, ...change.config }, data);
    let state = this.frame.state;
    const old = shapeOf(part.config, part.data.inputs[0].length, outputsOf(part.config, part.data));
    const shape = shapeOf(config, data.inputs[0].length, outputsOf(config, data));
    if (!sameShape(old, shape)) config = { ...config, pinned: movedPins(config.pinned ?? [], old, shape, change.kept) };
    if (change.reset || !sameShape(old, shape)) state = await this.moved(change, config, old, shape, state);
    else if (change.weights || change.redraw) state = await this.rewritten(change, config, shape, state);
    if (config.optimizer !== part.config.optimizer) state = { ...state, slots: {} };
    if (data !== part.data || config.batch !== part.config.batch) {
      state = { ...state, epoch: state.epoch + (state.step > 0), batch: 0 };
    }
    if (change.reset) state = { ...state, step: 0, epoch: 0, batch: 0, slots: {} };
    const made = { step: state.step, state, config, data, wanted, change, what: change.what ?? "" };
    if (change.reset) this.timeline = new Timeline(made);
    else this.timeline.begin(made);
    await this.set(state, config);
  }

  /** The state for another shape, or for a new start. */
  async moved(change, config, old, shape, state) {
    const drawn = await this.drawn(config);
    if (change.reset) return drawn;
    const kept = change.kept ?? keptLayers(old, shape);
    const parameters = carried(state.parameters, old, shape, drawn.parameters, kept);
    const nothing = new Float64Array(shape.count);
    const slots = Object.entries(state.slots).map(([name, column]) => {
      return [name, carried(column, old, shape, nothing, kept)];
    });
    return { ...state, parameters, slots: Object.fromEntries(slots) };
  }

  /** The state with weights that were typed in, or with neurons drawn anew. */
  async rewritten({ weights = {}, redraw }, config, shape, state) {
    const parameters = Float64Array.from(state.parameters);
    for (const [place, number] of Object.entries(weights)) parameters[place] = number;
    if (redraw) {
      const drawn = await this.drawn({ ...config, seed: config.seed + 1 + this.timeline.parts.length });
      const [l, neuron] = redraw;
      for (const place of placesOf(shape.layers[l], neuron)) parameters[place] = drawn.parameters[place];
    }
    return { ...state, parameters };
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

  /** What every neuron answers on a grid. */
  picture(bounds, size) {
    return this.next(async () => {
      const { columns } = await this.ask({ do: "picture", bounds, size });
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
      const other = suited({ ...config, ...patch(config), pinned: [] }, this.data);
      const first = await this.ask({ do: "set", config: other, state: await this.drawn(other) });
      if (!first.state) throw new Trouble(first.trouble);
      const answer = await this.ask({ do: "train", updates, budget: null });
      await this.set(this.frame.state, config);
      return { ...answer, first: first.loss };
    });
  }

  /** What a script of this training needs: the settings, the data and the numbers of every part. */
  marks() {
    const upTo = this.timeline.parts.filter(({ step }) => step <= this.step);
    return upTo.map(({ step, state: { parameters, slots, epoch, batch }, config, wanted }) => (
      { step, config, data: wanted, parameters, slots, epoch, batch }));
  }

  /** The changes of the timeline up to here, as an address keeps them. */
  changes() {
    const upTo = this.timeline.parts.filter(({ step }) => step <= this.step);
    return upTo.slice(1).map(({ step, change }) => ({ step, ...change }));
  }
}

/** How many outputs a network needs. */
export function outputsOf({ loss }, data) {
  if (loss === "cross_entropy") return data.classes ?? 1;
  const [target] = data.targets;
  return Array.isArray(target) ? target.length : 1;
}

/** The places of pinned parameters in another shape; those that are no more are not pinned. */
function movedPins(pinned, old, shape, kept = keptLayers(old, shape)) {
  const isPinned = Float64Array.from({ length: old.count }, (_, place) => Number(pinned.includes(place)));
  const moved = carried(isPinned, old, shape, new Float64Array(shape.count), kept);
  return [...moved.keys()].filter((place) => moved[place]);
}

const sameShape = (a, b) =>
  a.inputs === b.inputs &&
  a.layers.length === b.layers.length &&
  a.layers.every(({ size }, l) => size === b.layers[l].size);

/** The settings with a loss that the data can have. */
function suited(config, { classes }) {
  if (!classes) return { ...config, loss: "mse" };
  if (classes > 2) return { ...config, loss: "cross_entropy" };
  return config;
}
