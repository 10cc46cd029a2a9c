// The model of a page: step, level, chosen node, edited leaves and hidden parts live in its address.

import { sensible } from "./notation.js";

// How an address keeps a part of the state: as words with their values.
const WRITTEN = {
  number: (name, value) => [[name, value]],
  word: (name, value) => [[name, value]],
  names: (name, value) => [[name, value.join("-")]],
  numbers: (name, value) => [[name, Object.entries(value).map((one) => one.join("~")).join("_")]],
  pairs: (name, value) => Object.entries(value),
};

export class PageModel {
  /** `compute(edits)` gives what the edits change of the state, and `ask(question)` what the answer
   * to a question does; or a promise of it. */
  constructor(state, compute, ask) {
    this.state = state;
    this.compute = compute;
    this.ask = ask;
    this.listeners = [];
    this.wanted = null; // the edits to compute next
    this.followed = state.edits; // the last that made sense
    this.busy = false;
    this.read();
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (same(this.state[name], value)) return;
    this.state[name] = value;
    if (name === "edits") this.wanted = value;
    this.tell(name);
  }

  tell(name) {
    for (const [event, heard] of [...this.listeners]) if (event === `change:${name}`) heard();
  }

  on(event, heard) {
    this.listeners.push([event, heard]);
  }

  off(event, heard) {
    this.listeners = this.listeners.filter(([e, h]) => e !== event || h !== heard);
  }

  save_changes() {
    this.write();
    if (!this.busy) this.follow();
  }

  /** Edits are computed one after the other; of those that come meanwhile only the last counts.
   * Questions are answered when all edits have been followed. */
  follow() {
    const question = this.state.asked;
    if (!this.wanted && !question) return;
    const edits = this.wanted;
    this.wanted = null;
    const changed = edits ? this.compute(edits) : this.answered(question);
    if (!(changed instanceof Promise)) {
      this.take(changed);
      return;
    }
    this.busy = true;
    changed
      .catch((error) => ({ trouble: error.message }))
      .then((answer) => {
        this.busy = false;
        if (!this.wanted || answer.plan) this.take(answer);
        if (this.wanted || this.state.asked) this.follow();
      });
  }

  answered(question) {
    const sorry = (error) => ({
      asked: "", told: { ...this.state.told, [question]: { sorry: error.message } },
    });
    const answer = this.ask(question);
    return answer instanceof Promise ? answer.catch(sorry) : answer;
  }

  take(changed) {
    if (changed.trouble) changed = { edits: this.followed, ...changed };
    const isNew = ([name, value]) => !same(this.state[name], value);
    const names = Object.entries(changed).filter(isNew).map(([name]) => name);
    Object.assign(this.state, changed); // all of it, before anybody reads it
    this.followed = this.state.edits;
    this.wanted = null; // what was computed need not be computed
    for (const name of names) this.tell(name);
    this.write();
  }

  // The address

  write() {
    if (location.protocol === "about:") return; // inside another page there is no address
    const { graph, plan, ...state } = this.state;
    const said = new URLSearchParams(graph && { graph });
    for (const [name, way] of Object.entries(plan.kept)) {
      for (const [word, value] of WRITTEN[way](name, state[name])) {
        if (value !== "") said.set(word, value);
      }
    }
    history.replaceState(null, "", `#${said}`);
  }

  /** What the address says, as far as it makes sense. */
  read() {
    const { plan } = this.state;
    const said = new URLSearchParams(location.hash.slice(1));
    const step = Math.trunc(Number(said.get("step") ?? plan.failed?.at ?? 0)); // to what failed
    const last = plan.steps.length - 1;
    this.set("level", Object.hasOwn(plan.stops, said.get("level")) ? said.get("level") : "edge");
    this.set("step", Math.max(0, Math.min(last, step || 0)));
    this.set("node", Object.hasOwn(plan.cards, said.get("node")) ? said.get("node") : "");
    for (const [name, way] of Object.entries(plan.kept)) {
      if (way === "names") this.set(name, (said.get(name) ?? "").split("-").filter(Boolean));
    }
    const { name, digits, comma } = Object.fromEntries(said);
    this.set("notation", sensible({ name, digits, comma: comma === "true" }));
    const started = (said.get("start") ?? "").split("_").map((one) => one.split("~"));
    this.set("start", this.leaves(started));
    this.set("edits", this.leaves([...said]));
    this.set("mistake", said.get("mistake") ?? "");
    if (!this.busy) this.follow();
  }

  /** Numbers of leaves, of what is said of them in an address. */
  leaves(said) {
    const { plan, fixed } = this.state;
    const numbers = said.map(([key, text = ""]) => [key, text.trim() ? Number(text) : NaN]);
    const isOne = ([key, x]) => !fixed && Number.isFinite(x) && plan.cards[key]?.leaf;
    return Object.fromEntries(numbers.filter(isOne));
  }
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);
