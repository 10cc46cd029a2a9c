// The timeline of a training: what was changed at which step, the loss of every update, and states
// to go back to. Every change begins a part of its own, whose first state is kept; within a part, a
// step is reached from the state before it, by the same updates again.

const FAR_ABOVE = 2; // times the first loss: what lies above has begun to diverge
const MOST_BYTES = 48 * 2 ** 20; // of states; with the losses, the whole stays within 64 MB

export class Timeline {
  /** `first` is a part: {step, state, config, data, change, what}. */
  constructor(first) {
    this.parts = [first];
    this.states = []; // between the first ones of the parts, in order of their steps
    this.losses = []; // of update number i, its own batch
    this.curves = []; // {step, loss, heldOut}: of all data, where it was looked at
    this.last = first.step;
    this.every = 1; // of the states, one in so many is kept
  }

  copy() {
    const copied = Object.assign(Object.create(Timeline.prototype), this);
    for (const name of ["parts", "states", "losses", "curves"]) copied[name] = [...this[name]];
    return copied;
  }

  /** The part that a step lies in: where something was changed there, the part after it. */
  partAt(step) {
    return this.parts.findLast((part) => part.step <= step);
  }

  /** The state to begin from, to reach a step. */
  before(step) {
    const part = this.partAt(step);
    const state = this.states.findLast((one) => one.step <= step);
    return state && state.step > part.step ? state : part.state;
  }

  /** Updates that were done, up to a state. */
  add(state, losses) {
    this.losses.length = state.step - losses.length;
    this.losses.push(...losses);
    this.last = state.step;
    this.keep(state);
  }

  keep(state) {
    if ((this.states.at(-1)?.step ?? -1) >= state.step) return;
    this.states.push(state);
    if (this.states.length * heldBy(state) <= MOST_BYTES) return;
    this.states = this.states.filter((_, i) => i % 2);
  }

  /** A change at a step: what came after it is another branch. */
  begin(part) {
    this.parts = this.parts.filter((one) => one.step <= part.step);
    this.states = this.states.filter(({ step }) => step <= part.step);
    this.curves = this.curves.filter(({ step }) => step <= part.step);
    this.losses.length = Math.min(this.losses.length, part.step);
    this.parts.push(part);
    this.last = part.step;
  }

  /** The losses of all data at a step. */
  note(step, loss, heldOut) {
    const i = this.curves.findLastIndex((one) => one.step <= step);
    if (this.curves[i]?.step === step) this.curves[i] = { step, loss, heldOut };
    else this.curves.splice(i + 1, 0, { step, loss, heldOut });
  }

  /** The last step that was looked at whose loss was not far above the first. */
  lastGood() {
    const [first] = this.curves;
    const good = this.curves.findLast(
      ({ loss }) => loss !== null && loss <= FAR_ABOVE * first.loss,
    );
    return good?.step ?? this.parts[0].step;
  }

  get bytes() {
    const states = [...this.states, ...this.parts.map(({ state }) => state)];
    return states.reduce((sum, state) => sum + heldBy(state), 8 * this.losses.length);
  }
}

const heldBy = ({ parameters, slots }) => parameters.byteLength * (1 + Object.keys(slots).length);
