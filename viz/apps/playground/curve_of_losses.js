// The loss curve, which is the timeline: a click or the slider goes to a step, ticks are changes.

import { made, mark, put } from "./elements.js";
import { number } from "./numbers.js";
import { drawn, written } from "./svg.js";

const POWERS = 4; // of ten above the first loss, at most: a loss beyond is shown there

export class Losses {
  constructor(box, { went }) {
    this.svg = drawn("svg", { "aria-hidden": "true" });
    this.curve = made("div", { class: "curve" });
    this.curve.append(this.svg);
    this.slider = made("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": "step of training",
    });
    this.said = made("p", { class: "losses-said" });
    box.replaceChildren(this.said, this.curve, this.slider);
    this.measure();
    this.slider.addEventListener("input", () => went(Number(this.slider.value)));
    this.svg.addEventListener("click", ({ offsetX }) => {
      const { clientWidth } = this.curve;
      went(Math.round((offsetX / clientWidth) * Number(this.slider.max)));
    });
  }

  /** Look how large it is, before anything is drawn: afterwards the browser would lay the page out
   * anew. */
  measure() {
    const { clientWidth, clientHeight } = this.curve;
    Object.assign(this, { W: clientWidth, H: clientHeight });
  }

  /** How far it has come on a long way, which can be stopped. */
  showWay({ step, end }) {
    const [now, last] = [step, end].map((count) => count.toLocaleString("en"));
    put(this.said, `step ${now} of ${last}: Escape stops here`);
  }

  draw(
    timeline,
    { state, loss, held_out_loss: heldOut, accuracy, held_out_accuracy: heldOutAccuracy },
  ) {
    const { last, losses, parts } = timeline;
    const { step } = state;
    const { W, H } = this;
    const curves = thinned(timeline.curves, W / 2);
    this.slider.max = last;
    this.slider.value = step;
    mark(
      this.slider,
      "aria-valuetext",
      `step ${step} of ${last}, loss ${loss === null ? "too large" : number(loss)}`,
    );
    this.said.replaceChildren(
      made("b", {}, `step ${step.toLocaleString("en")}`),
      measured("training", "training", loss, accuracy),
      ...(isKnown(heldOut) ? [measured("held-out", "held out", heldOut, heldOutAccuracy)] : []),
    );
    if (!last) {
      const hint = "As it trains, the curve of the loss is drawn here.";
      this.svg.replaceChildren(written(14, H / 2, hint, { class: "muted", "font-size": 14 }));
      return;
    }
    const bounded = losses.length ? bucketed(losses, Math.max(50, W / 3)) : [];
    const known = [
      ...curves.flatMap((one) => [one.loss, one.heldOut]),
      ...bounded.flatMap(({ low, high }) => [low, high]),
    ];
    const logs = known.filter((x) => x > 0 && Number.isFinite(x)).map(Math.log10);
    const least = logs.length ? Math.min(...logs) - 0.08 : -1;
    const most = logs.length ? Math.min(Math.max(...logs) + 0.08, logs[0] + POWERS) : 1;
    const lowest = 10 ** least;
    const x = (at) => (last ? (at / last) * (W - 12) + 6 : 6);
    const y = (value) => {
      const power = Math.min(most, Math.log10(Math.max(value ?? Infinity, lowest)));
      return H - 4 - ((power - least) / Math.max(0.3, most - least)) * (H - 10);
    };
    const every = Math.ceil((most - least) / Math.max(2, H / 16)); // powers of ten for each line
    const children = [];
    for (let power = Math.ceil(least); power <= most; power += every) {
      children.push(
        drawn("path", { class: "rule", d: `M0,${y(10 ** power)}H${W}` }),
        written(
          W + 6,
          y(10 ** power) + 4,
          power < -3 || power > 4 ? number(10 ** power) : String(10 ** power),
          { class: "muted", "font-size": 13 },
        ),
      );
    }
    for (const part of parts.slice(1)) {
      const tick = drawn("path", { class: "tick", d: `M${x(part.step)},0V${H}` });
      tick.append(drawn("title", {}, `step ${part.step}: ${part.what}`));
      children.push(tick);
    }
    const band = bounded.map(({ at, low, high }) => [x(at), y(low), y(high)]);
    if (band.length > 1) {
      const upper = band.map(([px, , py]) => `${px.toFixed(1)},${py.toFixed(1)}`);
      const lower = band.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).reverse();
      children.push(drawn("path", { class: "batches", d: `M${[...upper, ...lower].join("L")}Z` }));
    }
    const line = (value, name) => {
      const points = curves
        .filter((one) => Number.isFinite(value(one)))
        .map((one) => `${x(one.step).toFixed(1)},${y(value(one)).toFixed(1)}`);
      if (points.length > 1)
        children.push(drawn("path", { class: name, d: `M${points.join("L")}` }));
    };
    line((one) => one.heldOut ?? NaN, "held-out");
    const means = bounded.map(({ at, mean }) => `${x(at).toFixed(1)},${y(mean).toFixed(1)}`);
    if (means.length > 1)
      children.push(drawn("path", { class: "training", d: `M${means.join("L")}` }));
    children.push(
      drawn("path", { class: "now", d: `M${x(step)},0V${H}` }),
      drawn("circle", { class: "now", cx: x(step), cy: y(loss), r: 5 }),
    );
    this.svg.replaceChildren(...children);
  }
}

const isKnown = (x) => x !== null && x !== undefined;

/** What a loss is, and which share of the answers is right; a narrow page has no room for that. */
function measured(name, called, loss, accuracy) {
  const right = isKnown(accuracy) ? `, ${Math.round(100 * accuracy)} % right` : "";
  const said = `${called}: loss ${isKnown(loss) ? number(loss) : "too large"}`;
  return made("span", { class: name }, said, made("span", { class: "right" }, right));
}

/** Not more than about so many of these, evenly, with the first and the last. */
function thinned(all, count) {
  const by = Math.max(1, Math.ceil(all.length / Math.max(50, count)));
  return all.filter((_, i) => i % by === 0 || i === all.length - 1);
}

/** The smallest, the largest and the mean loss of so many parts, as far as they are known: a
 * training may go on from a state that was reached elsewhere. */
function bucketed(losses, count) {
  const size = Math.max(1, Math.ceil(losses.length / count));
  const found = [];
  for (let i = 0; i < losses.length; i += size) {
    let [low, high, sum, known] = [Infinity, -Infinity, 0, 0];
    const end = Math.min(losses.length, i + size);
    for (let k = i; k < end; k++) {
      if (losses[k] === undefined) continue;
      known++;
      sum += losses[k];
      if (losses[k] < low) low = losses[k];
      if (losses[k] > high) high = losses[k];
    }
    if (known) found.push({ at: i + (end - i - 1) / 2, low, high, mean: sum / known });
  }
  return found;
}
