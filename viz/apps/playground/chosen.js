// The example that was chosen: what the network makes of it at this step, and its chain rule,
// opened.

import { textButton } from "./buttons.js";
import { made } from "./elements.js";
import { number } from "./numbers.js";
import { linesBetween, openedExample } from "./opened.js";

export class ChosenExample {
  /** `box` shows it in short; `el` is the page, over which it opens. `run` takes an action that may
   * be refused, `draw` draws the page, and `stepper(example)`, if there is one, shows its graph, or
   * gives a page that `framed(title, html)` shows. */
  constructor(session, { box, el, run, draw, opens, framed, stepper }) {
    Object.assign(this, { session, box, el, run, draw, opens, framed, stepper });
    Object.assign(this, { example: null, story: null, isOpen: false });
  }

  async choose(index, heldOut) {
    this.example = { index, heldOut };
    await this.run(() => this.fetch());
    this.draw();
  }

  forget() {
    this.example = null;
  }

  /** What the network of now makes of it. */
  async fetch() {
    if (!this.example) return;
    const {
      session,
      example: { index, heldOut },
    } = this;
    const part = heldOut ? session.data.held_out : session.data;
    const inputs = part?.inputs[index];
    if (!inputs) {
      this.forget();
      return;
    }
    const target = part.targets[index];
    Object.assign(this.example, { inputs, target });
    this.story = await session.example(inputs, target); // what it refuses is told by who asked
  }

  open() {
    if (!this.story || !this.example) return;
    this.isOpen = true;
    this.opens();
    this.draw();
    this.el.querySelector(".opened button")?.focus({ preventScroll: true });
  }

  /** Returns whether it was open. */
  close() {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    if (wasOpen) this.draw();
    return wasOpen;
  }

  /** Show the example's graph in the stepper: the host has opened it, or gives it as a page. */
  async step(example) {
    const { page, trouble } = await this.stepper(example);
    if (trouble) throw new Error(trouble);
    if (page)
      this.framed(
        `Example ${example.index + 1} at step ${this.session.step}, in the stepper`,
        page,
      );
  }

  drawInShort() {
    const { example, story, session } = this;
    if (!example?.inputs || !story) {
      const hint = "Click a point to see what the network makes of it.";
      this.box.replaceChildren(made("p", { class: "muted" }, hint));
      return;
    }
    const row = (term, said) => [made("dt", {}, term), made("dd", {}, said)];
    const attributes = { class: "primary", "data-action": "open" };
    const listed = (numbers) => numbers.map((x) => number(x)).join(", ");
    const target = session.data.class_names?.[example.target] ?? listed([example.target].flat());
    const which = `example ${example.index + 1}${example.heldOut ? ", held out" : ""}`;
    this.box.replaceChildren(
      made("h2", {}, `${which}, at step ${session.step}`),
      made(
        "dl",
        {},
        ...row("inputs", listed(example.inputs.slice(0, 4))),
        ...row("target", target),
        ...row("answer", listed(story.outputs)),
        ...row("loss", number(story.loss)),
      ),
      textButton("Open its chain rule", () => this.open(), attributes),
    );
  }

  drawOpened({ unit, names, chosen }) {
    const before = this.el.querySelector(".opened");
    if (!this.isOpen || !this.story || !this.example) {
      before?.remove();
      this.isOpen = false;
      return;
    }
    const { session, example, story } = this;
    const isInside = before?.contains(document.activeElement);
    const focused = isInside ? document.activeElement.getAttribute("aria-label") : null;
    const { parameters } = session.frame.state;
    const panel = openedExample({
      story,
      shape: session.shape,
      parameters,
      names,
      example,
      unit,
      step: session.step,
      chosen,
      closed: () => {
        this.close();
        this.box.querySelector("button")?.focus();
      },
      stepper: this.stepper && (() => this.run(() => this.step(example))),
    });
    if (before) before.replaceWith(panel);
    else this.el.append(panel);
    const box = panel.querySelector(".columns");
    // with those before it, from which it has its inputs
    const column = box.querySelector(".card.on")?.parentElement;
    if (column) box.scrollLeft = column.offsetLeft + column.offsetWidth + 6 - box.clientWidth;
    linesBetween(panel, session.shape, parameters, unit);
    if (focused) panel.querySelector(`[aria-label="${focused}"]`)?.focus({ preventScroll: true });
  }
}
