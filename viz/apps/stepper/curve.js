// The result as a curve over one leaf, with its tangent: what a gradient is.

import { number } from "./numbers.js";
import { element } from "./picture.js";

const [WIDTH, HEIGHT, MARGIN] = [260, 170, 10];

/** `given` is the point at which the tangent touches the curve, `now` where the leaf has been moved;
 * the tangent's point above it is hollow: it is what the gradient predicts. */
export function curve({ points, given, slope, now, names }) {
  const span = (at) => {
    const all = [...points, now].map((point) => point[at]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return high > low ? [low, high] : [low - 1, high + 1];
  };
  const [[left, right], [low, high]] = [span(0), span(1)];
  const place = ([x, y]) => [
    MARGIN + ((x - left) / (right - left)) * (WIDTH - 2 * MARGIN),
    HEIGHT - MARGIN - ((y - low) / (high - low)) * (HEIGHT - 2 * MARGIN),
  ];
  const tangent = (x) => [x, given[1] + slope * (x - given[0])];
  const path = (drawn, more) => element("path", {
    d: `M${drawn.map((point) => place(point).map((z) => z.toFixed(1)).join(",")).join("L")}`,
    fill: "none", ...more,
  });
  const dot = (point, more) => {
    const [cx, cy] = place(point);
    return element("circle", { cx, cy, r: 5, ...more });
  };
  const label = (words, x, y, anchor) => {
    const text = element("text", { x, y, "text-anchor": anchor, fill: "var(--sg-muted)" });
    text.textContent = words;
    return text;
  };
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img" });
  svg.setAttribute("aria-label",
    `${names[1]} over ${names[0]}, with the tangent at ${names[0]} = ${number(given[0])}`);
  svg.append(
    path([tangent(left), tangent(right)], { stroke: "var(--sg-current)", "stroke-dasharray": "6 4", "stroke-width": 2 }),
    path(points, { stroke: "var(--sg-text)", "stroke-width": 2.5 }),
    dot(given, { r: 3, fill: "var(--sg-muted)" }),
    dot(tangent(now[0]), { fill: "var(--sg-card)", stroke: "var(--sg-current)", "stroke-width": 2.5 }),
    dot(now, { fill: "var(--sg-text)" }),
    label(names[1], MARGIN, 16, "start"),
    label(names[0], WIDTH - MARGIN, HEIGHT - 4, "end"),
  );
  return svg;
}
