// Training on a machine: the same updates that `nn.Trainer` makes, from any state.

import { Code, FiniteCheck } from "./code.js";
import { accuracyOf } from "./data.js";
import { Machine } from "./machine.js";
import {
  MOST_SLOTS,
  addedBy,
  isLinear,
  namesOf,
  penaltyFor,
  range,
  rateAt,
  recordedNetwork,
  recordedTerm,
  recordedUpdate,
  ruleOf,
} from "./network.js";
import { Picture } from "./picture.js";
import { randomOrder } from "./random.js";
import { failureOf, stoppedSentence } from "./stopped.js";

const SATURATED = 0.01; // a local derivative that is smaller lets hardly anything through

export class Trainer {
  constructor(kind) {
    this.machine = new Machine(kind);
    this.pictures = new Picture(kind);
    this.built = this.ruled = null;
  }

  /** From now on these examples, these layers with the last one, these settings and this state. */
  set(examples, layers, config, state) {
    const { width } = examples;
    const shape = JSON.stringify([width, layers, config.loss]);
    if (this.shape !== shape) {
      this.network = recordedNetwork(width, layers, config.loss);
      Object.assign(this, { shape, built: null });
    }
    if (this.built !== examples) this.build(examples);
    const rule = ruleOf(config);
    const penalty = config.penalty > 0 ? penaltyFor(config) : null;
    if (this.ruled?.rule !== rule || this.ruled.penalty !== penalty)
      this.buildUpdate(rule, penalty);
    Object.assign(this, { layers, config, examples });
    this.rule = rule;
    this.writeState(state);
    const { step = 0, epoch = 0, batch = 0 } = state;
    Object.assign(this, { step, epoch, batch, orderedFor: null, lastLoss: null });
    this.writeSettings(rateAt(config, step), this.batchSize);
  }

  /** The programs of the network in the machine, and the examples. */
  build(examples) {
    const { machine, network } = this;
    machine.reset();
    const columnsOf = ({ inputs, targets }) =>
      [inputs, targets].flatMap((rows) =>
        rows[0].map((_, i) => machine.column(rows.map((row) => row[i]))),
      );
    const from = columnsOf(examples);
    const count = examples.inputs.length;
    this.count = count;
    const state = range(0, 2 + MOST_SLOTS).map(() => machine.column(network.count));
    [this.lastGradient, this.parameters, ...this.slots] = state;
    this.order = machine.column(Math.ceil(count / 2) + 1); // whole numbers of 32 bits
    this.sums = machine.column(network.count + 1);
    this.training = new Code(network.training(), machine, {
      from,
      values: this.parameters,
      ordered: true,
    });
    const evaluation = network.evaluation();
    const evaluator = (columns, size) => ({
      size,
      code: new Code(evaluation, machine, {
        from: columns,
        to: evaluation.columns.map(() => machine.column(size)),
        values: this.parameters,
      }),
    });
    this.evaluator = evaluator(from, count);
    const { heldOut } = examples;
    this.heldOutEvaluator = heldOut && evaluator(columnsOf(heldOut), heldOut.inputs.length);
    this.valueAt = machine.column(1);
    this.top = machine.top;
    Object.assign(this, { built: examples, ruled: null });
  }

  /** The rule of the optimiser in the machine. It reads this state and writes the next one. */
  buildUpdate(rule, penalty) {
    const {
      machine,
      network: { count },
    } = this;
    machine.top = this.top; // where the rule before begins
    // the gradient first
    const next = range(0, 2 + rule.slots.length).map(() => machine.column(count));
    this.next = next;
    // The new numbers lie as the present ones do, and become them in one copy.
    this.copied = [this.lastGradient >> 3, next[0] >> 3, (next.at(-1) >> 3) + count];
    this.settings = machine.column(3 + rule.settings.length);
    this.update = new Code(recordedUpdate(rule, penalty), machine, {
      from: [this.parameters, this.sums, ...this.slots.slice(0, rule.slots.length)],
      to: next,
      values: this.settings,
    });
    this.term = penalty && new Code(recordedTerm(penalty), machine, { from: [this.parameters] });
    this.check = new FiniteCheck(machine, next, count);
    this.ruled = { rule, penalty };
  }

  /** The columns of a state, in the order of the new ones. */
  columns() {
    return [this.parameters, ...this.slots.slice(0, this.rule.slots.length)];
  }

  writeState({ parameters, slots = {} }) {
    const m = this.machine.doubles();
    const { count } = this.network;
    m.set(parameters, this.parameters >> 3);
    this.rule.slots.forEach((name, i) => {
      const at = this.slots[i] >> 3;
      if (slots[name]) m.set(slots[name], at);
      else m.fill(0, at, at + count);
    });
  }

  /** The state reached. */
  state() {
    const { step, epoch, batch } = this;
    return { ...this.written(this.columns()), step, epoch, batch };
  }

  written([parameters, ...slots]) {
    const { count } = this.network;
    return {
      parameters: this.machine.read(parameters, count),
      slots: Object.fromEntries(
        this.rule.slots.map((name, i) => [name, this.machine.read(slots[i], count)]),
      ),
    };
  }

  // Updates

  get batchSize() {
    return Math.min(this.config.batch || this.count, this.count);
  }

  /** The batches of this epoch in the machine, in Python's order. */
  prepareOrder() {
    const {
      config: { batch, seed },
      count,
      epoch,
    } = this;
    if (this.orderedFor === (batch ? epoch : "all epochs")) return;
    const order = batch
      ? randomOrder(count, "batches", seed, epoch)
      : Array.from({ length: count }, (_, i) => i);
    this.machine.words().set(order, this.order >> 2);
    this.orderedFor = batch ? epoch : "all epochs";
  }

  /** Computes the next update, which is not done by that. Its loss, and the trouble that it meets.
   */
  attempt() {
    const {
      config,
      machine,
      network: { count },
    } = this;
    this.prepareOrder();
    const first = this.batch * this.batchSize;
    const size = Math.min(this.batchSize, this.count - first);
    this.training.add(size, this.sums, this.order + 4 * first);
    const m = machine.doubles();
    let loss = m[(this.sums >> 3) + count] / size;
    if (this.term) {
      this.term.add(count, this.valueAt);
      loss += addedBy(this.ruled.penalty, m[this.valueAt >> 3], config.penalty);
    }
    const rate = rateAt(config, this.step);
    if (rate !== this.rate || size !== this.size) this.writeSettings(rate, size);
    this.update.fill(count);
    this.keepPinned();
    const works = Number.isFinite(loss) && this.check.passes();
    return { loss, trouble: works ? "" : this.trouble(loss, rate) };
  }

  /** What the rule reads, besides columns. */
  writeSettings(rate, size) {
    const { config, rule } = this;
    const numbers = [size, config.penalty, rate, ...rule.settings.map((name) => config[name])];
    this.machine.doubles().set(numbers, this.settings >> 3);
    this.update.prepare();
    Object.assign(this, { rate, size });
  }

  /** What is pinned stays, with its slots. */
  keepPinned() {
    const { pinned = [] } = this.config;
    if (!pinned.length) return;
    const m = this.machine.doubles();
    const [, ...after] = this.next;
    this.columns().forEach((before, k) => {
      for (const i of pinned) m[(after[k] >> 3) + i] = m[(before >> 3) + i];
    });
  }

  /** The next update is done. */
  commit(loss) {
    this.machine.doubles().copyWithin(...this.copied);
    this.lastLoss = loss;
    this.step++;
    this.batch++;
    if (this.batch * this.batchSize >= this.count) {
      this.batch = 0;
      this.epoch++;
    }
  }

  /** Up to so many updates, one at least, for as long as the budget of milliseconds lasts. */
  train(updates, budget) {
    const until = budget === null ? null : performance.now() + budget;
    const losses = [];
    while (losses.length < updates) {
      const { loss, trouble } = this.attempt();
      if (trouble) return { losses, trouble };
      this.commit(loss);
      losses.push(loss);
      if (until !== null && performance.now() >= until) break;
    }
    return { losses, trouble: "" };
  }

  /** Why the update that was computed last cannot be done. */
  trouble(loss, rate) {
    const {
      config,
      examples,
      layers,
      lastLoss,
      rule,
      step,
      network: { count },
    } = this;
    const [gradient, ...after] = this.next.map((column) => this.machine.read(column, count));
    const first = (this.order >> 2) + this.batch * this.batchSize;
    return stoppedSentence({
      names: namesOf(examples.width, layers),
      failure: failureOf(
        examples.width,
        layers,
        config.loss,
        this.machine.read(this.parameters, count),
      ),
      batch: Array.from(this.machine.words().subarray(first, first + this.size)),
      last:
        lastLoss === null
          ? null
          : { loss: lastLoss, gradient: this.machine.read(this.lastGradient, count) },
      ...{ rule, step, examples, loss, rate, gradient, after },
    });
  }

  // What there is to see

  /** The state reached, and everything about it. */
  frame({ losses = [], trouble = "" } = {}) {
    const measured = this.measured(this.evaluator, this.examples);
    const { heldOut } = this.examples;
    const other = heldOut && this.measured(this.heldOutEvaluator, heldOut);
    return {
      state: this.state(),
      losses,
      loss: measured.loss,
      accuracy: measured.accuracy,
      held_out_loss: other ? other.loss : null,
      held_out_accuracy: other ? other.accuracy : null,
      next: this.nextUpdate(),
      units: this.units(),
      trouble,
    };
  }

  /** What the next update will do. */
  nextUpdate() {
    const { loss, trouble } = this.attempt();
    if (trouble) return { trouble };
    const [gradient, ...after] = this.next;
    return {
      loss,
      rate: this.rate,
      gradient: this.machine.read(gradient, this.network.count),
      ...this.written(after),
    };
  }

  /** The loss without the penalty, null where it is not finite, and the accuracy. */
  measured({ code, size }, part) {
    code.add(size, this.valueAt);
    const loss = this.machine.doubles()[this.valueAt >> 3] / size;
    const columns = code.to.slice(0, this.network.outputs).map((at) => this.machine.read(at, size));
    const isFinite = columns.every((column) => column.every(Number.isFinite));
    return {
      loss: Number.isFinite(loss) ? loss : null,
      accuracy: isFinite ? accuracyOf(columns, part, this.examples, this.config.loss) : null,
    };
  }

  /** For every hidden neuron, the share of examples at which its local derivative is 0, and at
   * which it is close to 0. The evaluator of the training examples has run. */
  units() {
    const { code, size } = this.evaluator;
    const locals = code.to.slice(this.network.outputs);
    let next = 0;
    return this.layers.slice(0, -1).map(({ size: neurons, activation }) =>
      Array.from({ length: neurons }, () => {
        const column = this.machine.read(locals[next++], size);
        if (isLinear(activation)) return { dead: 0, saturated: 0 };
        const share = (test) => column.reduce((sum, x) => sum + test(x), 0) / size;
        return { dead: share((x) => x === 0), saturated: share((x) => Math.abs(x) < SATURATED) };
      }),
    );
  }

  /** What every neuron answers over a grid, as `Picture` has it. */
  picture(grid) {
    return this.pictures.columns(
      this,
      grid,
      this.machine.read(this.parameters, this.network.count),
    );
  }
}
