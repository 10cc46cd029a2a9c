// The host of an exported page: a model of its own, whose step, level and node live in the address.

class PageModel {
  constructor(state) {
    this.state = state;
    this.listeners = [];
    this.read();
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    for (const [event, heard] of [...this.listeners]) if (event === `change:${name}`) heard();
  }

  on(event, heard) {
    this.listeners.push([event, heard]);
  }

  off(event, heard) {
    this.listeners = this.listeners.filter(([e, h]) => e !== event || h !== heard);
  }

  send() {} // nobody is at the other end

  save_changes() {
    const { step, level, node } = this.state;
    const hash = new URLSearchParams({ step, level, ...(node && { node }) });
    history.replaceState(null, "", `#${hash}`);
  }

  /** What the address says, as far as it makes sense. */
  read() {
    const { plan } = this.state;
    const said = new URLSearchParams(location.hash.slice(1));
    const step = Math.trunc(Number(said.get("step")));
    const last = plan.steps.length - 1;
    this.set("level", Object.hasOwn(plan.stops, said.get("level")) ? said.get("level") : "edge");
    this.set("step", Math.max(0, Math.min(last, step || 0)));
    this.set("node", Object.hasOwn(plan.cards, said.get("node")) ? said.get("node") : "");
  }
}

const model = new PageModel(JSON.parse(document.getElementById("state").textContent));
stepper.render({ model, el: document.getElementById("stepper") });
addEventListener("hashchange", () => model.read());
if (window === window.top) {
  // keys work at once, unless that would take them from a page around this one
  document.querySelector("#stepper input").focus({ preventScroll: true });
}
