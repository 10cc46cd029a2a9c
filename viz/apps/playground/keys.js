// The keys of the page. They are heard where the focus is, and belong first to what has it.

export const KEYS_SAID = [
  ["Space", "train, or pause"],
  ["→ ←", "one update, one step back"],
  ["Home End", "first and last step"],
  ["E", "one epoch"],
  ["O", "open the example's chain rule"],
  ["P", "predict the next update"],
  ["U", "undo"],
  ["L", "lecture: large type, and only what matters"],
  ["F", "flat colours, or shades"],
  ["arrows on the network", "from neuron to neuron"],
  ["arrows on the picture", "from example to example"],
  ["Shift arrows", "move a point of your own"],
  ["N", "a new point of your own, on the picture"],
  ["Enter", "choose a neuron, change a weight"],
  ["Delete", "take a point of your own away"],
  ["Esc", "close"],
];

const WHERE_ONE_TYPES = "input[type=text], textarea, select";
const PRESSED = "button, [type=checkbox]"; // with the space bar
const ALONG = ["ArrowRight", "ArrowLeft", "Home", "End"];
const OF_THE_PAGE_AROUND = ["Tab", "Escape"]; // which nobody may keep from it

/** Hear the keys of `el`. `actions` are what they do, by key; `timeline` is the one slider whose
 * keys are those of the page; `escaped` is called for Escape. */
export function hearKeys(el, { actions, timeline, escaped }) {
  el.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // a notebook would take the others for commands
    if (!OF_THE_PAGE_AROUND.includes(event.key)) event.stopPropagation();
    if (event.defaultPrevented) return;
    if (event.key === "Escape") {
      escaped();
      return;
    }
    const { target } = event;
    if (target.closest(WHERE_ONE_TYPES)) return;
    if (event.key === " " && target.closest(PRESSED)) return;
    const slides = target.matches("[type=range]") && target !== timeline;
    if ((slides || scrollsAlong(target)) && ALONG.includes(event.key)) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Whether keys move what is shown of an element, because it is wider than its room. */
const scrollsAlong = (element) =>
  element.matches("[role=region]") && element.scrollWidth > element.clientWidth;

export const canHaveFocus = (element) =>
  element.isConnected && !element.disabled && element.checkVisibility();

/** Keys are heard where the focus is: what had it and was drawn anew, hidden or disabled hands it
 * to its successor, or to the page. */
export class Focus {
  constructor(el) {
    Object.assign(this, { el, focused: null });
    el.addEventListener("focusin", ({ target }) => (this.focused = target));
    el.addEventListener("focusout", ({ target }) => {
      queueMicrotask(() => {
        // some browsers tell of it before they take it away
        if (this.focused === target && canHaveFocus(target)) this.focused = null;
      });
    });
  }

  keep() {
    const { el, focused } = this;
    const isLost = focused && !canHaveFocus(focused);
    if (!isLost || ![document.body, focused].includes(document.activeElement)) return;
    const label = focused.getAttribute("aria-label");
    const isSuccessor = (one) => one.getAttribute("aria-label") === label && canHaveFocus(one);
    const successor = label && [...el.querySelectorAll("[aria-label]")].find(isSuccessor);
    (successor || el).focus({ preventScroll: true });
  }
}
