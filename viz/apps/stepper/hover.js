// Which number belongs to which line of a network: told of the neuron that is pointed at.

import { number, signed } from "./numbers.js";
import { element, gradAt } from "./picture.js";

/** Pales the lines of others, and writes on each of its own the weight and its gradient: where it
 * comes from, as those of a neuron come from cards far apart, or where it goes. */
export function paintPointed({ picture, pointed: id, seen: at }, plan, numbers) {
  const { svg, groups, scene } = picture;
  svg.querySelector(".hover")?.remove();
  const lines = groups.filter(({ spec }) => spec.ends);
  const isPointedAt = scene.weights && lines.some(({ spec }) => spec.ends.includes(id));
  const labels = element("g", { class: "hover" });
  for (const { spec, group, marks } of lines) {
    const isItsOwn = isPointedAt && spec.ends.includes(id);
    group.classList.toggle("pale", isPointedAt && !isItsOwn);
    if (!isItsOwn || !spec.weight || spec.dimmed) continue;
    const isIncoming = spec.ends[1] === id;
    const curve = marks[0].element;
    if (!curve.hasAttribute("d")) continue; // not painted yet
    const { x, y } = curve.getPointAtLength(curve.getTotalLength() * (isIncoming ? 0.04 : 0.96));
    const card = plan.cards[spec.weight];
    const grad = gradAt(card, at, numbers);
    const label = element("text", {
      x, y: y - 0.25 * scene.type, "font-size": scene.type,
      "text-anchor": isIncoming ? "start" : "end", fill: "var(--sg-text)",
    });
    const told = grad === undefined ? "" : ` ${grad > 0 ? "▲" : grad < 0 ? "▼" : ""}${signed(grad)}`;
    label.textContent = number(numbers[card.value]) + told;
    labels.append(label);
  }
  if (isPointedAt) svg.append(labels);
}
