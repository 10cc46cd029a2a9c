// What is said about the chosen node, and where on the page it stands.

import { made } from "./elements.js";
import { rich } from "./mathematics.js";

export function paintStory({ story }, plan, at, { node, numbers }) {
  const card = plan.cards[node];
  if (!card) {
    story.replaceChildren();
    return;
  }
  const known = card.story.filter((line) => line.from <= at);
  const lines = known.map(({ text }) => made("p", {}, ...rich(text, numbers)));
  if (known.length < card.story.length) {
    lines.push(made("p", { class: "later" }, "The rest is told when the walk has come that far."));
  }
  story.replaceChildren(made("h3", {}, `The story of ${card.name}`), ...lines);
}

/** What is open about the chosen node, on the spot beside it that hides least. */
export function paintAbout(parts, plan, { node, hide }, lit) {
  const { about, graph, cards, picture } = parts;
  const isNeuron = plan.scene.home?.[node] === node; // which tells all when it is opened
  const isOpen = node in cards && !isNeuron && !(hide.includes("story") && hide.includes("whatif"));
  about.hidden = !isOpen;
  if (!isOpen) {
    parts.beside = null;
    return;
  }
  const shown = `${node} ${about.className}`;
  const stage = graph.getBoundingClientRect();
  if (parts.beside === shown) return keepInside(about, stage); // it stays where it is
  parts.beside = shown;
  const { width, height } = about.getBoundingClientRect();
  const taken = Object.entries(cards).map(([id, { group }]) => {
    const weight = id === node || id === plan.root || lit.has(id) ? 20 : 1;
    return { box: group.getBoundingClientRect(), weight };
  });
  const blamed = picture.groups.filter(({ group }) => group.classList.contains("blamed"));
  taken.push(...blamed.map(({ group }) => ({ box: group.getBoundingClientRect(), weight: 40 })));
  const room = [stage.width - width, stage.height - height].map((one) => Math.max(0, one - 8));
  const spots = [0, 0.25, 0.5, 0.75, 1].flatMap((right) =>
    [0, 0.5, 1].map((down) => [4 + right * room[0], 4 + down * room[1]]),
  );
  const cost = ([x, y]) =>
    taken.reduce((sum, { box, weight }) => sum + weight * common(box, {
      left: stage.left + x, top: stage.top + y,
      right: stage.left + x + width, bottom: stage.top + y + height,
    }), 0);
  const [x, y] = spots.reduce((best, spot) => (cost(spot) < cost(best) ? spot : best));
  about.style.left = `${x}px`;
  about.style.top = `${y}px`;
}

/** What has grown as the walk went on, by a question for example, moves up as far as it must. */
function keepInside(about, stage) {
  const { top, bottom } = about.getBoundingClientRect();
  if (bottom > stage.bottom - 4) {
    about.style.top = `${Math.max(4, top - stage.top - (bottom - stage.bottom + 4))}px`;
  }
}

/** The area that two boxes have in common. */
export const common = (a, b) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
